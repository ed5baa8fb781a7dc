package otlp

import (
	"math"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/xpdata"
)

// attribute reads a KeyValue.
func attribute(s string, to *xpdata.MapBuilder) bool {
	name, of := "", ""
	var met once
	for len(s) > 0 {
		f, rest, ok := next(s)
		if !ok {
			return false
		}
		s = rest
		switch {
		case f.key == key(1, bytesWire) && met.first(1):
			name = f.text
		case f.key == key(2, bytesWire) && met.first(2):
			of = f.text
		default:
			return false
		}
	}
	return value(of, to.AppendEmpty(name))
}

// value reads an AnyValue, which has one field or none.
func value(s string, to pcommon.Value) bool {
	if s == "" {
		return true
	}
	f, rest, ok := next(s)
	if !ok || rest != "" {
		return false
	}
	switch f.key {
	case key(1, bytesWire):
		to.SetStr(f.text)
	case key(2, varintWire):
		to.SetBool(f.number != 0)
	case key(3, varintWire):
		to.SetInt(int64(f.number))
	case key(4, fixed64Wire):
		to.SetDouble(math.Float64frombits(f.number))
	case key(5, bytesWire):
		return array(f.text, to.SetEmptySlice())
	case key(6, bytesWire):
		return keyValues(f.text, to.SetEmptyMap())
	case key(7, bytesWire):
		to.SetEmptyBytes().FromRaw([]byte(f.text))
	default:
		return false
	}
	return true
}

// array reads an ArrayValue.
func array(s string, to pcommon.Slice) bool {
	to.EnsureCapacity(count(s, key(1, bytesWire)))
	for len(s) > 0 {
		f, rest, ok := next(s)
		if s = rest; !ok || f.key != key(1, bytesWire) || !value(f.text, to.AppendEmpty()) {
			return false
		}
	}
	return true
}

// keyValues reads a KeyValueList.
func keyValues(s string, to pcommon.Map) bool {
	var pairs xpdata.MapBuilder
	pairs.EnsureCapacity(count(s, key(1, bytesWire)))
	for len(s) > 0 {
		f, rest, ok := next(s)
		if s = rest; !ok || f.key != key(1, bytesWire) || !attribute(f.text, &pairs) {
			return false
		}
	}
	pairs.UnsafeIntoMap(to)
	return true
}
