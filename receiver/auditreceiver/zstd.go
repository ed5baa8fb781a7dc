package auditreceiver

import (
	"io"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// maxZstdWindow is the largest window that a zstd frame may ask for: RFC 9659 allows senders no more. The servers' own
// decoders go up to 512 MB, which a frame of a few bytes makes them allocate.
const maxZstdWindow = 8 << 20

// zstdDecoders holds decoders that are not in use, each with the window of its last frame.
var zstdDecoders sync.Pool

// zstdReader decompresses one body, and has to be closed to give its decoder back.
type zstdReader struct{ decoder *zstd.Decoder }

func newZstdReader(compressed io.Reader) (*zstdReader, error) {
	if pooled, ok := zstdDecoders.Get().(*zstd.Decoder); ok {
		r := &zstdReader{decoder: pooled}
		return r, pooled.Reset(compressed)
	}
	// Without concurrency a decoder starts no goroutines.
	decoder, err := zstd.NewReader(compressed, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxZstdWindow))
	return &zstdReader{decoder: decoder}, err
}

func (r *zstdReader) Read(p []byte) (int, error) {
	if r.decoder == nil {
		return 0, zstd.ErrDecoderClosed
	}
	return r.decoder.Read(p)
}

// Close gives the decoder back. It never fails.
func (r *zstdReader) Close() error {
	r.release()
	return nil
}

func (r *zstdReader) release() {
	decoder := r.decoder
	r.decoder = nil
	if decoder != nil && decoder.Reset(nil) == nil {
		zstdDecoders.Put(decoder)
	}
}
