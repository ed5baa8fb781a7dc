package columns

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"sync"
)

// Sealed is a block that is ready to be kept and sent: rows of one table as one Native block (FORMAT Native, no protocol
// revision), in frames of ClickHouse's compressed format. The Data of blocks with the same Header.Columns, one after the other, is
// the body of an INSERT … FORMAT Native over HTTP with decompress=1.
type Sealed struct {
	Header
	Data []byte

	compression string
	memory      *memory
}

// memory is what a sealed block borrows and gives back.
type memory struct {
	data       []byte
	partitions []uint64
	hash       hash.Hash
	sum        [sha256.Size]byte
	column     []byte
}

var memories = sync.Pool{New: func() any { return &memory{hash: sha256.New()} }}

// Number gives the block its number. It must be called once, before the block is kept: it appends the column block_id as a
// frame of its own to the tables that have it, and fixes the hash.
func (s *Sealed) Number(id uint64) {
	m := s.memory
	if l := tables[s.Table]; l.numbered {
		var raw int
		s.Data, raw = frame(s.compression, s.Data, func(f *framer) {
			m.column = appendText(m.column[:0], blockID.name)
			m.column = appendText(m.column, blockID.kind.typeName())
			for range s.Rows {
				m.column = binary.LittleEndian.AppendUint64(m.column, id)
			}
			f.write(m.column)
		})
		s.RawBytes += raw
	}
	s.fix()
}

// fix takes the hash of the data.
func (s *Sealed) fix() {
	m := s.memory
	m.hash.Reset()
	m.hash.Write(s.Data)
	copy(s.Hash[:], m.hash.Sum(m.sum[:0]))
	m.data = s.Data
}

// Release gives the block's memory back. Neither Data nor Partitions may be used afterwards.
func (s *Sealed) Release() {
	if m := s.memory; m != nil {
		m.data = s.Data[:0]
		memories.Put(m)
	}
	*s = Sealed{}
}
