package auditreceiver

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// maxTurn is how long a request that was handed on keeps its turn at most: a component that waits without saying so must not
// hold up the others.
const maxTurn = 100 * time.Millisecond

// turns bound how many requests are worked on at once, to as many as there are processors: more would only take memory, because
// decoded records take several times what they take on the wire. The others wait with their bodies.
type turns struct {
	places *semaphore.Weighted
	// told: the pipeline has once said when it began to wait, as the exporter of this bundle does. silent: a request has used up
	// maxTurn before. Where it is silent, as with any other exporter, requests are handed on without a turn.
	told, silent atomic.Bool
}

func newTurns() *turns { return &turns{places: semaphore.NewWeighted(int64(runtime.GOMAXPROCS(0)))} }

// turn is a request's. It ends once, however often it is ended.
type turn struct {
	of  *turns
	end func()
}

// take waits until the request can be worked on.
func (t *turns) take(ctx context.Context) (*turn, *failure) {
	if t.places.Acquire(ctx, 1) != nil {
		return nil, outWaited()
	}
	return &turn{of: t, end: sync.OnceFunc(func() { t.places.Release(1) })}, nil
}

// hand does what hands the request on.
func (t *turn) hand(ctx context.Context, hand func(context.Context) error) error {
	untold := func() {
		if !t.of.told.Load() {
			t.of.silent.Store(true)
		}
		t.end()
	}
	if t.of.silent.Load() && !t.of.told.Load() {
		t.end()
	}
	defer time.AfterFunc(maxTurn, untold).Stop()
	return hand(audit.ContextWithTurn(ctx, func() {
		t.of.told.Store(true)
		t.end()
	}))
}
