package blocklog

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// writing says how a frame is written.
type writing struct {
	drains bool // makes room in the end: may use the reserve, and go beyond MaxBytes
	lazy   bool // need not be durable yet
}

// ready makes sure that there is a segment to append to and gives the number of the next block. Called with writer held.
func (l *Log) ready(drains bool) (uint64, error) {
	if l.closed {
		return 0, ErrClosed
	}
	if math.MaxUint32-uint32(l.next) < maxBlocks {
		if err := l.seal(); err != nil {
			return 0, err
		}
		l.setNext(nextEpoch(l.next))
	}
	return l.next, l.withReserve(drains, l.roll)
}

// withReserve does what may run out of space, and if it does, and drains, does it again with the reserve given up.
func (l *Log) withReserve(drains bool, do func() error) error {
	for {
		err := do()
		if err == nil || !errors.Is(err, ErrFull) {
			return err
		}
		if released := l.releaseReserve(err); !released || !drains {
			return err
		}
	}
}

// roll begins a new segment where there is none, or where the present one is long enough.
func (l *Log) roll() error {
	if l.active != nil && l.active.size < l.options.SegmentBytes {
		return l.repeat()
	}
	if err := l.seal(); err != nil {
		return err
	}
	s := newSegment(l.nextSequence, l.next)
	l.nextSequence++
	header := fileHeader{
		identity: l.identity, holds: holdsBlocks, sequence: s.sequence, base: l.next, nextPlan: l.nextPlan,
		created: l.now().UnixNano(), previous: l.previous.sequence, previousLength: l.previous.offset,
	}
	f, err := l.createFile(s.name, header.encode())
	if err != nil {
		return err
	}
	s.file, s.size, s.synced = f, headerSize, headerSize
	l.mu.Lock()
	l.segments = append(l.segments, s)
	l.written += headerSize
	l.mu.Unlock()
	l.active = s
	return l.repeat()
}

// createFile makes a file with its first bytes, durable with its name, or leaves none.
func (l *Log) createFile(name string, header []byte) (file, error) {
	f, err := l.disk.create(l.path(name))
	if err != nil {
		return nil, diskError("create", name, err)
	}
	op := "write"
	if _, err = f.WriteAt(header, 0); err == nil {
		op, err = "sync", f.sync()
	}
	if err == nil {
		op, err = "sync the directory of", l.disk.syncDir(l.dir)
	}
	if err != nil {
		_ = f.Close()
		_ = l.disk.remove(l.path(name))
		return nil, diskError(op, name, err)
	}
	return f, nil
}

// repeat writes again what was in a segment behind the last sync that worked, when that segment was left.
func (l *Log) repeat() error {
	if !l.forgotten {
		return nil
	}
	e := l.encode(nil, l.unsynced, Commit{})
	if err := l.put(e, nil); err != nil {
		return err
	}
	l.forgotten = false
	return nil
}

// seal ends the active segment: everything in it is durable and counts, or it does not count.
func (l *Log) seal() error {
	s := l.active
	if s == nil {
		return nil
	}
	if s.synced < s.size {
		if err := l.sync(); err != nil {
			return err
		}
	}
	l.leave(s.size, false)
	return nil
}

// leave ends the active segment at good bytes. The header of the next one says so; ragged says that the file may be longer.
func (l *Log) leave(good int64, ragged bool) {
	s := l.active
	l.active, l.previous, l.forgotten = nil, position{s.sequence, good}, len(l.unsynced) > 0
	l.mu.Lock()
	s.size, s.sealed, s.ragged = good, true, ragged
	l.mu.Unlock()
}

// sync makes everything in the active segment durable. After a failure nobody can tell what is (the kernel forgets what it
// could not write), so the segment is left where the last sync that worked ended.
func (l *Log) sync() error {
	s := l.active
	if err := s.file.sync(); err != nil {
		_ = s.file.truncate(s.synced)
		l.leave(s.synced, true)
		return diskError("sync", s.name, err)
	}
	s.synced = s.size
	l.unsynced = l.unsynced[:0]
	return nil
}

// encoded is a frame before it has a place: room for its header, and its sections, without the blocks' data.
type encoded struct {
	frame
	meta []byte
}

