package columns

import (
	"encoding/binary"
	"encoding/hex"
	"math"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// vector holds the values of one column as they will stand in the block. Values that are absent are not written one by
// one: they are filled in when the next value comes, or at the end, so that a row costs what it holds and not what the
// table could hold.
type vector struct {
	kind   kind
	rows   int
	heads  buffer // a Nullable's map of NULLs, the ends of lists and maps
	data   buffer // values, elements of lists, keys of maps
	values buffer // values of maps
	end    uint64 // how many elements all lists or maps have so far
	buf    []byte // one JSON text
}

// typeName is ClickHouse's name of the type. LowCardinality columns of the table are sent as plain ones: measured, the
// conversion costs the server less than building dictionaries costs the client.
func (k kind) typeName() string {
	switch k {
	case texts:
		return "Array(String)"
	case integer:
		return "Nullable(Int64)"
	case number:
		return "Nullable(Float64)"
	case boolean:
		return "Nullable(Bool)"
	case instant:
		return "DateTime64(9, 'UTC')"
	case second:
		return "DateTime('UTC')"
	case days:
		return "UInt16"
	case unsigned, digest:
		return "UInt64"
	case share:
		return "Float64"
	case attributeMap:
		return "Map(String, String)"
	default:
		return "String"
	}
}

// widths gives how many bytes an absent value takes in heads and in data.
func (k kind) widths() (head, data int) {
	switch k {
	case texts, attributeMap:
		return 8, 0
	case integer, number:
		return 1, 8
	case boolean:
		return 1, 1
	case instant, share, unsigned, digest:
		return 0, 8
	case second:
		return 0, 4
	case days:
		return 0, 2
	default:
		return 0, 1 // the length of an empty string
	}
}

func (v *vector) reset() {
	v.rows, v.end = 0, 0
	v.heads.reset()
	v.data.reset()
	v.values.reset()
}

// fill writes absent values up to a row.
func (v *vector) fill(rows int) {
	n := rows - v.rows
	if n <= 0 {
		return
	}
	v.rows = rows
	head, data := v.kind.widths()
	heads, values := v.heads.zeros(n*head), v.data.zeros(n*data)
	switch v.kind {
	case integer, number, boolean:
		for i := range heads {
			heads[i] = 1 // NULL
		}
	case texts, attributeMap:
		for i := 0; i < len(heads); i += 8 {
			binary.LittleEndian.PutUint64(heads[i:], v.end)
		}
	case share:
		for i := 0; i < len(values); i += 8 {
			binary.LittleEndian.PutUint64(values[i:], math.Float64bits(1))
		}
	default:
	}
}

// put writes the value of a row and gives how many bytes it takes beyond an absent one.
func (v *vector) put(c *cell, row int) int {
	v.fill(row)
	v.rows++
	before := v.data.len()
	switch v.kind {
	case text:
		v.data.text(c.text)
		return v.data.len() - before - 1
	case texts:
		for _, element := range c.value.Slice().All() {
			v.data.text(element.Str())
			v.end++
		}
		v.heads.uint64(v.end)
		return v.data.len() - before
	case object:
		if c.text != "" {
			v.data.text(c.text)
		} else {
			v.buf = appendJSON(v.buf[:0], c.value)
			v.data.bytes(v.buf)
		}
		return v.data.len() - before - 1
	case integer, number:
		v.heads.byte(0)
		v.data.uint64(uint64(c.num))
	case boolean:
		v.heads.byte(0)
		v.data.byte(byte(c.num))
	case second:
		v.data.uint32(uint32(c.num))
	case days:
		v.data.uint16(uint16(c.num))
	default: // instant, share, unsigned, digest
		v.data.uint64(uint64(c.num))
	}
	return 0
}

// putText writes a text.
func (v *vector) putText(s string, row int) {
	if v.rows != row {
		v.fill(row)
	}
	v.rows++
	v.data.text(s)
}

// putHex writes bytes in hex.
func (v *vector) putHex(b []byte, row int) int {
	v.fill(row)
	v.rows++
	v.data.hex(b)
	return hex.EncodedLen(len(b))
}

// putMap writes the entries of a map: text as it is and any other value as JSON.
func (v *vector) putMap(entries []entry, row int) int {
	v.fill(row)
	v.rows++
	before := v.data.len() + v.values.len()
	for _, e := range entries {
		v.data.text(e.name)
		if e.value.Type() == pcommon.ValueTypeStr {
			v.values.text(e.value.Str())
			continue
		}
		v.buf = appendJSON(v.buf[:0], e.value)
		v.values.bytes(v.buf)
	}
	v.end += uint64(len(entries))
	v.heads.uint64(v.end)
	return v.data.len() + v.values.len() - before
}
