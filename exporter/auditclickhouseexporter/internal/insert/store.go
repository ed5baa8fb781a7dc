package insert

import (
	"context"
	"errors"
	"time"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/clickhouse"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/columns"
)

// errDoubt ends the tries of an insert of which rows are there by an earlier try: which ones has to be found out first.
var errDoubt = errors.New("some rows of the insert are there already")

// wholeTries is how often an insert that is too much for the server is tried whole, before smaller ones are.
const wholeTries = 3

// store inserts blocks of a job under a token, however often it takes. What the server does not take for what is in it,
// or how much it is, is taken apart, in the same way each time; a row that is refused alone is one of the job's refused
// rows. whole is true where these are all blocks of the plan. The error is ctx's, the verifier's, or errDoubt.
func (c *Carrier) store(ctx context.Context, j *job, blocks []columns.Sealed, token string, whole bool) error {
	tooMuch := 0
	for waits := c.waits(); ; {
		if whole && j.stale() {
			if verdict, known, err := c.verify(ctx, j); err != nil || known && verdict == All {
				return err
			} else if known && verdict == Partly {
				return errDoubt
			}
			j.open = time.Now() // later tries have to be looked after too
		}
		err := c.try(ctx, j, blocks, token)
		c.report(j.table, err)
		if err == nil {
			return nil
		}
		var atLeast time.Duration
		if e := (*clickhouse.Error)(nil); errors.As(err, &e) {
			if e.Ambiguous && j.open.IsZero() {
				j.open = time.Now()
			}
			if e.TimedOut() {
				j.slow++
				c.pace.slow()
			}
			if overtaxed(e) {
				tooMuch++
			}
			apart, err := c.takeApart(ctx, j, blocks, whole, e, tooMuch)
			switch {
			case err != nil:
				return err
			case apart:
				return c.storeHalves(ctx, j, blocks, token, e)
			case e.Class == clickhouse.Throttled:
				atLeast = c.pace.throttled(e, time.Now())
				c.telemetry.Paused(atLeast)
			}
		}
		if !waits.pause(ctx, atLeast) {
			return ctx.Err()
		}
	}
}

// takeApart reports whether an insert that failed is to be taken apart instead of being tried again. Before, it is made sure
// that nothing of it is there, as far as that can be: the parts have tokens of their own.
func (c *Carrier) takeApart(ctx context.Context, j *job, blocks []columns.Sealed, whole bool, e *clickhouse.Error, tooMuch int) (bool, error) {
	single := len(blocks) == 1 && blocks[0].Rows == 1
	starved := tooMuch > 0 && (tooMuch%wholeTries == 0 || !whole)
	switch {
	case e.Class == clickhouse.Rejected && j.table == columns.TableEvents: // there is nowhere else for the rows of other tables
	case !single && (e.Class == clickhouse.TooLarge || starved):
	default:
		return false, nil
	}
	if !whole || j.open.IsZero() {
		return true, nil
	}
	verdict, known, err := c.verify(ctx, j)
	switch {
	case err != nil:
		return false, err
	case known && verdict != None:
		return false, errDoubt
	}
	return known || !starved, nil
}

// try sends blocks once.
func (c *Carrier) try(ctx context.Context, j *job, blocks []columns.Sealed, token string) error {
	if err := c.pace.wait(ctx); err != nil {
		return err
	}
	table, start := j.table.String(), time.Now()
	if c.options.Ready != nil {
		if err := c.options.Ready(ctx, table); err != nil {
			if e := (*clickhouse.Error)(nil); errors.As(err, &e) { // the server is away: that is an insert's error too
				c.failed(table, err, time.Since(start))
			}
			return err
		}
	}
	sending, cancel := c.graceful(ctx, c.timeout(j))
	defer cancel()
	batch := &clickhouse.Batch{Table: j.table, Columns: j.columns, Token: token, Blocks: blocks}
	start = time.Now()
	err := c.writer.Write(sending, batch)
	if err != nil {
		c.failed(table, err, time.Since(start))
		return err
	}
	bytes := 0
	for i := range blocks {
		bytes += len(blocks[i].Data)
	}
	c.telemetry.Inserted(table, batch.Rows(), bytes, len(blocks), time.Since(start))
	c.pace.taken()
	return nil
}

// maxSlow is how often the timeout of an insert that was not answered in time is doubled. Otherwise one that takes the
// server longer would be tried for ever, and no smaller one takes its place: the same bytes have to go under the same token.
const maxSlow = 3

// timeout is that of the next try.
func (c *Carrier) timeout(j *job) time.Duration { return c.options.Timeout << min(j.slow, maxSlow) }

// grace is how long an insert that is on its way may still take when ctx ends: an answer saves looking for it later.
const grace = 3 * time.Second

// graceful gives a context for one try.
func (c *Carrier) graceful(ctx context.Context, timeout time.Duration) (context.Context, context.CancelFunc) {
	sending, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeout)
	stop := context.AfterFunc(ctx, func() {
		sleep(sending, grace)
		cancel()
	})
	return sending, func() {
		stop()
		cancel()
	}
}

// storeHalves stores the two halves of an insert that is not taken whole. A row that is alone is refused.
func (c *Carrier) storeHalves(ctx context.Context, j *job, blocks []columns.Sealed, token string, e *clickhouse.Error) error {
	if len(blocks) == 1 && blocks[0].Rows == 1 {
		return c.refuse(j, &blocks[0], e.Name())
	}
	cut := halves
	if e.Class == clickhouse.TooLarge {
		cut = halvesByPartition // it may be too many of them that is too large
	}
	first, second, err := cut(blocks)
	if err != nil {
		return err
	}
	for _, half := range [][]columns.Sealed{first, second} {
		if err := c.store(ctx, j, half, tokenOf(token, half), false); err != nil {
			return err
		}
	}
	return nil
}

// tokenOf stands for a part of an insert.
func tokenOf(whole string, blocks []columns.Sealed) string {
	text := []byte(whole)
	for i := range blocks {
		text = append(text, blocks[i].Hash[:]...)
	}
	return hashed(text)
}
