package blocklog

import (
	"bytes"
	"cmp"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// piece is a part of a file, and what may be lost when it is damaged. Nothing else may be.
type piece struct {
	file     string
	frame    int64 // where it begins
	from, to int64
	blocks   []uint64
	records  []Record
	notes    bool
	plans    bool
}

// pieces takes the files of a log apart.
func pieces(t *testing.T, d *memDisk, marker [8]byte) []piece {
	t.Helper()
	var all []piece
	for name, i := range d.names {
		blocks, _, ok := parseName(name)
		if !ok {
			continue
		}
		b := d.inodes[i].current
		scan := scanner{f: bytes.NewReader(b), marker: marker, end: int64(len(b))}
		for off := int64(headerSize); ; {
			f, bad, ok, err := scan.next(off)
			require.NoError(t, err)
			require.Zero(t, bad)
			if !ok {
				break
			}
			all = append(all, framePieces(t, name, b, &f, blocks)...)
			off = f.end()
		}
	}
	return all
}

func framePieces(t *testing.T, file string, b []byte, f *found, blocks bool) []piece {
	t.Helper()
	at := func(from, to int64) piece { return piece{file: file, frame: f.at, from: f.at + from, to: f.at + to} }
	header, control, table := at(0, frameSize), at(frameSize, f.tableAt()), at(f.tableAt(), f.recordsAt())
	replays, notes := at(f.recordsAt(), f.notesAt()), at(f.notesAt(), f.meta())
	for r := b[replays.from:replays.to]; len(r) > 0; r = r[recordSize:] {
		replays.records = append(replays.records, readRecord(r, f.first))
	}
	all := []piece{}
	if blocks {
		entries, ok := readTable(nil, b[table.from:table.to], &f.frame, f.at+f.meta())
		require.True(t, ok)
		for i, e := range entries {
			n := f.first + uint64(i)
			table.blocks = append(table.blocks, n)
			data := piece{file: file, frame: f.at, from: e.offset, to: e.offset + int64(e.size), blocks: []uint64{n}}
			for _, r := range replays.records {
				if r.Block == n {
					data.records = append(data.records, r)
				}
			}
			all = append(all, data)
		}
	}
	table.records = replays.records
	notes.notes, control.plans = true, true
	header.blocks, header.records, header.notes, header.plans = table.blocks, table.records, true, true
	return append(all, header, control, table, replays, notes)
}

// hits gives the pieces that damage touches. Damage up to the end of the last segment looks like an entry that was not written
// to its end: all of that is gone.
func hits(all []piece, file string, from, to int64) []piece {
	last := slices.MaxFunc(all, func(a, b piece) int {
		return cmp.Or(cmp.Compare(a.file[:6], b.file[:6])*-1, cmp.Compare(a.file, b.file), cmp.Compare(a.frame, b.frame))
	})
	frames := map[int64]bool{}
	var touched []piece
	for _, p := range all {
		if p.file == file && p.to > from && p.from < to {
			touched = append(touched, p)
			frames[p.frame] = true
		}
	}
	if file == last.file && to > last.frame {
		touched = slices.DeleteFunc(slices.Clone(all), func(p piece) bool { return p.file != file || !frames[p.frame] })
	}
	return touched
}
