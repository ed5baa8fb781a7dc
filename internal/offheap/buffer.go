package offheap

import (
	"runtime"
	"sync/atomic"
)

// few is how many bytes a [Buffer] keeps in Go's heap at most: below, pages of its own would cost more than they save.
const few = 16 << 10

// buffered is how many bytes Buffers hold outside of the heap.
var buffered atomic.Int64

// Buffer is bytes that grow: in Go's heap while they are few, outside of it once they are many. The zero value is empty. What is
// outside is given back when the garbage collector finds that nothing refers to the Buffer any longer, so nothing may keep Bytes
// for longer than the Buffer, which must not be copied.
type Buffer struct {
	Bytes []byte
	held  *held
}

// held is memory that is given back with the last reference to it.
type held struct {
	memory  []byte
	cleanup runtime.Cleanup
}

// Room makes sure that n bytes can be appended to Bytes where they are.
func (b *Buffer) Room(n int) {
	if cap(b.Bytes)-len(b.Bytes) < n {
		b.grow(n)
	}
}

func (b *Buffer) grow(n int) {
	size := max(64, 2*cap(b.Bytes), len(b.Bytes)+n)
	if size <= few {
		b.Bytes = append(make([]byte, 0, size), b.Bytes...)
		return
	}
	old := b.held
	b.held = &held{memory: pages(size)}
	buffered.Add(int64(size))
	b.held.cleanup = runtime.AddCleanup(b.held, giveBack, b.held.memory)
	b.Bytes = append(b.held.memory[:0], b.Bytes...)
	if old != nil {
		old.cleanup.Stop()
		giveBack(old.memory)
	}
}

func giveBack(memory []byte) {
	buffered.Add(-int64(len(memory)))
	unpages(memory)
}
