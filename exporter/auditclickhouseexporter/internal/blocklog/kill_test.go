package blocklog

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// childEnv makes the test binary a process that writes to the log of a directory until it is killed.
const childEnv = "BLOCKLOG_TEST_CHILD"

// child says on standard output what it is told is durable: committed blocks, plans, and plans that it is about to end.
func child(dir string) error {
	l, _, err := Open(dir, Options{SegmentBytes: 256 << 10})
	if err != nil {
		return err
	}
	r := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	for {
		var numbers []uint64
		if err := l.Commit(func(first uint64) (Commit, error) {
			c, err := commitOf(events, 1+r.IntN(3), r.IntN(20_000), 3)(first)
			for i := range c.Blocks {
				numbers = append(numbers, first+uint64(i))
			}
			return c, err
		}); err != nil {
			return err
		}
		for _, n := range numbers {
			fmt.Println("block", n, 0)
		}
		if r.IntN(4) > 0 {
			continue
		}
		if r.IntN(2) == 0 {
			if p := (Plan{Table: events, Numbers: waitingOf(l)}); len(p.Numbers) > 0 {
				if err := l.Plan(&p); err != nil {
					return err
				}
				for _, n := range p.Numbers {
					fmt.Println("planned", n, p.ID)
				}
			}
			continue
		}
		for _, p := range l.Plans() {
			for _, n := range p.Numbers {
				fmt.Println("ending", n, p.ID)
			}
			if err := l.Done(p.ID, nil); err != nil {
				return err
			}
		}
	}
}

// heard is what processes that were killed had said.
type heard struct {
	blocks map[uint64]bool
	plans  map[uint64]uint64 // of blocks
	ending map[uint64]bool   // blocks
}

func (h *heard) listen(out io.Reader) error {
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var what string
		var number, id uint64
		if n, _ := fmt.Sscan(lines.Text(), &what, &number, &id); n < 3 {
			return nil // the last line may be cut
		}
		switch what {
		case "block":
			h.blocks[number] = true
		case "planned":
			h.plans[number] = id
		case "ending":
			h.ending[number] = true
		default:
			return errors.New(lines.Text())
		}
	}
	return nil
}

func TestAKilledProcessLosesNothingThatItWasTold(t *testing.T) {
	dir := t.TempDir()
	h := heard{map[uint64]bool{}, map[uint64]uint64{}, map[uint64]bool{}}
	for round := range 20 {
		process := exec.Command(os.Args[0])
		process.Env = append(os.Environ(), childEnv+"="+dir)
		out, err := process.StdoutPipe()
		require.NoError(t, err)
		var complaint bytes.Buffer
		process.Stderr = &complaint
		require.NoError(t, process.Start())
		timer := time.AfterFunc(time.Duration(20+rand.IntN(300))*time.Millisecond, func() { _ = process.Process.Kill() })
		require.NoError(t, h.listen(out))
		timer.Stop()
		require.Error(t, process.Wait())
		require.Empty(t, complaint.String())
		if round%2 == 0 { // two in a row without a look
			continue
		}
		l, report, err := Open(dir, Options{SegmentBytes: 256 << 10})
		require.NoError(t, err)
		require.Empty(t, report.Damage)
		h.check(t, l)
		l.closeFiles()
		require.NoError(t, l.lock.Close())
	}
	require.NotEmpty(t, h.ending)
	t.Logf("%d blocks, %d of them done", len(h.blocks), len(h.ending))
}

func (h *heard) check(t *testing.T, l *Log) {
	t.Helper()
	waits := waiting(t, l, events)
	plans := map[uint64]Plan{}
	for _, p := range l.Plans() {
		plans[p.ID] = p
	}
	for n := range h.blocks {
		id, planned := h.plans[n]
		_, open := plans[id]
		_, found := slices.BinarySearch(waits, n)
		switch {
		case found:
			require.False(t, planned, "block %d of plan %d waits again", n, id)
		case l.IsStored(n):
			require.True(t, h.ending[n], "block %d is stored", n)
			continue
		case planned:
			require.True(t, open && slices.Contains(plans[id].Numbers, n), "block %d of plan %d", n, id)
		}
		b, err := l.Read(n, nil)
		require.NoError(t, err, "block %d", n)
		require.True(t, bytes.Equal(block(events, n, len(b)).Data, b))
	}
	seen := map[uint64]int{}
	for _, r := range records(t, l) {
		seen[r.Block]++
	}
	for n := range h.blocks {
		require.Equal(t, 3, seen[n], "records of block %d", n)
	}
}

func TestASecondProcessIsToldThatTheLogIsInUse(t *testing.T) {
	dir := t.TempDir()
	process := exec.Command(os.Args[0])
	process.Env = append(os.Environ(), childEnv+"="+dir)
	out, err := process.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, process.Start())
	_, err = bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	_, _, err = Open(dir, Options{})
	require.ErrorIs(t, err, ErrLocked)
	require.ErrorContains(t, err, dir)
	require.NoError(t, process.Process.Kill())
	_ = process.Wait()
	require.NoError(t, open(t, dir, Options{}).Close())

	l := open(t, dir, Options{})
	_, _, err = Open(dir, Options{})
	require.ErrorIs(t, err, ErrLocked, "nor may this process")
	require.NoError(t, l.Close())
}
