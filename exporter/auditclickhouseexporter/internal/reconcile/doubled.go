package reconcile

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Conflict is a record id that a tenant has two events of, with different contents. Nothing is done about it.
type Conflict struct{ Tenant, RecordID string }

const maxListedConflicts = 1000

func (r *Reconciler) conflicts(ctx context.Context, since, from, to time.Time) ([]Conflict, error) {
	rows, err := r.conn.Select(ctx, fmt.Sprintf("SELECT tenant_id, record_id FROM %s WHERE conflict ORDER BY tenant_id, record_id LIMIT %d",
		r.doubled(since, from, to), maxListedConflicts))
	if err != nil {
		return nil, fmt.Errorf("look for record ids with two contents: %w", err)
	}
	var found []Conflict
	for _, row := range rows {
		found = append(found, Conflict{row[0], row[1]})
	}
	return found, nil
}

func (r *Reconciler) doubled(since, from, to time.Time) string {
	return fmt.Sprintf("%s(since = %s, from = %s, to = %s)", r.layout.Qualified("reconcile_doubled"), instant(since), instant(from), instant(to))
}

// extraRow is a row of which there is an earlier one.
type extraRow struct {
	part, offset string
	block        string
	sameBlock    bool // the earlier one is of the same block, of which the manifest counts one
}

// maxCopies bounds what one statement deletes.
const maxCopies = 5000

// copies lists rows of a shard that are copies of others: of one tenant and record id and, where the event was hashed, of
// one content; otherwise of one block. The first to be received stays. Copies of the same block come first.
func (r *Reconciler) copies(ctx context.Context, shard Conn, since, from, to time.Time) ([]extraRow, error) {
	const content = "PARTITION BY tenant_id, record_id, record_hash = 0, if(record_hash = 0, block_id, record_hash)"
	const order = " ORDER BY received_at, block_id, inserted_at, _part, _part_offset"
	rows, err := shard.Select(ctx, fmt.Sprintf("SELECT part, toString(offset), toString(block_id), toString(nth_of_block > 1) FROM ("+
		"SELECT _part AS part, _part_offset AS offset, block_id, "+
		"row_number() OVER ("+content+order+") AS nth, row_number() OVER ("+content+", block_id"+order+") AS nth_of_block "+
		"FROM %s WHERE received_at >= toDateTime64(%s, 9, 'UTC') AND (tenant_id, record_id) IN (SELECT tenant_id, record_id FROM %s)"+
		") WHERE nth > 1 ORDER BY nth_of_block > 1 DESC, part, offset LIMIT %d",
		r.layout.Qualified(r.layout.Local("events")), instant(since), r.doubled(since, from, to), maxCopies))
	if err != nil {
		return nil, fmt.Errorf("look for copies of events: %w", err)
	}
	var found []extraRow
	for _, row := range rows {
		found = append(found, extraRow{part: row[0], offset: row[1], block: row[2], sameBlock: row[3] == "1"})
	}
	return found, nil
}

// RemoveCopies deletes all rows but the first of every event received from..to of which there are several, the others
// received at any time since since, and gives their number. It needs ALTER DELETE on `events`.
//
// A row is deleted by its part and its place in it. Where a merge came in between, the part has gone, nothing is deleted,
// and it is looked for again.
func (r *Reconciler) RemoveCopies(ctx context.Context, since, from, to time.Time) (removed int, err error) {
	for _, shard := range r.shards {
		for {
			found, err := r.copies(ctx, shard, since, from, to)
			if err != nil {
				return removed, err
			}
			if found, err = r.correctable(ctx, found); err != nil {
				return removed, err
			}
			if len(found) == 0 {
				break
			}
			n, err := r.remove(ctx, shard, oneKind(found))
			removed += n
			if err != nil {
				return removed, err
			}
		}
	}
	return removed, nil
}

// correctable leaves out copies that came with another block than the row that stays, as long as the manifest does not know
// that block: it will say one row more than there is, and is to be corrected with the deletion.
func (r *Reconciler) correctable(ctx context.Context, found []extraRow) ([]extraRow, error) {
	var blocks []string
	for _, row := range found {
		if !row.sameBlock && !slices.Contains(blocks, row.block) {
			blocks = append(blocks, row.block)
		}
	}
	if len(blocks) == 0 {
		return found, nil
	}
	rows, err := r.conn.Select(ctx, fmt.Sprintf("SELECT DISTINCT toString(b.id) FROM (SELECT arrayJoin([%s]) AS id) AS b "+
		"CROSS JOIN %s AS m WHERE m.table = 'events' AND m.first_block <= b.id AND m.last_block >= b.id", strings.Join(blocks, ", "), r.layout.Qualified("blocks")))
	if err != nil {
		return nil, fmt.Errorf("look for blocks in the manifest: %w", err)
	}
	known := map[string]bool{"0": true} // rows that no collector brought
	for _, row := range rows {
		known[row[0]] = true
	}
	return slices.DeleteFunc(found, func(row extraRow) bool { return !row.sameBlock && !known[row.block] }), nil
}

