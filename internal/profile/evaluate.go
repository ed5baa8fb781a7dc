package profile

import (
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// mapping is one event on its way. Nothing of the record changes before commit.
type mapping struct {
	profile *Profile
	slots   []slot
	values  []pending
	given   uint64 // bits of the attributes that have a value, or that the sender has set

	action    action
	eventName string
	time      pcommon.Timestamp
}

// decide evaluates the rules. The first value that an attribute gets counts: cases come in their order and before the rules
// for all events, then what the action's name tells, then defaults.
func (m *mapping) decide(observed, claimed pcommon.Timestamp) *audit.FieldError {
	if err := m.name(); err != nil {
		return err
	}
	cases := m.matching()
	for i := range m.profile.cases {
		if cases&(1<<i) != 0 {
			if err := m.block(&m.profile.cases[i].block, observed, claimed); err != nil {
				return err
			}
		}
	}
	if err := m.block(&m.profile.rules, observed, claimed); err != nil {
		return err
	}
	for i := range m.profile.cases {
		if cases&(1<<i) != 0 {
			m.constants(m.profile.cases[i].defaults)
		}
	}
	m.put(pending{attr: attribute{audit.AttrAction, audit.String, m.profile.verb}, str: m.action.verb, slot: -1})
	if m.action.target != "" {
		m.put(pending{attr: attribute{audit.AttrTargetType, audit.String, m.profile.target}, str: m.action.target, slot: -1})
	}
	m.constants(m.profile.rules.defaults)
	return nil
}

// name finds the action and the name of the event.
func (m *mapping) name() *audit.FieldError {
	p := m.profile
	called := ""
	for _, kind := range p.event.kinds {
		if m.isKind(kind) {
			called = kind.name
			break
		}
	}
	for _, i := range p.event.from {
		s := &m.slots[i]
		if !s.there || called != "" {
			continue
		}
		if s.value.Type() != pcommon.ValueTypeStr {
			return m.fieldError(p.paths.slots[i].path, "must be a string, is a "+typeName(s.value))
		}
		called, s.used = s.value.Str(), true
	}
	if called == "" {
		return m.unnamed()
	}
	var known bool
	if m.action, known = p.actions.find(called); !known {
		field := fieldBody
		if len(p.event.from) > 0 {
			field = p.paths.slots[p.event.from[0]].path
		}
		place := "begins"
		if p.actions.last {
			place = "ends"
		}
		return m.fieldError(field, "is no action that profile "+p.name+" knows, and none that "+place+" with a verb it knows")
	}
	m.eventName = called
	if len(p.event.name) > 0 {
		m.eventName = m.joined(p.event.name, called)
	}
	return nil
}

func (m *mapping) unnamed() *audit.FieldError {
	p := m.profile
	if len(p.event.from) == 0 {
		return &audit.FieldError{Field: fieldBody, Problem: "has the fields of none of the kinds of event that profile " + p.name + " knows"}
	}
	return m.missing(p.event.from[0])
}

func (m *mapping) isKind(k keyKind) bool {
	for _, i := range k.all {
		if !m.slots[i].there {
			return false
		}
	}
	for _, i := range k.any {
		if m.slots[i].there {
			return true
		}
	}
	return len(k.any) == 0
}

// joined is the name of an event whose name is spread over fields: "rbac_statement.create".
func (m *mapping) joined(slots []int, called string) string {
	parts := make([]string, 0, 4)
	for _, i := range slots {
		if s := &m.slots[i]; s.there && s.value.Type() == pcommon.ValueTypeStr {
			parts = append(parts, snake(s.value.Str()))
		}
	}
	if name := strings.Join(parts, "."); name != "" {
		return name
	}
	return called
}

// matching gives the cases that hold, a bit each, and takes the event's name from the first that has one.
func (m *mapping) matching() uint64 {
	var cases uint64
	named := false
	for i := range m.profile.cases {
		c := &m.profile.cases[i]
		if !m.holds(c.when) {
			continue
		}
		cases |= 1 << i
		if c.eventName != "" && !named {
			m.eventName, named = c.eventName, true
		}
	}
	return cases
}

func (m *mapping) holds(when []condition) bool {
	for _, c := range when {
		if c.slot == onAction {
			if !c.values[m.action.name] {
				return false
			}
			continue
		}
		s := &m.slots[c.slot]
		if !s.there || !c.there && !c.values[scalarText(s.value)] {
			return false
		}
	}
	return true
}

func (m *mapping) block(b *block, observed, claimed pcommon.Timestamp) *audit.FieldError {
	for i := range b.fields {
		f := &b.fields[i]
		var err *audit.FieldError
		if f.timestamp {
			err = m.when(f, observed, claimed)
		} else if m.given&f.attr.bit == 0 {
			err = m.field(f)
		}
		if err != nil {
			return err
		}
	}
	m.constants(b.set)
	return nil
}

func (m *mapping) constants(all []constant) {
	for i := range all {
		m.put(all[i].value)
	}
}

// put gives an attribute its value unless it has one.
func (m *mapping) put(v pending) {
	if m.given&v.attr.bit == 0 {
		m.given |= v.attr.bit
		m.values = append(m.values, v)
	}
}

// at gives the place that a source means in this event, -1 where it means none.
func (m *mapping) at(s source) int {
	if s.byTarget == nil {
		return s.slot
	}
	if i, ok := s.byTarget[m.action.target]; ok {
		return i
	}
	return -1
}

// fieldError names a place in the product's event. Its path is the profile's, so that it tells nothing of the content.
func (m *mapping) fieldError(path, problem string) *audit.FieldError {
	return &audit.FieldError{Field: fieldBody + "." + path, Problem: problem}
}

func (m *mapping) missing(slot int) *audit.FieldError {
	return &audit.FieldError{Field: fieldBody + "." + m.profile.paths.slots[slot].path, Problem: "required", Missing: true}
}

// fieldBody is the name of the body in errors.
const fieldBody = "body"
