package profile

import (
	"math"
	"strconv"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// pending is the value that an attribute is about to get.
type pending struct {
	attr  attribute
	str   string
	num   float64
	int   int64
	bool  bool
	value pcommon.Value // of lists and maps
	slot  int           // whose map it is, -1 where the map is not part of the event
}

// convert reads a value as the type of the attribute, and gives the problem where it cannot be one. Products write numbers
// as text and identifiers as numbers; a list of one is often only that one.
func convert(v pcommon.Value, attr attribute) (pending, string) {
	out := pending{attr: attr, slot: -1}
	ok := false
	switch attr.typ {
	case audit.String:
		out.str, ok = toString(v)
	case audit.Bool:
		out.bool, ok = toBool(v)
	case audit.Int:
		out.int, ok = toInt(v)
	case audit.Double:
		out.num, ok = toDouble(v)
	case audit.Strings:
		out.value, ok = v, isList(v)
	case audit.Map:
		return toMap(v, out)
	}
	if !ok {
		return out, "must be a " + attr.typ.String() + ", is a " + typeName(v) + unfit(v, attr.typ)
	}
	return out, ""
}

// unfit explains a type that could have been right.
func unfit(v pcommon.Value, typ audit.Type) string {
	switch {
	case typ == audit.Strings && v.Type() == pcommon.ValueTypeSlice:
		return " of other values"
	case v.Type() == pcommon.ValueTypeStr && typ != audit.Strings:
		return " that says something else"
	case v.Type() == pcommon.ValueTypeDouble:
		return " that has a fraction or no finite value"
	default:
		return ""
	}
}

// maxExact is the first integer from which on doubles leave some out.
const maxExact = 1 << 53

func wholeDouble(f float64) (int64, bool) {
	return int64(f), f == math.Trunc(f) && math.Abs(f) < maxExact
}

func toString(v pcommon.Value) (string, bool) {
	switch v.Type() {
	case pcommon.ValueTypeStr:
		return v.Str(), true
	case pcommon.ValueTypeInt:
		return strconv.FormatInt(v.Int(), 10), true
	case pcommon.ValueTypeDouble: // senders that know only one kind of number
		i, ok := wholeDouble(v.Double())
		return strconv.FormatInt(i, 10), ok
	default:
		return "", false
	}
}

func toBool(v pcommon.Value) (value, ok bool) {
	switch v.Type() {
	case pcommon.ValueTypeBool:
		return v.Bool(), true
	case pcommon.ValueTypeStr:
		return v.Str() == "true", v.Str() == "true" || v.Str() == "false"
	default:
		return false, false
	}
}

func toInt(v pcommon.Value) (int64, bool) {
	switch v.Type() {
	case pcommon.ValueTypeInt:
		return v.Int(), true
	case pcommon.ValueTypeDouble:
		return wholeDouble(v.Double())
	case pcommon.ValueTypeStr:
		i, err := strconv.ParseInt(v.Str(), 10, 64)
		return i, err == nil
	default:
		return 0, false
	}
}

func toDouble(v pcommon.Value) (float64, bool) {
	f, ok := 0.0, true
	switch v.Type() {
	case pcommon.ValueTypeInt:
		f = float64(v.Int())
	case pcommon.ValueTypeDouble:
		f = v.Double()
	case pcommon.ValueTypeStr:
		f, ok = parseDecimal(v.Str())
	default:
		ok = false
	}
	return f, ok && !math.IsNaN(f) && !math.IsInf(f, 0)
}

// parseDecimal reads a number as JSON writes it, and none of the other forms that Go has.
func parseDecimal(s string) (float64, bool) {
	if strings.Trim(s, "+-.0123456789eE") != "" {
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil
}

func isList(v pcommon.Value) bool {
	if v.Type() != pcommon.ValueTypeSlice {
		_, ok := toString(v)
		return ok
	}
	for _, e := range v.Slice().All() {
		if _, ok := toString(e); !ok {
			return false
		}
	}
	return true
}

// toMap also takes JSON text, as GraphQL's variables often are.
func toMap(v pcommon.Value, out pending) (pending, string) {
	switch v.Type() {
	case pcommon.ValueTypeMap:
		out.value = v
		return out, ""
	case pcommon.ValueTypeStr:
		out.value = pcommon.NewValueMap()
		return out, parseObject(v.Str(), out.value.Map())
	default:
		return out, "must be a map, is a " + typeName(v)
	}
}

// write puts the value where the attribute belongs. Maps are moved there.
func (p *pending) write(attrs pcommon.Map) {
	switch p.attr.typ {
	case audit.String:
		attrs.PutStr(p.attr.name, p.str)
	case audit.Bool:
		attrs.PutBool(p.attr.name, p.bool)
	case audit.Int:
		attrs.PutInt(p.attr.name, p.int)
	case audit.Double:
		attrs.PutDouble(p.attr.name, p.num)
	case audit.Strings:
		list := attrs.PutEmptySlice(p.attr.name)
		if p.value.Type() != pcommon.ValueTypeSlice {
			s, _ := toString(p.value)
			list.AppendEmpty().SetStr(s)
			return
		}
		list.EnsureCapacity(p.value.Slice().Len())
		for _, e := range p.value.Slice().All() {
			s, _ := toString(e)
			list.AppendEmpty().SetStr(s)
		}
	case audit.Map:
		if p.value.Map().Len() > 0 {
			p.value.Map().MoveTo(attrs.PutEmptyMap(p.attr.name))
		}
	}
}
