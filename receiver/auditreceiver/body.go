package auditreceiver

import (
	"errors"
	"io"
	"runtime"
	"sync"

	"github.com/otelaudit/otelaudit/internal/offheap"
)

// body is a buffer for what a request carries, outside of Go's heap: all requests that wait for their turn have one. It grows
// with what arrives, never with what a header announces.
type body struct {
	memory []byte
	size   int
}

const (
	minBody = 64 << 10
	// maxPooledBody keeps one large request from holding its memory for the small ones that follow.
	maxPooledBody = 4 << 20
)

// bytes are valid until the body is given back.
func (b *body) bytes() []byte { return b.memory[:b.size] }

// readFrom reads to the end.
func (b *body) readFrom(r io.Reader) error {
	for {
		if b.size == len(b.memory) {
			b.grow()
		}
		n, err := r.Read(b.memory[b.size:])
		b.size += n
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
}

func (b *body) grow() {
	larger := offheap.Alloc(max(minBody, 2*len(b.memory)))
	copy(larger, b.memory[:b.size])
	offheap.Free(b.memory)
	b.memory = larger
}

// bodies are buffers that are not in use: as many as are worked on at once are worth keeping.
var bodies struct {
	mu   sync.Mutex
	free []*body
}

func takeBody() *body {
	bodies.mu.Lock()
	defer bodies.mu.Unlock()
	last := len(bodies.free) - 1
	if last < 0 {
		return &body{}
	}
	b := bodies.free[last]
	bodies.free = bodies.free[:last]
	return b
}

// giveBack ends the use of a buffer.
func giveBack(b *body) {
	b.size = 0
	bodies.mu.Lock()
	defer bodies.mu.Unlock()
	if len(b.memory) <= maxPooledBody && len(bodies.free) < 2*runtime.GOMAXPROCS(0) {
		bodies.free = append(bodies.free, b)
		return
	}
	offheap.Free(b.memory)
}
