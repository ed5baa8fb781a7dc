package blocklog

import "slices"

// segmentReader reads one segment into what the log knows of it.
type segmentReader struct {
	r    *recovery
	s    *segment
	scan scanner
	x    indexer
	// open says that a write may have been under way at the end: nothing says how long the segment is.
	open bool
	torn *Torn
	gaps []Torn // holes between frames, until a frame shows that they were damaged
}

func (r *recovery) readSegment(s, next *stored) (*segment, error) {
	l := r.l
	f, err := l.disk.open(l.path(s.name))
	if err != nil {
		return nil, diskError("open", s.name, err)
	}
	defer func() { _ = f.Close() }()
	d := segmentReader{
		r: r, s: newSegment(s.sequence, s.header.base), open: next == nil,
		scan: scanner{f: f, marker: l.marker, end: s.size},
	}
	d.s.sealed, d.s.size = true, s.size
	d.begin(s)
	d.limit(s, next)
	if err := d.read(); err != nil {
		return nil, diskError("read", s.name, err)
	}
	d.finish(next)
	if next == nil {
		return d.s, diskError("cut off", s.name, d.mend(f))
	}
	return d.s, nil
}

// begin looks at the file's header.
func (d *segmentReader) begin(s *stored) {
	if s.damagedHeader() {
		d.damage(0, headerSize, "a file header")
	}
	if s.good > 0 {
		d.x.base = s.header.base
		return
	}
	// Where the segment before is there, its end is this one's beginning.
	if n := len(d.r.l.segments); n > 0 && d.r.l.segments[n-1].sequence+1 == s.sequence {
		d.x.base = d.r.l.segments[n-1].end()
	}
}

// limit finds out where the segment ends: the next one says how many of its bytes count.
func (d *segmentReader) limit(s, next *stored) {
	if next == nil || next.good == 0 || next.header.previous != s.sequence {
		return
	}
	length := next.header.previousLength
	if s.size < length && !d.isFinished() {
		d.damage(s.size, length-s.size, "the end of the file is missing")
	}
	d.s.intact, d.s.ragged = s.size >= length, s.size > length
	d.scan.end = min(s.size, length)
	d.s.size = d.scan.end
}

// isFinished reports whether the segment's records were being copied, which may have shortened it.
func (d *segmentReader) isFinished() bool {
	return slices.ContainsFunc(d.r.windows, func(w stored) bool { return w.sequence == d.s.sequence && w.good > 0 })
}

func (d *segmentReader) damage(at, n int64, what string) {
	d.s.damaged = true
	d.r.damage(Damage{File: d.s.name, Offset: at, Bytes: n, What: what})
}

// read walks the frames. One that is held is only taken when it is known not to be torn.
func (d *segmentReader) read() error {
	var held *found
	off := int64(headerSize)
	for {
		f, bad, ok, err := d.scan.next(off)
		if err != nil {
			return err
		}
		if held != nil {
			if !ok && d.open {
				whole, err := d.scan.whole(held)
				if err != nil {
					return err
				}
				if !whole { // what lies behind is of a longer one, that failed at the same place
					d.torn = &Torn{File: d.s.name, Offset: held.at, Bytes: d.scan.end - held.at}
					return nil
				}
			}
			if err := d.take(held); err != nil {
				return err
			}
		}
		switch {
		case !ok && bad > 0 && d.open:
			d.torn = &Torn{File: d.s.name, Offset: off, Bytes: bad}
		case bad > 0:
			d.gaps = append(d.gaps, Torn{File: d.s.name, Offset: off, Bytes: bad})
		}
		if !ok {
			d.damaged(!d.open, d.scan.end)
			return nil
		}
		d.damaged(true, f.at-int64(f.unsynced))
		held, off = &f, f.end()
	}
}

