package blocklog

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestMaxBytesIsKeptAndTheLogTakesAgainWhenItHasDrained(t *testing.T) {
	const most = 1 << 20
	l := open(t, t.TempDir(), Options{MaxBytes: most})
	require.ErrorIs(t, l.Commit(commitOf(events, 1, most, 0)), ErrTooLarge)
	require.NoError(t, l.Full(), "what never fits says nothing of what does")
	for round := range 3 {
		var err error
		taken := 0
		for ; err == nil; taken++ {
			err = l.Commit(commitOf(events, 1, 10_000, 20))
		}
		require.ErrorIs(t, err, ErrFull)
		require.ErrorContains(t, err, "1048576")
		require.LessOrEqual(t, l.Stats().Bytes, int64(most))
		require.True(t, l.Stats().Reserve, "the disk is not full")
		p := planAll(t, l, events)
		require.Greater(t, len(p.Numbers), 50, "round %d", round)
		require.NoError(t, l.Done(p.ID, commitOf(quarantine, 1, 1000, 0)), "draining may go beyond")
		p = planAll(t, l, quarantine)
		require.NoError(t, l.Done(p.ID, nil))
		require.NoError(t, l.Forget(p.Numbers[0]))
		require.NoError(t, l.Stats().Trouble)
		require.NoError(t, l.Full())
	}
}

// drainsOnAFullDisk fills a real file system of a few megabytes, drains, and fills it again.
func drainsOnAFullDisk(t *testing.T, dir string) {
	t.Helper()
	o := Options{SegmentBytes: 4 << 20}
	l := open(t, dir, o)
	for range 2 {
		taken := 0
		var err error
		for ; ; taken++ {
			if err = l.Commit(commitOf(events, 1, 30_000, 300)); err != nil {
				break
			}
		}
		require.ErrorIs(t, err, ErrFull)
		require.ErrorContains(t, err, "no space left on device")
		require.ErrorContains(t, err, "make room on the disk")
		require.ErrorIs(t, l.Full(), ErrFull)
		require.False(t, l.Stats().Reserve)
		require.NoError(t, l.Close(), "there is room for the mark")
		l = open(t, dir, o)
		require.ErrorIs(t, l.Full(), ErrFull, "also after a restart")
		numbers := waiting(t, l, events)
		require.Len(t, numbers, taken)
		for len(numbers) > 0 {
			n := min(len(numbers), 7)
			p := Plan{Table: events, Numbers: numbers[:n]}
			require.NoError(t, l.Plan(&p))
			for _, number := range p.Numbers {
				b, err := l.Read(number, nil)
				require.NoError(t, err)
				require.Equal(t, block(events, number, 30_000).Data, b)
			}
			require.NoError(t, l.Done(p.ID, nil))
			numbers = numbers[n:]
		}
		require.Len(t, records(t, l), taken*300)
		require.Eventually(t, func() bool { return l.Full() == nil }, 10*time.Second, 50*time.Millisecond, "%+v", l.Stats())
		require.True(t, l.Stats().Reserve)
		require.NoError(t, l.Commit(commitOf(events, 1, 10, 0)))
		p := planAll(t, l, events)
		require.NoError(t, l.Done(p.ID, nil))
		require.NoError(t, l.Forget(p.Numbers[0]))
	}
}
