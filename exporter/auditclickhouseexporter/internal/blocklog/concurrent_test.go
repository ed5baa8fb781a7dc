package blocklog

import (
	"bytes"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestManyAtOnce has callers commit, wait, look and forget while an inserter drains: what was committed is inserted once.
func TestManyAtOnce(t *testing.T) {
	l := open(t, t.TempDir(), Options{SegmentBytes: 128 << 10})
	stop := make(chan struct{})
	var committed, inserted, ledgers atomic.Int64
	var callers, others sync.WaitGroup
	for range 4 {
		callers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				var first uint64
				assert.NoError(t, l.Commit(func(next uint64) (Commit, error) {
					first = next
					c, err := commitOf(events, 2, 3000, 3)(next)
					c.Notes = []byte("note")
					return c, err
				}))
				committed.Add(2)
				if first%16 == 0 {
					assert.NoError(t, l.WaitStored(t.Context(), first))
					assert.True(t, l.IsStored(first))
				}
			}
		})
	}
	done := make(chan struct{})
	seen := map[uint64]bool{}
	insert := func(table uint8) bool {
		p := Plan{Table: table}
		for live, err := range l.Blocks(table) {
			assert.NoError(t, err)
			assert.False(t, seen[live.Number])
			seen[live.Number] = true
			p.Numbers = append(p.Numbers, live.Number)
		}
		if len(p.Numbers) == 0 {
			return false
		}
		assert.NoError(t, l.Plan(&p))
		for _, n := range p.Numbers {
			b, err := l.Read(n, nil)
			assert.NoError(t, err)
			assert.True(t, bytes.Equal(block(table, n, len(b)).Data, b))
		}
		assert.NoError(t, l.Done(p.ID, nil))
		inserted.Add(int64(len(p.Numbers)))
		return true
	}
	others.Go(func() {
		for {
			select {
			case <-l.Changed():
			case <-done:
				return
			}
			for insert(events) || insert(ledger) {
				assert.NoError(t, l.TakeNotes(func(first uint64, _ [][]byte) (Commit, error) {
					ledgers.Add(1)
					return commitOf(ledger, 1, 100, 0)(first)
				}))
			}
		}
	})
	others.Go(func() {
		for {
			select {
			case <-done:
				return
			case <-time.After(10 * time.Millisecond):
			}
			assert.NoError(t, l.Full())
			stats := l.Stats()
			assert.NoError(t, stats.Trouble)
			last := uint64(0)
			assert.NoError(t, l.Records(func(r Record, _ time.Time) bool {
				last = max(last, r.Block)
				return true
			}))
			assert.NoError(t, l.Forget(last-min(last, 50)))
		}
	})
	time.Sleep(time.Second)
	close(stop)
	callers.Wait()
	require.Eventually(t, func() bool { return inserted.Load() == committed.Load()+ledgers.Load() }, 10*time.Second, time.Millisecond)
	close(done)
	others.Wait()
	require.Positive(t, committed.Load())
	require.Zero(t, l.Stats().Undone)
	require.Empty(t, l.Damage())
}
