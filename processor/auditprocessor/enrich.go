package auditprocessor

import (
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/directory"
)

// enrich writes what the directory knows of the actor beside what the sender claims, and gives how the look-up ended.
func enrich(d directory.Directory, event audit.Event) string {
	user, fresh := d.Lookup(event.Str(audit.AttrActorID), event.Str(audit.AttrUserEmail))
	attrs := event.Record.Attributes()
	result := enrichment(user != nil, fresh)
	attrs.PutStr(audit.AttrActorEnrichment, result)
	attrs.PutStr(audit.AttrActorDirectory, d.Name())
	if user == nil {
		return result
	}
	putText(attrs, audit.AttrDirectoryName, user.Name)
	putText(attrs, audit.AttrDirectoryEmail, user.Email)
	putText(attrs, audit.AttrDirectoryDepartment, user.Department)
	putTexts(attrs, audit.AttrDirectoryRoles, user.Roles)
	putTexts(attrs, audit.AttrDirectoryGroups, user.Groups)
	if user.Active != directory.ActivityUnknown {
		attrs.PutBool(audit.AttrDirectoryActive, user.Active == directory.Active)
	}
	return result
}

// enrichment says how a look-up ended. That a directory which cannot be read does not know an actor says nothing about him.
func enrichment(found, fresh bool) string {
	switch {
	case found && fresh:
		return audit.EnrichmentHit
	case found:
		return audit.EnrichmentStale
	case fresh:
		return audit.EnrichmentMiss
	default:
		return audit.EnrichmentError
	}
}

func putText(attrs pcommon.Map, name, text string) {
	if text != "" {
		attrs.PutStr(name, text)
	}
}

func putTexts(attrs pcommon.Map, name string, texts []string) {
	if len(texts) == 0 {
		return
	}
	list := attrs.PutEmptySlice(name)
	list.EnsureCapacity(len(texts))
	for _, text := range texts {
		list.AppendEmpty().SetStr(text)
	}
}
