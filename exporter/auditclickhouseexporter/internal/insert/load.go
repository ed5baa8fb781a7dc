package insert

import (
	"context"
	"errors"
	"time"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/blocklog"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/columns"
)

// job is a plan on its way.
type job struct {
	planned
	table   columns.Table
	columns []columns.Column
	blocks  []columns.Sealed // those that can be read
	facts   Facts            // of the rows that shall be there: all but the refused ones

	// open is since when it is open whether rows are there: an earlier try may have stored them. Zero where there was
	// none.
	open    time.Time
	stored  bool // whatever could be stored was, as far as the answers say
	refused []refusedRow
	slow    int // how many tries, or looks at what is there, were not done within the timeout
}

// load reads the blocks of a plan. Damaged ones are counted and left out, for their rows are lost; it does not give up on
// any other. It gives false when ctx ends before.
func (c *Carrier) load(ctx context.Context, table columns.Table, p planned, s *slot) (*job, bool) {
	j := &job{planned: p, table: table, facts: Facts{Token: p.Token, Table: table.String()}}
	for i, number := range p.Numbers {
		var block columns.Sealed
		damaged := false
		if !c.insist(ctx, table, func() error {
			data, err := c.log.Read(number, s.room())
			var damage *blocklog.DamageError
			if damaged = errors.As(err, &damage) || errors.Is(err, blocklog.ErrUnknown); damaged {
				c.report(table, err)
				return nil
			}
			if err != nil {
				return err
			}
			s.take(data)
			block.Data = data
			if p.headers != nil && p.headers[i].Table == table {
				block.Header = p.headers[i]
				return nil
			}
			block.Header, err = columns.Describe(table, data)
			return err
		}) {
			return nil, false
		}
		if damaged {
			c.telemetry.Damaged(table.String(), 1)
			continue
		}
		j.add(number, block)
	}
	return j, len(j.blocks) == 0 || c.insist(ctx, table, j.list)
}

// insist does something again until it succeeds, and gives false when ctx ends before.
func (c *Carrier) insist(ctx context.Context, table columns.Table, do func() error) bool {
	for waits := c.waits(); ; {
		err := do()
		if err == nil {
			return true
		}
		c.report(table, err)
		if !waits.pause(ctx, 0) {
			return false
		}
	}
}

func (j *job) add(number uint64, block columns.Sealed) {
	if len(j.blocks) == 0 {
		j.facts.First, j.facts.Last = block.First, block.Last
	}
	j.blocks = append(j.blocks, block)
	f := &j.facts
	f.Blocks = append(f.Blocks, number)
	f.Rows += uint64(block.Rows)
	f.Digest += block.Digest
	f.First, f.Last = min(f.First, block.First), max(f.Last, block.Last)
}

// list finds out which columns the blocks have: those of this release, or those they say themselves.
func (j *job) list() error {
	var known bool
	if j.columns, known = columns.ListOf(j.blocks[0].Columns); known {
		return nil
	}
	rows, err := columns.Open(j.blocks[0].Header, j.blocks[0].Data)
	if err == nil {
		j.columns = rows.List()
	}
	return err
}
