package blocklog

import "slices"

// recovery gathers what the frames of all files say.
type recovery struct {
	l        *Log
	report   Report
	segments []stored
	windows  []stored
	plans    map[uint64]change
	ended    map[uint64]bool // plans
	done     []span
	unsure   bool // which numbers were given last cannot be told
}

// recover reads the directory. Before it changes anything it knows that it can read every file's version.
func (l *Log) recover() (Report, error) {
	r := &recovery{l: l, plans: map[uint64]change{}, ended: map[uint64]bool{}}
	r.report.Version = version
	reserved, err := r.list()
	if err != nil {
		return r.report, err
	}
	if err := r.identify(); err != nil {
		return r.report, err
	}
	if err := r.readAll(); err != nil {
		return r.report, err
	}
	if err := l.disk.syncDir(l.dir); err != nil {
		return r.report, diskError("sync", l.dir, err)
	}
	r.settle()
	l.mu.Lock()
	l.reserved = reserved
	l.mu.Unlock()
	l.writer.Lock()
	defer l.writer.Unlock()
	l.restoreReserve()
	if r.report.New {
		if _, err := l.ready(true); err != nil {
			return r.report, err
		}
	}
	r.report.Name = l.Name()
	return r.report, nil
}

func (r *recovery) damage(d Damage) {
	r.report.Damage = append(r.report.Damage, d)
	r.l.damage = append(r.l.damage, d)
}

// readAll reads every segment and window file.
func (r *recovery) readAll() error {
	l := r.l
	for i := range r.segments {
		var next *stored
		if i+1 < len(r.segments) {
			next = &r.segments[i+1]
		}
		s, err := r.readSegment(&r.segments[i], next)
		if err != nil {
			return err
		}
		l.segments = append(l.segments, s)
		l.previous = position{s.sequence, s.size}
		l.next = max(l.next, s.end(), r.segments[i].header.base)
		l.nextPlan = max(l.nextPlan, r.segments[i].header.nextPlan)
		r.report.Segments++
	}
	for i := range r.windows {
		if err := r.readWindow(&r.windows[i]); err != nil {
			return err
		}
	}
	return nil
}

func (r *recovery) readWindow(s *stored) error {
	l := r.l
	w := &windowFile{sequence: s.sequence, name: s.name, size: s.size}
	if s.damagedHeader() {
		w.damaged = true
		r.damage(Damage{File: s.name, Bytes: headerSize, What: "a file header"})
	}
	f, err := l.disk.open(l.path(s.name))
	if err != nil {
		return diskError("open", s.name, err)
	}
	defer func() { _ = f.Close() }()
	segment := l.sequence(s.sequence)
	end := int64(headerSize)
	if segment == nil || !segment.intact { // otherwise all of it is copied again
		if end, err = r.scanWindow(f, w, segment != nil); err != nil {
			return diskError("read", s.name, err)
		}
	}
	l.windows = append(l.windows, w)
	if segment == nil {
		return nil
	}
	// A segment's records are only copied when all of it is done. What was not copied to its end will be again.
	segment.finished = true
	r.done = append(r.done, span{segment.base, uint64(len(segment.states))})
	if w.size = end; end < s.size {
		err = f.truncate(end)
	}
	if err == nil {
		err = f.sync()
	}
	return diskError("cut off", s.name, err)
}

// scanWindow reads a window file and gives the end of its last whole entry. What lies behind is no damage while it is written.
func (r *recovery) scanWindow(f file, w *windowFile, written bool) (end int64, err error) {
	scan := scanner{f: f, marker: r.l.marker, end: w.size}
	damage := func(at, n int64) {
		w.damaged = true
		r.damage(Damage{File: w.name, Offset: at, Bytes: n, What: "replay records"})
	}
	for end = headerSize; ; {
		frame, bad, ok, err := scan.next(end)
		if err != nil {
			return 0, err
		}
		cut := !ok || frame.end() > w.size
		if written && (cut || bad > 0 && end >= frame.at-int64(frame.unsynced)) {
			return end, nil
		}
		if bad > 0 {
			damage(end, bad)
		}
		if ok {
			w.last = max(w.last, frame.first+uint64(frame.blocks))
			r.report.Records += int(frame.records.size / recordSize)
		}
		if ok && cut {
			damage(frame.at, w.size-frame.at)
		}
		if cut {
			return end, nil
		}
		end = frame.end()
	}
}

// settle makes one state of what all frames say.
func (r *recovery) settle() {
	l := r.l
	for _, done := range r.done {
		r.each(done, (*segment).done)
	}
	for id, p := range r.plans {
		l.nextPlan = max(l.nextPlan, id+1)
		if r.ended[id] || r.allDone(p.spans) {
			continue
		}
		plan := Plan{ID: id, Table: p.table, Token: p.token}
		for _, s := range p.spans {
			r.each(s, (*segment).plan)
			for n := range min(s.count, maxBlocks) { // no plan has as many
				plan.Numbers = append(plan.Numbers, s.first+n)
			}
		}
		l.plans[id] = plan
	}
	for id := range r.ended {
		l.nextPlan = max(l.nextPlan, id+1)
	}
	l.nextPlan = max(l.nextPlan, 1)
	if r.unsure {
		l.next = nextEpoch(l.next)
	}
	l.notes = slices.DeleteFunc(l.notes, func(n noteRef) bool { return n.before(l.taken) })
	for _, n := range l.notes {
		l.sequence(n.sequence).notes++
	}
	for _, s := range l.segments {
		for _, waiting := range s.waiting {
			r.report.Blocks += waiting
		}
	}
	r.report.Plans, r.report.Notes, r.report.Bytes = len(l.plans), len(l.notes), l.used()
}

// each does something to every block of a span that is in a segment.
func (r *recovery) each(s span, do func(*segment, uint64)) {
	for _, segment := range r.l.segments {
		for n := max(s.first, segment.base); n < min(s.end(), segment.end()); n++ {
			do(segment, n)
		}
	}
}

// allDone reports whether no block of a plan is left: those that are in no segment were done, or nothing can be done for them.
func (r *recovery) allDone(spans []span) bool {
	left := false
	for _, s := range spans {
		r.each(s, func(segment *segment, n uint64) {
			left = left || segment.states[n-segment.base].flags&flagDone == 0
		})
	}
	return !left
}
