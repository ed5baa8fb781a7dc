package blocklog

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// hasty is a clock that runs fast, so that a full log looks for room at every call.
func hasty() func() time.Time {
	var calls atomic.Int64
	return func() time.Time { return time.Unix(calls.Add(2), 0) }
}

func faultOptions(d disk) Options {
	o := crashOptions(d)
	o.now = hasty()
	return o
}

// failing lets operations fail from one on.
type failing struct {
	from, until int // of the operations of the kinds that fail
	kinds       map[string]bool
	err         error
	part        bool // half of a write is written
	seen        int
	fails       int
}

func (f *failing) fault(o operation) (int, error) {
	if !f.kinds[o.op] {
		return 0, nil
	}
	f.seen++
	if f.seen <= f.from || f.seen > f.until {
		return 0, nil
	}
	f.fails++
	if f.part {
		return len(o.data) / 2, f.err
	}
	return 0, f.err
}

// withFaults runs a random history with failing operations. What fails changes nothing, what comes after works, and what the
// log holds at the end is what was acknowledged, also when the power goes.
func withFaults(t *testing.T, seed uint64, f *failing) {
	t.Helper()
	d := newMemDisk()
	h := &history{r: rand.New(rand.NewPCG(seed, 3)), m: newModel()}
	l, _, err := Open("log", faultOptions(d))
	require.NoError(t, err)
	d.fault = f.fault
	for range 40 {
		if _, err := h.step(l); err != nil {
			var disk *DiskError
			require.True(t, errors.As(err, &disk) || errors.Is(err, ErrFull), "%v", err)
			checkCut(t, d, h)
		}
		require.Empty(t, h.m.observe(l, false))
	}
	d.fault = nil
	require.Eventually(t, func() bool { return l.Full() == nil }, time.Second, time.Microsecond)
	for range 5 {
		_, err := h.step(l)
		require.NoError(t, err)
		require.Empty(t, h.m.observe(l, false))
	}
	require.NoError(t, l.Forget(0), "what could not be deleted is")
	require.True(t, l.Stats().Reserve)
	checkCut(t, d, h)
	require.NoError(t, l.Close())
	l, report, err := Open("log", faultOptions(d))
	require.NoError(t, err)
	require.Empty(t, report.Damage)
	h.m.lazy = nil
	require.Empty(t, h.m.observe(l, true))
	require.NoError(t, l.Close())
}

// checkCut looks at what is there when the power goes now.
func checkCut(t *testing.T, d *memDisk, h *history) {
	t.Helper()
	l, report, err := Open("log", faultOptions(d.cut(h.r)))
	require.NoError(t, err)
	require.Empty(t, report.Damage)
	oneOf(t, l, h.m, h.failed...)
	l.closeFiles()
}

func eachFault(t *testing.T, kinds map[string]bool, err error, length int) {
	t.Helper()
	for seed := range uint64(2) {
		for from := 0; ; from += 1 + from/8 {
			f := &failing{from: from, until: from + length, kinds: kinds, err: err, part: from%2 == 0}
			withFaults(t, seed, f)
			if t.Failed() {
				t.Logf("seed %d, from operation %d on", seed, from)
				return
			}
			if f.fails == 0 {
				break
			}
		}
	}
}

func TestADiskThatIsFullAtAnyWriteLosesNothing(t *testing.T) {
	writes := map[string]bool{"write": true, "create": true}
	for _, length := range []int{1, 3, 20} {
		t.Run(fmt.Sprint(length, " operations long"), func(t *testing.T) {
			t.Parallel()
			eachFault(t, writes, syscall.ENOSPC, length)
		})
	}
	t.Run("and at any sync", func(t *testing.T) {
		t.Parallel()
		eachFault(t, map[string]bool{"write": true, "create": true, "sync": true}, syscall.EDQUOT, 4)
	})
}

