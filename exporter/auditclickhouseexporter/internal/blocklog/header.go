package blocklog

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
)

// Version of the format that is written and the newest that is read.
const version = 1

const (
	magic      = "OTAUDLOG"
	copySize   = 512          // one sector
	headerSize = 2 * copySize // the header is there twice: one damaged sector loses nothing
)

// What a file holds.
const (
	holdsBlocks = 1
	holdsWindow = 2
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func checksum(b []byte) uint32 { return crc32.Checksum(b, castagnoli) }

// identity is the same in every file of a log.
type identity struct {
	name uint64
	// marker begins each frame. It is random and never shown, so that nobody can have bytes stored that look like a
	// frame to a reader that looks for the next one behind damage.
	marker [8]byte
}

// fileHeader begins each segment and each window file.
type fileHeader struct {
	identity
	holds    uint8
	sequence uint64
	base     uint64 // number of the next block when the file was made
	nextPlan uint64
	created  int64 // Unix ns
	// The segment before this one, and how many of its bytes count: what lies behind belongs to a commit that failed.
	previous       uint64
	previousLength int64
}

func (h *fileHeader) encode() []byte {
	b := make([]byte, 0, copySize)
	b = append(b, magic...)
	b = binary.LittleEndian.AppendUint16(b, version)
	b = append(b, h.holds, 0, 0, 0, 0, 0)
	b = binary.LittleEndian.AppendUint64(b, h.name)
	b = append(b, h.marker[:]...)
	b = binary.LittleEndian.AppendUint64(b, h.sequence)
	b = binary.LittleEndian.AppendUint64(b, h.base)
	b = binary.LittleEndian.AppendUint64(b, h.nextPlan)
	b = binary.LittleEndian.AppendUint64(b, uint64(h.created))
	b = binary.LittleEndian.AppendUint64(b, h.previous)
	b = binary.LittleEndian.AppendUint64(b, uint64(h.previousLength))
	b = binary.LittleEndian.AppendUint32(b, checksum(b))
	b = append(b, make([]byte, copySize-len(b))...)
	return append(b, b...)
}

const checkedHeader = 80 // bytes before the checksum

// decodeHeader reads a header: good says of how many copies. newer is the version where both agree on one that is not known.
func decodeHeader(b []byte) (h fileHeader, newer, good int) {
	var versions []int
	for at := 0; at+copySize <= len(b) && at < headerSize; at += copySize {
		c := b[at : at+copySize]
		if !bytes.HasPrefix(c, []byte(magic)) {
			continue
		}
		v := int(binary.LittleEndian.Uint16(c[8:]))
		if v == version && checksum(c[:checkedHeader]) == binary.LittleEndian.Uint32(c[checkedHeader:]) {
			h = decodeCopy(c)
			good++
			continue
		}
		versions = append(versions, v)
	}
	if len(versions) == 2 && versions[0] == versions[1] && versions[0] > version {
		return h, versions[0], good
	}
	return h, 0, good
}

func decodeCopy(c []byte) fileHeader {
	u64 := func(at int) uint64 { return binary.LittleEndian.Uint64(c[at:]) }
	h := fileHeader{
		holds: c[10], sequence: u64(32), base: u64(40), nextPlan: u64(48), created: int64(u64(56)),
		previous: u64(64), previousLength: int64(u64(72)),
	}
	h.name = u64(16)
	copy(h.marker[:], c[24:32])
	return h
}
