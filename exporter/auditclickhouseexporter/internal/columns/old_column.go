package columns

import (
	"encoding/hex"
	"time"

	"github.com/ClickHouse/ch-go/proto"
	"go.opentelemetry.io/collector/pdata/pcommon"
)

// column is a column of a block that is being filled: ch-go's column, and how a cell gets into it.
type column interface {
	proto.ColInput
	Reset()
	put(c *cell)
}

// column makes an empty column of the kind. LowCardinality columns of the table are sent as plain ones: measured, the
// conversion costs the server less than building dictionaries costs the client.
func (k kind) column() column {
	switch k {
	case text:
		return &textColumn{}
	case texts:
		data := &proto.ColStr{}
		return &textsColumn{ColArr: proto.NewArray(data), data: data}
	case integer:
		return &integerColumn{nullable[int64]{*proto.NewColNullable(&proto.ColInt64{})}}
	case number:
		return &numberColumn{nullable[float64]{*proto.NewColNullable(&proto.ColFloat64{})}}
	case boolean:
		return &booleanColumn{nullable[bool]{*proto.NewColNullable(&proto.ColBool{})}}
	case object:
		return &objectColumn{}
	case hexadecimal:
		return &hexColumn{}
	case instant:
		c := &instantColumn{}
		c.WithPrecision(proto.PrecisionNano).WithLocation(time.UTC)
		return c
	case days:
		return &daysColumn{}
	case share:
		return &shareColumn{}
	default:
		keys, values := &proto.ColStr{}, &proto.ColStr{}
		return &attributesColumn{ColMap: proto.NewMap(keys, values), keys: keys, values: values}
	}
}

type textColumn struct{ proto.ColStr }

func (c *textColumn) put(v *cell) { c.Append(v.text) }

type textsColumn struct {
	*proto.ColArr[string]
	data *proto.ColStr
}

func (c *textsColumn) put(v *cell) {
	if v.set {
		s := v.value.Slice()
		for i := range s.Len() {
			c.data.Append(s.At(i).Str())
		}
	}
	c.Offsets.Append(uint64(c.data.Rows()))
}

type nullable[T any] struct{ proto.ColNullable[T] }

func (c *nullable[T]) append(set bool, v T) { c.Append(proto.Nullable[T]{Set: set, Value: v}) }

type integerColumn struct{ nullable[int64] }

func (c *integerColumn) put(v *cell) { c.append(v.set, v.num) }

type numberColumn struct{ nullable[float64] }

func (c *numberColumn) put(v *cell) { c.append(v.set, v.float()) }

type booleanColumn struct{ nullable[bool] }

func (c *booleanColumn) put(v *cell) { c.append(v.set, v.num != 0) }

type objectColumn struct {
	proto.ColStr
	buf []byte
}

func (c *objectColumn) put(v *cell) {
	c.buf = c.buf[:0]
	if v.set {
		c.buf = appendJSON(c.buf, v.value)
	}
	c.AppendBytes(c.buf)
}

// hexColumn takes bytes rather than a cell, so that no string has to be made of them.
type hexColumn struct {
	proto.ColStr
	pending []byte
}

// add takes the bytes of the row that is being put together.
func (c *hexColumn) add(b []byte) { c.pending = hex.AppendEncode(c.pending[:0], b) }

func (c *hexColumn) put(*cell) {
	c.AppendBytes(c.pending)
	c.pending = c.pending[:0]
}

type instantColumn struct{ proto.ColDateTime64 }

func (c *instantColumn) put(v *cell) { c.AppendRaw(proto.DateTime64(v.num)) }

type daysColumn struct{ proto.ColUInt16 }

func (c *daysColumn) put(v *cell) { c.Append(uint16(v.num)) }

type shareColumn struct{ proto.ColFloat64 }

func (c *shareColumn) put(v *cell) {
	if !v.set {
		c.Append(1)
		return
	}
	c.Append(v.float())
}

// attributesColumn gathers what no other column holds. Its values come one by one, so it has no cell of its own.
type attributesColumn struct {
	*proto.ColMap[string, string]
	keys, values *proto.ColStr
	pending      []attribute
	buf          []byte
}

type attribute struct {
	name  string
	value pcommon.Value
}

// add takes an attribute for the row that is being put together.
func (c *attributesColumn) add(name string, v pcommon.Value) {
	c.pending = append(c.pending, attribute{name, v})
}

// forget drops what add took since the last put.
func (c *attributesColumn) forget() { c.pending = c.pending[:0] }

// put writes text as it is and any other value as JSON.
func (c *attributesColumn) put(*cell) {
	for _, a := range c.pending {
		c.keys.Append(a.name)
		if a.value.Type() == pcommon.ValueTypeStr {
			c.values.Append(a.value.Str())
			continue
		}
		c.buf = appendJSON(c.buf[:0], a.value)
		c.values.AppendBytes(c.buf)
	}
	c.forget()
	c.Offsets.Append(uint64(c.keys.Rows()))
}
