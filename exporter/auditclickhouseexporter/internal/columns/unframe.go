package columns

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/ClickHouse/ch-go/compress"
)

// Offsets in a frame of ClickHouse's compressed format: a checksum of 16 bytes, the method, the size of the frame without
// its checksum, and the size of what is in it before compression.
const (
	frameMethod = 16
	frameSize   = 17
	frameRaw    = 21
	frameHeader = 25
)

// methodCompressions tells which compression a frame has.
var methodCompressions = map[byte]string{0x82: CompressionLZ4, 0x90: CompressionZSTD, 0x02: CompressionNone}

var errFrames = errors.New("block: its frames do not fit together")

// inspect walks the frames without opening them: what compression the first one has, and how many bytes are in all of them. No
// header is believed that asks for more than this package writes.
func inspect(data []byte) (compression string, raw int, err error) {
	for len(data) > 0 {
		if len(data) < frameHeader {
			return "", 0, errFrames
		}
		size := int64(binary.LittleEndian.Uint32(data[frameSize:])) + frameMethod
		content := int64(binary.LittleEndian.Uint32(data[frameRaw:]))
		method, known := methodCompressions[data[frameMethod]]
		switch {
		case size < frameHeader || size > int64(len(data)):
			return "", 0, errFrames
		case content > maxFrame:
			return "", 0, fmt.Errorf("block: a frame holds %d bytes, at most %d are known", content, maxFrame)
		case !known:
			return "", 0, fmt.Errorf("block: compression %#x is not known", data[frameMethod])
		}
		if compression == "" {
			compression = method
		}
		raw += int(content)
		data = data[size:]
	}
	return compression, raw, nil
}

// unframers are kept for reuse.
var unframers = sync.Pool{New: func() any {
	u := &unframer{}
	u.reader = compress.NewReader(&u.source)
	return u
}}

type unframer struct {
	source bytes.Reader
	reader *compress.Reader
}

// unframe gives what is in the frames, in dst where it has room. Checksums are verified.
func unframe(dst, data []byte) (raw []byte, compression string, err error) {
	compression, size, err := inspect(data)
	if err != nil {
		return nil, "", err
	}
	u := unframers.Get().(*unframer)
	u.source.Reset(data)
	if cap(dst) < size {
		dst = make([]byte, size)
	}
	dst = dst[:size]
	_, err = io.ReadFull(u.reader, dst)
	if err != nil {
		// The reader is not used again: what it has read ahead is of this block. Its words are about checksums and sizes.
		return nil, "", fmt.Errorf("block: %w", err)
	}
	u.source.Reset(nil)
	unframers.Put(u)
	return dst, compression, nil
}
