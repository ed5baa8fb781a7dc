package blocklog

// noteRef is where notes lie that are not taken yet.
type noteRef struct {
	position         // of the frame
	at       int64   // of the notes, in the file
	section  section // their length and checksum
}

// TakeNotes hands over the notes of all commits since the last time, the oldest first, and replaces them by what take gives,
// in one frame: they are never both there, nor both gone. The notes are take's until it returns. It is not called when
// there are none, and runs inside the log's lock like a [Build].
func (l *Log) TakeNotes(take func(first uint64, notes [][]byte) (Commit, error)) error {
	if err := l.takeNotes(take); err != nil {
		return err
	}
	l.retire()
	return nil
}

func (l *Log) takeNotes(take func(first uint64, notes [][]byte) (Commit, error)) error {
	l.writer.Lock()
	defer l.writer.Unlock()
	first, err := l.ready(true)
	if err != nil {
		return err
	}
	l.mu.Lock()
	refs := l.notes
	l.mu.Unlock()
	if len(refs) == 0 {
		return nil
	}
	notes, err := l.readNotes(refs)
	if err != nil {
		return err
	}
	c, err := take(first, notes)
	if err != nil {
		return err
	}
	last := refs[len(refs)-1].position
	last.offset++
	if err := l.append([]change{{op: opTaken, taken: last}}, c, writing{drains: true}); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.taken = last
	l.notes = append([]noteRef(nil), l.notes[len(refs):]...)
	for _, s := range l.segments {
		if s.sequence <= last.sequence {
			s.notes = 0
		}
	}
	for _, n := range l.notes {
		l.sequence(n.sequence).notes++
	}
	return nil
}

// readNotes reads notes; damaged ones are left out and remembered.
func (l *Log) readNotes(refs []noteRef) ([][]byte, error) {
	notes := make([][]byte, 0, len(refs))
	for _, ref := range refs {
		b := make([]byte, ref.section.size)
		ok, err := l.readAt(ref.sequence, ref.at, b)
		if err != nil {
			return nil, err
		}
		if !ok || !ref.section.holds(b) {
			l.damaged(ref.sequence, Damage{Offset: ref.at, Bytes: int64(ref.section.size), What: "notes"})
			continue
		}
		notes = append(notes, b)
	}
	return notes, nil
}

// sequence gives a segment by its sequence, which must be there. Called with mu held.
func (l *Log) sequence(sequence uint64) *segment {
	for _, s := range l.segments {
		if s.sequence == sequence {
			return s
		}
	}
	return nil
}
