package schema

import (
	"context"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v7"
)

// Gate holds inserts back until the schema is there, however long the server takes to come.
type Gate struct {
	prepare func(context.Context) error
	report  func(error)
	backoff backoff.BackOff

	mu    sync.Mutex
	state gateState
}

// gateState is replaced as a whole when an attempt ends.
type gateState struct {
	changed chan struct{} // closed when this state is over
	tried   bool          // an attempt has ended
	err     error         // of the last attempt
	recheck chan struct{} // closed when somebody doubts a schema that was found good
}

// NewGate makes a gate. prepare brings the schema about, report hears how each attempt ended.
func NewGate(prepare func(context.Context) error, report func(error), b backoff.BackOff) *Gate {
	return &Gate{prepare: prepare, report: report, backoff: b, state: newState(false, nil)}
}

func newState(tried bool, err error) gateState {
	return gateState{changed: make(chan struct{}), tried: tried, err: err, recheck: make(chan struct{})}
}

// Run prepares the schema, and again when it is doubted, until ctx ends.
func (g *Gate) Run(ctx context.Context) {
	for ctx.Err() == nil {
		err := g.prepare(ctx)
		if ctx.Err() != nil {
			return
		}
		state := g.end(err)
		g.report(err)
		if err == nil {
			g.backoff.Reset()
			select {
			case <-ctx.Done():
			case <-state.recheck:
				g.begin()
			}
			continue
		}
		select {
		case <-ctx.Done():
		case <-time.After(g.backoff.NextBackOff()):
		}
	}
}

func (g *Gate) end(err error) gateState { return g.replace(newState(true, err)) }

func (g *Gate) begin() { g.replace(newState(false, nil)) }

func (g *Gate) replace(state gateState) gateState {
	g.mu.Lock()
	defer g.mu.Unlock()
	close(g.state.changed)
	g.state = state
	return state
}

// Wait gives nil when the schema is there and the last attempt's error when it is not. While the first attempt runs, it
// waits for its end.
func (g *Gate) Wait(ctx context.Context) error {
	for {
		g.mu.Lock()
		state := g.state
		g.mu.Unlock()
		if state.tried {
			return state.err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-state.changed:
		}
	}
}

// Recheck has a schema that was found good prepared again, because an insert did not find it.
func (g *Gate) Recheck() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.state.tried || g.state.err != nil {
		return
	}
	select {
	case <-g.state.recheck:
	default:
		close(g.state.recheck)
	}
}
