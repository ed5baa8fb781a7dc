package blocklog

import (
	"fmt"
	"time"
)

const (
	reserveName = "reserve"
	// reserveSize is given up when the disk is full, so that plans can still be made and ended, and what waits can drain.
	reserveSize = 1 << 20
	// retryFull is how often it is tried whether there is room again.
	retryFull = time.Second
)

// Full says why nothing can be committed now, nil if something can. It is cheap. While it is not nil it sees, once a second,
// whether there is room again.
func (l *Log) Full() error {
	l.mu.Lock()
	err, now := l.fullness(), l.now()
	retry := err != nil && !l.closed && now.Sub(l.tried).Abs() >= retryFull
	if retry {
		l.tried = now
	}
	l.mu.Unlock()
	if !retry {
		return err
	}
	l.retire()
	if l.writer.TryLock() {
		l.restoreReserve()
		l.writer.Unlock()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.fullness()
}

// fullness is called with mu held.
func (l *Log) fullness() error {
	if l.closed {
		return ErrClosed
	}
	if l.full != nil {
		return l.full
	}
	return l.fitsLocked(headerSize)
}

// fits reports whether a frame fits within MaxBytes.
func (l *Log) fits(length int64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if m := l.options.MaxBytes; m > 0 && length+headerSize > m {
		return fmt.Errorf("%w: %d bytes, and all it may hold is %d", ErrTooLarge, length, m)
	}
	return l.fitsLocked(length)
}

func (l *Log) fitsLocked(length int64) error {
	used, m := l.used(), l.options.MaxBytes
	if m <= 0 || used+length <= m {
		return nil
	}
	return fmt.Errorf("%w: it holds %d bytes of at most %d; it drains when ClickHouse takes what waits", ErrFull, used, m)
}

// used is what the files take. Called with mu held.
func (l *Log) used() int64 {
	used := int64(0)
	for _, s := range l.segments {
		used += s.size
	}
	for _, w := range l.windows {
		used += w.size
	}
	return used
}

// releaseReserve gives the reserve up because of an error, and reports whether there was one. Called with writer held.
func (l *Log) releaseReserve(because error) bool {
	l.mu.Lock()
	had := l.reserved
	l.reserved, l.full, l.tried = false, because, l.now()
	l.mu.Unlock()
	if had {
		_ = l.disk.remove(l.path(reserveName))
	}
	return had
}

// restoreReserve tries to make the reserve, which shows that there is room again. Called with writer held.
func (l *Log) restoreReserve() {
	l.mu.Lock()
	done := l.reserved || l.closed
	l.mu.Unlock()
	if done {
		return
	}
	err := l.makeReserve()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.reserved, l.full = err == nil, err
}

// makeReserve writes real bytes: what a file system could compress or leave out would be no reserve. It writes twice as many
// as it keeps, so that a disk that has room for the reserve and nothing else counts as full.
func (l *Log) makeReserve() error {
	b := make([]byte, 2*l.options.reserve)
	x := l.name | 1
	for i := range b {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		b[i] = byte(x)
	}
	f, err := l.createFile(reserveName, b)
	if err != nil {
		return err
	}
	err = f.truncate(l.options.reserve)
	if e := f.Close(); err == nil {
		err = e
	}
	return diskError("truncate", reserveName, err)
}
