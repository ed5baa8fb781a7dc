package blocklog

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"time"
)

// Live is a block that waits.
type Live struct {
	Number    uint64
	Table     uint8
	Header    []byte // not to be changed
	Size      int    // of the data
	Committed time.Time
	Damaged   bool // the data is known not to be what was written
}

// maxLoaded is how many segments have their index in memory, beside the one that is written.
const maxLoaded = 4

// Blocks gives the blocks of a table that are neither planned nor done, in ascending order. The log may change meanwhile. An
// error, a [*DiskError], ends it.
func (l *Log) Blocks(table uint8) iter.Seq2[Live, error] {
	return func(yield func(Live, error) bool) {
		for from := uint64(0); ; {
			live, ok, err := l.nextWaiting(table, from)
			if err != nil {
				yield(Live{}, err)
				return
			}
			if !ok || !yield(live, nil) {
				return
			}
			from = live.Number + 1
		}
	}
}

func (l *Log) nextWaiting(table uint8, from uint64) (Live, bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for again := true; again; {
		again = false
		for _, s := range l.segments {
			if s.end() <= from {
				continue
			}
			i, ok := s.nextWaiting(table, from)
			if !ok {
				continue
			}
			if s.index == nil {
				if err := l.load(s); err != nil {
					return Live{}, false, err
				}
				again = true // mu was not held
				break
			}
			l.tick(s)
			e := &s.index[i]
			return Live{
				Number: s.base + uint64(i), Table: e.table, Header: e.header, Size: e.size,
				Committed: time.Unix(0, e.committed), Damaged: s.states[i].flags&flagDamaged != 0,
			}, true, nil
		}
	}
	return Live{}, false, nil
}

// Read reads the data of a block that is not done, into buf where it has room. The error is a [*DamageError] where the bytes
// are not what was written, [ErrUnknown], or a [*DiskError], after which another try may succeed.
func (l *Log) Read(number uint64, buf []byte) ([]byte, error) {
	l.mu.Lock()
	s := l.segmentOf(number)
	if s == nil || s.states[number-s.base].flags&flagDone != 0 {
		defer l.mu.Unlock()
		if s != nil && s.states[number-s.base].flags&flagDamaged != 0 {
			return nil, &DamageError{number, Damage{File: s.name, What: "a block", First: number, Blocks: 1}}
		}
		return nil, fmt.Errorf("%w: block %d", ErrUnknown, number)
	}
	if s.index == nil {
		if err := l.load(s); err != nil {
			l.mu.Unlock()
			return nil, err
		}
	}
	e, sequence := s.index[number-s.base], s.sequence
	l.mu.Unlock()
	b := slices.Grow(buf[:0], e.size)[:e.size]
	ok, err := l.readAt(sequence, e.offset, b)
	if err != nil {
		return nil, err
	}
	if !ok || checksum(b) != e.sum {
		d := Damage{Offset: e.offset, Bytes: int64(e.size), What: "a block", First: number, Blocks: 1}
		return nil, &DamageError{Number: number, Damage: l.damaged(sequence, d)}
	}
	return b, nil
}

// readAt fills b from a segment: false where the file is shorter, or the disk cannot read it.
func (l *Log) readAt(sequence uint64, at int64, b []byte) (bool, error) {
	for {
		f, name, err := l.fileOf(sequence)
		if err != nil {
			return false, err
		}
		if len(b) == 0 {
			return true, nil
		}
		_, err = f.ReadAt(b, at)
		switch {
		case err == nil:
			return true, nil
		case errors.Is(err, os.ErrClosed): // let go of meanwhile
			continue
		case errors.Is(err, io.EOF) || unreadable(err):
			return false, nil
		default:
			return false, diskError("read", name, err)
		}
	}
}

// fileOf gives the open file of a segment.
func (l *Log) fileOf(sequence uint64) (file, string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.sequence(sequence)
	switch {
	case l.closed:
		return nil, "", ErrClosed
	case s == nil:
		return nil, "", fmt.Errorf("%w: segment %d", ErrUnknown, sequence)
	case s.file == nil:
		if err := l.load(s); err != nil {
			return nil, "", err
		}
	}
	l.tick(s)
	return s.file, s.name, nil
}

func (l *Log) tick(s *segment) {
	l.ticks++
	s.ticked = l.ticks
}

// load opens a segment and reads its index. It is called with mu held and lets go of it meanwhile.
func (l *Log) load(s *segment) error {
	if l.closed {
		return ErrClosed
	}
	end, base, blocks := s.size, s.base, len(s.states)
	l.mu.Unlock()
	f, index, err := l.readIndex(s.name, end, base, blocks)
	l.mu.Lock()
	if err != nil {
		return err
	}
	if s.file != nil || l.sequence(s.sequence) != s {
		_ = f.Close()
		return nil
	}
	s.file, s.index = f, index
	l.tick(s)
	l.unload()
	return nil
}

func (l *Log) readIndex(name string, end int64, base uint64, blocks int) (file, []entry, error) {
	f, err := l.disk.open(l.path(name))
	if err != nil {
		return nil, nil, diskError("open", name, err)
	}
	scan := scanner{f: f, marker: l.marker, end: end}
	x := indexer{base: base, entries: make([]entry, 0, blocks)}
	for off := int64(headerSize); ; {
		frame, _, ok, err := scan.next(off)
		if err != nil {
			_ = f.Close()
			return nil, nil, diskError("read", name, err)
		}
		if !ok {
			break
		}
		off = frame.end()
		table, ok, err := scan.section(frame.at+frame.tableAt(), frame.table)
		if err != nil {
			_ = f.Close()
			return nil, nil, diskError("read", name, err)
		}
		if !ok {
			table = nil
		}
		x.add(&frame, table)
	}
	x.lose(blocks - len(x.entries))
	return f, x.entries[:blocks], nil
}

// unload lets go of the segments that were not used for longest. Called with mu held.
func (l *Log) unload() {
	for {
		var least *segment
		loaded := 0
		for _, s := range l.segments {
			if !s.sealed || s.file == nil {
				continue
			}
			loaded++
			if least == nil || s.ticked < least.ticked {
				least = s
			}
		}
		if loaded <= maxLoaded {
			return
		}
		_ = least.file.Close()
		least.file, least.index = nil, nil
	}
}

// damaged remembers damage that was found in a segment, once.
func (l *Log) damaged(sequence uint64, d Damage) Damage {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.sequence(sequence)
	if s == nil {
		return d
	}
	s.damaged = true
	d.File = s.name
	if d.Blocks == 1 && d.First >= s.base && d.First < s.end() {
		s.states[d.First-s.base].flags |= flagDamaged
	}
	if !slices.Contains(l.damage, d) {
		l.damage = append(l.damage, d)
	}
	return d
}

// Damage gives every damaged place found so far, by Open and since.
func (l *Log) Damage() []Damage {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.damage)
}

// Changed is sent to when blocks were committed. It holds one signal: who receives looks at everything that waits.
func (l *Log) Changed() <-chan struct{} { return l.changed }
