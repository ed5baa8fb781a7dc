package blocklog

import (
	"errors"
	"math"
	"slices"
)

// copyRecords copies the records of a segment that are still needed to its window file.
func (l *Log) copyRecords(s *segment) error {
	f, err := l.disk.open(l.path(s.name))
	if err != nil {
		return diskError("open", s.name, err)
	}
	defer func() { _ = f.Close() }()
	scan := scanner{f: f, marker: l.marker, end: s.size}
	frames, err := recordFrames(&scan)
	if err != nil {
		return diskError("read", s.name, err)
	}
	w := l.windowOf(s.sequence)
	frames, err = l.needed(frames, w)
	if err != nil || len(frames) == 0 {
		return err
	}
	out, err := l.openWindow(s, &w)
	if err != nil {
		return err
	}
	defer func() { _ = out.Close() }()
	// On a disk that has no room for all records, a part at a time is copied that has room in the reserve, and as much of the
	// segment, from its end, is given back.
	smallCopy := l.options.reserve / 4
	for room := s.size; len(frames) > 0; {
		n := tail(frames, room)
		err := l.appendWindow(out, w, s, &scan, frames[n:])
		switch {
		case err == nil:
			frames = frames[:n]
		case errors.Is(err, ErrFull) && (room > smallCopy || l.giveUpReserve(err)):
			room = smallCopy
			continue
		default:
			return err
		}
		if n == 0 {
			return nil
		}
		if err := l.giveBack(f, s, frames[n-1].end()); err != nil {
			return err
		}
	}
	return nil
}

// giveBack shortens a segment of which nothing is needed any more behind an offset, unless it is to be kept for somebody to look at.
func (l *Log) giveBack(f file, s *segment, end int64) error {
	l.mu.Lock()
	damaged := s.damaged
	l.mu.Unlock()
	if damaged {
		return nil
	}
	if err := f.truncate(end); err != nil {
		return diskError("truncate", s.name, err)
	}
	l.mu.Lock()
	s.size = end
	l.mu.Unlock()
	return nil
}

func (l *Log) giveUpReserve(because error) bool {
	l.writer.Lock()
	defer l.writer.Unlock()
	return l.releaseReserve(because)
}

// tail gives how many frames remain when the last ones, of at most room bytes of records, but at least one, are taken.
func tail(frames []found, room int64) int {
	n := len(frames)
	for n > 0 {
		room -= int64(frames[n-1].records.size) + frameSize
		if room < 0 && n < len(frames) {
			break
		}
		n--
	}
	return n
}

// needed leaves out the frames whose records are all too old, or copied before a crash.
func (l *Log) needed(frames []found, w *windowFile) ([]found, error) {
	l.mu.Lock()
	oldest := l.oldest
	l.mu.Unlock()
	copied := map[uint64]bool{}
	if w != nil {
		err := l.eachRecords(w.name, w.size, func(f *found, _ []byte) { copied[f.first] = true })
		if err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(frames, func(f found) bool {
		return f.first+uint64(f.blocks) <= oldest || copied[f.first]
	}), nil
}

func (l *Log) windowOf(sequence uint64) *windowFile {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, w := range l.windows {
		if w.sequence == sequence {
			return w
		}
	}
	return nil
}

// openWindow opens the window file of a segment, made where there is none.
func (l *Log) openWindow(s *segment, w **windowFile) (file, error) {
	if *w != nil {
		f, err := l.disk.open(l.path((*w).name))
		return f, diskError("open", (*w).name, err)
	}
	made := &windowFile{sequence: s.sequence, name: windowName(s.sequence), size: headerSize}
	header := fileHeader{
		identity: l.identity, holds: holdsWindow, sequence: s.sequence, base: s.base, created: l.now().UnixNano(),
	}
	f, err := l.createFile(made.name, header.encode())
	if err != nil && errors.Is(err, ErrFull) && l.giveUpReserve(err) {
		f, err = l.createFile(made.name, header.encode())
	}
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	at, _ := slices.BinarySearchFunc(l.windows, made.sequence, bySequence)
	l.windows = slices.Insert(l.windows, at, made)
	l.written += headerSize
	*w = made
	return f, nil
}

func bySequence(w *windowFile, sequence uint64) int {
	switch {
	case w.sequence < sequence:
		return -1
	case w.sequence > sequence:
		return 1
	default:
		return 0
	}
}

// appendWindow copies the records of frames and syncs them, or leaves the window as it was.
func (l *Log) appendWindow(out file, w *windowFile, s *segment, scan *scanner, frames []found) error {
	at, last := w.size, w.last
	var b []byte
	flush := func() error {
		_, err := out.WriteAt(b, at)
		at, b = at+int64(len(b)), b[:0]
		return diskError("write", w.name, err)
	}
	err := func() error {
		for i := range frames {
			f := &frames[i]
			place := f.at + f.recordsAt()
			records, ok, err := scan.section(place, f.records)
			if err != nil {
				return diskError("read", s.name, err)
			}
			if !ok {
				l.damagedRecords(s.name, Damage{File: s.name, Offset: place, Bytes: int64(f.records.size), What: "replay records"})
				continue
			}
			b = l.appendWindowFrame(b, f, records, at+int64(len(b))-w.size)
			last = max(last, f.first+uint64(f.blocks))
			if len(b) >= gather {
				if err := flush(); err != nil {
					return err
				}
			}
		}
		if err := flush(); err != nil {
			return err
		}
		return diskError("sync", w.name, out.sync())
	}()
	if err != nil {
		_ = out.truncate(w.size)
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.written += at - w.size
	w.size, w.last = at, last
	return nil
}

// appendWindowFrame appends a frame with the records of blocks that are not lost.
func (l *Log) appendWindowFrame(to []byte, f *found, records []byte, unsynced int64) []byte {
	start := len(to)
	to = append(to, make([]byte, frameSize)...)
	for ; len(records) > 0; records = records[recordSize:] {
		if !l.isLost(readRecord(records, f.first).Block) {
			to = append(to, records[:recordSize]...)
		}
	}
	h := frame{
		kind: frameWindow, blocks: f.blocks, first: f.first, time: f.time, records: sectionOf(to[start+frameSize:]),
		unsynced: uint32(min(unsynced, math.MaxUint32)),
	}
	h.writeTo(to[start:start+frameSize], l.marker)
	return to
}
