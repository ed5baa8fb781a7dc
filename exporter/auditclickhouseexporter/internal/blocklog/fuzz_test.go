package blocklog

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// sign makes the checksums right of everything that looks like a frame, so that what the fuzzer changed is looked at.
func sign(b []byte, marker [8]byte) {
	for at := 0; ; at++ {
		i := bytes.Index(b[at:], marker[:])
		if at += i; i < 0 || len(b)-at < frameSize {
			return
		}
		h, from := b[at:at+frameSize], at+frameSize
		for s := 32; s < 64; s += 8 {
			size := int(binary.LittleEndian.Uint32(h[s:]))
			if size > len(b)-from {
				break
			}
			binary.LittleEndian.PutUint32(h[s+4:], checksum(b[from:from+size]))
			from += size
		}
		binary.LittleEndian.PutUint32(h[frameSize-4:], checksum(h[:frameSize-4]))
	}
}

// FuzzSegment opens a log whose first segment, and perhaps a window file, holds any bytes, and uses it.
func FuzzSegment(f *testing.F) {
	files, err := filepath.Glob(filepath.Join(golden, "*.log"))
	require.NoError(f, err)
	require.NotEmpty(f, files)
	var header fileHeader
	for _, name := range files {
		b, err := os.ReadFile(name)
		require.NoError(f, err)
		header, _, _ = decodeHeader(b)
		f.Add(b[headerSize:], true, true)
		f.Add(b[headerSize:], false, false)
	}
	f.Fuzz(func(t *testing.T, body []byte, signed, window bool) {
		body = bytes.Clone(body)
		if signed {
			sign(body, header.marker)
		}
		d := newMemDisk()
		write := func(name string, holds uint8, body []byte) {
			h := fileHeader{identity: header.identity, holds: holds, sequence: 3, base: 1 << 32, nextPlan: 1}
			d.names[name] = len(d.inodes)
			d.inodes = append(d.inodes, &inode{current: append(h.encode(), body...)})
		}
		write(segmentName(3), holdsBlocks, body)
		if window {
			write(windowName(3), holdsWindow, body)
		}
		use(t, d)
		use(t, d) // what the first left can be read too
	})
}

func use(t *testing.T, d *memDisk) {
	t.Helper()
	l, _, err := Open("log", crashOptions(d))
	require.NoError(t, err)
	for table := range uint8(5) {
		p := Plan{Table: table}
		for live, err := range l.Blocks(table) {
			require.NoError(t, err)
			b, err := l.Read(live.Number, nil)
			require.True(t, err != nil || len(b) == live.Size)
			p.Numbers = append(p.Numbers, live.Number)
		}
		if len(p.Numbers) > 0 {
			require.NoError(t, l.Plan(&p))
		}
	}
	require.NoError(t, l.Records(func(Record, time.Time) bool { return true }))
	require.NoError(t, l.TakeNotes(func(first uint64, _ [][]byte) (Commit, error) { return commitOf(ledger, 1, 10, 1)(first) }))
	for _, p := range l.Plans() {
		require.NoError(t, l.Done(p.ID, nil))
	}
	require.NoError(t, l.Commit(commitOf(events, 2, 100, 1)))
	require.Len(t, waiting(t, l, events), 2)
	p := planAll(t, l, events)
	require.NoError(t, l.Done(p.ID, nil))
	require.NoError(t, l.Close())
}

// FuzzControl reads any control section; what can be read is written as it was understood.
func FuzzControl(f *testing.F) {
	var b []byte
	for _, c := range []change{
		{op: opPlan, id: 7, table: 2, token: "token", spans: []span{{5, 3}, {1 << 40, 1}}},
		{op: opDone, id: 7, spans: []span{{5, 3}}},
		{op: opTaken, taken: position{3, 1 << 20}},
		{op: opClosed},
	} {
		b = c.append(b)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		changes, err := readControl(b)
		if err != nil {
			return
		}
		var again []byte
		for i := range changes {
			again = changes[i].append(again)
		}
		same, err := readControl(again)
		require.NoError(t, err)
		require.Equal(t, changes, same)
	})
}
