package auditprocessor

import (
	"context"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v7"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.uber.org/zap"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// announcer hands events that the bundle made itself down the pipeline, in their order, each again until it is taken.
type announcer struct {
	next consumer.Logs
	log  *zap.Logger

	mu      sync.Mutex
	pending []announced
	wake    chan struct{}

	cancel context.CancelFunc
	done   sync.WaitGroup
}

// announced is an event on its way.
type announced struct {
	what string
	logs plog.Logs
}

// Of attempts that fail, and of the last one.
const (
	firstRetry      = time.Second
	lastRetry       = 30 * time.Second
	lastTry         = 5 * time.Second
	maxAnnouncement = 100 // more than so many changes of a policy while nothing is taken is a loop
)

func newAnnouncer(next consumer.Logs, log *zap.Logger) *announcer {
	return &announcer{next: next, log: log, wake: make(chan struct{}, 1)}
}

// announce adds an event. It does not wait.
func (a *announcer) announce(what string, logs plog.Logs) {
	a.mu.Lock()
	a.pending = append(a.pending, announced{what, logs})
	if len(a.pending) > maxAnnouncement {
		a.log.Error("Too many changes of the policy wait to be told: the oldest is left out.", zap.String("policy", a.pending[0].what))
		a.pending = a.pending[1:]
	}
	a.mu.Unlock()
	select {
	case a.wake <- struct{}{}:
	default:
	}
}

func (a *announcer) start(ctx context.Context) {
	background, cancel := context.WithCancel(context.WithoutCancel(ctx)) // ctx ends when starting does
	a.cancel = cancel
	a.done.Go(func() { a.run(background) })
}

// shutdown ends the retries, and tries once more: what comes after in the pipeline is still there.
func (a *announcer) shutdown(ctx context.Context) {
	if a.cancel == nil {
		return
	}
	a.cancel()
	a.done.Wait()
	ctx, cancel := context.WithTimeout(ctx, lastTry)
	defer cancel()
	if err := a.send(ctx); err != nil {
		a.log.Warn("A change of the policy could not be told before the end. That of the policy in force is told at the next start.")
	}
}

func (a *announcer) run(ctx context.Context) {
	delays := backoff.NewExponentialBackOff()
	delays.InitialInterval, delays.MaxInterval = firstRetry, lastRetry
	for {
		var again <-chan time.Time
		if err := a.send(ctx); err != nil {
			// The text of the error is left out: what comes from the pipeline may quote anything.
			a.log.Warn("A change of the policy could not be told yet.")
			timer := time.NewTimer(delays.NextBackOff())
			defer timer.Stop()
			again = timer.C
		} else {
			delays.Reset()
		}
		select {
		case <-ctx.Done():
			return
		case <-again:
		case <-a.wake:
		}
	}
}

// send hands on everything that is pending, until something is not taken.
func (a *announcer) send(ctx context.Context) error {
	for {
		a.mu.Lock()
		if len(a.pending) == 0 {
			a.mu.Unlock()
			return nil
		}
		first := a.pending[0]
		a.mu.Unlock()
		copied := plog.NewLogs() // whoever takes it may change it
		first.logs.CopyTo(copied)
		tally := &audit.Tally{}
		tally.Add(audit.CountKey{Source: generatedSource, Kind: audit.KindGenerated}, 1)
		if err := a.next.ConsumeLogs(audit.ContextWithTally(ctx, tally), copied); err != nil {
			return err
		}
		a.mu.Lock()
		if len(a.pending) > 0 && a.pending[0].logs == first.logs {
			a.pending = a.pending[1:]
		}
		a.mu.Unlock()
	}
}
