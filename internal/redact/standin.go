package redact

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/pseudonym"
	"github.com/otelaudit/otelaudit/internal/redact/detect"
)

// typeNames are the types of values in stand-ins and skeletons.
var typeNames = [...]string{
	pcommon.ValueTypeEmpty: "empty", pcommon.ValueTypeStr: "string", pcommon.ValueTypeInt: "int", pcommon.ValueTypeDouble: "double",
	pcommon.ValueTypeBool: "bool", pcommon.ValueTypeMap: "map", pcommon.ValueTypeSlice: "list", pcommon.ValueTypeBytes: "bytes",
}

// textStandIn is what stands for a text that is withheld.
func textStandIn(m detect.Masker, text string) string {
	var buf [96]byte
	return string(m.AppendPseudonym(appendHead(buf[:0], "string", len(text)), text))
}

// appendHead appends "withheld:<type>:<length>:".
func appendHead(dst []byte, typeName string, length int) []byte {
	dst = append(append(dst, "withheld:"...), typeName...)
	dst = strconv.AppendInt(append(dst, ':'), int64(length), 10)
	return append(dst, ':')
}

// appendStandIn appends "withheld:<type>:<length>:<pseudonym>". The length is in bytes for strings and bytes, in elements for
// maps and lists, else 0. The pseudonym of a number or a bool is that of its text.
func (w *walker) appendStandIn(dst []byte, v pcommon.Value) []byte {
	length := 0
	switch v.Type() {
	case pcommon.ValueTypeStr:
		return w.r.mask.AppendPseudonym(appendHead(dst, "string", len(v.Str())), v.Str())
	case pcommon.ValueTypeBytes:
		length = v.Bytes().Len()
	case pcommon.ValueTypeMap:
		length = v.Map().Len()
	case pcommon.ValueTypeSlice:
		length = v.Slice().Len()
	default:
	}
	dst = appendHead(dst, typeNames[v.Type()], length)
	w.content = appendContent(w.content[:0], v, 0)
	return w.r.keys.AppendValue(dst, pseudonym.Text, string(w.content))
}

// appendContent writes a value so that different values differ: scalars as text, and in maps and lists every part with its type
// and length. Maps are written in the order of their keys. What is nested deeper than [audit.MaxDepth] counts as its type.
func appendContent(dst []byte, v pcommon.Value, depth int) []byte {
	switch v.Type() {
	case pcommon.ValueTypeStr:
		return append(dst, v.Str()...)
	case pcommon.ValueTypeInt:
		return strconv.AppendInt(dst, v.Int(), 10)
	case pcommon.ValueTypeDouble:
		return appendNumber(dst, v.Double())
	case pcommon.ValueTypeBool:
		return strconv.AppendBool(dst, v.Bool())
	case pcommon.ValueTypeBytes:
		for _, b := range v.Bytes().All() {
			dst = append(dst, b)
		}
		return dst
	case pcommon.ValueTypeMap:
		if depth > audit.MaxDepth {
			return dst
		}
		return appendMap(dst, v.Map(), depth)
	case pcommon.ValueTypeSlice:
		if depth > audit.MaxDepth {
			return dst
		}
		for _, e := range v.Slice().All() {
			dst = appendPart(dst, e, depth)
		}
		return dst
	default:
		return dst
	}
}

func appendMap(dst []byte, m pcommon.Map, depth int) []byte {
	type pair struct {
		key   string
		value pcommon.Value
	}
	pairs := make([]pair, 0, m.Len())
	for k, e := range m.All() {
		pairs = append(pairs, pair{k, e})
	}
	slices.SortStableFunc(pairs, func(a, b pair) int { return strings.Compare(a.key, b.key) })
	for _, p := range pairs {
		dst = strconv.AppendInt(dst, int64(len(p.key)), 10)
		dst = append(append(append(dst, ':'), p.key...), '=')
		dst = appendPart(dst, p.value, depth)
	}
	return dst
}

func appendPart(dst []byte, v pcommon.Value, depth int) []byte {
	dst = append(append(dst, typeNames[v.Type()]...), ':')
	start := len(dst)
	dst = appendContent(dst, v, depth+1)
	return append(strconv.AppendInt(append(dst, ';'), int64(len(dst)-start), 10), ';')
}

// appendNumber writes a double as people write it, a whole one without an exponent, so that digits in it are recognised.
func appendNumber(dst []byte, f float64) []byte {
	if abs := math.Abs(f); abs < 1e21 && abs >= 1e-6 || f == 0 {
		return strconv.AppendFloat(dst, f, 'f', -1, 64)
	}
	return strconv.AppendFloat(dst, f, 'g', -1, 64)
}
