package blocklog

import (
	"encoding/binary"
	"math"
)

// minTableEntry is the least that a block takes in the table: its table, two lengths, a checksum.
const minTableEntry = 7

// recordSize is what a replay record takes: id, content, and which block of the frame.
const recordSize = 28

// entry is a block as the table of its frame describes it.
type entry struct {
	table     uint8
	lost      bool // its frame or its table cannot be read
	sum       uint32
	size      int
	offset    int64 // of the data, in the file
	committed int64 // Unix ns
	header    []byte
}

func appendTable(to []byte, blocks []Block) []byte {
	for i := range blocks {
		b := &blocks[i]
		to = append(to, b.Table)
		to = binary.AppendUvarint(to, uint64(len(b.Header)))
		to = binary.AppendUvarint(to, uint64(len(b.Data)))
		to = binary.LittleEndian.AppendUint32(to, checksum(b.Data))
		to = append(to, b.Header...)
	}
	return to
}

// readTable gives the blocks of a frame whose data begins at offset. The headers are parts of b. False where b is no table
// of that frame.
func readTable(to []entry, b []byte, h *frame, offset int64) ([]entry, bool) {
	end := offset + int64(h.data)
	for range h.blocks {
		if len(b) < minTableEntry {
			return to, false
		}
		e := entry{table: b[0], committed: h.time, offset: offset}
		header, n := binary.Uvarint(b[1:])
		if n <= 0 {
			return to, false
		}
		b = b[1+n:]
		size, n := binary.Uvarint(b)
		if n <= 0 || size > math.MaxInt32 || int64(size) > end-offset {
			return to, false
		}
		b = b[n:]
		if len(b) < 4 || header > uint64(len(b)-4) {
			return to, false
		}
		e.sum, e.size = binary.LittleEndian.Uint32(b), int(size)
		e.header = b[4 : 4+header : 4+header]
		b = b[4+header:]
		offset += int64(size)
		to = append(to, e)
	}
	return to, len(b) == 0 && offset == end
}

func appendRecords(to []byte, records []Record) []byte {
	for i := range records {
		r := &records[i]
		to = append(to, r.ID[:]...)
		to = binary.LittleEndian.AppendUint64(to, r.Content)
		to = binary.LittleEndian.AppendUint32(to, uint32(r.Block))
	}
	return to
}

// readRecord reads the record at the beginning of b; first is the number of its frame's first block.
func readRecord(b []byte, first uint64) Record {
	r := Record{Content: binary.LittleEndian.Uint64(b[16:]), Block: first + uint64(binary.LittleEndian.Uint32(b[24:]))}
	copy(r.ID[:], b)
	return r
}
