package offheap

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestMemoryIsZeroAndCounted(t *testing.T) {
	before := Taken()
	for _, n := range []int{0, 1, 4096, 1 << 20} {
		b := Alloc(n)
		assert.Len(t, b, n)
		assert.EqualValues(t, n, Taken()-before)
		for i := range b {
			if b[i] != 0 {
				t.Fatal("not zero")
			}
			b[i] = 1
		}
		Free(b)
	}
	assert.Equal(t, before, Taken())
}
