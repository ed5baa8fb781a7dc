package schema

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/ClickHouse/ch-go/proto"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/clickhouse"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/columns"
)

// Verify checks what inserts rely on: that the tables have the columns, that a repeated insert is recognised, that what is
// acknowledged is on the server's disk, and that the user's profile lets inserts have the settings they pin.
func Verify(ctx context.Context, conn clickhouse.Conn) error {
	for _, check := range []func(context.Context, clickhouse.Conn) error{verifyColumns, verifyWindows, verifySync, verifySettings, verifyConstraints} {
		if err := check(ctx, conn); err != nil {
			return err
		}
	}
	return nil
}

func verifyColumns(ctx context.Context, conn clickhouse.Conn) error {
	rows, err := conn.Select(ctx, "SELECT table, name FROM system.columns WHERE database = {database:String} "+
		"AND table IN ("+literals(writtenTables())+")")
	if err != nil {
		return fmt.Errorf("read the columns of the tables: %w", err)
	}
	have := map[string][]string{}
	for _, row := range rows {
		have[row[0]] = append(have[row[0]], row[1])
	}
	for _, table := range columns.Tables() {
		if len(have[table.String()]) == 0 {
			return errorf("there is no table %s, or the user may not see it: set create_schema: true, apply the migrations "+
				"by hand, or grant the user INSERT on it", table)
		}
		var missing []string
		for _, c := range table.Columns() {
			if !slices.Contains(have[table.String()], c.Name) {
				missing = append(missing, c.Name+" "+c.Type)
			}
		}
		if len(missing) > 0 {
			return errorf("table %s lacks columns that this collector writes: %s; apply the migrations that add them, or add "+
				"them with ALTER TABLE", table, strings.Join(missing, ", "))
		}
	}
	return nil
}

// Rollups are the tables that views fill from `events`.
func Rollups() []string {
	return []string{
		"query_cost_hourly", "query_shape_daily", "actor_cost_daily", "dataset_usage_daily", "ingest_hourly", "activity_daily",
	}
}

// minWindow is the least deduplication window that is good for anything. It counts parts: an insert over 20 partitions, the
// exporter's default at most, is 20 of them, and has to be recognised after the inserts that ran beside it.
const minWindow = 1000

// verifyWindows looks for tables that would take a repeated insert twice: one whose rows go to them, directly or by way of
// a view. The engines say which of two settings counts; SharedMergeTree has a window of its own.
func verifyWindows(ctx context.Context, conn clickhouse.Conn) error {
	rows, err := conn.Select(ctx, "SELECT name, if(startsWith(engine, 'Replicated'), 'replicated', 'non_replicated'), "+
		"if(startsWith(engine, 'Replicated'), extract(engine_full, ' replicated_deduplication_window = ([0-9]+)'), "+
		"extract(engine_full, 'non_replicated_deduplication_window = ([0-9]+)')) "+
		"FROM system.tables WHERE database = {database:String} AND match(engine, '^(Replicated)?(Aggregating|Replacing)?MergeTree$') "+
		"AND replaceRegexpOne(name, '_local$', '') IN ("+literals(append(writtenTables(), Rollups()...))+") ORDER BY name")
	if err != nil {
		return fmt.Errorf("read the settings of the tables: %w", err)
	}
	for _, row := range rows {
		table, kind := row[0], row[1]
		parts, err := strconv.Atoi(row[2])
		if err != nil && kind == "replicated" {
			continue // the server's default
		}
		if parts < minWindow {
			return errorf("the deduplication window of table %s is of %d parts, so a repeated insert could be stored twice: "+
				"ALTER TABLE %s MODIFY SETTING %s_deduplication_window = 10000", table, parts, table, kind)
		}
	}
	return nil
}

// verifySync looks for tables whose server answers before rows are on its disk: after a loss of power they would be gone, and
// gone from the collector's log. A table's own setting counts, and the server's where it has none.
func verifySync(ctx context.Context, conn clickhouse.Conn) error {
	for _, setting := range []string{"fsync_after_insert", "fsync_part_directory"} {
		rows, err := conn.Select(ctx, "SELECT name, extract(engine_full, '"+setting+" = (\\w+)') AS own FROM system.tables "+
			"WHERE database = {database:String} AND match(engine, '^(Replicated)?(Aggregating)?MergeTree$') "+
			"AND replaceRegexpOne(name, '_local$', '') IN ("+literals(append(writtenTables(), Rollups()...))+") "+
			"AND own NOT IN ('1', 'true') ORDER BY own = '', name")
		if err != nil {
			return fmt.Errorf("read the settings of the tables: %w", err)
		}
		if len(rows) == 0 {
			continue
		}
		if own := rows[0][1]; own == "" {
			synced, err := syncedByServer(ctx, conn, setting)
			if err != nil {
				return err
			}
			if synced {
				continue
			}
		}
		return errorf("table %[1]s does not have %[2]s, so rows that were acknowledged would be gone after a loss of power: "+
			"ALTER TABLE %[1]s MODIFY SETTING %[2]s = 1", rows[0][0], setting)
	}
	return nil
}

// syncedByServer asks for the setting of tables that have none of their own. A user who may not see it is trusted to write to
// tables that somebody else made well.
func syncedByServer(ctx context.Context, conn clickhouse.Conn, setting string) (bool, error) {
	rows, err := conn.Select(ctx, "SELECT value FROM system.merge_tree_settings WHERE name = "+literal(setting)+" AND value IN ('1', 'true')")
	if clickhouse.Is(err, proto.ErrAccessDenied) {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("read the settings of the server: %w", err)
	}
	return len(rows) > 0, nil
}

func writtenTables() []string {
	var names []string
	for _, table := range columns.Tables() {
		names = append(names, table.String())
	}
	return names
}

func literals(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = literal(name)
	}
	return strings.Join(quoted, ", ")
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

// verifyConstraints looks at settings that every insert pins, and that the user's profile holds at another value. A user who may
// change nothing at all is told so by the first insert.
func verifyConstraints(ctx context.Context, conn clickhouse.Conn) error {
	pinned := clickhouse.PinnedSettings()
	rows, err := conn.Select(ctx, "SELECT name, value FROM system.settings WHERE readonly = 1 "+
		"AND name IN ("+literals(slices.Sorted(maps.Keys(pinned)))+") AND getSetting('readonly') != 1 ORDER BY name")
	if err != nil {
		return fmt.Errorf("read the user's settings: %w", err)
	}
	for _, row := range rows {
		if name, value := row[0], row[1]; pinned[name] != value {
			return errorf("the user's profile holds the setting %s at %q, and inserts need %q to be stored exactly once: "+
				"take the constraint off the profile", name, value, pinned[name])
		}
	}
	return nil
}
