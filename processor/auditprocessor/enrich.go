package auditprocessor

import (
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/directory"
)

// enrich writes what the directory knows of the actor at the time of the event beside what the sender claims. It gives the index
// of the source that answered, and how the look-up ended.
func enrich(d directory.Chain, event audit.Event, wait *directory.Wait) (source int, result string) {
	answer := d.Lookup(directory.Query{
		ID: event.Str(audit.AttrActorID), Email: event.Str(audit.AttrUserEmail), At: int64(min(event.Record.Timestamp(), audit.MaxTimestamp)), Wait: wait,
	})
	attrs := event.Record.Attributes()
	result = enrichment(answer.User != nil, answer.Fresh)
	attrs.PutStr(audit.AttrActorEnrichment, result)
	attrs.PutStr(audit.AttrActorDirectory, d[answer.Source].Name())
	if answer.User != nil {
		putUser(attrs, answer.User)
	}
	return answer.Source, result
}

// putUser writes what a directory knows of a user.
func putUser(attrs pcommon.Map, user *directory.User) {
	putText(attrs, audit.AttrDirectoryName, user.Name)
	putText(attrs, audit.AttrDirectoryEmail, user.Email)
	putText(attrs, audit.AttrDirectoryDepartment, user.Department)
	putTexts(attrs, audit.AttrDirectoryRoles, user.Roles)
	putTexts(attrs, audit.AttrDirectoryGroups, user.Groups)
	if user.Active != directory.ActivityUnknown {
		attrs.PutBool(audit.AttrDirectoryActive, user.Active == directory.Active)
	}
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
