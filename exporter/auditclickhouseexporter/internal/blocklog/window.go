package blocklog

import (
	"cmp"
	"slices"
	"time"
)

// windowFile keeps the replay records of a segment that was deleted.
type windowFile struct {
	sequence uint64 // the segment's
	name     string
	size     int64
	last     uint64 // no record is of a block with this number or a later one
	damaged  bool   // kept aside instead of deleted
}

// Records gives every replay record that is kept, the oldest first, until visit gives false. Records of blocks that are known
// to be lost are left out: when one is repeated it is new, and so the loss is made good. A record may be given twice.
func (l *Log) Records(visit func(r Record, committed time.Time) bool) error {
	l.retiring.Lock() // no file goes away meanwhile
	defer l.retiring.Unlock()
	l.mu.Lock()
	keep := l.oldest
	windows, segments := slices.Clone(l.windows), slices.Clone(l.segments)
	ends := make([]int64, len(segments))
	for i, s := range segments {
		ends[i] = s.size
	}
	l.mu.Unlock()
	more := true
	give := func(f *found, records []byte) {
		for ; len(records) > 0 && more; records = records[recordSize:] {
			if r := readRecord(records, f.first); r.Block >= keep && !l.isLost(r.Block) {
				more = visit(r, time.Unix(0, f.time))
			}
		}
	}
	for _, w := range windows {
		if err := l.eachRecords(w.name, w.size, give); err != nil || !more {
			return err
		}
	}
	for i, s := range segments {
		if err := l.eachRecords(s.name, ends[i], give); err != nil || !more {
			return err
		}
	}
	return nil
}

// isLost reports whether a block is known to be damaged.
func (l *Log) isLost(number uint64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.segmentOf(number)
	return s != nil && s.states[number-s.base].flags&flagDamaged != 0
}

// eachRecords gives the records of every frame of a file, ordered by number.
func (l *Log) eachRecords(name string, end int64, visit func(f *found, records []byte)) error {
	f, err := l.disk.open(l.path(name))
	if err != nil {
		return diskError("open", name, err)
	}
	defer func() { _ = f.Close() }()
	scan := scanner{f: f, marker: l.marker, end: end}
	frames, err := recordFrames(&scan)
	if err != nil {
		return diskError("read", name, err)
	}
	slices.SortStableFunc(frames, func(a, b found) int { return cmp.Compare(a.first, b.first) })
	for i := range frames {
		at := frames[i].at + frames[i].recordsAt()
		b, ok, err := scan.section(at, frames[i].records)
		if err != nil {
			return diskError("read", name, err)
		}
		if !ok {
			l.damagedRecords(name, Damage{File: name, Offset: at, Bytes: int64(frames[i].records.size), What: "replay records"})
			continue
		}
		visit(&frames[i], b)
	}
	return nil
}

// recordFrames finds the frames that have records.
func recordFrames(scan *scanner) ([]found, error) {
	var frames []found
	for off := int64(headerSize); ; {
		f, _, ok, err := scan.next(off)
		if err != nil || !ok {
			return frames, err
		}
		if f.records.size > 0 {
			frames = append(frames, f)
		}
		off = f.end()
	}
}

// damagedRecords remembers damage in a file of either kind.
func (l *Log) damagedRecords(name string, d Damage) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range l.segments {
		s.damaged = s.damaged || s.name == name
	}
	for _, w := range l.windows {
		w.damaged = w.damaged || w.name == name
	}
	if !slices.Contains(l.damage, d) {
		l.damage = append(l.damage, d)
	}
}

// Forget says that records of blocks before a number need not be kept any more. The error, a [*DiskError], is about deleting
// what is done with: that is tried again later.
func (l *Log) Forget(before uint64) error {
	l.mu.Lock()
	l.oldest = max(l.oldest, before)
	l.mu.Unlock()
	l.retire()
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.trouble
}
