package blocklog

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Tables of the tests.
const (
	events uint8 = 1 + iota
	quarantine
	ledger
)

func open(tb testing.TB, dir string, o Options) *Log {
	tb.Helper()
	l, report, err := Open(dir, o)
	require.NoError(tb, err)
	require.Empty(tb, report.Damage)
	require.Empty(tb, report.Torn)
	tb.Cleanup(func() { _ = l.Close() })
	return l
}

func reopen(tb testing.TB, l *Log) *Log {
	tb.Helper()
	require.NoError(tb, l.Close())
	return open(tb, l.dir, l.options)
}

// block has bytes that follow from its number.
func block(table uint8, number uint64, size int) Block {
	data := make([]byte, 0, size+8)
	for r := rand.NewPCG(number, uint64(table)); len(data) < size; {
		data = binary.LittleEndian.AppendUint64(data, r.Uint64())
	}
	return Block{Table: table, Header: fmt.Appendf(nil, "header of %d", number), Data: data[:size]}
}

func record(number uint64, i int, index int) Record {
	r := Record{Content: number + uint64(i), Block: uint64(index)}
	binary.BigEndian.PutUint64(r.ID[:], number)
	binary.BigEndian.PutUint64(r.ID[8:], uint64(i))
	return r
}

// commitOf builds n blocks with some records each.
func commitOf(table uint8, n, size, records int) Build {
	return func(first uint64) (Commit, error) {
		var c Commit
		for i := range n {
			number := first + uint64(i)
			c.Blocks = append(c.Blocks, block(table, number, size))
			for j := range records {
				c.Records = append(c.Records, record(number, j, i))
			}
		}
		return c, nil
	}
}

func waiting(tb testing.TB, l *Log, table uint8) []uint64 {
	tb.Helper()
	var numbers []uint64
	for live, err := range l.Blocks(table) {
		require.NoError(tb, err)
		require.Equal(tb, table, live.Table)
		require.Equal(tb, fmt.Sprintf("header of %d", live.Number), string(live.Header))
		numbers = append(numbers, live.Number)
	}
	return numbers
}

func planAll(tb testing.TB, l *Log, table uint8) Plan {
	tb.Helper()
	p := Plan{Table: table, Numbers: waiting(tb, l, table), Token: "token"}
	require.NoError(tb, l.Plan(&p))
	return p
}

func records(tb testing.TB, l *Log) map[[16]byte]Record {
	tb.Helper()
	all := map[[16]byte]Record{}
	require.NoError(tb, l.Records(func(r Record, _ time.Time) bool {
		all[r.ID] = r
		return true
	}))
	return all
}

func TestCommittedBlocksWaitAndAreReadBackAcrossAReopen(t *testing.T) {
	l := open(t, t.TempDir(), Options{})
	name := l.Name()
	require.NoError(t, l.Commit(commitOf(events, 3, 1000, 2)))
	require.NoError(t, l.Commit(commitOf(quarantine, 1, 200_000, 0)))
	for range 2 {
		numbers := waiting(t, l, events)
		require.Len(t, numbers, 3)
		for _, n := range numbers {
			b, err := l.Read(n, nil)
			require.NoError(t, err)
			assert.True(t, bytes.Equal(block(events, n, 1000).Data, b))
		}
		require.Len(t, waiting(t, l, quarantine), 1)
		require.Len(t, records(t, l), 6)
		l = reopen(t, l)
		require.Equal(t, name, l.Name())
	}
	require.NoError(t, l.Commit(commitOf(events, 1, 10, 0)))
	numbers := waiting(t, l, events)
	require.Len(t, numbers, 4)
	require.Equal(t, numbers[2]+2, numbers[3], "numbers go on")
}

