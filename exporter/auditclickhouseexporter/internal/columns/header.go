package columns

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Header is what is known of a sealed block without opening it.
type Header struct {
	Table      Table
	Rows       int
	RawBytes   int      // of the Native block before compression
	Columns    uint64   // [HashOf] its columns: blocks with different lists never share an insert
	Partitions []uint64 // the partitions that the rows touch, see partition.go; none where the table has no partitions
	First      int64    // least received_at, Unix nanoseconds
	Last       int64    // greatest received_at
	Digest     uint64   // sum of the rows' xxHash64(record_id), as ClickHouse's sum(xxHash64(record_id))
	Hash       [16]byte // first half of the SHA-256 of the data
}

// headerVersion is the first byte of an encoded header. Another layout takes another one.
const headerVersion = 1

// Append writes the header in a form that [ReadHeader] reads.
func (h *Header) Append(to []byte) []byte {
	to = append(to, headerVersion, byte(h.Table))
	to = binary.AppendUvarint(to, uint64(h.Rows))
	to = binary.AppendUvarint(to, uint64(h.RawBytes))
	to = binary.LittleEndian.AppendUint64(to, h.Columns)
	to = binary.LittleEndian.AppendUint64(to, uint64(h.First))
	to = binary.LittleEndian.AppendUint64(to, uint64(h.Last))
	to = binary.LittleEndian.AppendUint64(to, h.Digest)
	to = append(to, h.Hash[:]...)
	for _, p := range h.Partitions {
		to = binary.LittleEndian.AppendUint64(to, p)
	}
	return to
}

// maxCount bounds what a header may claim of rows and bytes: whatever follows from them fits into an int.
const maxCount = 1 << 40

// ReadHeader reads what [Header.Append] wrote, all of it.
func ReadHeader(from []byte) (Header, error) {
	if len(from) < 2 {
		return Header{}, errShortHeader
	}
	if from[0] != headerVersion {
		return Header{}, fmt.Errorf("block header: version %d is not known to this collector: it was written by another release", from[0])
	}
	h := Header{Table: Table(from[1])}
	if !h.Table.known() {
		return Header{}, fmt.Errorf("block header: no table has number %d", from[1])
	}
	from = from[2:]
	for _, count := range []*int{&h.Rows, &h.RawBytes} {
		n, length := binary.Uvarint(from)
		if length <= 0 {
			return Header{}, errShortHeader
		}
		if n > maxCount {
			return Header{}, errors.New("block header: a count is out of range")
		}
		*count, from = int(n), from[length:]
	}
	const fixed = 4*8 + len(h.Hash)
	if len(from) < fixed || (len(from)-fixed)%8 != 0 {
		return Header{}, errShortHeader
	}
	h.Columns = binary.LittleEndian.Uint64(from)
	h.First = int64(binary.LittleEndian.Uint64(from[8:]))
	h.Last = int64(binary.LittleEndian.Uint64(from[16:]))
	h.Digest = binary.LittleEndian.Uint64(from[24:])
	copy(h.Hash[:], from[32:])
	for from = from[fixed:]; len(from) > 0; from = from[8:] {
		h.Partitions = append(h.Partitions, binary.LittleEndian.Uint64(from))
	}
	return h, nil
}

var errShortHeader = errors.New("block header: cut short")