// encode encodes a frame into the given buffer.
func (l *Log) encode(to []byte, changes []change, c Commit) encoded {
	e := encoded{frame: frame{kind: frameCommit, blocks: uint32(len(c.Blocks)), first: l.next, time: l.now().UnixNano()}}
	b := slices.Grow(to[:0], frameSize)[:frameSize]
	for i := range changes {
		b = changes[i].append(b)
	}
	e.control = sectionOf(b[frameSize:])
	at := len(b)
	b = appendTable(b, c.Blocks)
	e.table, at = sectionOf(b[at:]), len(b)
	b = appendRecords(b, c.Records)
	e.records, at = sectionOf(b[at:]), len(b)
	b = append(b, c.Notes...)
	e.notes = sectionOf(b[at:])
	for i := range c.Blocks {
		e.data += uint64(len(c.Blocks[i].Data))
	}
	e.meta = b
	return e
}

const (
	maxKept  = 4 << 20  // of the buffer, between frames
	maxMeta  = 1 << 30  // of a frame: far beyond what anybody commits, far below what a section's length can say
	writeOne = 64 << 10 // blocks from this size on are written on their own, smaller ones together
	gather   = 1 << 20  // how much is put together
)

// append writes a frame, syncs it unless lazy, and makes it known. Called with writer held, after ready.
func (l *Log) append(changes []change, c Commit, w writing) error {
	if err := c.check(); err != nil {
		return err
	}
	e := l.encode(l.buf, changes, c)
	l.keep(e.meta)
	if len(e.meta) > maxMeta {
		return fmt.Errorf("%w: %d bytes of headers, records and notes, at most %d", ErrTooLarge, len(e.meta), maxMeta)
	}
	if !w.drains {
		if err := l.fits(e.length()); err != nil {
			return err
		}
	}
	var f found
	err := l.withReserve(w.drains, func() error {
		if err := l.roll(); err != nil {
			return err
		}
		f = found{frame: e.frame, at: l.active.size}
		if err := l.put(e, c.Blocks); err != nil {
			return err
		}
		if w.lazy {
			l.unsynced = append(l.unsynced, changes...)
			return nil
		}
		return l.sync()
	})
	if err != nil {
		return err
	}
	l.apply(&f, e.meta[f.tableAt():f.recordsAt()])
	return nil
}

// keep makes a buffer that has grown the log's, unless it is too large to be kept.
func (l *Log) keep(b []byte) {
	if cap(b) <= maxKept {
		l.buf = b[:0]
	}
}

// put writes a frame behind the last one, or leaves no trace of it.
func (l *Log) put(e encoded, blocks []Block) error {
	s := l.active
	e.unsynced = uint32(min(s.size-s.synced, math.MaxUint32))
	e.writeTo(e.meta[:frameSize], l.marker)
	at, pending := s.size, e.meta
	flush := func(b []byte) error {
		_, err := s.file.WriteAt(b, at)
		at += int64(len(b))
		return err
	}
	var err error
	for i := 0; i < len(blocks) && err == nil; i++ {
		data := blocks[i].Data
		if len(data) < writeOne && len(pending) < gather {
			pending = append(pending, data...)
			if cap(pending) > cap(l.buf) {
				l.keep(pending)
			}
			continue
		}
		if err = flush(pending); err == nil {
			err = flush(data)
		}
		pending = pending[len(pending):] // what is before is still needed
	}
	if err == nil && len(pending) > 0 {
		err = flush(pending)
	}
	if err != nil {
		if s.file.truncate(s.size) != nil {
			l.leave(s.synced, true)
		}
		return diskError("write", s.name, err)
	}
	l.mu.Lock()
	s.size = at
	l.written += e.length()
	l.mu.Unlock()
	return nil
}

// apply makes a frame's blocks and notes known.
func (l *Log) apply(f *found, table []byte) {
	s := l.active
	l.mu.Lock()
	defer l.mu.Unlock()
	if f.notes.size > 0 {
		l.notes = append(l.notes, noteRef{position{s.sequence, f.at}, f.at + f.notesAt(), f.notes})
		s.notes++
	}
	if f.blocks == 0 {
		return
	}
	x := indexer{base: s.base, entries: s.index}
	x.add(f, table)
	s.add(x.entries[len(s.index):])
	s.index = x.entries
	l.next += uint64(f.blocks)
	select {
	case l.changed <- struct{}{}:
	default:
	}
}
