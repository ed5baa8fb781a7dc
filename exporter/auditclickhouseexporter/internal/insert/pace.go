package insert

import (
	"context"
	"math"
	"sync"
	"time"

	"github.com/ClickHouse/ch-go/proto"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/clickhouse"
)

// pace adapts to the server. One that merges too slowly, or has too many queries, gets fewer and larger inserts; one that lacks
// memory, or does not have an insert done in time, gets smaller ones. Both fade with every insert that is taken.
type pace struct {
	maxRows  int
	maxDelay time.Duration

	mu      sync.Mutex
	stretch float64   // how many times longer blocks wait for others
	shrink  float64   // how many times fewer rows an insert has
	until   time.Time // nothing is sent before
	delay   time.Duration
}

const (
	maxStretch    = 30
	maxShrink     = 100
	recovery      = 0.9 // what is left of either after an insert that is taken
	firstThrottle = time.Second
	maxThrottle   = 30 * time.Second
)

func newPace(o Options) *pace {
	return &pace{maxRows: o.MaxRows, maxDelay: o.MaxDelay, stretch: 1, shrink: 1}
}

// target gives how many rows an insert shall have at most, and how long a block waits for others.
func (p *pace) target() (rows int, delay time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return max(1, int(float64(p.maxRows)/p.shrink)), time.Duration(float64(p.maxDelay) * p.stretch)
}

// taken recovers by a step.
func (p *pace) taken() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stretch = math.Max(1, p.stretch*recovery)
	p.shrink = math.Max(1, p.shrink*recovery)
	p.delay = 0
}

// throttled slows down, and gives for how long nothing is sent.
func (p *pace) throttled(e *clickhouse.Error, now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if overtaxed(e) {
		p.shrink = math.Min(maxShrink, p.shrink*2)
	} else {
		p.stretch = math.Min(maxStretch, p.stretch*2)
	}
	p.delay = min(maxThrottle, max(firstThrottle, 2*p.delay))
	delay := max(p.delay, e.RetryAfter)
	if until := now.Add(delay); until.After(p.until) {
		p.until = until
	}
	return delay
}

// wait waits until something may be sent.
func (p *pace) wait(ctx context.Context) error {
	p.mu.Lock()
	until := p.until
	p.mu.Unlock()
	if d := time.Until(until); d > 0 && !sleep(ctx, d) {
		return ctx.Err()
	}
	return nil
}

// slow has later inserts be smaller, because one was not done within the timeout.
func (p *pace) slow() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.shrink = math.Min(maxShrink, p.shrink*2)
}

// overtaxed reports whether an insert was too much for the memory or the time that the server gives it.
func overtaxed(e *clickhouse.Error) bool {
	switch proto.Error(e.Code) {
	case proto.ErrMemoryLimitExceeded, proto.ErrCannotAllocateMemory, proto.ErrTimeoutExceeded, proto.ErrTooSlow:
		return true
	default:
		return false
	}
}
