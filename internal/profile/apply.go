package profile

import (
	"cmp"
	"slices"
	"sync"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// Apply makes a canonical event of the product's event in the record's body: event name, timestamp and attributes. What no
// rule takes stands under the product's names in audit.details, and the body is empty then. Where the sender has set
// audit.details itself, the rest stays in the body. Every other attribute that the sender has set keeps its value, and the
// product's field that would have given it counts as taken by no rule. A record that has audit.action is canonical already
// and is left as it is, so that Apply may be called again.
//
// The resource is read, not changed. Set the observed timestamp before: it is the time of events of products that give
// none (Observe's llm_invocation).
//
// On an error the record is as it was. The error names the place in the product's event ("body.properties.datasets") as
// the profile has it, and never quotes content.
func (p *Profile) Apply(resource pcommon.Map, record plog.LogRecord) *audit.FieldError {
	if _, canonical := record.Attributes().Get(audit.AttrAction); canonical {
		return nil
	}
	body, err := bodyMap(record.Body())
	if err != nil {
		return err
	}
	m := mappings.Get().(*mapping)
	defer m.free()
	m.begin(p, record.Attributes())

	event, under := p.unwrap(body)
	if err := m.collect(p.paths.root, event); err != nil {
		return err
	}
	if err := m.decide(record.ObservedTimestamp(), record.Timestamp()); err != nil {
		return err
	}
	m.commit(resource, record, body, under)
	return nil
}

// bodyMap gives the event, read from text where it is text. It checks all of it, because what is not mapped is kept.
func bodyMap(body pcommon.Value) (pcommon.Map, *audit.FieldError) {
	var text string
	switch body.Type() {
	case pcommon.ValueTypeMap:
		values := 0
		if problem := check(body, 0, &values); problem != "" {
			return pcommon.Map{}, &audit.FieldError{Field: fieldBody, Problem: problem}
		}
		return body.Map(), nil
	case pcommon.ValueTypeEmpty:
		return pcommon.Map{}, &audit.FieldError{Field: fieldBody, Problem: "required", Missing: true}
	case pcommon.ValueTypeStr:
		text = body.Str()
	case pcommon.ValueTypeBytes:
		text = string(body.Bytes().AsRaw())
	default:
		return pcommon.Map{}, &audit.FieldError{Field: fieldBody, Problem: "must be a map or a JSON object, is a " + typeName(body)}
	}
	parsed := pcommon.NewMap()
	if problem := parseObject(text, parsed); problem != "" {
		return pcommon.Map{}, &audit.FieldError{Field: fieldBody, Problem: problem}
	}
	return parsed, nil
}

// unwrap gives the event inside of what an export puts around it, and the key it stands under.
func (p *Profile) unwrap(body pcommon.Map) (event pcommon.Map, under string) {
	for _, key := range p.envelopes {
		if v, ok := body.Get(key); ok && v.Type() == pcommon.ValueTypeMap {
			return v.Map(), key
		}
	}
	return body, ""
}

var mappings = sync.Pool{New: func() any { return new(mapping) }}

// begin makes m ready for an event with these attributes.
func (m *mapping) begin(p *Profile, attrs pcommon.Map) {
	m.profile = p
	if n := len(p.paths.slots); cap(m.slots) < n {
		m.slots = make([]slot, n)
	} else {
		m.slots = m.slots[:n]
	}
	for name := range attrs.All() {
		m.given |= p.attribute[name]
	}
}

// free forgets the event: nothing of it must stay in memory, or appear in another one.
func (m *mapping) free() {
	clear(m.slots)
	clear(m.values)
	*m = mapping{slots: m.slots[:0], values: m.values[:0]}
	mappings.Put(m)
}

// commit writes the event. It cannot fail.
func (m *mapping) commit(resource pcommon.Map, record plog.LogRecord, body pcommon.Map, under string) {
	attrs := record.Attributes()
	attrs.EnsureCapacity(attrs.Len() + len(m.values) + 1)
	m.writeAll(resource, attrs)

	root := m.profile.paths.root
	if under == "" {
		m.sweep(root, body)
	} else if v, ok := body.Get(under); ok {
		m.sweep(root, v.Map())
		if v.Map().Len() == 0 {
			body.Remove(under)
		}
	}
	record.SetEventName(m.eventName)
	record.SetTimestamp(m.time)
	m.rest(record, body)
}

// writeAll sets the attributes, maps last and the innermost first: a map is moved without what was taken out of it, and
// taking something out moves its neighbours.
func (m *mapping) writeAll(resource, attrs pcommon.Map) {
	maps := 0
	for i := range m.values {
		v := &m.values[i]
		if v.slot >= 0 {
			m.values[maps], *v = *v, m.values[maps]
			maps++
		}
	}
	for i := range m.values[maps:] {
		v := &m.values[maps+i]
		if v.attr.bit == m.profile.recordID {
			v.str = m.scopedID(resource, v.str)
		}
		v.write(attrs)
	}
	inner := m.values[:maps]
	slices.SortStableFunc(inner, func(a, b pending) int {
		return cmp.Compare(m.profile.paths.depth(b.slot), m.profile.paths.depth(a.slot))
	})
	for i := range inner {
		m.sweep(m.profile.paths.slots[inner[i].slot], inner[i].value.Map())
		inner[i].write(attrs)
	}
}

// scopedID makes the product's own id unique beyond the product: Xano numbers its events from 1 in each instance. It is the
// same for every delivery of the event by the same service.
func (m *mapping) scopedID(resource pcommon.Map, id string) string {
	service := ""
	if v, ok := resource.Get(audit.AttrServiceName); ok && v.Type() == pcommon.ValueTypeStr {
		service = v.Str()
	}
	return m.profile.name + ":" + service + ":" + id
}

// rest keeps what no rule took: in the details, or in the body where the sender has set details.
func (m *mapping) rest(record plog.LogRecord, body pcommon.Map) {
	_, taken := record.Attributes().Get(audit.AttrDetails)
	switch {
	case body.Len() == 0:
		pcommon.NewValueEmpty().CopyTo(record.Body())
	case taken:
		if record.Body().Type() != pcommon.ValueTypeMap {
			body.MoveTo(record.Body().SetEmptyMap())
		}
	default:
		body.MoveTo(record.Attributes().PutEmptyMap(audit.AttrDetails))
		pcommon.NewValueEmpty().CopyTo(record.Body())
	}
}
