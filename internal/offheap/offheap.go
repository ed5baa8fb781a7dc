// Package offheap gives memory outside of Go's heap. The heap grows to a multiple of what lives in it (GOGC), so large buffers
// without pointers that live long cost several times their size there, and once here. What is taken has to be given back by
// hand, or with the [Buffer] that it is in, and GOMEMLIMIT does not count it: it is for memory that a configuration bounds.
//
//	offheap.go  what is taken and given back    buffer.go  bytes that grow    pages_unix.go, pages_other.go  where it comes from
package offheap

import "sync/atomic"

var taken atomic.Int64

// Alloc gives n bytes that are zero. Pages that are never written take no memory.
func Alloc(n int) []byte {
	taken.Add(int64(n))
	if n == 0 {
		return nil
	}
	return pages(n)
}

// Free gives back what [Alloc] gave, whole. Nothing may use it any longer: to touch it ends the process.
func Free(b []byte) {
	taken.Add(-int64(len(b)))
	if len(b) > 0 {
		unpages(b)
	}
}

// Taken is how many bytes of [Alloc] are in use. Those of Buffers are not among them.
func Taken() int64 { return taken.Load() }
