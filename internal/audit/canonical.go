package audit

import (
	"encoding/base64"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
)

// AppendCanonical appends the canonical form of the event to dst: the bytes that keyed hashes of a record cover. It is
// JSON as RFC 8785 canonicalises it, over the record in its OTLP/JSON form, so that every value stands under its type
// (1, "1" and 1.0 differ), 64-bit integers are strings and keep their precision, and structured bodies are covered.
//
// Lists of key-values are sorted by key, because a sender may list the attributes of one event in any order. Left out are
// the observed timestamp and what this bundle adds ([Derived]), because they differ between two deliveries of one event;
// audit.integrity.*, because it carries the proof itself (OTEP 0267, data model, "Integrity"); severity, scope and flags,
// because they are not part of the model.
func (e Event) AppendCanonical(dst []byte) []byte {
	dst = appendHead(dst, e.Record)
	dst = AppendCanonicalResource(dst, e.Resource)
	return appendTail(dst, e.Record)
}

// AppendCanonicalRecord does the same as [Event.AppendCanonical] with what [AppendCanonicalResource] gave for the resource,
// which many records share.
func AppendCanonicalRecord(dst []byte, record plog.LogRecord, resource []byte) []byte {
	return appendTail(append(appendHead(dst, record), resource...), record)
}

// AppendCanonicalResource appends the part of the canonical form that the records of one resource share.
func AppendCanonicalResource(dst []byte, resource pcommon.Map) []byte {
	return appendKeyValues(dst, resource, true)
}

// appendHead writes what stands in front of the resource's attributes.
func appendHead(dst []byte, r plog.LogRecord) []byte {
	// The members stand in the order of their names, as RFC 8785 section 3.2.3 asks.
	dst = append(dst, `{"attributes":`...)
	dst = appendKeyValues(dst, r.Attributes(), true)
	if r.Body().Type() != pcommon.ValueTypeEmpty {
		dst = append(dst, `,"body":`...)
		dst = appendAnyValue(dst, r.Body())
	}
	dst = append(dst, `,"eventName":`...)
	dst = appendString(dst, r.EventName())
	return append(dst, `,"resource":{"attributes":`...)
}

// appendTail writes what follows them.
func appendTail(dst []byte, r plog.LogRecord) []byte {
	dst = append(dst, '}')
	if id := r.SpanID(); !id.IsEmpty() {
		dst = append(dst, `,"spanId":"`...)
		dst = append(dst, id.String()...)
		dst = append(dst, '"')
	}
	dst = append(dst, `,"timeUnixNano":"`...)
	dst = strconv.AppendUint(dst, uint64(r.Timestamp()), 10)
	dst = append(dst, '"')
	if id := r.TraceID(); !id.IsEmpty() {
		dst = append(dst, `,"traceId":"`...)
		dst = append(dst, id.String()...)
		dst = append(dst, '"')
	}
	return append(dst, '}')
}

// appendKeyValues writes a map as OTLP/JSON does, a list of {"key":…,"value":…}. At the top level it leaves out what is
// not part of the content.
func appendKeyValues(dst []byte, m pcommon.Map, top bool) []byte {
	if m.Len() > few {
		return appendMany(dst, m, top)
	}
	// What is sorted is places: to move the pairs themselves would wake the garbage collector's write barrier.
	var kvs [few]keyValue
	var order [few]uint8
	n := 0
	for k, v := range m.All() {
		d := find(k)
		if top && leftOut(k, d) {
			continue
		}
		kvs[n] = keyValue{k, v, d}
		at := n
		for ; at > 0 && kvs[order[at-1]].after(&kvs[n]); at-- {
			order[at] = order[at-1]
		}
		order[at] = uint8(n)
		n++
	}
	dst = append(dst, '[')
	for _, i := range order[:n] {
		dst = appendKeyValue(dst, &kvs[i])
	}
	return endList(dst)
}

// few is how many attributes are sorted by insertion: more than most records have.
const few = 32

func appendMany(dst []byte, m pcommon.Map, top bool) []byte {
	kvs := make([]keyValue, 0, m.Len())
	for k, v := range m.All() {
		d := find(k)
		if !top || !leftOut(k, d) {
			kvs = append(kvs, keyValue{k, v, d})
		}
	}
	slices.SortStableFunc(kvs, func(a, b keyValue) int { return strings.Compare(a.key, b.key) })
	dst = append(dst, '[')
	for i := range kvs {
		dst = appendKeyValue(dst, &kvs[i])
	}
	return endList(dst)
}

// leftOut reports whether an attribute is no part of the content.
func leftOut(key string, d *known) bool {
	if d != nil {
		return d.Derived || d.proof
	}
	return strings.HasPrefix(key, proofPrefix)
}

// appendKeyValue writes a pair and the comma that follows.
func appendKeyValue(dst []byte, kv *keyValue) []byte {
	if kv.known != nil {
		if kv.value.Type() == pcommon.ValueTypeStr { // most
			dst = append(dst, kv.known.textMember...)
			return append(appendRest(dst, kv.value.Str()), "}},"...)
		}
		dst = append(dst, kv.known.member...)
	} else {
		dst = appendMember(dst, kv.key)
	}
	dst = appendAnyValue(dst, kv.value)
	return append(dst, "},"...)
}

