package columns

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
)

// Rows is a sealed block that was opened again: to be sent in another form, or to take some of its rows.
type Rows struct {
	table       Table
	count       int
	columns     []opened
	compression string
}

// opened is a column of an opened block.
type opened struct {
	Column
	shape *shape
	data  []byte
	index []int // where each text begins, made when the first one is asked for
}

// EncodedColumn is one column of a block.
type EncodedColumn struct {
	Column
	Data []byte // its values, a part of the block's bytes
}

// Open reads a block back by the names and types that it was written with, which may be those of another release. What does
// not fit together is an error, however it came about; errors quote no value. The rows share no memory with data.
func Open(header Header, data []byte) (*Rows, error) {
	r, err := read(header.Table, data)
	if err == nil && r.count != header.Rows {
		return nil, fmt.Errorf("block: it holds %d rows, its header says %d", r.count, header.Rows)
	}
	return r, err
}

// Describe gives the header of a block whose header is not at hand.
func Describe(table Table, data []byte) (Header, error) {
	r, err := read(table, data)
	if err != nil {
		return Header{}, err
	}
	h := Header{Table: table, Rows: r.count, Columns: HashOf(r.List())}
	_, h.RawBytes, _ = inspect(data)
	r.describe(&h, nil)
	sum := sha256.Sum256(data)
	copy(h.Hash[:], sum[:])
	return h, nil
}

func read(table Table, data []byte) (*Rows, error) {
	if !table.known() {
		return nil, errors.New("block: its table is not known")
	}
	native, compression, err := unframe(nil, data)
	if err != nil {
		return nil, err
	}
	r := &Rows{table: table, compression: compression}
	var width int
	var ok bool
	if width, native, ok = readCount(native); !ok {
		return nil, errValues
	}
	if r.count, native, ok = readCount(native); !ok {
		return nil, errValues
	}
	for range width {
		var c opened
		if c, native, err = readColumn(native, r.count); err != nil {
			return nil, err
		}
		r.columns = append(r.columns, c)
	}
	if len(native) > 0 {
		return nil, errors.New("block: bytes are left after its last column")
	}
	return r, nil
}

func readColumn(native []byte, rows int) (c opened, rest []byte, err error) {
	var ok bool
	if c.Name, native, ok = readText(native); !ok {
		return c, nil, errValues
	}
	if c.Type, native, ok = readText(native); !ok {
		return c, nil, errValues
	}
	if c.shape, err = parseType(c.Type); err != nil {
		return c, nil, err
	}
	size, err := c.shape.span(native, rows)
	if err != nil {
		return c, nil, err
	}
	c.data = native[:size]
	return c, native[size:], nil
}

// readCount reads how many columns or rows there are. Each takes at least a byte.
func readCount(b []byte) (n int, rest []byte, ok bool) {
	v, length := binary.Uvarint(b)
	if length <= 0 || v > uint64(len(b)) {
		return 0, nil, false
	}
	return int(v), b[length:], true
}

func readText(b []byte) (s string, rest []byte, ok bool) {
	n, rest, ok := readCount(b)
	if !ok || n > len(rest) {
		return "", nil, false
	}
	return string(rest[:n]), rest[n:], true
}

// Len is how many rows there are.
func (r *Rows) Len() int { return r.count }

// Columns gives the columns in order, as the native protocol sends them.
func (r *Rows) Columns() []EncodedColumn {
	out := make([]EncodedColumn, len(r.columns))
	for i, c := range r.columns {
		out[i] = EncodedColumn{c.Column, c.data}
	}
	return out
}

// List gives names and types of the columns.
func (r *Rows) List() []Column {
	out := make([]Column, len(r.columns))
	for i, c := range r.columns {
		out[i] = c.Column
	}
	return out
}

func (r *Rows) column(name string) *opened {
	for i := range r.columns {
		if r.columns[i].Name == name {
			return &r.columns[i]
		}
	}
	return nil
}

// Text gives a value of a column of type String, empty where there is no such column.
func (r *Rows) Text(column string, row int) string {
	c := r.column(column)
	if c == nil || c.shape.form != textForm || row < 0 || row >= r.count {
		return ""
	}
	if c.index == nil {
		c.index = make([]int, r.count)
		at := 0
		for i := range c.index {
			c.index[i] = at
			n, length := binary.Uvarint(c.data[at:])
			at += length + int(n)
		}
	}
	text, _, _ := readText(c.data[c.index[row]:])
	return text
}

// Int gives a value of a column of numbers or times as it is kept: a DateTime64(9) in Unix nanoseconds. It is 0 where there is
// no such column.
func (r *Rows) Int(column string, row int) int64 {
	c := r.column(column)
	if c == nil || c.shape.form != fixedForm || row < 0 || row >= r.count {
		return 0
	}
	var b [8]byte
	copy(b[:], c.data[row*c.shape.width:(row+1)*c.shape.width])
	return int64(binary.LittleEndian.Uint64(b[:]))
}

// Partition tells rows apart that may lie in different partitions, as Header.Partitions does.
func (r *Rows) Partition(row int) uint64 {
	if r.table != TableEvents {
		return 0
	}
	return partitionOf(r.Int("retention_days", row), r.Int("received_at", row), r.Int("timestamp", row)).hash()
}

// Slice seals the rows from the first index up to the second.
func (r *Rows) Slice(from, to int) Sealed {
	indexes := make([]int, 0, to-from)
	for i := from; i < to; i++ {
		indexes = append(indexes, i)
	}
	return r.Pick(indexes)
}

// Pick seals the rows with the given indexes, which ascend and of which there is at least one, as a block of the same columns.
// It has its number already: that of the block which the rows are from.
func (r *Rows) Pick(indexes []int) Sealed {
	m := memories.Get().(*memory)
	s := Sealed{compression: r.compression, memory: m}
	s.Table, s.Rows, s.Columns = r.table, len(indexes), HashOf(r.List())
	s.Data, s.RawBytes = frame(r.compression, m.data[:0], func(f *framer) {
		scratch := binary.AppendUvarint(nil, uint64(len(r.columns)))
		f.write(binary.AppendUvarint(scratch, uint64(len(indexes))))
		for _, c := range r.columns {
			scratch = appendText(scratch[:0], c.Name)
			scratch = appendText(scratch, c.Type)
			f.write(c.shape.pick(scratch, c.data, r.count, indexes))
		}
	})
	r.describe(&s.Header, indexes)
	s.fix()
	return s
}

// describe fills in what a header says of the rows, nil for all of them.
func (r *Rows) describe(h *Header, indexes []int) {
	var a assembly
	b := Builder{maxPartitions: r.count}
	add := func(i int) {
		received := r.Int("received_at", i)
		a.identify(r.Text("record_id", i), received)
		a.rows++
		if r.table == TableEvents {
			b.admit(b.clock.partition(r.Int("retention_days", i), received, r.Int("timestamp", i)))
		}
	}
	for _, i := range indexes {
		add(i)
	}
	if indexes == nil {
		for i := range r.count {
			add(i)
		}
	}
	h.First, h.Last, h.Digest, h.Partitions = a.header.First, a.header.Last, a.header.Digest, b.partitions
}
