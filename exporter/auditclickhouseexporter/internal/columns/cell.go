package columns

import (
	"math"

	"github.com/cespare/xxhash/v2"
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// kind is the type of a column, and what an attribute must be to fill it.
type kind uint8

const (
	text         kind = iota // String; absent is ''
	texts                    // Array(String); absent is []
	integer                  // Nullable(Int64); absent is NULL
	number                   // Nullable(Float64), finite; absent is NULL
	boolean                  // Nullable(Bool); absent is NULL
	object                   // String that holds a JSON object; absent is ''
	hexadecimal              // String of lower-case hex digits; absent is ''
	instant                  // DateTime64(9), nanoseconds since 1970
	days                     // UInt16, at most maxRetentionDays; absent is 0, no limit
	share                    // Float64, over 0 and at most 1; absent is 1
	attributeMap             // Map(String, String)
	second                   // DateTime, seconds since 1970
	unsigned                 // UInt64
	digest                   // UInt64, xxHash64 of a text; absent is 0

	// Not columns: what else can become of an attribute.
	forbidden // its presence refuses the record
	marked    // its presence says that the record is to be refused
	withheld  // its entries go to the attributeMap
)

// maxRetentionDays is a hundred years: added to any time that fits into an Int64 of nanoseconds, the end of retention
// can still be computed by the server.
const maxRetentionDays = 36500

// cell is one value of a row that is being put together. The fields in use depend on the column's kind; the zero cell is
// an absent value.
type cell struct {
	set   bool
	text  string
	num   int64         // integer, instant, days; boolean as 0 or 1; the bits of number and share
	value pcommon.Value // the attribute itself; texts and object are read from it, unless text is the object's JSON
}

func (c *cell) setFloat(f float64) { c.num, c.set = int64(math.Float64bits(f)), true }

// assign takes the value of an attribute. It gives the reason for which the value cannot stand in a column of kind k,
// empty where it can.
func (c *cell) assign(k kind, v pcommon.Value) Reason {
	if c.set {
		return ReasonDuplicate
	}
	if k == text { // three of four attributes
		if v.Type() != pcommon.ValueTypeStr {
			return ReasonWrongType
		}
		c.set, c.value, c.text = true, v, v.Str()
		return ""
	}
	if !k.accepts(v) {
		return ReasonWrongType
	}
	c.set, c.value = true, v
	switch k {
	case object:
		if !shallow(v, 0) {
			return ReasonTooDeep
		}
	case digest:
		if v.Str() != "" {
			c.num = int64(xxhash.Sum64String(v.Str()))
		}
	case integer, instant, days:
		c.num = v.Int()
		if k == instant && c.num < 0 || k == days && (c.num < 0 || c.num > maxRetentionDays) {
			return ReasonOutOfRange
		}
	case boolean:
		if v.Bool() {
			c.num = 1
		}
	case number, share:
		f, exact := toFloat(v)
		if !exact || math.IsNaN(f) || math.IsInf(f, 0) || k == share && (f <= 0 || f > 1) {
			return ReasonOutOfRange
		}
		c.setFloat(f)
	}
	return ""
}

// accepts asks the conventions' type that a column of kind k stands for.
func (k kind) accepts(v pcommon.Value) bool {
	switch k {
	case digest:
		return audit.String.Accepts(v)
	case texts:
		return audit.Strings.Accepts(v)
	case integer, instant, days:
		return audit.Int.Accepts(v)
	case number, share:
		return audit.Double.Accepts(v)
	case boolean:
		return audit.Bool.Accepts(v)
	default:
		return audit.Map.Accepts(v)
	}
}

// toFloat takes an int for a double, as JSON senders write 3 for 3.0. It is not exact where the int has more digits than
// a double.
func toFloat(v pcommon.Value) (f float64, exact bool) {
	if v.Type() == pcommon.ValueTypeDouble {
		return v.Double(), true
	}
	const limit = 1 << 53
	return float64(v.Int()), v.Int() >= -limit && v.Int() <= limit
}

// shallow reports whether v is nested at most [audit.MaxDepth] deep, so that walking it further is bounded.
func shallow(v pcommon.Value, depth int) bool {
	if depth > audit.MaxDepth {
		return false
	}
	switch v.Type() {
	case pcommon.ValueTypeMap:
		for _, e := range v.Map().All() {
			if !shallow(e, depth+1) {
				return false
			}
		}
	case pcommon.ValueTypeSlice:
		for _, e := range v.Slice().All() {
			if !shallow(e, depth+1) {
				return false
			}
		}
	default:
	}
	return true
}
