package follow

import (
	"context"
	"errors"
	"time"
)

// granularity is the coarsest time of modification of the file systems in use: a file that was changed less than this before it was
// read may have changed again without showing it.
const granularity = 2 * time.Second

// follow looks at the file at every interval until ctx ends.
func (f *File) follow(ctx context.Context) {
	ticker := time.NewTicker(f.options.Interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			f.poll(ctx)
		}
	}
}

// poll reads the file if it has changed and keeps still.
func (f *File) poll(ctx context.Context) {
	v, err := f.stat()
	if err == nil && f.readAt.Sub(v.modified) >= granularity {
		switch v {
		case f.seen:
			f.confirm()
			return
		case f.broken: // it has not been mended
			return
		}
	}
	// What writes the file may be at it, or may have taken the old one away and not put the new one there yet.
	if v != f.seen || err != nil {
		if !f.pause(ctx) {
			return
		}
		if again, err := f.stat(); err == nil && again != v {
			return
		}
	}
	err = f.load()
	if err == nil || errors.Is(err, errChanging) {
		return
	}
	f.stale.Store(true)
	if problem := err.Error(); problem != f.problem {
		f.problem = problem
		if f.options.Failed != nil {
			f.options.Failed(err)
		}
	}
}

// pauseFor gives a function that waits and reports whether its context goes on.
func pauseFor(d time.Duration) func(context.Context) bool {
	return func(ctx context.Context) bool {
		select {
		case <-ctx.Done():
			return false
		case <-time.After(d):
			return true
		}
	}
}
