package insert

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/ClickHouse/ch-go/proto"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/clickhouse"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/columns"
)

// trustedFor is how long after a try the server surely still knows its token: it keeps those of the latest parts, and
// other collectors insert too. Later it is asked what is there before anything is sent again.
const trustedFor = 10 * time.Minute

// stale reports whether an earlier try may have stored the rows so long ago that the server has forgotten it.
func (j *job) stale() bool { return !j.open.IsZero() && time.Since(j.open) > trustedFor }

// verify asks what is there of a plan. It is not known where nobody can be asked, or where the user may not look: then
// tokens have to do.
func (c *Carrier) verify(ctx context.Context, j *job) (verdict Verdict, known bool, err error) {
	if c.options.Verifier == nil || j.table != columns.TableEvents && j.table != columns.TableQuarantine {
		return All, false, nil
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout(j))
	defer cancel()
	verdict, err = c.options.Verifier.Verify(ctx, j.facts)
	if clickhouse.Is(err, proto.ErrAccessDenied, proto.ErrDatabaseAccessDenied) {
		c.telemetry.Verified(j.facts.Table, "unknown")
		return All, false, nil
	}
	if err != nil {
		j.slowed(ctx)
		return Partly, false, fmt.Errorf("find out what became of an insert: %w", err)
	}
	c.telemetry.Verified(j.facts.Table, verdict.String())
	return verdict, true, nil
}

// slowed has the next look take longer where this one's time was over.
func (j *job) slowed(ctx context.Context) {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		j.slow++
	}
}

// errMissing is what another look is taken for.
var errMissing = errors.New("rows that were inserted again are still missing")

// resolve makes sure that the rows of a plan are there after a try whose outcome was open: those that are missing are
// inserted under a token of their own, because the server may know the plan's and not have the rows.
func (c *Carrier) resolve(ctx context.Context, j *job) error {
	for attempt := 0; ; attempt++ {
		verdict, known, err := c.verify(ctx, j)
		if err != nil || !known || verdict == All {
			return err
		}
		missing, err := c.missing(ctx, j)
		if err != nil || len(missing) == 0 {
			return err // what is there twice is for whoever is told of the suspect
		}
		if attempt == 3 {
			return errMissing // and settle comes back to it
		}
		if err := c.store(ctx, j, missing, tokenOf(j.Token+" repair "+strconv.Itoa(attempt), missing), false); err != nil {
			return err
		}
		rows := 0
		for i := range missing {
			rows += missing[i].Rows
		}
		c.telemetry.Repaired(j.facts.Table, rows)
	}
}

// missing seals the rows that are not there, block by block.
func (c *Carrier) missing(ctx context.Context, j *job) ([]columns.Sealed, error) {
	type place struct{ block, row int }
	var places []place
	var ids []string
	opened := make([]*columns.Rows, len(j.blocks))
	refused := j.refusedRows()
	for b := range j.blocks {
		rows, err := columns.Open(j.blocks[b].Header, j.blocks[b].Data)
		if err != nil {
			return nil, err
		}
		opened[b] = rows
		for row := range rows.Len() {
			if key := keyOf(rows, row); refused[key] > 0 {
				refused[key]--
				continue
			}
			places, ids = append(places, place{b, row}), append(ids, rows.Text("record_id", row))
		}
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout(j))
	defer cancel()
	indexes, _, err := c.options.Verifier.Missing(ctx, j.facts, ids)
	if err != nil {
		j.slowed(ctx)
		return nil, fmt.Errorf("find out which rows of an insert are missing: %w", err)
	}
	var sealed []columns.Sealed
	for len(indexes) > 0 {
		block := places[indexes[0]].block
		var rows []int
		for len(indexes) > 0 && places[indexes[0]].block == block {
			rows, indexes = append(rows, places[indexes[0]].row), indexes[1:]
		}
		sealed = append(sealed, opened[block].Pick(rows))
	}
	return sealed, nil
}
