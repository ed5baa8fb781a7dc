package clickhouse

import (
	"io"
	"sync"
)

// body is the body of a request: slices that are sent one after the other, without being copied together. The transport may
// read them on after it has given an answer or an error, and may ask for them again when a connection that it had kept
// turns out to be closed, so readers tell when they are let go of.
type body struct {
	parts   [][]byte
	size    int64
	readers sync.WaitGroup
}

func newBody(parts ...[]byte) *body {
	b := &body{parts: parts}
	for _, p := range parts {
		b.size += int64(len(p))
	}
	return b
}

// reader gives the body from its beginning.
func (b *body) reader() (io.ReadCloser, error) {
	b.readers.Add(1)
	return &bodyReader{rest: b.parts, release: sync.OnceFunc(b.readers.Done)}, nil
}

// wait returns when nobody reads any longer: the memory can be used again.
func (b *body) wait() { b.readers.Wait() }

type bodyReader struct {
	rest    [][]byte
	at      int // in the first of rest
	release func()
}

func (r *bodyReader) Read(p []byte) (n int, err error) {
	for len(r.rest) > 0 && r.at == len(r.rest[0]) {
		r.rest, r.at = r.rest[1:], 0
	}
	if len(r.rest) == 0 {
		return 0, io.EOF
	}
	n = copy(p, r.rest[0][r.at:])
	r.at += n
	return n, nil
}

func (r *bodyReader) Close() error {
	r.release()
	return nil
}