func TestASyncThatFailsLosesNothingAndItsSegmentIsLeft(t *testing.T) {
	for _, length := range []int{1, 2, 5} {
		t.Run(fmt.Sprint(length, " syncs long"), func(t *testing.T) {
			t.Parallel()
			eachFault(t, map[string]bool{"sync": true, "syncDir": true}, syscall.EIO, length)
		})
	}
	d := newMemDisk()
	l, _, err := Open("log", faultOptions(d))
	require.NoError(t, err)
	require.NoError(t, l.Commit(commitOf(events, 1, 100, 0)))
	d.fault = (&failing{until: 1, kinds: map[string]bool{"sync": true}, err: syscall.EIO}).fault
	require.ErrorIs(t, l.Commit(commitOf(events, 1, 100, 0)), syscall.EIO)
	require.NoError(t, l.Commit(commitOf(events, 1, 100, 0)))
	require.Equal(t, 2, l.Stats().Segments)
	require.Len(t, waiting(t, l, events), 2)
	require.NoError(t, l.Close())
}

func TestAnythingThatFailsForAWhileLosesNothing(t *testing.T) {
	all := map[string]bool{"sync": true, "syncDir": true, "write": true, "create": true, "remove": true, "truncate": true}
	for _, length := range []int{1, 4, 12} {
		t.Run(fmt.Sprint(length, " operations long"), func(t *testing.T) {
			t.Parallel()
			eachFault(t, all, syscall.EIO, length)
		})
	}
}

// limit is a disk with room for so many bytes.
func limit(d *memDisk, bytes int) func(operation) (int, error) {
	return func(o operation) (int, error) {
		if o.op != "write" {
			return 0, nil
		}
		grows := int(o.off) + len(o.data) - len(d.inodes[o.inode].current)
		if room := bytes - d.used(); grows > room {
			return max(len(o.data)-grows+room, 0), syscall.ENOSPC
		}
		return 0, nil
	}
}

func TestAFullDiskDrainsAndTakesAgain(t *testing.T) {
	for _, disk := range []int{150_000, 400_000} {
		for _, segment := range []int64{16 << 10, 1 << 20} {
			for _, replays := range []int{0, 20} {
				t.Run(fmt.Sprintf("disk of %d, segments of %d, %d records a block", disk, segment, replays), func(t *testing.T) {
					fullAndDrained(t, disk, segment, replays)
				})
			}
		}
	}
}

func fullAndDrained(t *testing.T, room int, segment int64, replays int) {
	t.Helper()
	d := newMemDisk()
	// The test's disk is small; so are its reserve and what is copied at once.
	o := Options{disk: d, SegmentBytes: segment, reserve: 16 << 10, now: hasty()}
	l, _, err := Open("log", o)
	require.NoError(t, err)
	d.fault = limit(d, room)
	taken := 0
	for {
		err := l.Commit(commitOf(events, 1, 2000, replays))
		if err != nil {
			require.ErrorIs(t, err, ErrFull)
			break
		}
		taken++
	}
	require.ErrorIs(t, l.Full(), ErrFull)
	require.False(t, l.Stats().Reserve, "it was given up")
	for range 3 { // and stays so, also after a restart on the full disk
		require.ErrorIs(t, l.Commit(commitOf(events, 1, 2000, 0)), ErrFull)
		require.NoError(t, l.Close())
		l, _, err = Open("log", o)
		require.NoError(t, err)
	}
	drained := 0
	for {
		numbers := waiting(t, l, events)
		if len(numbers) == 0 {
			break
		}
		p := Plan{Table: events, Numbers: numbers[:min(10, len(numbers))]}
		require.NoError(t, l.Plan(&p))
		for _, n := range p.Numbers {
			_, err := l.Read(n, nil)
			require.NoError(t, err)
		}
		require.NoError(t, l.Done(p.ID, nil))
		drained += len(p.Numbers)
	}
	require.Equal(t, taken, drained)
	require.Eventually(t, func() bool { return l.Full() == nil }, time.Second, time.Microsecond, "%+v", l.Stats())
	require.Len(t, records(t, l), taken*replays)
	require.NoError(t, l.Forget(^uint64(0)))
	require.NoError(t, l.Commit(commitOf(events, 1, 2000, 0)))
	require.NoError(t, l.Close())
}
