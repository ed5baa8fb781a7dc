package profile

import (
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// field evaluates a rule: the first of its places that is there and fits counts. Where none fits, the first that is there
// says what is wrong.
func (m *mapping) field(f *field) *audit.FieldError {
	var wrong *audit.FieldError
	for _, s := range f.from {
		i := m.at(s)
		if i < 0 || !m.slots[i].there || m.notMeant(f, i) {
			continue
		}
		v, problem := m.read(f, i)
		if problem == "" {
			m.slots[i].used = m.slots[i].used || !f.style.derives()
			m.put(v)
			return nil
		}
		if wrong == nil {
			wrong = m.fieldError(m.profile.paths.slots[i].path, problem)
		}
	}
	switch {
	case f.lenient || f.style.derives():
		return nil
	case wrong == nil && f.required:
		return m.missing(max(m.at(f.from[0]), f.from[0].slot))
	default:
		return wrong
	}
}

// notMeant reports whether what stands at a place is not what the rule means: a map that another attribute gets already,
// or a map where a rule names fields in it as well as the place itself, which is then meant for products that have no map.
func (m *mapping) notMeant(f *field, i int) bool {
	if f.attr.typ == audit.Map {
		return m.slots[i].used
	}
	return m.slots[i].value.Type() == pcommon.ValueTypeMap && m.profile.paths.slots[i].children != nil
}

func (m *mapping) read(f *field, i int) (pending, string) {
	v := m.slots[i].value
	if f.style != asIs {
		return m.styled(f, v)
	}
	if f.values != nil {
		return f.lookup(scalarText(v))
	}
	out, problem := convert(v, f.attr)
	if problem != "" {
		return out, problem
	}
	switch f.attr.typ {
	case audit.Double:
		out.num *= f.scale
	case audit.Map:
		if v.Type() == pcommon.ValueTypeMap {
			out.slot = i
		}
	default:
	}
	return out, ""
}

func (m *mapping) styled(f *field, v pcommon.Value) (pending, string) {
	out := pending{attr: f.attr, slot: -1}
	text, ok := toString(v)
	if !ok {
		return out, "must be a string, is a " + typeName(v)
	}
	if f.style == asSnake {
		if f.values != nil {
			return f.lookup(snake(text))
		}
		out.str = snake(text)
		if out.str == "" {
			return out, "must have letters or digits"
		}
		return out, ""
	}
	name := ""
	if f.operation >= 0 && m.slots[f.operation].there {
		name, _ = toString(m.slots[f.operation].value)
	}
	op, ok := parseGraphQL(text, name)
	if !ok {
		return out, "must be a GraphQL operation"
	}
	out.str = op.kind
	if f.style == asGraphQLVerb {
		out.str = op.verb(&m.profile.actions)
	}
	return out, ""
}

func (f *field) lookup(text string) (pending, string) {
	if v, ok := f.values[text]; ok {
		return v, ""
	}
	return pending{}, "must be one of " + f.allowed
}

// scalarText is how values of the event are written in data files.
func scalarText(v pcommon.Value) string {
	if v.Type() == pcommon.ValueTypeBool {
		if v.Bool() {
			return "true"
		}
		return "false"
	}
	s, _ := toString(v)
	return s
}

// when finds the time of the event.
func (m *mapping) when(f *field, observed, claimed pcommon.Timestamp) *audit.FieldError {
	if m.time != 0 {
		return nil
	}
	for _, s := range f.from {
		if !m.slots[s.slot].there {
			continue
		}
		t, ok := parseTime(m.slots[s.slot].value)
		if !ok {
			return m.fieldError(m.profile.paths.slots[s.slot].path, badTime)
		}
		m.time, m.slots[s.slot].used = t, true
		return nil
	}
	switch {
	case claimed != 0:
		m.time = claimed
	case f.observed && observed != 0:
		m.time = observed
	default:
		return m.missing(f.from[0].slot)
	}
	return nil
}
