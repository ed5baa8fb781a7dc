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

// damagedHeader reports whether a copy of the header is damaged. In a file that ends with it, it was only not written to its end.
func (s *stored) damagedHeader() bool { return s.good < 2 && s.size > headerSize }

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
	return err == nil && size == r.l.options.reserve
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
	if s.size < headerSize { // the header is synced before the file is used
		return s, nil
	}
	scan := scanner{f: f, end: s.size}
	b, err := scan.bytes(0, headerSize)
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
	if of != nil {
		l.identity = of.header.identity
	}
	known := of != nil
	var err error
	keep := func(s stored) bool {
		switch {
		case err != nil || s.good > 0:
			return true
		case s.size <= headerSize: // the header is synced before anything is written behind it
			err = l.drop(s.name, false)
			return false
		case !known:
			r.damage(Damage{File: s.name, Bytes: s.size, What: "the whole file: no header can be read"})
			err = l.drop(s.name, true)
			return false
		}
		return true
	}
	drop := func(s stored) bool { return !keep(s) }
	r.segments = slices.DeleteFunc(r.segments, drop)
	r.windows = slices.DeleteFunc(r.windows, drop)
	if known {
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
