package offheap

import (
	"bytes"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestABufferGrowsWithWhatIsInIt(t *testing.T) {
	var b Buffer
	var want []byte
	for i := range 5000 {
		part := bytes.Repeat([]byte{byte(i)}, i%50)
		b.Room(len(part))
		at := cap(b.Bytes)
		b.Bytes = append(b.Bytes, part...)
		require.Equal(t, at, cap(b.Bytes), "what has room stays where it is")
		want = append(want, part...)
	}
	assert.Equal(t, want, b.Bytes)
	assert.Len(t, b.held.memory, cap(b.Bytes))
}

func TestABufferThatNobodyHasIsGivenBack(t *testing.T) {
	runtime.GC() // of other tests
	before := buffered.Load()
	func() {
		var few, many Buffer
		few.Room(100)
		assert.Nil(t, few.held, "few bytes are in the heap")
		for range 20 {
			many.Room(cap(many.Bytes) - len(many.Bytes) + 1)
			many.Bytes = many.Bytes[:cap(many.Bytes)]
		}
		assert.Len(t, many.Bytes, 64<<19)
		assert.LessOrEqual(t, buffered.Load()-before, int64(64<<19), "what it grew out of was given back")
		runtime.KeepAlive(&many)
	}()
	require.Eventually(t, func() bool {
		runtime.GC()
		return buffered.Load() <= before
	}, 10*time.Second, time.Millisecond)
}
