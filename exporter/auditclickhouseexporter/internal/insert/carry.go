package insert

import (
	"context"
	"errors"
	"time"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/blocklog"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/columns"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/ledger"
)

// carry carries out a plan: when it returns and ctx lasts, the plan is done. A plan from before may have been carried out
// already, in whole or in part.
func (c *Carrier) carry(ctx context.Context, table columns.Table, p planned, before bool, s *slot) {
	j, ok := c.load(ctx, table, p, s)
	if !ok {
		return
	}
	if len(j.blocks) > 0 {
		if before {
			j.open = time.Unix(0, j.facts.Last) // the plan is no older
		}
		if !c.insist(ctx, table, func() error { return c.settle(ctx, j) }) {
			return
		}
	}
	c.insist(ctx, table, func() error {
		err := c.log.Done(j.ID, func(first uint64) (blocklog.Commit, error) { return c.outcome(j, first) })
		if errors.Is(err, blocklog.ErrUnknown) || errors.Is(err, blocklog.ErrClosed) {
			c.report(table, err)
			return nil // there is nobody who could still be told
		}
		return err
	})
	for _, r := range j.refused {
		c.telemetry.Quarantined(string(columns.ReasonRejected), r.field, 1)
	}
}

// settle brings it about that the rows are there, each once, or among the refused.
func (c *Carrier) settle(ctx context.Context, j *job) error {
	if !j.stored {
		j.takeBack() // a try that ended halfway is made again, and recognised
		if err := c.store(ctx, j, j.blocks, j.Token, true); err != nil && !errors.Is(err, errDoubt) {
			return err
		}
		j.stored = true
	}
	if j.open.IsZero() {
		return nil
	}
	if err := c.resolve(ctx, j); err != nil {
		return err
	}
	if c.options.Suspect != nil {
		c.options.Suspect(j.facts)
	}
	return nil
}

// outcome is what becomes durable together with the end of the plan: the manifest, refused rows, and counts of these.
func (c *Carrier) outcome(j *job, first uint64) (blocklog.Commit, error) {
	var commit blocklog.Commit
	if j.table != columns.TableEvents && j.table != columns.TableQuarantine {
		return commit, nil // rows about the manifest are not in the manifest
	}
	if f := j.facts; f.Rows > 0 {
		commit.Notes = ledger.AppendInsert(commit.Notes, ledger.Insert{
			Token: j.Token, Table: f.Table, Rows: f.Rows, Digest: f.Digest,
			FirstBlock: f.Blocks[0], LastBlock: f.Blocks[len(f.Blocks)-1], FirstReceived: f.First, LastReceived: f.Last,
		})
	}
	if len(j.refused) == 0 {
		return commit, nil
	}
	sealed := j.quarantine(c.options.Compression)
	sealed.Number(first)
	commit.Blocks = []blocklog.Block{{Table: uint8(sealed.Table), Header: sealed.Append(nil), Data: sealed.Data}}
	commit.Notes = j.countRefused(commit.Notes)
	return commit, nil
}
