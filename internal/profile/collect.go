package profile

import (
	"unicode/utf8"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// slot is what an event has at a place that rules name.
type slot struct {
	value pcommon.Value
	there bool // and neither null nor an empty string, map or list
	used  bool // it has become part of the canonical event
}

// collect notes what stands at the places under n. It gives an error where a key is there twice, because readers disagree
// about which of the two counts, and where something stands in the way of a place.
func (m *mapping) collect(n *node, from pcommon.Map) *audit.FieldError {
	for key, v := range from.All() {
		child := n.find(key)
		if child == nil {
			continue
		}
		if child.slot >= 0 && !isEmpty(v) {
			s := &m.slots[child.slot]
			if s.there {
				return m.fieldError(child.path, "must be there once")
			}
			s.value, s.there = v, true
		}
		if child.children == nil {
			continue
		}
		switch {
		case v.Type() == pcommon.ValueTypeMap:
			if err := m.collect(child, v.Map()); err != nil {
				return err
			}
		case child.slot < 0 && !isEmpty(v):
			return m.fieldError(child.path, "must be a map, is a "+typeName(v))
		}
	}
	return nil
}

// sweep removes what was used, and what was named and is empty. What stays is what no rule took.
func (m *mapping) sweep(n *node, from pcommon.Map) {
	from.RemoveIf(func(key string, v pcommon.Value) bool {
		child := n.find(key)
		if child == nil {
			return false
		}
		if isEmpty(v) || child.slot >= 0 && m.slots[child.slot].used {
			return true
		}
		if child.children == nil || v.Type() != pcommon.ValueTypeMap {
			return false
		}
		m.sweep(child, v.Map())
		return v.Map().Len() == 0
	})
}

func isEmpty(v pcommon.Value) bool {
	switch v.Type() {
	case pcommon.ValueTypeEmpty:
		return true
	case pcommon.ValueTypeStr:
		return v.Str() == ""
	case pcommon.ValueTypeMap:
		return v.Map().Len() == 0
	case pcommon.ValueTypeSlice:
		return v.Slice().Len() == 0
	default:
		return false
	}
}

// check gives the problem of what stands below v, empty where there is none. It bounds every later walk.
func check(v pcommon.Value, depth int, values *int) string {
	if depth > audit.MaxDepth {
		return tooDeep
	}
	if *values++; *values > maxValues {
		return tooManyValues
	}
	switch v.Type() {
	case pcommon.ValueTypeStr:
		if !utf8.ValidString(v.Str()) {
			return notUTF8
		}
	case pcommon.ValueTypeMap:
		for key, e := range v.Map().All() {
			if !utf8.ValidString(key) {
				return notUTF8
			}
			if problem := check(e, depth+1, values); problem != "" {
				return problem
			}
		}
	case pcommon.ValueTypeSlice:
		for _, e := range v.Slice().All() {
			if problem := check(e, depth+1, values); problem != "" {
				return problem
			}
		}
	default:
	}
	return ""
}

// typeName names types as the conventions do.
func typeName(v pcommon.Value) string {
	switch v.Type() {
	case pcommon.ValueTypeStr:
		return "string"
	case pcommon.ValueTypeSlice:
		return "list"
	case pcommon.ValueTypeMap:
		return "map"
	case pcommon.ValueTypeBool:
		return "bool"
	case pcommon.ValueTypeInt:
		return "int"
	case pcommon.ValueTypeDouble:
		return "double"
	case pcommon.ValueTypeBytes:
		return "list of bytes"
	default:
		return "null"
	}
}
