package columns

import (
	"sync"

	"github.com/ClickHouse/ch-go/compress"
)

// Compressions of blocks.
const (
	CompressionLZ4  = "lz4"
	CompressionZSTD = "zstd"
	CompressionNone = "none"
)

// maxFrame is how many bytes before compression one frame holds at most: small enough that the bytes are still in the
// processor's cache when they are compressed, and that a reader has to believe no header that asks for more.
const maxFrame = 256 << 10

// framer cuts bytes into frames of ClickHouse's compressed format and appends these to out.
type framer struct {
	writer *compress.Writer
	chunk  buffer // of maxFrame bytes
	out    []byte
	raw    int // how many bytes were written
}

var methods = map[string]compress.Method{
	CompressionLZ4:  compress.LZ4,
	CompressionZSTD: compress.ZSTD,
	CompressionNone: compress.None,
}

// framers are kept for reuse, by compression: their tables are larger than many a block.
var framers = map[string]*sync.Pool{
	CompressionLZ4:  {New: func() any { return newFramer(CompressionLZ4) }},
	CompressionZSTD: {New: func() any { return newFramer(CompressionZSTD) }},
	CompressionNone: {New: func() any { return newFramer(CompressionNone) }},
}

func newFramer(compression string) *framer {
	f := &framer{writer: compress.NewWriter(compress.LevelZero, methods[compression])}
	f.chunk.Room(maxFrame)
	return f
}

// frame hands a framer that appends to dst to write, and gives dst with the frames and how many bytes went into them.
func frame(compression string, dst []byte, write func(*framer)) (out []byte, raw int) {
	pool := framers[compression]
	f := pool.Get().(*framer)
	f.out, f.raw = dst, 0
	write(f)
	f.flush()
	out, raw = f.out, f.raw
	f.out = nil
	pool.Put(f)
	return out, raw
}

func (f *framer) write(p []byte) {
	f.raw += len(p)
	for len(p) > 0 {
		n := min(len(p), maxFrame-f.chunk.len())
		f.chunk.Bytes = append(f.chunk.Bytes, p[:n]...)
		p = p[n:]
		if f.chunk.len() == maxFrame {
			f.flush()
		}
	}
}

// flush compresses what is pending.
func (f *framer) flush() {
	if f.chunk.len() == 0 {
		return
	}
	if err := f.writer.Compress(f.chunk.Bytes); err != nil {
		panic("columns: a frame of a bounded size cannot be too large") // and there is no other error
	}
	f.out = append(f.out, f.writer.Data...)
	f.chunk.reset()
}
