package columns

import (
	"encoding/binary"

	"github.com/cespare/xxhash/v2"
)

// assembly is a block that is being filled. It keeps its memory when it is sealed, so it can be filled again without
// allocating.
type assembly struct {
	layout      *layout
	table       Table
	compression string

	vectors    []vector
	rows       int
	size       int // bytes of the values beyond the absent ones
	header     Header
	partitions []uint64
	scratch    []byte
}

func newAssembly(table Table, compression string) assembly {
	a := assembly{layout: &tables[table], table: table, compression: compression}
	a.vectors = make([]vector, len(a.layout.gathered))
	for i, d := range a.layout.gathered {
		a.vectors[i].kind = d.kind
	}
	return a
}

// Rows is how many rows were added since the last seal.
func (a *assembly) Rows() int { return a.rows }

// Size is about how many bytes these rows take before compression.
func (a *assembly) Size() int { return a.size + a.rows*a.layout.absent }

// identify counts a row's identity and time for the header.
func (a *assembly) identify(recordID string, received int64) {
	h := &a.header
	if a.rows == 0 {
		h.First, h.Last = received, received
	}
	h.First, h.Last = min(h.First, received), max(h.Last, received)
	h.Digest += xxhash.Sum64String(recordID)
}

// Seal compresses the rows, of which there must be at least one, into a block that has yet to get its number. What Seal is called on
// is empty again.
func (a *assembly) Seal() Sealed {
	m := memories.Get().(*memory)
	data, raw := frame(a.compression, m.data[:0], a.write)
	s := Sealed{Header: a.header, Data: data, compression: a.compression, memory: m}
	s.Table, s.Rows, s.RawBytes, s.Columns = a.table, a.rows, raw, a.layout.hash
	if len(a.partitions) > 0 {
		m.partitions = append(m.partitions[:0], a.partitions...)
		s.Partitions = m.partitions
	}
	a.reset()
	return s
}

func (a *assembly) reset() {
	a.rows, a.size, a.header, a.partitions = 0, 0, Header{}, a.partitions[:0]
	for i := range a.vectors {
		a.vectors[i].reset()
	}
}

// write writes the columns that the rows fill in the form that has no protocol revision: how many columns and rows there
// are, then each column's name, type and values.
func (a *assembly) write(f *framer) {
	a.scratch = binary.AppendUvarint(a.scratch[:0], uint64(len(a.layout.columns)))
	a.scratch = binary.AppendUvarint(a.scratch, uint64(a.rows))
	f.write(a.scratch)
	for i := range a.vectors {
		v := &a.vectors[i]
		v.fill(a.rows)
		a.scratch = appendText(a.scratch[:0], a.layout.columns[i].Name)
		a.scratch = appendText(a.scratch, a.layout.columns[i].Type)
		f.write(a.scratch)
		f.write(v.heads.Bytes)
		f.write(v.data.Bytes)
		f.write(v.values.Bytes)
	}
}

// put adds a row of one cell a column.
func (a *assembly) put(cells []cell) {
	for i := range a.vectors {
		a.size += a.vectors[i].put(&cells[i], a.rows)
	}
	a.rows++
}