// damaged makes gaps before an offset damage: up to there everything was durable.
func (d *segmentReader) damaged(known bool, before int64) {
	d.gaps = slices.DeleteFunc(d.gaps, func(gap Torn) bool {
		if !known || gap.Offset >= before {
			return false
		}
		d.damage(gap.Offset, gap.Bytes, "an entry")
		return true
	})
}

// mend cuts off what a crash left of the last segment, and makes the rest durable: when only the process ended, it may still be
// on its way to the disk.
func (d *segmentReader) mend(f file) error {
	for _, gap := range d.gaps {
		if gap.Bytes < frameSize {
			d.damage(gap.Offset, gap.Bytes, "an entry")
			continue
		}
		b := make([]byte, frameSize)
		(&frame{kind: frameHole, data: uint64(gap.Bytes - frameSize)}).writeTo(b, d.scan.marker)
		if _, err := f.WriteAt(b, gap.Offset); err != nil {
			return err
		}
		d.r.report.Torn = append(d.r.report.Torn, gap)
	}
	if d.torn != nil {
		if err := f.truncate(d.torn.Offset); err != nil {
			return err
		}
		d.s.size = d.torn.Offset
		d.r.report.Torn = append(d.r.report.Torn, *d.torn)
	}
	return f.sync()
}

// take reads what a frame says.
func (d *segmentReader) take(f *found) error {
	l, r := d.r.l, d.r
	control, ok, err := d.scan.section(f.at+frameSize, f.control)
	if err != nil {
		return err
	}
	changes, bad := readControl(control)
	switch {
	case ok && bad == nil:
	case f.blocks == 0 && f.notes.size == 0: // such a frame need not have been durable
		d.gaps = append(d.gaps, Torn{File: d.s.name, Offset: f.at, Bytes: f.length()})
		changes = nil
	default:
		d.damage(f.at+frameSize, int64(f.control.size), "plans")
		changes = nil
	}
	for i := range changes {
		r.change(&changes[i])
	}
	table, ok, err := d.scan.section(f.at+f.tableAt(), f.table)
	if err != nil {
		return err
	}
	if !ok {
		table = nil
	}
	before := d.x.base + uint64(len(d.x.entries))
	lost, follows := d.x.add(f, table)
	switch {
	case !follows:
		d.damage(f.at, f.length(), "an entry whose numbers do not follow")
	case lost > 0:
		if before == 0 {
			before = f.first
		}
		d.s.damaged = true
		r.damage(Damage{
			File: d.s.name, Offset: f.at + f.tableAt(), Bytes: int64(f.table.size), What: "blocks", First: before, Blocks: lost,
		})
	}
	r.report.Records += int(f.records.size / recordSize)
	if f.notes.size > 0 {
		l.notes = append(l.notes, noteRef{position{d.s.sequence, f.at}, f.at + f.notesAt(), f.notes})
	}
	return nil
}

// change adds what one change says.
func (r *recovery) change(c *change) {
	switch c.op {
	case opPlan:
		r.plans[c.id] = *c
	case opDone:
		if c.id > 0 {
			r.ended[c.id] = true
		}
		r.done = append(r.done, c.spans...)
	case opTaken:
		if r.l.taken.before(c.taken) {
			r.l.taken = c.taken
		}
	}
}

// finish makes the blocks known, with those that are lost at the end.
func (d *segmentReader) finish(next *stored) {
	if d.x.base == 0 {
		d.x.base = d.r.l.next
	}
	d.s.base = d.x.base
	end := d.s.base + uint64(len(d.x.entries))
	if d.s.damaged && next != nil && next.good > 0 && next.header.previous == d.s.sequence && next.header.base > end && next.header.base-end <= uint64(d.s.size/minTableEntry) {
		lost := d.x.lose(int(next.header.base - end))
		d.r.damage(Damage{File: d.s.name, Offset: d.s.size, What: "blocks", First: end, Blocks: lost})
	}
	d.r.unsure = next == nil && (d.s.damaged || len(d.gaps) > 0)
	d.s.add(d.x.entries)
}
