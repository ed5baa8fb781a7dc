package directory

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"
)

// asked is a question, answer what is remembered of its answer.
type asked struct{ id, email string }

type answer struct {
	user  *User // nil for none
	until int64 // Unix ns
}

// ask answers from what is remembered, or else from the source, if that answers in time. A question goes on when nobody waits for
// it, so that those who come later have its answer.
func (r *Remote) ask(q *Query) Answer {
	key := asked{q.ID, q.Email}
	known, ok := r.answers.Get(key)
	now := time.Now()
	if ok && now.UnixNano() < known.until {
		return Answer{User: known.user.asOf(q.At), Fresh: true}
	}
	if !r.rest.now(now) && r.background.Err() == nil {
		// The question outlives the request, and its answer is remembered for long: the request's texts are parts of its body, which
		// is not to be kept for their sake.
		key = asked{strings.Clone(q.ID), strings.Clone(q.Email)}
		flight := r.flights.DoChan(q.ID+"\x00"+q.Email, func() (any, error) { return r.find(key) })
		if result, ended := wait(q.Wait, flight); ended && result.Err == nil {
			return Answer{User: result.Val.(*User).asOf(q.At), Fresh: true}
		}
	}
	return Answer{User: known.user.asOf(q.At)}
}

var errBusy = errors.New("too many questions are under way")

// find asks the source and remembers the answer.
func (r *Remote) find(key asked) (*User, error) {
	select {
	case r.slots <- struct{}{}:
	default:
		r.options.Observer.Asked(AskBusy, 0, errBusy)
		return nil, errBusy
	}
	defer func() { <-r.slots }()
	ctx, cancel := context.WithTimeout(r.background, r.options.LookupTimeout)
	defer cancel()
	began := time.Now()
	versions, err := r.source.Find(ctx, key.id, key.email)
	took := time.Since(began)
	if err != nil {
		if r.background.Err() == nil {
			r.rest.failed(time.Now(), err)
			r.options.Observer.Asked(AskFailed, took, err)
		}
		return nil, err
	}
	r.rest.succeeded()
	u, ttl, outcome := entry(versions), r.options.TTL, AskFound
	if u == nil {
		ttl, outcome = r.options.NegativeTTL, AskNone
	}
	r.answers.Add(key, answer{u, time.Now().Add(ttl).UnixNano()})
	r.options.Observer.Asked(outcome, took, nil)
	return u, nil
}

// Delays after failures, each twice as long as the one before.
const (
	firstRest = time.Second
	maxRest   = 30 * time.Second
)

// rest keeps away from a source that fails, so that events do not wait for it in vain.
type rest struct {
	mu    sync.Mutex
	last  time.Duration
	until time.Time
}

// now reports whether the source is to be left alone.
func (r *rest) now(t time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return t.Before(r.until)
}

// failed gives how long the source is to be left alone after a failure.
func (r *rest) failed(t time.Time, err error) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last = min(max(2*r.last, firstRest), maxRest)
	d := r.last
	var f *Failure
	if errors.As(err, &f) {
		d = max(d, min(f.RetryAfter, maxRetryAfter))
	}
	r.until = t.Add(d)
	return d
}

// maxRetryAfter bounds what a source may ask for.
const maxRetryAfter = 10 * time.Minute

func (r *rest) succeeded() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last, r.until = 0, time.Time{}
}
