package reconcile

import (
	"context"
	"fmt"
	"time"
)

// Incomplete is an insert of which not all rows are there, or some twice.
type Incomplete struct {
	Table, Token, Collector string
	FirstBlock, LastBlock   uint64
	Rows, Found             uint64
}

// maxListedInserts bounds a report.
const maxListedInserts = 1000

// incomplete asks the manifest for inserts of which the rows received from..to are not as many, or not the ones, it says.
func (r *Reconciler) incomplete(ctx context.Context, from, to time.Time) ([]Incomplete, error) {
	rows, err := r.conn.Select(ctx, fmt.Sprintf("SELECT table, token, collector, toString(first_block), toString(last_block), toString(rows), toString(found_rows) "+
		"FROM %s(from = %s, to = %s) ORDER BY first_received_at LIMIT %d", r.layout.Qualified("reconcile_blocks"), instant(from), instant(to), maxListedInserts))
	if err != nil {
		return nil, fmt.Errorf("compare inserts with the manifest: %w", err)
	}
	var found []Incomplete
	for _, row := range rows {
		n, err := numbers(row[3:])
		if err != nil {
			return nil, err
		}
		found = append(found, Incomplete{row[0], row[1], row[2], n[0], n[1], n[2], n[3]})
	}
	return found, nil
}

// horizon gives the time since which every row received is still there, the zero time where none received since then was
// dropped by retention. Rows received after until cannot have been dropped.
func (r *Reconciler) horizon(ctx context.Context, since, until time.Time) (time.Time, error) {
	if !since.Before(until) {
		return time.Time{}, nil
	}
	rows, err := r.conn.Select(ctx, fmt.Sprintf("SELECT toString(toUnixTimestamp64Nano(max(last_received_at))) "+
		"FROM %s(from = %s, to = %s) WHERE table = 'events' AND found_rows < rows HAVING count() > 0",
		r.layout.Qualified("reconcile_blocks"), instant(since), instant(until)))
	if err != nil || len(rows) == 0 {
		return time.Time{}, err
	}
	ns, err := numbers(rows[0])
	if err != nil {
		return time.Time{}, err
	}
	return time.Unix(0, int64(ns[0])), nil
}

// unsettled counts the blocks with events of the days that the manifest does not know: of inserts that are not done yet,
// and may be repeated.
func (r *Reconciler) unsettled(ctx context.Context, days []string) (uint64, error) {
	rows, err := r.conn.Select(ctx, fmt.Sprintf("SELECT toString(count()) FROM "+
		"(SELECT 'events' AS t, block_id FROM %[1]s WHERE %[2]s AND received_at >= now64(9) - INTERVAL 1 DAY AND block_id != 0 GROUP BY block_id) AS s "+
		"ASOF LEFT JOIN (SELECT 'events' AS t, first_block, last_block FROM %[3]s WHERE table = 'events' AND last_received_at >= now64(9) - INTERVAL 1 DAY) AS m "+
		"ON s.t = m.t AND s.block_id >= m.first_block WHERE m.last_block < s.block_id", r.layout.Qualified("events"), daysOf("timestamp", days), r.layout.Qualified("blocks")))
	if err != nil {
		return 0, fmt.Errorf("look for inserts that are not done: %w", err)
	}
	n, err := numbers(rows[0])
	if err != nil {
		return 0, err
	}
	return n[0], nil
}
