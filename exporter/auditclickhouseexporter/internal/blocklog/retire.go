package blocklog

import "slices"

// retire deletes what is done with. It does nothing where somebody else is at it, and what cannot be done now is tried the
// next time: nothing is lost by it.
func (l *Log) retire() {
	if !l.retiring.TryLock() {
		return
	}
	defer l.retiring.Unlock()
	err := l.dropWindows()
	if err == nil {
		err = l.sealDone()
	}
	for err == nil {
		var s *segment
		var front bool
		if s, front, err = l.retirable(); s == nil || err != nil {
			break
		}
		err = l.retireSegment(s, front)
	}
	l.mu.Lock()
	l.trouble = err
	l.mu.Unlock()
}

// sealDone ends the active segment where that makes room that is needed.
func (l *Log) sealDone() error {
	l.writer.Lock()
	defer l.writer.Unlock()
	l.mu.Lock()
	s := l.active
	idle := s != nil && s.undone == 0 && s.notes == 0 && s.size >= leastSegment && l.fullness() != nil
	l.mu.Unlock()
	if !idle {
		return nil
	}
	return l.seal()
}

// retirable finds a segment that nothing needs: no block, no plan, no note. front says that no earlier one is left.
func (l *Log) retirable() (s *segment, front bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil, false, ErrClosed
	}
	for i, s := range l.segments {
		if s.sealed && s.undone == 0 && s.notes == 0 {
			return s, i == 0, nil
		}
	}
	return nil, false, nil
}

func (l *Log) retireSegment(s *segment, front bool) error {
	if err := l.settle(s, front); err != nil {
		return err
	}
	l.mu.Lock()
	s.finished = true
	l.mu.Unlock()
	if err := l.copyRecords(s); err != nil {
		return err
	}
	l.mu.Lock()
	damaged := s.damaged
	l.mu.Unlock()
	if err := l.drop(s.name, damaged); err != nil {
		return err
	}
	l.mu.Lock()
	l.segments = slices.DeleteFunc(l.segments, func(other *segment) bool { return other == s })
	f := s.file
	s.file, s.index = nil, nil
	l.mu.Unlock()
	if f != nil {
		_ = f.Close()
	}
	return nil
}

// drop deletes a file, or keeps it aside for somebody to look at. Files go in order: as long as it is not known that the ones
// before are gone for good, none goes.
func (l *Log) drop(name string, damaged bool) error {
	if err := l.syncNames(); err != nil {
		return err
	}
	var err error
	if damaged {
		err = l.disk.rename(l.path(name), l.path(name+damagedSuffix))
	} else {
		err = l.disk.remove(l.path(name))
	}
	if err != nil {
		return diskError("delete", name, err)
	}
	l.unsyncedNames = true
	_ = l.syncNames() // tried again the next time
	return nil
}

func (l *Log) syncNames() error {
	if !l.unsyncedNames {
		return nil
	}
	err := l.disk.syncDir(l.dir)
	l.unsyncedNames = err != nil
	return diskError("sync", l.dir, err)
}

// settle makes durable that a segment is done before it goes. What its frames say of earlier segments that stay is
// written again.
func (l *Log) settle(s *segment, front bool) error {
	l.writer.Lock()
	defer l.writer.Unlock()
	if front && len(l.unsynced) == 0 {
		return nil
	}
	if _, err := l.ready(true); err != nil {
		return err
	}
	if l.active.synced < l.active.size {
		if err := l.sync(); err != nil { // a checkpoint without the rest of what it tells of would tell half of it
			return err
		}
	}
	if front {
		return nil
	}
	if err := l.trim(s); err != nil {
		return err
	}
	return l.append(l.checkpoint(s), Commit{}, writing{drains: true})
}

// trim makes the files before a segment as long as they are meant to be, while there still is one that says how long.
func (l *Log) trim(before *segment) error {
	l.mu.Lock()
	var ragged []*segment
	for _, s := range l.segments {
		if s == before {
			break
		}
		if s.ragged {
			ragged = append(ragged, s)
		}
	}
	l.mu.Unlock()
	for _, s := range ragged {
		f, err := l.disk.open(l.path(s.name))
		if err != nil {
			return diskError("open", s.name, err)
		}
		if err = f.truncate(s.size); err == nil {
			err = f.sync()
		}
		_ = f.Close()
		if err != nil {
			return diskError("truncate", s.name, err)
		}
		l.mu.Lock()
		s.ragged = false
		l.mu.Unlock()
	}
	return nil
}

// checkpoint is what must be known of the segments before one, and of all plans.
func (l *Log) checkpoint(before *segment) []change {
	changes := []change{}
	for _, p := range l.Plans() {
		changes = append(changes, change{op: opPlan, id: p.ID, table: p.Table, token: p.Token, spans: spansOf(p.Numbers)})
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	changes = append(changes, change{op: opTaken, taken: l.taken})
	for _, s := range l.segments {
		if s == before {
			break
		}
		if spans := s.doneSpans(); len(spans) > 0 {
			changes = append(changes, change{op: opDone, spans: spans})
		}
	}
	return changes
}

// dropWindows deletes the window files whose records are all too old.
func (l *Log) dropWindows() error {
	for {
		l.mu.Lock()
		i := slices.IndexFunc(l.windows, func(w *windowFile) bool {
			return w.last <= l.oldest && l.sequence(w.sequence) == nil
		})
		if i < 0 || l.closed {
			l.mu.Unlock()
			return nil
		}
		w := l.windows[i]
		damaged := w.damaged
		l.mu.Unlock()
		if err := l.drop(w.name, damaged); err != nil {
			return err
		}
		l.mu.Lock()
		l.windows = slices.DeleteFunc(l.windows, func(other *windowFile) bool { return other == w })
		l.mu.Unlock()
	}
}
