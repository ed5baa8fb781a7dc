package columns

import (
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// userDefinitions lists every column that the exporter writes to `user_versions`.
var userDefinitions = []definition{
	{"directory", text, audit.AttrActorDirectory},
	{"user_id", text, audit.AttrActorID},
	{"kind", text, audit.AttrDirectoryChange},
	{"valid_from", instant, audit.AttrDirectoryValidFrom},
	{"valid_to", instant, audit.AttrDirectoryValidTo},
	{"observed_at", instant, ""},
	{"name", text, audit.AttrDirectoryName},
	{"email", text, audit.AttrDirectoryEmail},
	{"department", text, audit.AttrDirectoryDepartment},
	{"roles", texts, audit.AttrDirectoryRoles},
	{"groups", texts, audit.AttrDirectoryGroups},
	{"active", boolean, audit.AttrDirectoryActive},
}

// IsChange reports whether a value of [audit.AttrDirectoryChange] makes a record no event but something that a directory says anew. No
// sender can make one: the receiver and the processor remove what says so.
func IsChange(v pcommon.Value) bool {
	if v.Type() != pcommon.ValueTypeStr {
		return false
	}
	switch v.Str() {
	case audit.DirectoryPresent, audit.DirectoryDated, audit.DirectoryRemoved, audit.DirectorySnapshot:
		return true
	default:
		return false
	}
}

// UsersBuilder turns changes of directories into blocks of `user_versions`. Like a [Builder] it is reused and serves one goroutine.
type UsersBuilder struct {
	assembly
	cells []cell
}

// NewUsersBuilder makes a builder of blocks of `user_versions`.
func NewUsersBuilder(compression string) *UsersBuilder {
	return &UsersBuilder{newAssembly(TableUsers, compression), make([]cell, len(userDefinitions))}
}

// Add adds a change to the open block, or gives why it cannot be. The attributes that have no column are left out: the record is
// one of this bundle's own.
func (b *UsersBuilder) Add(event audit.Event) (Refusal, bool) {
	attrs := event.Record.Attributes()
	if !redacted(attrs) {
		return Refusal{Event: event, Reason: ReasonNotRedacted, Field: audit.AttrRedactionOutcome}, false
	}
	clear(b.cells)
	for i, d := range userDefinitions {
		if d.attr == "" {
			continue
		}
		if v, ok := attrs.Get(d.attr); ok {
			if reason := b.cells[i].assign(d.kind, v); reason != "" {
				return Refusal{Event: event, Reason: reason, Field: d.attr}, false
			}
		}
	}
	_, received := times(event.Record)
	for i, d := range userDefinitions {
		switch d.name {
		case "observed_at":
			b.cells[i].num, b.cells[i].set = received, true
		case "directory", "valid_from":
			if !b.cells[i].set {
				return Refusal{Event: event, Reason: ReasonMissing, Field: d.attr}, false
			}
		}
	}
	b.identify(event.Str(audit.AttrRecordID), received)
	for i := range b.cells {
		if b.cells[i].set {
			b.size += b.vectors[i].put(&b.cells[i], b.rows)
		}
	}
	b.rows++
	return Refusal{}, true
}
