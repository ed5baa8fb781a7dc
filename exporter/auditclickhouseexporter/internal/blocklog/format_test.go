package blocklog

import (
	"encoding/binary"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write testdata/v1 again: only while no release has written version 1")

const golden = "testdata/v1"

// The golden log: numbers count from 1<<32 on.
func writeGolden(t *testing.T) {
	t.Helper()
	require.NoError(t, os.RemoveAll(golden))
	now := func() time.Time { return time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC) }
	l, _, err := Open(golden, Options{SegmentBytes: 2 << 10, now: now, reserve: 16})
	require.NoError(t, err)
	l.active.base, l.next, l.name, l.marker = 1<<32, 1<<32, 0x0123456789abcdef, [8]byte([]byte("a marker"))
	h := fileHeader{identity: l.identity, holds: holdsBlocks, sequence: 1, base: l.next, nextPlan: 1, created: now().UnixNano()}
	_, err = l.active.file.WriteAt(h.encode(), 0)
	require.NoError(t, err)
	for range 5 {
		require.NoError(t, l.Commit(commitOf(events, 1, 600, 1)))
	}
	p := Plan{Table: events, Numbers: waiting(t, l, events)[:4], Token: "done"}
	require.NoError(t, l.Plan(&p))
	require.NoError(t, l.Done(p.ID, func(first uint64) (Commit, error) {
		c, err := commitOf(quarantine, 1, 10, 0)(first)
		c.Notes = []byte("a note")
		return c, err
	}))
	p = Plan{Table: events, Numbers: waiting(t, l, events), Token: "under way"}
	require.NoError(t, l.Plan(&p))
	require.NoError(t, l.Close())
	for _, name := range []string{"LOCK", reserveName} {
		require.NoError(t, os.Remove(filepath.Join(golden, name)))
	}
}

func copyDir(t *testing.T, from string) string {
	t.Helper()
	to := t.TempDir()
	require.NoError(t, os.CopyFS(to, os.DirFS(from)))
	return to
}

func TestALogOfVersion1IsRead(t *testing.T) {
	if *update {
		writeGolden(t)
	}
	l, report, err := Open(copyDir(t, golden), Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Close()) }()
	require.Empty(t, report.Damage)
	require.Empty(t, report.Torn)
	require.False(t, report.New)
	require.Equal(t, "0123456789abcdef", l.Name())
	const first = uint64(1) << 32
	require.Equal(t, []Plan{{ID: 2, Table: events, Numbers: []uint64{first + 4}, Token: "under way"}}, l.Plans())
	require.Equal(t, []uint64{first + 5}, waiting(t, l, quarantine))
	require.Empty(t, waiting(t, l, events))
	b, err := l.Read(first+4, nil)
	require.NoError(t, err)
	require.Equal(t, block(events, first+4, 600).Data, b)
	require.Equal(t, 2, l.Stats().Windows)
	want := map[[16]byte]Record{}
	for i := range uint64(5) {
		r := record(first+i, 0, 0)
		r.Block = first + i
		want[r.ID] = r
	}
	require.Equal(t, want, records(t, l))
	require.NoError(t, l.TakeNotes(func(next uint64, notes [][]byte) (Commit, error) {
		require.Equal(t, first+6, next)
		require.Equal(t, [][]byte{[]byte("a note")}, notes)
		return Commit{}, nil
	}))
	for live, err := range l.Blocks(quarantine) {
		require.NoError(t, err)
		require.True(t, live.Committed.Equal(time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)))
	}
}

func TestALogOfANewerVersionIsRefusedAndLeftAlone(t *testing.T) {
	dir := copyDir(t, golden)
	files, err := filepath.Glob(filepath.Join(dir, "*.log"))
	require.NoError(t, err)
	newest := files[len(files)-1]
	b, err := os.ReadFile(newest)
	require.NoError(t, err)
	for at := 0; at < headerSize; at += copySize {
		binary.LittleEndian.PutUint16(b[at+8:], 2)
	}
	require.NoError(t, os.WriteFile(newest, b, 0o600))
	before := contents(t, dir)
	_, _, err = Open(dir, Options{})
	var e *VersionError
	require.ErrorAs(t, err, &e)
	require.Equal(t, VersionError{File: filepath.Base(newest), Found: 2, Known: 1}, *e)
	require.ErrorContains(t, err, "start the newer collector again")
	after := contents(t, dir)
	delete(after, "LOCK")
	require.Equal(t, before, after)
	_, _, err = Open(dir, Options{})
	require.ErrorAs(t, err, &e, "and it is not locked")
}

func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		require.NoError(t, err)
		all[e.Name()] = string(b)
	}
	return all
}

func TestTwoLogsInOneDirectoryAreRefused(t *testing.T) {
	dir, other := copyDir(t, golden), t.TempDir()
	require.NoError(t, open(t, other, Options{}).Close())
	require.NoError(t, os.Rename(filepath.Join(other, segmentName(1)), filepath.Join(dir, segmentName(99))))
	_, _, err := Open(dir, Options{})
	require.ErrorContains(t, err, "different logs")
	require.ErrorContains(t, err, segmentName(99))
}

func TestFilesWithoutAnyHeaderAreKeptAside(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, segmentName(7)), make([]byte, 5000), 0o600))
	l, report, err := Open(dir, Options{})
	require.NoError(t, err)
	require.Len(t, report.Damage, 1)
	require.True(t, report.New)
	require.FileExists(t, filepath.Join(dir, segmentName(7)+damagedSuffix))
	require.FileExists(t, filepath.Join(dir, segmentName(8)))
	require.NoError(t, l.Close())
	l, report, err = Open(dir, Options{})
	require.NoError(t, err)
	require.Equal(t, []string{segmentName(7) + damagedSuffix}, report.KeptAside)
	require.NoError(t, l.Close())
}
