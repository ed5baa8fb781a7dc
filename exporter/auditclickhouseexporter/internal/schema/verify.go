package schema

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/clickhouse"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/columns"
)

// written are the tables that the exporter inserts into, and the columns it fills.
var written = []struct {
	table   string
	columns []columns.Column
}{
	{"events", columns.EventColumns()},
	{"quarantine", columns.QuarantineColumns()},
}

// Verify checks what inserts rely on: that the tables have the columns, and that a repeated insert is recognised.
func Verify(ctx context.Context, conn clickhouse.Conn) error {
	for _, check := range []func(context.Context, clickhouse.Conn) error{verifyColumns, verifyWindows, verifySettings} {
		if err := check(ctx, conn); err != nil {
			return err
		}
	}
	return nil
}

func verifyColumns(ctx context.Context, conn clickhouse.Conn) error {
	rows, err := conn.Select(ctx, "SELECT table, name FROM system.columns "+
		"WHERE database = {database:String} AND table IN ('events', 'quarantine')")
	if err != nil {
		return fmt.Errorf("read the columns of the tables: %w", err)
	}
	have := map[string][]string{}
	for _, row := range rows {
		have[row[0]] = append(have[row[0]], row[1])
	}
	for _, w := range written {
		if len(have[w.table]) == 0 {
			return errorf("there is no table %s, or the user may not see it: set create_schema: true, apply the migrations "+
				"by hand, or grant the user INSERT on it", w.table)
		}
		var missing []string
		for _, c := range w.columns {
			if !slices.Contains(have[w.table], c.Name) {
				missing = append(missing, c.Name+" "+c.Type)
			}
		}
		if len(missing) > 0 {
			return errorf("table %s lacks columns that this collector writes: %s; apply the migrations that add them, or add "+
				"them with ALTER TABLE", w.table, strings.Join(missing, ", "))
		}
	}
	return nil
}

// verifyWindows looks for MergeTree tables that would take a repeated insert twice. Replicated and shared ones have a
// window by default.
func verifyWindows(ctx context.Context, conn clickhouse.Conn) error {
	rows, err := conn.Select(ctx, "SELECT name FROM system.tables WHERE database = {database:String} "+
		"AND match(engine, '^(Aggregating)?MergeTree$') AND name IN ("+
		"'events', 'quarantine', 'query_cost_hourly', 'query_shape_daily', 'actor_cost_daily', 'dataset_usage_daily', "+
		"'ingest_hourly', 'activity_daily') "+
		"AND NOT match(engine_full, 'non_replicated_deduplication_window = [1-9]') ORDER BY name")
	if err != nil {
		return fmt.Errorf("read the settings of the tables: %w", err)
	}
	for _, row := range rows {
		return errorf("table %s has no deduplication window, so a repeated insert would be stored twice: "+
			"ALTER TABLE %s MODIFY SETTING non_replicated_deduplication_window = 10000", row[0], row[0])
	}
	return nil
}

// verifySettings looks at a setting that newer servers have: an insert cannot pin it on the others.
func verifySettings(ctx context.Context, conn clickhouse.Conn) error {
	rows, err := conn.Select(ctx, "SELECT value FROM system.settings WHERE name = 'deduplicate_insert' AND value = 'disable'")
	if err != nil {
		return fmt.Errorf("read the user's settings: %w", err)
	}
	if len(rows) > 0 {
		return errorf("the setting deduplicate_insert of the user is 'disable', so a repeated insert would be stored twice: " +
			"set it to 'enable' in the user's profile")
	}
	return nil
}
