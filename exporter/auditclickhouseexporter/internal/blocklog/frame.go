package blocklog

import (
	"bytes"
	"encoding/binary"
	"math"
)

// A frame is a header and then, one behind the other, control, table, records, notes and data. Each of the first four has a
// checksum in the header, each block of the data has one in the table: damage costs what it hits and no more.
const frameSize = 80

// Kinds of frame.
const (
	frameCommit = 1 // in segments
	frameWindow = 2 // in window files: the records of a commit, nothing else
	frameHole   = 3 // stands where a loss of power left bytes that never were durable
)

type section struct{ size, sum uint32 }

func sectionOf(b []byte) section { return section{size: uint32(len(b)), sum: checksum(b)} }

func (s section) holds(b []byte) bool { return uint32(len(b)) == s.size && checksum(b) == s.sum }

type frame struct {
	kind                           uint8
	blocks                         uint32
	first                          uint64 // number of the first block, or of the next one where there is none
	time                           int64  // Unix ns
	control, table, records, notes section
	data                           uint64
	// unsynced is how many bytes before this frame were not known to be durable when it was written. Bytes further ahead
	// than that were durable: where they do not check out, the disk has damaged them.
	unsynced uint32
}

// meta is the length of everything before the data.
func (h *frame) meta() int64 {
	return frameSize + int64(h.control.size) + int64(h.table.size) + int64(h.records.size) + int64(h.notes.size)
}

func (h *frame) length() int64 { return h.meta() + int64(h.data) }

// Where the sections lie, from the frame's beginning.
func (h *frame) tableAt() int64   { return frameSize + int64(h.control.size) }
func (h *frame) recordsAt() int64 { return h.tableAt() + int64(h.table.size) }
func (h *frame) notesAt() int64   { return h.recordsAt() + int64(h.records.size) }

// writeTo writes the header to the first frameSize bytes of b.
func (h *frame) writeTo(b []byte, marker [8]byte) {
	b = append(b[:0], marker[:]...)
	b = append(b, h.kind, 0, 0, 0)
	b = binary.LittleEndian.AppendUint32(b, h.blocks)
	b = binary.LittleEndian.AppendUint64(b, h.first)
	b = binary.LittleEndian.AppendUint64(b, uint64(h.time))
	for _, s := range [...]section{h.control, h.table, h.records, h.notes} {
		b = binary.LittleEndian.AppendUint32(b, s.size)
		b = binary.LittleEndian.AppendUint32(b, s.sum)
	}
	b = binary.LittleEndian.AppendUint64(b, h.data)
	b = binary.LittleEndian.AppendUint32(b, h.unsynced)
	binary.LittleEndian.AppendUint32(b, checksum(b))
}

// readFrame reads a header: false where the bytes are none.
func readFrame(b []byte, marker [8]byte) (frame, bool) {
	if len(b) < frameSize || !bytes.HasPrefix(b, marker[:]) {
		return frame{}, false
	}
	if checksum(b[:frameSize-4]) != binary.LittleEndian.Uint32(b[frameSize-4:]) {
		return frame{}, false
	}
	s := func(at int) section {
		return section{binary.LittleEndian.Uint32(b[at:]), binary.LittleEndian.Uint32(b[at+4:])}
	}
	h := frame{
		kind: b[8], blocks: binary.LittleEndian.Uint32(b[12:]), first: binary.LittleEndian.Uint64(b[16:]),
		time: int64(binary.LittleEndian.Uint64(b[24:])), control: s(32), table: s(40), records: s(48), notes: s(56),
		data: binary.LittleEndian.Uint64(b[64:]), unsynced: binary.LittleEndian.Uint32(b[72:]),
	}
	known := h.kind == frameCommit && int64(h.blocks)*minTableEntry <= int64(h.table.size) ||
		h.kind == frameWindow || h.kind == frameHole
	return h, known && h.data < math.MaxInt64/2 && h.records.size%recordSize == 0
}