// endList puts the bracket where a comma stands.
func endList(dst []byte) []byte {
	if last := len(dst) - 1; dst[last] == ',' {
		dst = dst[:last]
	}
	return append(dst, ']')
}

// proofPrefix begins the names of what proves a record, and is no part of what is proved.
const proofPrefix = "audit.integrity."

// appendMember writes what stands in front of a value.
func appendMember(dst []byte, key string) []byte {
	dst = append(dst, `{"key":`...)
	dst = appendString(dst, key)
	return append(dst, `,"value":`...)
}

type keyValue struct {
	key   string
	value pcommon.Value
	known *known // where the conventions have the key
}

func (a *keyValue) after(b *keyValue) bool {
	if a.known != nil && b.known != nil {
		return a.known.rank > b.known.rank
	}
	return a.key > b.key
}

func appendAnyValue(dst []byte, v pcommon.Value) []byte {
	switch v.Type() {
	case pcommon.ValueTypeStr:
		dst = append(dst, `{"stringValue":`...)
		dst = appendString(dst, v.Str())
	case pcommon.ValueTypeBool:
		dst = append(dst, `{"boolValue":`...)
		dst = strconv.AppendBool(dst, v.Bool())
	case pcommon.ValueTypeInt:
		dst = append(dst, `{"intValue":"`...)
		dst = strconv.AppendInt(dst, v.Int(), 10)
		dst = append(dst, '"')
	case pcommon.ValueTypeDouble:
		dst = append(dst, `{"doubleValue":`...)
		dst = appendDouble(dst, v.Double())
	case pcommon.ValueTypeBytes:
		dst = append(dst, `{"bytesValue":"`...)
		dst = base64.StdEncoding.AppendEncode(dst, v.Bytes().AsRaw())
		dst = append(dst, '"')
	case pcommon.ValueTypeSlice:
		dst = append(dst, `{"arrayValue":{"values":[`...)
		for i, e := range v.Slice().All() {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendAnyValue(dst, e)
		}
		dst = append(dst, "]}"...)
	case pcommon.ValueTypeMap:
		dst = append(dst, `{"kvlistValue":{"values":`...)
		dst = appendKeyValues(dst, v.Map(), false)
		dst = append(dst, '}')
	default:
		dst = append(dst, '{')
	}
	return append(dst, '}')
}

// appendDouble writes a number as ECMAScript does (RFC 8785 section 3.2.2.3), and the values that JSON has no number for
// as OTLP/JSON does, as strings.
func appendDouble(dst []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, `"NaN"`...)
	case math.IsInf(f, 1):
		return append(dst, `"Infinity"`...)
	case math.IsInf(f, -1):
		return append(dst, `"-Infinity"`...)
	case f == 0:
		return append(dst, '0') // -0 too
	}
	if abs := math.Abs(f); abs >= 1e-6 && abs < 1e21 {
		return strconv.AppendFloat(dst, f, 'f', -1, 64)
	}
	dst = strconv.AppendFloat(dst, f, 'e', -1, 64)
	// Go writes at least two digits of exponent, ECMAScript as few as it takes.
	if n := len(dst); dst[n-2] == '0' && (dst[n-3] == '-' || dst[n-3] == '+') {
		dst[n-2] = dst[n-1]
		dst = dst[:n-1]
	}
	return dst
}

const hexDigits = "0123456789abcdef"

// plain are the bytes of ASCII that stand for themselves in a JSON string.
var plain = func() (plain [256]bool) {
	for c := byte(0x20); c < utf8.RuneSelf; c++ {
		plain[c] = c != '"' && c != '\\'
	}
	return plain
}()

// allPlain says of eight bytes at once what plain says of one. It may say no of some that are.
func allPlain(s string) bool {
	_ = s[7]
	x := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	quotes, slashes := x^(ones*'"'), x^(ones*'\\')
	// The top bit of a byte is set where the byte is not ASCII, below a space, or one of the two.
	return (x|(x-ones*' ')|(quotes-ones)|(slashes-ones))&tops == 0
}

// appendString quotes a string with the fewest escapes (RFC 8785 section 3.2.2.2). Bytes that are not UTF-8 become
// U+FFFD, so that the result is always JSON; the receiver refuses such records before.
func appendString(dst []byte, s string) []byte { return appendRest(append(dst, '"'), s) }

// appendRest writes a string whose first quote is written.
func appendRest(dst []byte, s string) []byte {
	start := 0
	for i := 0; i < len(s); {
		for len(s)-i >= 8 && allPlain(s[i:i+8]) {
			i += 8
		}
		if i == len(s) {
			break
		}
		c := s[i]
		if plain[c] {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				dst = append(append(dst, s[start:i]...), "\uFFFD"...)
				start = i + 1
			}
			i += size
			continue
		}
		dst = append(dst, s[start:i]...)
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\b':
			dst = append(dst, `\b`...)
		case '\t':
			dst = append(dst, `\t`...)
		case '\n':
			dst = append(dst, `\n`...)
		case '\f':
			dst = append(dst, `\f`...)
		case '\r':
			dst = append(dst, `\r`...)
		default:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
		i++
		start = i
	}
	return append(append(dst, s[start:]...), '"')
}