func TestPlansOutliveARestartUntilTheyAreDone(t *testing.T) {
	l := open(t, t.TempDir(), Options{})
	require.NoError(t, l.Commit(commitOf(events, 3, 1000, 1)))
	p := planAll(t, l, events)
	require.Empty(t, waiting(t, l, events))
	l = reopen(t, l)
	require.Equal(t, []Plan{p}, l.Plans())
	require.Empty(t, waiting(t, l, events))
	require.False(t, l.IsStored(p.Numbers[0]))

	stored := make(chan error, 1)
	go func() { stored <- l.WaitStored(context.Background(), p.Numbers[2]) }()
	require.NoError(t, l.Done(p.ID, commitOf(quarantine, 1, 10, 0)))
	require.NoError(t, <-stored)
	require.True(t, l.IsStored(p.Numbers[0]))
	l = reopen(t, l)
	require.Empty(t, l.Plans())
	require.Empty(t, waiting(t, l, events))
	require.Len(t, waiting(t, l, quarantine), 1)
	require.ErrorIs(t, l.Done(p.ID, nil), ErrUnknown)
}

func TestNotesAreTakenOnceWithWhatReplacesThem(t *testing.T) {
	l := open(t, t.TempDir(), Options{})
	for i := range 3 {
		require.NoError(t, l.Commit(func(uint64) (Commit, error) { return Commit{Notes: []byte{byte(i)}}, nil }))
	}
	l = reopen(t, l)
	require.Error(t, l.TakeNotes(func(uint64, [][]byte) (Commit, error) { return Commit{}, assert.AnError }))
	require.NoError(t, l.TakeNotes(func(first uint64, notes [][]byte) (Commit, error) {
		require.Equal(t, [][]byte{{0}, {1}, {2}}, notes)
		c, err := commitOf(ledger, 1, 10, 0)(first)
		c.Notes = []byte{9}
		return c, err
	}))
	l = reopen(t, l)
	require.Len(t, waiting(t, l, ledger), 1)
	require.NoError(t, l.TakeNotes(func(_ uint64, notes [][]byte) (Commit, error) {
		require.Equal(t, [][]byte{{9}}, notes)
		return Commit{}, nil
	}))
	require.NoError(t, l.TakeNotes(func(uint64, [][]byte) (Commit, error) { panic("there are none") }))
}

func TestSegmentsThatAreDoneAreDeletedAndTheirRecordsKept(t *testing.T) {
	l := open(t, t.TempDir(), Options{SegmentBytes: 64 << 10})
	for range 40 {
		require.NoError(t, l.Commit(commitOf(events, 1, 10_000, 5)))
	}
	p := planAll(t, l, events)
	require.NoError(t, l.Done(p.ID, nil))
	stats := l.Stats()
	require.NoError(t, stats.Trouble)
	require.Equal(t, 1, stats.Segments)
	require.Positive(t, stats.Windows)
	require.Len(t, records(t, l), 200)
	l = reopen(t, l)
	require.Len(t, records(t, l), 200)
	for _, r := range records(t, l) {
		require.True(t, l.IsStored(r.Block))
	}
	require.NoError(t, l.Forget(p.Numbers[20]))
	require.Len(t, records(t, l), 100)
	require.Less(t, l.Stats().Windows, stats.Windows)
}

func TestASegmentInTheMiddleIsDeletedWhileAnEarlierOneWaits(t *testing.T) {
	l := open(t, t.TempDir(), Options{SegmentBytes: 64 << 10})
	require.NoError(t, l.Commit(commitOf(quarantine, 1, 10, 0))) // nobody takes it
	for range 40 {
		require.NoError(t, l.Commit(commitOf(events, 1, 10_000, 5)))
	}
	p := planAll(t, l, events)
	require.NoError(t, l.Done(p.ID, nil))
	require.NoError(t, l.Stats().Trouble)
	require.Equal(t, 2, l.Stats().Segments)
	l = reopen(t, l)
	require.Empty(t, waiting(t, l, events))
	require.Empty(t, l.Plans())
	require.Len(t, waiting(t, l, quarantine), 1)
	require.Len(t, records(t, l), 200)
}
