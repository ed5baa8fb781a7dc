package blocklog

import "time"

// Stats is what a log holds now.
type Stats struct {
	Bytes    int64 // of all files
	MaxBytes int64 // 0: no bound
	Written  int64 // since Open
	Segments int
	Windows  int
	Waiting  int       // blocks neither planned nor done
	Undone   int       // blocks not done
	Plans    int       // not done
	Notes    int       // commits whose notes are not taken
	Oldest   time.Time // when the oldest block that is not done was committed; zero where all are
	Damage   int       // damaged places found so far
	Reserve  bool      // the reserve is there: the disk is not full
	Trouble  error     // why files that are done with could not be deleted, nil if they could
}

// Stats counts.
func (l *Log) Stats() Stats {
	l.mu.Lock()
	defer l.mu.Unlock()
	stats := Stats{
		Bytes: l.used(), MaxBytes: l.options.MaxBytes, Written: l.written, Segments: len(l.segments), Windows: len(l.windows),
		Plans: len(l.plans), Notes: len(l.notes), Damage: len(l.damage), Reserve: l.reserved, Trouble: l.trouble,
	}
	for _, s := range l.segments {
		stats.Undone += s.undone
		for _, waiting := range s.waiting {
			stats.Waiting += waiting
		}
	}
	stats.Oldest = l.oldestUndone()
	return stats
}

// oldestUndone is called with mu held, and may let go of it to read an index.
func (l *Log) oldestUndone() time.Time {
	for _, s := range l.segments {
		if s.undone == 0 {
			continue
		}
		if s.index == nil && l.load(s) != nil {
			return time.Time{}
		}
		for i, state := range s.states {
			if state.flags&flagDone == 0 && i < len(s.index) {
				return time.Unix(0, s.index[i].committed)
			}
		}
	}
	return time.Time{}
}
