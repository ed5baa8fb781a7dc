package profile

import (
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// Separate says on the resources from which products the events came. The profile is an attribute of the resource, and the
// records of one resource may be of several products, or canonical: then those of each profile move to a resource of their
// own, after the others, with the same attributes and audit.profile. Where all records of a resource have one profile, which
// is the usual case, nothing moves.
//
// of gives the profile that a record was mapped with, nil for others; it is called once a record, in their order.
func Separate(logs plog.Logs, of func(plog.LogRecord) *Profile) {
	resources := logs.ResourceLogs()
	moved := false
	for i := range resources.Len() { // what is appended meanwhile is separate already
		rl := resources.At(i)
		profiles, same := profilesOf(rl, of)
		switch {
		case same && profiles[0] != nil:
			rl.Resource().Attributes().PutStr(audit.AttrProfile, profiles[0].name)
		case !same:
			move(resources, rl, profiles)
			moved = true
		}
	}
	if moved {
		resources.RemoveIf(func(rl plog.ResourceLogs) bool { return rl.ScopeLogs().Len() == 0 })
	}
}

// profilesOf gives the profile of each record of a resource, at least one, and whether they are all the same.
func profilesOf(rl plog.ResourceLogs, of func(plog.LogRecord) *Profile) (profiles []*Profile, same bool) {
	same = true
	for _, sl := range rl.ScopeLogs().All() {
		for _, record := range sl.LogRecords().All() {
			profiles = append(profiles, of(record))
			same = same && profiles[len(profiles)-1] == profiles[0]
		}
	}
	if len(profiles) == 0 {
		profiles = []*Profile{nil}
	}
	return profiles, same
}

// move takes the records that have a profile to resources of their own. Their scopes go with them.
func move(resources plog.ResourceLogsSlice, from plog.ResourceLogs, profiles []*Profile) {
	targets := map[*Profile]plog.ResourceLogs{}
	at := 0
	from.ScopeLogs().RemoveIf(func(sl plog.ScopeLogs) bool {
		scopes := map[*Profile]plog.ScopeLogs{}
		sl.LogRecords().RemoveIf(func(record plog.LogRecord) bool {
			p := profiles[at]
			at++
			if p == nil {
				return false
			}
			scope, ok := scopes[p]
			if !ok {
				target, ok := targets[p]
				if !ok {
					target = resources.AppendEmpty()
					from.Resource().CopyTo(target.Resource())
					target.Resource().Attributes().PutStr(audit.AttrProfile, p.name)
					target.SetSchemaUrl(from.SchemaUrl())
					targets[p] = target
				}
				scope = target.ScopeLogs().AppendEmpty()
				sl.Scope().CopyTo(scope.Scope())
				scope.SetSchemaUrl(sl.SchemaUrl())
				scopes[p] = scope
			}
			record.MoveTo(scope.LogRecords().AppendEmpty())
			return true
		})
		return sl.LogRecords().Len() == 0
	})
}
