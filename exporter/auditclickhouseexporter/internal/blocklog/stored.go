package blocklog

import (
	"context"
	"fmt"
)

// IsStored reports whether a block is done, and was not lost to damage.
func (l *Log) IsStored(number uint64) bool {
	stored, _ := l.state(number)
	return stored
}

// WaitStored waits until a block is done. It gives up with the context's error, with [ErrClosed], or with [ErrUnknown] for a
// block that never was or that is lost.
func (l *Log) WaitStored(ctx context.Context, number uint64) error {
	for {
		l.mu.Lock()
		changed := l.stored
		closed := l.closed
		l.mu.Unlock()
		stored, pending := l.state(number)
		switch {
		case stored:
			return nil
		case !pending:
			return fmt.Errorf("%w: block %d", ErrUnknown, number)
		case closed:
			return ErrClosed
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// state tells blocks that are done from those that will be.
func (l *Log) state(number uint64) (stored, pending bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.segmentOf(number)
	if s == nil { // segments are deleted when all their blocks are done
		return number < l.next, false
	}
	flags := s.states[number-s.base].flags
	return flags&(flagDone|flagDamaged) == flagDone, flags&flagDone == 0
}
