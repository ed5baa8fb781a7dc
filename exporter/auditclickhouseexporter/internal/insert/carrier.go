package insert

import (
	"context"
	"sync"
	"time"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/blocklog"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/columns"
)

// Carrier carries blocks from the log into the database until it is told to stop.
type Carrier struct {
	log       Log
	writer    Writer
	options   Options
	telemetry Telemetry
	pace      *pace
	firstWait time.Duration // before the second try of anything
}

// NewCarrier makes a carrier from a log to a database. It does nothing yet; [Carrier.Run] does.
func NewCarrier(log Log, writer Writer, options Options) *Carrier {
	c := &Carrier{
		log: log, writer: writer, options: options, telemetry: options.Telemetry, pace: newPace(options), firstWait: firstWait,
	}
	if c.telemetry == nil {
		c.telemetry = noTelemetry{}
	}
	return c
}

// Run first completes the plans that the log has from before, and then plans and carries out what is waiting, until ctx
// ends. An insert that is on its way by then has a few seconds to be answered. Nothing is lost whenever Run ends.
func (c *Carrier) Run(ctx context.Context) {
	lanes := map[columns.Table]*lane{}
	for _, table := range columns.Tables() {
		slots := 1
		if table == columns.TableEvents {
			slots = c.options.InFlight
		}
		lanes[table] = newLane(c, table, slots)
	}
	for _, plan := range c.log.Plans() {
		table := columns.Table(plan.Table)
		if l := lanes[table]; l != nil {
			l.left = append(l.left, plan)
		}
	}
	var running sync.WaitGroup
	for _, l := range lanes {
		running.Go(func() { l.run(ctx) })
	}
	running.Go(func() { c.keepNotes(ctx) })
	c.wake(ctx, lanes)
	running.Wait()
}

// wake tells every lane when something was committed, until ctx ends.
func (c *Carrier) wake(ctx context.Context, lanes map[columns.Table]*lane) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-c.log.Changed():
		}
		for _, l := range lanes {
			select {
			case l.changed <- struct{}{}:
			default:
			}
		}
	}
}

// report tells how a try ended.
func (c *Carrier) report(table columns.Table, err error) {
	if c.options.Report != nil {
		c.options.Report(table.String(), err)
	}
}

// Delays between tries.
const (
	firstWait = 200 * time.Millisecond
	maxWait   = 10 * time.Second
)

// waits gives the delays between the tries of one thing, each twice as long as the one before.
type waits struct{ next time.Duration }

func (c *Carrier) waits() waits { return waits{c.firstWait} }

// pause waits for the next try. It reports whether there shall be one.
func (w *waits) pause(ctx context.Context, atLeast time.Duration) bool {
	delay := max(w.next, atLeast)
	w.next = min(2*w.next, maxWait)
	return sleep(ctx, delay)
}

// sleep reports whether ctx lasted.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// planned is a plan, and the headers of its blocks where they are at hand.
type planned struct {
	blocklog.Plan
	headers []columns.Header
}
