package reconcile

import (
	"context"
	"fmt"
	"strings"
)

// Difference is a day on which a rollup is not what `events` says.
type Difference struct {
	Shard  int // place in the list of shards
	Rollup string
	Day    string // 2006-01-02, of the events' time
}

// differences compares all rollups with `events` on the days, which are in order.
func (r *Reconciler) differences(ctx context.Context, days []string) ([]Difference, error) {
	var found []Difference
	if len(days) == 0 {
		return nil, nil
	}
	for i, shard := range r.shards {
		rows, err := shard.Select(ctx, fmt.Sprintf("SELECT table, toString(day) FROM %s(from = %s, to = %s) WHERE toString(day) IN (%s) ORDER BY table, day",
			r.layout.Qualified("reconcile_rollups"), literal(days[0]), literal(days[len(days)-1]), list(days)))
		if err != nil {
			return nil, fmt.Errorf("compare rollups with events: %w", err)
		}
		for _, row := range rows {
			found = append(found, Difference{Shard: i, Rollup: row[0], Day: row[1]})
		}
	}
	return found, nil
}

// rebuild counts the days of the differences again. No insert may run.
func (r *Reconciler) rebuild(ctx context.Context, found []Difference) error {
	type partition struct {
		shard         int
		rollup, month string
	}
	days := map[partition][]string{}
	var order []partition
	for _, d := range found {
		p := partition{d.Shard, d.Rollup, strings.ReplaceAll(d.Day[:len("2006-01")], "-", "")}
		if days[p] == nil {
			order = append(order, p)
		}
		days[p] = append(days[p], d.Day)
	}
	for _, p := range order {
		if err := r.rebuildPartition(ctx, r.shards[p.shard], p.rollup, p.month, days[p]); err != nil {
			return fmt.Errorf("rebuild %s of %s: %w", p.rollup, p.month, err)
		}
	}
	return nil
}

// rebuildPartition replaces a partition, a month, by one with the same rows but for those of the days, which are counted
// again. It is one exchange: whoever reads sees the partition before or after it.
func (r *Reconciler) rebuildPartition(ctx context.Context, shard Conn, rollup, month string, days []string) error {
	table := r.layout.Qualified(r.layout.Local(rollup))
	fresh := r.layout.Qualified(rollup + "_rebuild")
	columns, err := r.columns(ctx, shard, rollup)
	if err != nil {
		return err
	}
	period := "day"
	if strings.HasSuffix(rollup, "_hourly") {
		period = "hour"
	}
	insert := fmt.Sprintf("INSERT INTO %s (%s) SETTINGS insert_deduplicate = 0, async_insert = 0 SELECT %s ", fresh, columns, columns)
	statements := []string{
		"DROP TABLE IF EXISTS " + fresh + " SYNC", // of a round that was cut off
		"CREATE TABLE " + fresh + " AS " + table,
		insert + fmt.Sprintf("FROM %s WHERE toYYYYMM(%s) = %s AND NOT (%s)", table, period, month, daysOf(period, days)),
	}
	for _, span := range spans(days) {
		statements = append(statements, insert+fmt.Sprintf("FROM %s(from = %s, to = %s)",
			r.layout.Qualified(rollup+"_recomputed"), literal(span[0]), literal(span[1])))
	}
	for _, statement := range statements {
		if err := shard.Exec(ctx, statement); err != nil {
			return err
		}
	}
	rows, err := shard.Select(ctx, "SELECT toString(count()) FROM "+fresh)
	if err != nil {
		return err
	}
	exchange := "REPLACE PARTITION " + month + " FROM " + fresh
	if rows[0][0] == "0" { // newer servers refuse to replace a partition by nothing
		exchange = "DROP PARTITION " + month
	}
	if err := shard.Exec(ctx, "ALTER TABLE "+table+" "+exchange); err != nil {
		return err
	}
	return shard.Exec(ctx, "DROP TABLE "+fresh+" SYNC")
}

// columns lists the columns of a rollup, quoted, in their order.
func (r *Reconciler) columns(ctx context.Context, shard Conn, rollup string) (string, error) {
	rows, err := shard.Select(ctx, fmt.Sprintf("SELECT name FROM system.columns WHERE database = %s AND table = %s ORDER BY position",
		literal(r.layout.Database), literal(r.layout.Local(rollup))))
	if err != nil {
		return "", err
	}
	names := make([]string, len(rows))
	for i, row := range rows {
		names[i] = "`" + row[0] + "`"
	}
	return strings.Join(names, ", "), nil
}

// daysOf is the condition that a column's day is one of the days.
func daysOf(column string, days []string) string {
	return fmt.Sprintf("toDate32(%[1]s) BETWEEN toDate32(%[2]s) AND toDate32(%[3]s) AND toString(toDate32(%[1]s)) IN (%[4]s)",
		column, literal(days[0]), literal(days[len(days)-1]), list(days))
}

func list(texts []string) string {
	quoted := make([]string, len(texts))
	for i, text := range texts {
		quoted[i] = literal(text)
	}
	return strings.Join(quoted, ", ")
}

// spans cuts days into runs without gaps: first and last of each.
func spans(days []string) [][2]string {
	var out [][2]string
	for _, day := range days {
		if n := len(out); n > 0 && next(out[n-1][1]) == day {
			out[n-1][1] = day
			continue
		}
		out = append(out, [2]string{day, day})
	}
	return out
}
