package policy

import (
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// field is something of an event that rules look at.
type field uint8

// Fields. Role and group have any number of values, the others one.
const (
	action field = iota
	event
	tenant
	targetType
	origin
	profile
	actorType
	actorID
	email
	department
	texts       // how many fields have one value, and the first of the others
	role  field = iota - 1
	group field = iota - 1
)

// Subject is what a policy looks at of an event. One is filled again and again, so that nothing is allocated.
type Subject struct {
	values   [texts]string
	roles    []string
	groups   []string
	recordID string

	claimedEmail string
	claimed      []string // roles
}

// Read fills the subject from an event that was enriched and not yet redacted. What the directory says of the actor's address
// and roles counts; what the sender claims counts where the directory says nothing. Groups and department are the directory's.
func (s *Subject) Read(e audit.Event) {
	s.values, s.recordID, s.claimedEmail = [texts]string{}, "", ""
	s.roles, s.groups, s.claimed = s.roles[:0], s.groups[:0], s.claimed[:0]
	s.values[event] = e.Record.EventName()
	if v, ok := e.Resource.Get(audit.AttrProfile); ok {
		s.values[profile] = text(v)
	}
	for name, v := range e.Record.Attributes().All() {
		s.note(name, v)
	}
	if s.values[tenant] == "" {
		s.values[tenant] = audit.DefaultTenant
	}
	if s.values[email] == "" {
		s.values[email] = s.claimedEmail
	}
	if len(s.roles) == 0 {
		s.roles = append(s.roles, s.claimed...)
	}
}

func (s *Subject) note(name string, v pcommon.Value) {
	switch name {
	case audit.AttrAction:
		s.values[action] = text(v)
	case audit.AttrTenantID:
		s.values[tenant] = text(v)
	case audit.AttrTargetType:
		s.values[targetType] = text(v)
	case audit.AttrOrigin:
		s.values[origin] = text(v)
	case audit.AttrActorType:
		s.values[actorType] = text(v)
	case audit.AttrActorID:
		s.values[actorID] = text(v)
	case audit.AttrRecordID:
		s.recordID = text(v)
	case audit.AttrUserEmail:
		s.claimedEmail = text(v)
	case audit.AttrUserRoles:
		s.claimed = appendTexts(s.claimed, v)
	case audit.AttrDirectoryEmail:
		s.values[email] = text(v)
	case audit.AttrDirectoryDepartment:
		s.values[department] = text(v)
	case audit.AttrDirectoryRoles:
		s.roles = appendTexts(s.roles, v)
	case audit.AttrDirectoryGroups:
		s.groups = appendTexts(s.groups, v)
	}
}

func text(v pcommon.Value) string {
	if v.Type() != pcommon.ValueTypeStr {
		return ""
	}
	return v.Str()
}

func appendTexts(to []string, v pcommon.Value) []string {
	if v.Type() != pcommon.ValueTypeSlice {
		return to
	}
	for _, e := range v.Slice().All() {
		if e.Type() == pcommon.ValueTypeStr {
			to = append(to, e.Str())
		}
	}
	return to
}
