package auditcopyconnector

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/connector"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/plog"
)

// copier puts copies of requests into a queue and hands them on from there.
type copier struct {
	next      consumer.Logs
	timeout   time.Duration
	queue     *queue
	telemetry *telemetry

	end     chan struct{} // closed at shutdown
	running sync.WaitGroup
	stop    sync.Once
}

func newCopier(set connector.Settings, cfg *Config, next consumer.Logs) (*copier, error) {
	t, err := newTelemetry(set)
	if err != nil {
		return nil, err
	}
	return &copier{next: next, timeout: cfg.Timeout, queue: newQueue(cfg.MaxQueueBytes), telemetry: t, end: make(chan struct{})}, nil
}

// Capabilities says that requests are only read.
func (c *copier) Capabilities() consumer.Capabilities { return consumer.Capabilities{} }

// Start starts handing on.
func (c *copier) Start(ctx context.Context, _ component.Host) error {
	if err := c.telemetry.observe(c.queue); err != nil {
		return err
	}
	background := context.WithoutCancel(ctx) // ctx ends when starting does
	c.running.Go(func() { c.run(background) })
	return nil
}

// Shutdown hands on what waits, for no longer than the timeout. The pipelines behind are still there.
func (c *copier) Shutdown(context.Context) error {
	c.stop.Do(func() {
		close(c.end)
		c.running.Wait()
		c.telemetry.builder.Shutdown()
	})
	return nil
}

// ConsumeLogs takes a copy. It neither fails nor waits, whatever becomes of the copy.
func (c *copier) ConsumeLogs(ctx context.Context, logs plog.Logs) error {
	if records := logs.LogRecordCount(); records > 0 && !c.queue.put(logs) {
		c.telemetry.lost(ctx, records, noRoom)
	}
	return nil
}

func (c *copier) run(ctx context.Context) {
	for {
		select {
		case <-c.end:
			c.drain(ctx)
			return
		default:
		}
		if copied, ok := c.queue.take(); ok {
			c.handOn(ctx, copied)
			continue
		}
		select {
		case <-c.queue.wake:
		case <-c.end:
		}
	}
}

// drain hands on what waits, and loses what is left when the timeout is over.
func (c *copier) drain(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	for copied, ok := c.queue.take(); ok; copied, ok = c.queue.take() {
		if ctx.Err() == nil {
			c.handOn(ctx, copied)
			continue
		}
		c.queue.done(copied)
		c.telemetry.lost(ctx, copied.records, shutdown)
	}
}

// handOn gives a copy to the pipelines behind, once. What comes after a failure is for their exporters to say: they know whether
// trying again makes sense.
func (c *copier) handOn(ctx context.Context, copied held) {
	defer c.queue.done(copied)
	var unmarshaler plog.ProtoUnmarshaler
	logs, err := unmarshaler.UnmarshalLogs(copied.body)
	if err == nil {
		limited, cancel := context.WithTimeout(ctx, c.timeout)
		defer cancel()
		err = c.next.ConsumeLogs(limited, logs)
	}
	switch {
	case err == nil:
		c.telemetry.handedOn(ctx, copied.records)
	case errors.Is(err, context.DeadlineExceeded):
		c.telemetry.lost(ctx, copied.records, timedOut)
	default:
		c.telemetry.lost(ctx, copied.records, refused)
	}
}
