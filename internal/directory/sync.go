package directory

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// follow reads the source at every interval until ctx ends.
func (r *Remote) follow(ctx context.Context) {
	var failures rest
	for {
		delay := r.options.SyncInterval
		if err := r.sync(ctx); err != nil {
			delay = min(failures.failed(time.Now(), err), max(delay, maxRetryAfter))
		} else {
			failures.succeeded()
		}
		for _, changes := range r.changes {
			if r.options.OnChange != nil {
				r.options.OnChange(ctx, changes)
			}
		}
		r.changes = nil
		if !pause(ctx, delay) {
			return
		}
	}
}

// sync reads what has changed, or everything where that is due or cannot be told otherwise.
func (r *Remote) sync(ctx context.Context) error {
	bounded, cancel := context.WithTimeout(ctx, r.options.SyncTimeout)
	defer cancel()
	began := time.Now()
	follower, can := r.source.(Follower)
	s := Sync{Full: !can || r.readAt.IsZero() || began.Sub(r.readAt) >= r.options.FullSyncInterval}
	if !s.Full {
		s.Err = r.readChanged(bounded, follower, &s)
		s.Full = errors.Is(s.Err, ErrReadAll)
	}
	if s.Full {
		s.Err = r.readAll(bounded, &s)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	r.synced.Store(s.Err == nil)
	if s.Err == nil {
		r.confirmed.Store(began.UnixNano())
	}
	s.Users, s.Took = r.Stats().Users, time.Since(began)
	r.options.Observer.Synced(s)
	return s.Err
}

// readAll reads everything into a new table, and takes that when it is whole.
func (r *Remote) readAll(ctx context.Context, s *Sync) error {
	b := newBuilder()
	err := r.source.Users(ctx, func(u User) error {
		cut, ok := u.Fit()
		if ok {
			_, problem := b.add(u)
			ok = problem == ""
		}
		if !ok {
			s.Skipped++
			return nil
		}
		if cut {
			s.Cut++
		}
		if b.n > r.options.MaxUsers {
			return Failuref("there are more users than the %d of max_users", r.options.MaxUsers)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read all users: %w", err)
	}
	now := time.Now()
	if r.readAt.IsZero() {
		s.Changed, r.changes = b.n, append(r.changes, b.table.snapshot(now.UnixNano()))
	} else {
		changes := b.table.succeed(r.table, now.UnixNano(), r.keep(now))
		s.Changed, r.changes = len(changes), append(r.changes, slices.Values(changes))
	}
	r.mu.Lock()
	r.table = b.table
	r.mu.Unlock()
	r.readAt = now
	return nil
}

func (r *Remote) keep(now time.Time) int64 { return now.Add(-r.options.Keep).UnixNano() }

// readChanged takes what the source says anew, user by user.
func (r *Remote) readChanged(ctx context.Context, follower Follower, s *Sync) error {
	now := time.Now()
	var changes []Change
	note := func(c Change) bool { changes = append(changes, c); return true }
	err := follower.Changed(ctx, func(u User) error {
		cut, ok := u.Fit()
		if !ok {
			s.Skipped++
			return nil
		}
		if cut {
			s.Cut++
		}
		u.dated = u.ValidFrom != 0 || u.ValidTo != 0
		r.mu.Lock()
		changed := r.table.update(&u, now.UnixNano(), r.keep(now))
		users := r.table.users()
		r.mu.Unlock()
		if changed {
			presences(&u, now.UnixNano(), note)
		}
		if users > r.options.MaxUsers {
			return Failuref("there are more users than the %d of max_users", r.options.MaxUsers)
		}
		return nil
	})
	s.Changed, r.changes = len(changes), append(r.changes, slices.Values(changes))
	if err != nil {
		return fmt.Errorf("read what has changed: %w", err)
	}
	return nil
}

// pause waits, and reports whether ctx goes on.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
