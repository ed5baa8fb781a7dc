package commit

import (
	"context"
	"math/rand/v2"
	"runtime"
	"sync"
	"time"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/blocklog"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/columns"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/metadata"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/replay"
	"github.com/otelaudit/otelaudit/internal/audit"
)

// Log is the part of the block log that takes commits.
type Log interface {
	Commit(build blocklog.Build) error
	Full() error
	IsStored(block uint64) bool
	WaitStored(ctx context.Context, block uint64) error
	Forget(before uint64) error
}

// Options say how requests are taken.
type Options struct {
	// Stored: answer when the database has the records; otherwise when the log has them.
	Stored bool
	// MaxPartitions and Compression are those of the blocks.
	MaxPartitions int
	Compression   string
}

// Committer takes requests. Its methods are safe for concurrent use.
type Committer struct {
	log       Log
	window    *replay.Window
	telemetry *metadata.TelemetryBuilder
	options   Options

	lanes  []lane
	drafts sync.Pool // of *draft
	wake   chan struct{}
	closed chan struct{} // closed when the last commit was made
}

// New makes a committer. [Committer.Run] must run for requests to be answered.
func New(log Log, window *replay.Window, telemetry *metadata.TelemetryBuilder, options Options) *Committer {
	return &Committer{
		log: log, window: window, telemetry: telemetry, options: options,
		lanes: make([]lane, runtime.GOMAXPROCS(0)), wake: make(chan struct{}, 1), closed: make(chan struct{}),
		drafts: sync.Pool{New: func() any {
			return &draft{
				events:     columns.NewBuilder(options.MaxPartitions, options.Compression),
				users:      columns.NewUsersBuilder(options.Compression),
				quarantine: columns.NewQuarantineBuilder(options.Compression),
				counts:     map[audit.CountKey]uint64{},
			}
		}},
	}
}

// forgetInterval is how often the log is told what the replay window has forgotten.
const forgetInterval = 10 * time.Second

// Run commits until ctx ends, and then once more what was put into the lanes before.
func (c *Committer) Run(ctx context.Context) {
	defer close(c.closed)
	tick := time.NewTicker(forgetInterval)
	defer tick.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-c.wake:
			c.commit(ctx)
		case <-tick.C:
			c.forget(ctx)
		}
	}
	c.commit(ctx)
}

// lane gives a lane that is locked: the first one that is free, so that few callers share one block.
func (c *Committer) lane() *lane {
	for i := range c.lanes {
		if c.lanes[i].mu.TryLock() {
			return &c.lanes[i]
		}
	}
	l := &c.lanes[rand.IntN(len(c.lanes))] //nolint:gosec // any of them will do
	l.mu.Lock()
	return l
}

// begin gives the open draft of a locked lane.
func (c *Committer) begin(l *lane) *draft {
	if l.open == nil {
		l.open = c.drafts.Get().(*draft)
		l.open.Draft = c.window.NewDraft()
	}
	return l.open
}

// signal asks for a commit.
func (c *Committer) signal() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// collect takes the drafts out of the lanes.
func (c *Committer) collect() []*draft {
	var drafts []*draft
	for i := range c.lanes {
		l := &c.lanes[i]
		l.mu.Lock()
		if l.open != nil {
			drafts = append(drafts, l.open)
			l.open = nil
		}
		l.mu.Unlock()
	}
	return drafts
}

// commit makes durable what the lanes hold, and tells those who wait.
func (c *Committer) commit(ctx context.Context) {
	drafts := c.collect()
	if len(drafts) == 0 {
		return
	}
	start := time.Now()
	blocks := make([][]columns.Sealed, len(drafts))
	var sealing sync.WaitGroup
	for i, d := range drafts[1:] {
		sealing.Go(func() { blocks[i+1] = d.seal() })
	}
	blocks[0] = drafts[0].seal()
	sealing.Wait()

	var bytes int
	err := c.log.Commit(func(first uint64) (blocklog.Commit, error) {
		var out blocklog.Commit
		for i, d := range drafts {
			d.appendTo(&out, blocks[i], first, start)
			first += uint64(len(blocks[i]))
		}
		for i := range out.Blocks {
			bytes += len(out.Blocks[i].Data)
		}
		return out, nil
	})
	c.observe(ctx, err, bytes, time.Since(start))
	for i, d := range drafts {
		c.end(d, blocks[i], err)
	}
}

// end tells what became of a draft.
func (c *Committer) end(d *draft, blocks []columns.Sealed, err error) {
	for i := range blocks {
		blocks[i].Release()
	}
	if err != nil {
		d.Err, d.Blocks = err, nil
		c.window.GiveUp(d.Draft, d.ids)
	}
	close(d.Done)
	d.reset()
	c.drafts.Put(d)
}

// forget tells the log which replay records are needed no longer.
func (c *Committer) forget(ctx context.Context) {
	if block, ok := c.window.Horizon(); ok {
		// A record that is remembered for longer than needed does no harm: the next tick tries again.
		_ = c.log.Forget(block)
	}
	c.telemetry.ExporterAuditClickhouseReplayWindowRecords.Record(ctx, int64(c.window.Len()))
}

func (c *Committer) observe(ctx context.Context, err error, bytes int, took time.Duration) {
	c.telemetry.ExporterAuditClickhouseCommitDuration.Record(ctx, took.Seconds())
	if err == nil {
		c.telemetry.ExporterAuditClickhouseCommittedBytes.Add(ctx, int64(bytes))
	}
}
