package blocklog

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// closedLog is a log with several segments, window files, a plan and notes, closed.
func closedLog(t *testing.T) (*memDisk, *model, [8]byte) {
	t.Helper()
	d := newMemDisk()
	l, _, err := Open("log", crashOptions(d))
	require.NoError(t, err)
	m := newModel()
	commit := func(notes string) {
		require.NoError(t, l.Commit(func(first uint64) (Commit, error) {
			c, err := commitOf(events, 2, 300, 3)(first)
			c.Notes = []byte(notes)
			m.commit(c, first)
			return c, err
		}))
	}
	for range 12 {
		commit("")
	}
	p := planAll(t, l, events)
	require.NoError(t, l.Done(p.ID, nil))
	require.NotZero(t, l.Stats().Windows)
	m.waiting[events] = nil
	for i := range 12 {
		commit(fmt.Sprint("note ", i))
	}
	p = Plan{Table: events, Numbers: m.waiting[events][:5], Token: "token"}
	require.NoError(t, l.Plan(&p))
	m.waiting[events] = m.waiting[events][5:]
	m.plans[p.ID] = p
	require.Empty(t, m.observe(l, false))
	require.NoError(t, l.Close())
	return d, m, l.marker
}

// damagedCopy gives the disk with bytes of one file changed.
func damagedCopy(d *memDisk, file string, from int64, change func(b []byte) []byte) *memDisk {
	c := newMemDisk()
	for name, i := range d.names {
		b := bytes.Clone(d.inodes[i].current)
		if name == file {
			b = append(b[:from], change(b[from:])...)
		}
		c.inodes = append(c.inodes, &inode{current: b, durable: bytes.Clone(b)})
		c.names[name] = len(c.inodes) - 1
	}
	c.synced = c.names
	return c
}

func TestOfADamagedLogEverythingIsReadThatCanBeAndTheRestIsReported(t *testing.T) {
	d, m, marker := closedLog(t)
	all := pieces(t, d, marker)
	r := rand.New(rand.NewPCG(1, 1))
	var files []string
	for name := range d.names {
		if _, _, ok := parseName(name); ok {
			files = append(files, name)
		}
	}
	slices.Sort(files)
	rounds := 800
	if testing.Short() {
		rounds = 300
	}
	for round := range rounds {
		file := files[round%len(files)]
		size := len(d.inodes[d.names[file]].current)
		length := 1
		if r.IntN(2) == 0 {
			length += r.IntN(600)
		}
		from := r.IntN(size)
		length = min(length, size-from)
		after := damagedCopy(d, file, int64(from), func(b []byte) []byte {
			for i := range length {
				b[i] ^= byte(1 + r.IntN(255))
			}
			return b
		})
		checkDamaged(t, after, m, all, file, int64(from), int64(from+length))
		if t.Failed() {
			t.Logf("%d bytes at %d of %s", length, from, file)
			return
		}
	}
}

func TestOfALogThatWasCutShortEverythingIsReadThatIsThere(t *testing.T) {
	d, m, marker := closedLog(t)
	all := pieces(t, d, marker)
	for name := range d.names {
		if _, _, ok := parseName(name); !ok {
			continue
		}
		size := len(d.inodes[d.names[name]].current)
		for from := headerSize; from < size; from += 97 {
			after := damagedCopy(d, name, int64(from), func([]byte) []byte { return nil })
			checkDamaged(t, after, m, all, name, int64(from), int64(size))
			if t.Failed() {
				t.Logf("%s at %d of %d", name, from, size)
				return
			}
		}
	}
}

// checkDamaged opens a log with damage in one place and looks for everything else.
func checkDamaged(t *testing.T, d *memDisk, m *model, all []piece, file string, from, to int64) {
	t.Helper()
	lost, lostRecords, notesLost, plansLost, hit := map[uint64]bool{}, map[Record]bool{}, 0, false, false
	for _, p := range hits(all, file, from, to) {
		// A file that ends with an entry, and that no other file gives the length of, looks as if no more had been written.
		hit = hit || p.from < from || len(d.inodes[d.names[file]].current) > int(from)
		for _, n := range p.blocks {
			lost[n] = true
		}
		for _, r := range p.records {
			lostRecords[r] = true
		}
		if p.notes {
			notesLost++
		}
		plansLost = plansLost || p.plans
	}
	l, report, err := Open("log", crashOptions(d))
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Close()) }()

	numbers := map[uint64]bool{}
	for live, err := range l.Blocks(events) {
		require.NoError(t, err)
		numbers[live.Number] = true
	}
	for _, p := range l.Plans() {
		for _, n := range p.Numbers {
			require.False(t, numbers[n], "block %d waits and is planned", n)
			numbers[n] = true
		}
	}
	damaged := 0
	want := slices.Clone(m.waiting[events])
	for _, p := range m.plans {
		want = append(want, p.Numbers...)
	}
	for _, n := range want {
		if !lost[n] {
			require.True(t, numbers[n], "block %d is missing", n)
		}
	}
	for n := range numbers {
		b, err := l.Read(n, nil)
		var e *DamageError
		if errors.As(err, &e) {
			require.True(t, lost[n])
			damaged++
			continue
		}
		require.NoError(t, err)
		require.True(t, bytes.Equal(block(events, n, 300).Data, b))
	}
	if !plansLost {
		require.Len(t, l.Plans(), 1)
	}
	got := records(t, l)
	for _, r := range m.records {
		if _, ok := got[r.ID]; !ok {
			require.True(t, lostRecords[r], "record %v is missing", r)
		}
	}
	for _, r := range got {
		require.Equal(t, m.records[r.ID], r)
	}
	notes := 0
	require.NoError(t, l.TakeNotes(func(_ uint64, taken [][]byte) (Commit, error) {
		notes = len(taken)
		return Commit{}, nil
	}))
	require.GreaterOrEqual(t, notes, len(m.notes)-notesLost)
	if hit {
		require.NotZero(t, damaged+len(report.Damage)+len(report.Torn)+len(l.Damage()), "nothing is reported")
	}
	checkKeptAside(t, l, file)
}