// remove deletes rows, corrects the manifest, and gives the number of rows that were deleted.
func (r *Reconciler) remove(ctx context.Context, shard Conn, extra []extraRow) (int, error) {
	table := r.layout.Qualified(r.layout.Local("events"))
	parts := map[string][]string{}
	for _, row := range extra {
		parts[row.part] = append(parts[row.part], row.offset)
	}
	var conditions []string
	for part, offsets := range parts {
		conditions = append(conditions, fmt.Sprintf("_part = %s AND _part_offset IN (%s)", literal(part), strings.Join(offsets, ", ")))
	}
	slices.Sort(conditions)
	// A part that a merge has replaced before the deletion begins keeps its rows: what is deleted is told by what is gone.
	before, err := r.count(ctx, shard, table, extra)
	if err != nil {
		return 0, err
	}
	if err := shard.Exec(ctx, "ALTER TABLE "+table+" DELETE WHERE "+strings.Join(conditions, " OR ")+" SETTINGS mutations_sync = 2"); err != nil {
		return 0, fmt.Errorf("delete copies of events: %w", err)
	}
	after, err := r.count(ctx, shard, table, extra)
	if err != nil {
		return 0, err
	}
	removed := 0
	for block, n := range before {
		removed += int(n.rows - after[block].rows)
		if n.rows != after[block].rows && !extra[0].sameBlock && block != "0" {
			if err := r.correct(ctx, block, tally{n.rows - after[block].rows, n.digest - after[block].digest}); err != nil {
				return removed, err
			}
		}
	}
	return removed, nil
}

// tally is a number of rows and their digest.
type tally struct{ rows, digest uint64 }

// oneKind gives the copies of the same block, and where there are none the others: of those the manifest counts one each.
func oneKind(found []extraRow) []extraRow {
	same := slices.DeleteFunc(slices.Clone(found), func(row extraRow) bool { return !row.sameBlock })
	if len(same) > 0 {
		return same
	}
	return found
}

// count counts the rows of the blocks that the extra rows are of.
func (r *Reconciler) count(ctx context.Context, shard Conn, table string, extra []extraRow) (map[string]tally, error) {
	var blocks []string
	for _, row := range extra {
		blocks = append(blocks, row.block)
	}
	slices.Sort(blocks)
	rows, err := shard.Select(ctx, fmt.Sprintf("SELECT toString(block_id), toString(count()), toString(sum(xxHash64(record_id))) FROM %s "+
		"WHERE block_id IN (%s) GROUP BY block_id", table, strings.Join(slices.Compact(blocks), ", ")))
	if err != nil {
		return nil, fmt.Errorf("count the rows of blocks: %w", err)
	}
	found := map[string]tally{}
	for _, row := range rows {
		n, err := numbers(row[1:])
		if err != nil {
			return nil, err
		}
		found[row[0]] = tally{n[0], n[1]}
	}
	return found, nil
}

// correct writes a later row of the manifest for the insert that brought the block: without the copies that were deleted.
func (r *Reconciler) correct(ctx context.Context, block string, gone tally) error {
	err := r.conn.Exec(ctx, fmt.Sprintf("INSERT INTO %[1]s (token, table, collector, rows, digest, first_block, last_block, first_received_at, last_received_at) "+
		"SETTINGS insert_deduplicate = 0, async_insert = 0, distributed_foreground_insert = 1 "+
		"SELECT token, table, collector, rows - %[2]d, digest - %[3]d, first_block, last_block, first_received_at, last_received_at "+
		"FROM %[1]s WHERE table = 'events' AND first_block <= %[4]s AND last_block >= %[4]s ORDER BY inserted_at DESC, rows LIMIT 1",
		r.layout.Qualified("blocks"), gone.rows, gone.digest, block))
	if err != nil {
		return fmt.Errorf("correct the manifest: %w", err)
	}
	return nil
}
