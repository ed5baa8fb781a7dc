package blocklog

import (
	"bytes"
	"fmt"
)

// blockState is what is always in memory of a block: everything else is read from its segment when somebody asks.
type blockState struct {
	table uint8
	flags uint8
}

const (
	flagPlanned = 1 << iota
	flagDone
	flagDamaged
)

// segment is a file of blocks. Its fields are guarded by Log.mu, but for what the writer alone uses.
type segment struct {
	sequence uint64
	name     string
	base     uint64 // number of the first block; consecutive from there on
	size     int64  // bytes that count
	synced   int64  // bytes known to be durable (writer)
	sealed   bool   // nothing is appended any more
	finished bool   // every block is done and records are on their way to the window file
	intact   bool   // Open found it as long as it was: nothing was given back while its records were copied
	ragged   bool   // the file may go on behind what counts; only the next segment's header says so
	damaged  bool   // kept aside instead of deleted

	states  []blockState
	waiting map[uint8]int // blocks neither planned nor done, a table
	undone  int           // blocks not done
	notes   int           // frames whose notes are not taken
	begin   int           // no block before this one is waiting

	// What can be had again from the file, and is let go when others are used more.
	index  []entry // nil where not loaded
	file   file    // nil where not open
	ticked uint64  // when last used
}

func segmentName(sequence uint64) string { return fmt.Sprintf("blocks-%016x.log", sequence) }
func windowName(sequence uint64) string  { return fmt.Sprintf("window-%016x.log", sequence) }

func newSegment(sequence, base uint64) *segment {
	return &segment{sequence: sequence, name: segmentName(sequence), base: base, waiting: map[uint8]int{}}
}

func (s *segment) end() uint64 { return s.base + uint64(len(s.states)) }

// add makes blocks of entries known.
func (s *segment) add(entries []entry) {
	for i := range entries {
		e := &entries[i]
		if e.lost { // nothing can be done with it: there is not even a header
			s.states = append(s.states, blockState{flags: flagDone | flagDamaged})
			continue
		}
		s.states = append(s.states, blockState{table: e.table})
		s.waiting[e.table]++
		s.undone++
	}
}

// plan marks a waiting block as planned.
func (s *segment) plan(number uint64) {
	if state := &s.states[number-s.base]; state.flags&(flagPlanned|flagDone) == 0 {
		state.flags |= flagPlanned
		s.waiting[state.table]--
	}
}

// done marks a block as done.
func (s *segment) done(number uint64) {
	state := &s.states[number-s.base]
	if state.flags&flagDone != 0 {
		return
	}
	if state.flags&flagPlanned == 0 {
		s.waiting[state.table]--
	}
	state.flags |= flagDone
	s.undone--
}

// nextWaiting gives the first waiting block of a table from a number on.
func (s *segment) nextWaiting(table uint8, from uint64) (int, bool) {
	if s.waiting[table] == 0 {
		return 0, false
	}
	for s.begin < len(s.states) && s.states[s.begin].flags&(flagPlanned|flagDone) != 0 {
		s.begin++
	}
	at := s.begin
	if from > s.base {
		at = max(at, int(min(from-s.base, uint64(len(s.states)))))
	}
	for ; at < len(s.states); at++ {
		if state := s.states[at]; state.table == table && state.flags&(flagPlanned|flagDone) == 0 {
			return at, true
		}
	}
	return 0, false
}

// doneSpans gives the numbers that are done.
func (s *segment) doneSpans() []span {
	var spans []span
	for i, state := range s.states {
		if state.flags&flagDone == 0 {
			continue
		}
		number := s.base + uint64(i)
		if last := len(spans) - 1; last >= 0 && spans[last].end() == number {
			spans[last].count++
			continue
		}
		spans = append(spans, span{number, 1})
	}
	return spans
}

// maxBlocks bounds how many blocks a frame may have.
const maxBlocks = 1 << 20

// indexer builds the index of a segment from its frames.
type indexer struct {
	base    uint64
	entries []entry
	skipped int64 // bytes that are no frame
}

// add takes a frame and its table, nil where that cannot be read. It reports how many blocks are lost with the gap before
// the frame or with the table, and false for a frame whose numbers do not follow.
func (x *indexer) add(f *found, table []byte) (lost int, ok bool) {
	x.skipped += f.skipped
	if f.blocks == 0 {
		return 0, true
	}
	want := x.base + uint64(len(x.entries))
	if f.first < want || f.blocks > maxBlocks {
		return 0, false
	}
	if f.first-want > uint64(x.skipped/minTableEntry) { // more are missing than can have been there
		if len(x.entries) > 0 {
			return 0, false
		}
		x.base, want = f.first, f.first
	}
	lost = x.lose(int(f.first - want))
	if table != nil {
		if entries, ok := readTable(x.entries, bytes.Clone(table), &f.frame, f.at+f.meta()); ok {
			x.entries = entries
			return lost, true
		}
	}
	return lost + x.lose(int(f.blocks)), true
}

func (x *indexer) lose(n int) int {
	for range n {
		x.entries = append(x.entries, entry{lost: true})
	}
	return n
}
