package columns

import (
	"encoding/binary"
	"math"
	"strconv"
	"strings"
)

// JSON gives a row as an object of those columns that hold something: what stands in `quarantine` for a row that only the
// database refused, so that it can be looked at and put in again. Times are nanoseconds since 1970.
func (r *Rows) JSON(row int) []byte {
	dst := []byte{'{'}
	for _, c := range r.columns {
		data := c.shape.pick(nil, c.data, r.count, []int{row})
		before := len(dst)
		if len(dst) > 1 {
			dst = append(dst, ',')
		}
		dst = append(appendQuoted(dst, c.Name), ':')
		var holds bool
		if dst, _, holds = c.shape.json(dst, data, c.Type); !holds {
			dst = dst[:before]
		}
	}
	return append(dst, '}')
}

// json appends the first value of data and gives what follows it. It reports whether the value is one that says something:
// no NULL, no empty text, no empty list.
func (s *shape) json(dst, data []byte, typeName string) (out, rest []byte, holds bool) {
	switch s.form {
	case fixedForm:
		return appendNumber(dst, data[:s.width], typeName), data[s.width:], true
	case textForm:
		text, rest, _ := readText(data)
		return appendQuoted(dst, text), rest, text != ""
	case nullableForm:
		if data[0] != 0 {
			return append(dst, "null"...), data[1:], false
		}
		return s.of[0].json(dst, data[1:], strings.TrimPrefix(typeName, "Nullable("))
	default:
		return s.jsonList(dst, data)
	}
}

// jsonList appends the list or map of a column of one row.
func (s *shape) jsonList(dst, data []byte) (out, rest []byte, holds bool) {
	n := int(binary.LittleEndian.Uint64(data))
	data = data[8:]
	if len(s.of) == 1 {
		dst = append(dst, '[')
		for i := range n {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst, data, _ = s.of[0].json(dst, data, "")
		}
		return append(dst, ']'), data, n > 0
	}
	keys, err := s.of[0].span(data, n)
	if err != nil {
		return dst, nil, false // not after Open
	}
	values := data[keys:]
	dst = append(dst, '{')
	for i := range n {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst, data, _ = s.of[0].json(dst, data, "")
		dst, values, _ = s.of[1].json(append(dst, ':'), values, "")
	}
	return append(dst, '}'), values, n > 0
}

func appendNumber(dst, value []byte, typeName string) []byte {
	var b [8]byte
	copy(b[:], value)
	bits := binary.LittleEndian.Uint64(b[:])
	switch {
	case strings.HasPrefix(typeName, "Float64"):
		return appendDouble(dst, math.Float64frombits(bits))
	case strings.HasPrefix(typeName, "Bool"):
		return strconv.AppendBool(dst, bits != 0)
	case strings.HasPrefix(typeName, "Int64"), strings.HasPrefix(typeName, "DateTime64"):
		return strconv.AppendInt(dst, int64(bits), 10)
	default:
		return strconv.AppendUint(dst, bits, 10)
	}
}
