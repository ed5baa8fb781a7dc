package columns

import (
	"encoding/binary"
	"errors"
	"math"
	"strings"
)

// shape is how the values of a type lie in a Native block. It covers the types that this exporter writes or ever wrote.
type shape struct {
	form  form
	width int      // of a fixed value
	of    []*shape // what a Nullable, an Array or a Map holds: of a fixed or text form
}

type form uint8

const (
	fixedForm    form = iota // values of one width
	textForm                 // length and bytes
	nullableForm             // a map of NULLs, then all values
	listForm                 // the ends of lists, then all elements; a Map has keys, then values
)

var fixedWidths = map[string]int{
	"UInt8": 1, "UInt16": 2, "UInt32": 4, "UInt64": 8, "Int8": 1, "Int16": 2, "Int32": 4, "Int64": 8,
	"Float32": 4, "Float64": 8, "Bool": 1, "Date": 2, "Date32": 4, "DateTime": 4, "DateTime64": 8,
}

// parseType reads the name of a type. What Nullable, Array and Map hold is simple.
func parseType(name string) (*shape, error) {
	base, arguments, parameterised := strings.Cut(name, "(")
	if !parameterised || base == "DateTime" || base == "DateTime64" {
		return parseSimple(name)
	}
	s := &shape{form: listForm}
	if !strings.HasSuffix(arguments, ")") {
		return nil, errType
	}
	inner := []string{strings.TrimSuffix(arguments, ")")}
	switch base {
	case "Nullable":
		s.form = nullableForm
	case "Array":
	case "Map":
		if inner = strings.Split(inner[0], ", "); len(inner) != 2 {
			return nil, errType
		}
	default:
		return nil, errType
	}
	for _, name := range inner {
		of, err := parseSimple(name)
		if err != nil {
			return nil, err
		}
		s.of = append(s.of, of)
	}
	return s, nil
}

func parseSimple(name string) (*shape, error) {
	if name == "String" {
		return &shape{form: textForm}, nil
	}
	base, _, _ := strings.Cut(name, "(") // the parameters of times say nothing about their width
	width, ok := fixedWidths[base]
	if !ok {
		return nil, errType
	}
	return &shape{form: fixedForm, width: width}, nil
}

var (
	errType   = errors.New("block: a column has a type that this collector does not know")
	errValues = errors.New("block: the values of a column end too early")
)

// span gives how many bytes of data so many values take, an error where data ends before.
func (s *shape) span(data []byte, rows int) (int, error) {
	switch s.form {
	case fixedForm:
		if rows > len(data)/s.width {
			return 0, errValues
		}
		return rows * s.width, nil
	case textForm:
		at := 0
		for range rows {
			n, length := binary.Uvarint(data[at:])
			if length <= 0 || n > uint64(len(data)-at-length) {
				return 0, errValues
			}
			at += length + int(n)
		}
		return at, nil
	}
	elements, at := rows, rows // of a nullable
	if s.form == listForm {
		if rows > len(data)/8 {
			return 0, errValues
		}
		var err error
		if elements, err = countElements(data[:rows*8]); err != nil {
			return 0, err
		}
		at = rows * 8
	}
	if at > len(data) {
		return 0, errValues
	}
	for _, of := range s.of {
		n, err := of.span(data[at:], elements)
		if err != nil {
			return 0, err
		}
		at += n
	}
	return at, nil
}

// countElements checks that the ends of lists ascend and gives the last one.
func countElements(ends []byte) (int, error) {
	last := uint64(0)
	for ; len(ends) > 0; ends = ends[8:] {
		end := binary.LittleEndian.Uint64(ends)
		if end < last || end > math.MaxInt32 {
			return 0, errors.New("block: the ends of lists are out of order")
		}
		last = end
	}
	return int(last), nil
}

// pick appends the values of some rows, whose indexes ascend. The data has been checked by span.
func (s *shape) pick(dst, data []byte, rows int, keep []int) []byte {
	switch s.form {
	case fixedForm:
		for _, i := range keep {
			dst = append(dst, data[i*s.width:(i+1)*s.width]...)
		}
		return dst
	case textForm:
		for row := 0; row < rows && len(keep) > 0; row++ {
			n, length := binary.Uvarint(data)
			size := length + int(n)
			if row == keep[0] {
				dst, keep = append(dst, data[:size]...), keep[1:]
			}
			data = data[size:]
		}
		return dst
	}
	elements, kept, head := rows, keep, rows
	if s.form == nullableForm {
		for _, i := range keep {
			dst = append(dst, data[i])
		}
	} else {
		head = rows * 8
		dst, kept, elements = pickEnds(dst, data[:head], keep)
	}
	data = data[head:]
	for _, of := range s.of {
		n, err := of.span(data, elements)
		if err != nil {
			return dst // not after span
		}
		dst = of.pick(dst, data[:n], elements, kept)
		data = data[n:]
	}
	return dst
}

// pickEnds appends the ends of some lists, and gives the elements that these have and how many elements there are.
func pickEnds(dst, ends []byte, keep []int) (out []byte, kept []int, elements int) {
	at := func(i int) int {
		if i < 0 {
			return 0
		}
		return int(binary.LittleEndian.Uint64(ends[i*8:]))
	}
	for _, i := range keep {
		for e := at(i - 1); e < at(i); e++ {
			kept = append(kept, e)
		}
		dst = binary.LittleEndian.AppendUint64(dst, uint64(len(kept)))
	}
	return dst, kept, at(len(ends)/8 - 1)
}