// checkKeptAside drains the log and sees that damaged files are not deleted.
func checkKeptAside(t *testing.T, l *Log, file string) {
	t.Helper()
	if len(l.Damage()) == 0 {
		return
	}
	for numbers := waitingOf(l); len(numbers) > 0; numbers = waitingOf(l) {
		require.NoError(t, l.Plan(&Plan{Table: events, Numbers: numbers}))
	}
	for _, p := range l.Plans() {
		require.NoError(t, l.Done(p.ID, nil))
	}
	require.NoError(t, l.Forget(^uint64(0)))
	names, err := l.disk.list("")
	require.NoError(t, err)
	if !slices.Contains(names, file) { // the last segment may still be in use
		require.Contains(t, names, file+damagedSuffix)
	}
	for _, name := range names {
		require.True(t, name == file+damagedSuffix || !strings.HasSuffix(name, damagedSuffix), name)
	}
}

func waitingOf(l *Log) []uint64 {
	var numbers []uint64
	for live, err := range l.Blocks(events) {
		if err != nil {
			break
		}
		numbers = append(numbers, live.Number)
	}
	return numbers
}

func TestALostBlocksRecordsAreForgottenSoThatARepetitionBringsItBack(t *testing.T) {
	d := newMemDisk()
	l, _, err := Open("log", crashOptions(d))
	require.NoError(t, err)
	require.NoError(t, l.Commit(commitOf(events, 2, 500, 2)))
	numbers := waiting(t, l, events)
	d.inodes[d.names["blocks-0000000000000001.log"]].current[headerSize+frameSize+400] ^= 1
	var e *DamageError
	_, err = l.Read(numbers[0], nil)
	require.ErrorAs(t, err, &e)
	require.NotContains(t, e.Error(), "header of")
	_, err = l.Read(numbers[1], nil)
	require.NoError(t, err)
	for _, r := range records(t, l) {
		require.Equal(t, numbers[1], r.Block)
	}
	for live, err := range l.Blocks(events) {
		require.NoError(t, err)
		require.Equal(t, live.Number == numbers[0], live.Damaged)
	}
	p := planAll(t, l, events)
	require.NoError(t, l.Done(p.ID, nil))
	require.False(t, l.IsStored(numbers[0]))
	require.ErrorIs(t, l.WaitStored(t.Context(), numbers[0]), ErrUnknown)
	require.True(t, l.IsStored(numbers[1]))
	require.NoError(t, l.Close())
}

func TestTheLastEntryMayBeTornAtEveryByte(t *testing.T) {
	whole := newMemDisk()
	l, _, err := Open("log", crashOptions(whole))
	require.NoError(t, err)
	require.NoError(t, l.Commit(commitOf(events, 1, 100, 1)))
	first := l.active.size
	require.NoError(t, l.Commit(commitOf(events, 2, 300, 2)))
	l.closeFiles()
	const file = "blocks-0000000000000001.log"
	size := int64(len(whole.inodes[whole.names[file]].current))
	fills := map[string]func(rest []byte) []byte{
		"cut off": func([]byte) []byte { return nil },
		"zeros":   func(rest []byte) []byte { return make([]byte, len(rest)) },
		"garbage": func(rest []byte) []byte { return block(9, uint64(len(rest)), len(rest)).Data },
	}
	for name, fill := range fills {
		t.Run(name, func(t *testing.T) {
			for at := first; at <= size; at++ {
				l, report, err := Open("log", crashOptions(damagedCopy(whole, file, at, fill)))
				require.NoError(t, err)
				require.Empty(t, report.Damage)
				if at == size {
					require.Len(t, waiting(t, l, events), 3)
				} else {
					require.Len(t, waiting(t, l, events), 1, "cut at %d", at)
					require.Len(t, records(t, l), 1)
				}
				if at > first && at < size {
					require.Len(t, report.Torn, 1)
				}
				require.NoError(t, l.Commit(commitOf(events, 1, 100, 1)))
				require.NoError(t, l.Close())
			}
		})
	}
}
