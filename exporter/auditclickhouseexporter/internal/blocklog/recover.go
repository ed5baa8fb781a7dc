package blocklog

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

const damagedSuffix = ".damaged"

// stored is a file of the log as recovery finds it.
type stored struct {
	name     string
	sequence uint64
	size     int64
	header   fileHeader
	good     int // copies of the header that can be read
}

// recovery gathers what the frames of all files say.
type recovery struct {
	l        *Log
	report   Report
	segments []stored
	windows  []stored
	plans    map[uint64]change
	ended    map[uint64]bool // plans
	done     []span
	lastPlan uint64
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

// list finds the files and reads their headers.
func (r *recovery) list() (reserved bool, err error) {
	l := r.l
	names, err := l.disk.list(l.dir)
	if err != nil {
		return false, diskError("list", l.dir, err)
	}
	for _, name := range names {
		whole, aside := strings.CutSuffix(name, damagedSuffix)
		if aside {
			r.report.KeptAside = append(r.report.KeptAside, name)
		}
		blocks, sequence, ok := parseName(whole)
		if ok {
			l.nextSequence = max(l.nextSequence, sequence+1)
		}
		if !ok || aside {
			continue
		}
		s, err := r.readHeader(name, sequence)
		if err != nil {
			return false, err
		}
		if blocks {
			r.segments = append(r.segments, s)
		} else {
			r.windows = append(r.windows, s)
		}
	}
	l.nextSequence = max(l.nextSequence, 1)
	for _, files := range [][]stored{r.segments, r.windows} {
		slices.SortFunc(files, func(a, b stored) int {
			if a.sequence < b.sequence {
				return -1
			}
			return 1
		})
	}
	return r.hasReserve(names), nil
}

func (r *recovery) hasReserve(names []string) bool {
	if !slices.Contains(names, reserveName) {
		return false
	}
	f, err := r.l.disk.open(r.l.path(reserveName))
	if err != nil {
		return false
	}
	size, err := f.size()
	_ = f.Close()
	return err == nil && size == reserveSize
}

func parseName(name string) (blocks bool, sequence uint64, ok bool) {
	rest, blocks := strings.CutPrefix(name, "blocks-")
	if !blocks {
		var window bool
		if rest, window = strings.CutPrefix(name, "window-"); !window {
			return false, 0, false
		}
	}
	rest, ok = strings.CutSuffix(rest, ".log")
	if !ok || len(rest) != 16 {
		return false, 0, false
	}
	sequence, err := strconv.ParseUint(rest, 16, 64)
	return blocks, sequence, err == nil
}

func (r *recovery) readHeader(name string, sequence uint64) (stored, error) {
	s := stored{name: name, sequence: sequence}
	f, err := r.l.disk.open(r.l.path(name))
	if err != nil {
		return s, diskError("open", name, err)
	}
	defer func() { _ = f.Close() }()
	if s.size, err = f.size(); err != nil {
		return s, diskError("read", name, err)
	}
	scan := scanner{f: f, end: s.size}
	b, err := scan.bytes(0, min(headerSize, s.size))
	if err != nil {
		return s, diskError("read", name, err)
	}
	var newer int
	if s.header, newer, s.good = decodeHeader(b); newer > 0 {
		return s, &VersionError{File: name, Found: newer, Known: version}
	}
	return s, nil
}

// identify finds out which log this is. Files that were being made when the process ended are deleted; where no header at
// all can be read, the files are kept aside and the log is new.
func (r *recovery) identify() error {
	l := r.l
	var of *stored
	for _, files := range [][]stored{r.windows, r.segments} {
		for i := range files {
			s := &files[i]
			switch {
			case s.good == 0:
			case of != nil && of.header.identity != s.header.identity:
				return fmt.Errorf("block log: %s and %s are of different logs: move one of the two logs out of the directory", of.name, s.name)
			default:
				of = s
			}
		}
	}
	var err error
	keep := func(s stored) bool {
		switch {
		case err != nil || s.good > 0:
			return true
		case s.size <= headerSize: // the header is synced before anything is written behind it
			err = l.drop(s.name, false)
			return false
		case of == nil:
			r.damage(Damage{File: s.name, Bytes: s.size, What: "the whole file: no header can be read"})
			err = l.drop(s.name, true)
			return false
		}
		return true
	}
	drop := func(s stored) bool { return !keep(s) }
	r.segments = slices.DeleteFunc(r.segments, drop)
	r.windows = slices.DeleteFunc(r.windows, drop)
	if of != nil {
		l.identity = of.header.identity
		return err
	}
	r.report.New = true
	l.name = randomNumber()
	for i, x := 0, randomNumber(); i < len(l.marker); i++ {
		l.marker[i] = byte(x >> (8 * i))
	}
	l.next = firstEpoch() + 1
	return err
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
	if s.good < 2 {
		w.damaged = true
		r.damage(Damage{File: s.name, Bytes: headerSize, What: "a file header"})
	}
	f, err := l.disk.open(l.path(s.name))
	if err != nil {
		return diskError("open", s.name, err)
	}
	defer func() { _ = f.Close() }()
	segment := l.sequence(s.sequence)
	scan := scanner{f: f, marker: l.marker, end: s.size}
	for off := int64(headerSize); ; {
		frame, bad, ok, err := scan.next(off)
		if err != nil {
			return diskError("read", s.name, err)
		}
		switch {
		case bad == 0:
		case !ok && segment != nil: // it was being written, and will be again
			w.size = off
			if err := f.truncate(off); err != nil {
				return diskError("truncate", s.name, err)
			}
		default:
			w.damaged = true
			r.damage(Damage{File: s.name, Offset: off, Bytes: bad, What: "replay records"})
		}
		if !ok {
			break
		}
		off = frame.end()
		w.last = max(w.last, frame.first+uint64(frame.blocks))
		r.report.Records += int(frame.records.size / recordSize)
	}
	l.windows = append(l.windows, w)
	if segment != nil { // a segment's records are only copied when all of it is done
		segment.finished = true
		r.done = append(r.done, span{segment.base, uint64(len(segment.states))})
	}
	return nil
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
			for n := range min(s.count, maxLost) { // no plan has as many
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
