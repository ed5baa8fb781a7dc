package columns

import (
	"encoding/binary"
	"encoding/hex"

	"github.com/otelaudit/otelaudit/internal/offheap"
)

// buffer holds values one behind the other as ClickHouse has them. It is not in Go's heap, where it would cost as much again as GOGC
// says: the columns of open blocks are most of what an exporter under load has in memory.
type buffer struct{ offheap.Buffer }

func (b *buffer) len() int { return len(b.Bytes) }

func (b *buffer) reset() { b.Bytes = b.Bytes[:0] }

// zeros appends n zero bytes, and gives them.
func (b *buffer) zeros(n int) []byte {
	b.Room(n)
	b.Bytes = b.Bytes[:len(b.Bytes)+n]
	added := b.Bytes[len(b.Bytes)-n:]
	clear(added)
	return added
}

func (b *buffer) byte(v byte) {
	b.Room(1)
	b.Bytes = append(b.Bytes, v)
}

func (b *buffer) uint16(v uint16) {
	b.Room(2)
	b.Bytes = binary.LittleEndian.AppendUint16(b.Bytes, v)
}

func (b *buffer) uint32(v uint32) {
	b.Room(4)
	b.Bytes = binary.LittleEndian.AppendUint32(b.Bytes, v)
}

func (b *buffer) uint64(v uint64) {
	b.Room(8)
	b.Bytes = binary.LittleEndian.AppendUint64(b.Bytes, v)
}

// text appends a String.
func (b *buffer) text(s string) {
	b.Room(binary.MaxVarintLen64 + len(s))
	b.Bytes = appendText(b.Bytes, s)
}

// bytes appends a String.
func (b *buffer) bytes(s []byte) {
	b.Room(binary.MaxVarintLen64 + len(s))
	b.Bytes = append(binary.AppendUvarint(b.Bytes, uint64(len(s))), s...)
}

// hex appends a String of bytes in hex.
func (b *buffer) hex(s []byte) {
	n := hex.EncodedLen(len(s))
	b.Room(binary.MaxVarintLen64 + n)
	b.Bytes = hex.AppendEncode(binary.AppendUvarint(b.Bytes, uint64(n)), s)
}

func appendText(dst []byte, s string) []byte {
	if len(s) < 0x80 {
		return append(append(dst, byte(len(s))), s...)
	}
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}
