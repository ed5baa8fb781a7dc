package schema

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/clickhouse"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/columns"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal/clickhousetest"
)

// connect gives a connection to a database of the server, over HTTP where the name says so.
func connect(t *testing.T, server *clickhouselocal.Server, database string) clickhouse.Conn {
	t.Helper()
	return connectAs(t, server, server.User(), database)
}

func connectAs(t *testing.T, server *clickhouselocal.Server, user, database string) clickhouse.Conn {
	t.Helper()
	address := "clickhouse://" + server.NativeAddr()
	if strings.Contains(database, "http") {
		address = server.HTTPURL()
	}
	endpoint, err := clickhouse.ParseEndpoint(address)
	require.NoError(t, err)
	conn := clickhouse.Open(clickhouse.Options{
		Endpoint: endpoint, Username: user, Database: database, Timeout: time.Minute, MaxIdle: 2, HTTP: &http.Client{},
	})
	t.Cleanup(conn.Close)
	return conn
}

func applyAll(t *testing.T, conn clickhouse.Conn) {
	t.Helper()
	version, err := Apply(t.Context(), conn, Migrations())
	require.NoError(t, err)
	assert.Equal(t, len(Migrations()), version)
	require.NoError(t, Verify(t.Context(), conn))
}

func exec(t *testing.T, conn clickhouse.Conn, sql string) {
	t.Helper()
	require.NoError(t, conn.Exec(t.Context(), sql))
}

// selectColumn gives the values of a query's only column.
func selectColumn(t *testing.T, conn clickhouse.Conn, sql string) []string {
	t.Helper()
	rows, err := conn.Select(t.Context(), sql)
	require.NoError(t, err)
	values := make([]string, len(rows))
	for i, row := range rows {
		values[i] = row[0]
	}
	return values
}

func TestSchema(t *testing.T) {
	server := clickhousetest.New(t)
	for name, test := range map[string]func(*testing.T, clickhouse.Conn){
		"names are the contract":   testNames,
		"applied twice":            testAppliedTwice,
		"half a migration":         testHalfApplied,
		"a changed migration":      testChanged,
		"a newer schema":           testNewer,
		"a missing column":         testMissingColumn,
		"a missing table":          testMissingTable,
		"a table without a window": testNoWindow,
	} {
		for _, protocol := range []string{"native", "http"} {
			t.Run(name+" "+protocol, func(t *testing.T) {
				database := strings.ReplaceAll(name, " ", "_") + "_" + protocol
				test(t, connect(t, server, database))
			})
		}
	}
}

func testNames(t *testing.T, conn clickhouse.Conn) {
	t.Helper()
	applyAll(t, conn)
	want := []string{
		"events", "quarantine", "blocks", "ledger", "user_versions", "users", "locks", "schema_migrations", "reconcile_blocks", "reconcile_doubled", "reconcile_rollups",
	}
	for _, rollup := range Rollups() {
		want = append(want, rollup, rollup+"_mv", rollup+"_recomputed")
	}
	want = append(want, viewNames(t)...)
	// Views that need one more thing than a range, and what reports are kept in.
	want = append(want, "search_total", "xano_audit_log", "entity_activity", "entity_usage",
		"datagrok_events", "datagrok_event_types", "datagrok_event_parameters", "datagrok_event_parameter_values",
		"compliance_reports", "compliance_report_daily", "compliance_report_monthly", "usage_reports", "usage_report_monthly")
	assert.ElementsMatch(t, want, selectColumn(t, conn, "SELECT name FROM system.tables WHERE database = {database:String}"))
	const ofTable = "SELECT name FROM system.columns WHERE database = {database:String} AND table = '%s' " +
		"AND name != 'inserted_at' ORDER BY position"
	for _, table := range columns.Tables() {
		var names []string
		for _, c := range table.Columns() {
			names = append(names, c.Name)
		}
		assert.Equal(t, names, selectColumn(t, conn, fmt.Sprintf(ofTable, table)), "written in the order of the table")
	}
	costs := " executions costed_executions cost_sum cost_max cost_quantiles bytes_scanned duration_seconds"
	for table, want := range map[string]string{
		"query_cost_hourly":   "tenant_id hour origin target_type target_id" + costs,
		"query_shape_daily":   "tenant_id day query_language query_fingerprint origin query_representation" + costs,
		"actor_cost_daily":    "tenant_id day actor_id origin" + costs,
		"dataset_usage_daily": "tenant_id day dataset origin actor_id queries costed_queries cost_sum bytes_scanned actors",
		"ingest_hourly":       "tenant_id hour dataset bytes records",
		"activity_daily":      "tenant_id workspace_id day actor_id event_name action target_type outcome events first_time last_time",
	} {
		assert.Equal(t, strings.Fields(want), selectColumn(t, conn, fmt.Sprintf(ofTable, table)), table)
		assert.Equal(t, strings.Fields(want), selectColumn(t, conn, fmt.Sprintf(ofTable, table+"_mv")), table)
	}
}

func testAppliedTwice(t *testing.T, conn clickhouse.Conn) {
	t.Helper()
	applyAll(t, conn)
	applyAll(t, conn)
	assert.Equal(t, []string{fmt.Sprint(len(Migrations()))},
		selectColumn(t, conn, "SELECT toString(count()) FROM {database:Identifier}.schema_migrations"))
}

// testHalfApplied is a collector that died in a migration, before it recorded it.
func testHalfApplied(t *testing.T, conn clickhouse.Conn) {
	t.Helper()
	migrations := Migrations()
	_, err := Apply(t.Context(), conn, migrations[:3])
	require.NoError(t, err)
	exec(t, conn, migrations[3].Statements[0])
	applyAll(t, conn)
}

func testChanged(t *testing.T, conn clickhouse.Conn) {
	t.Helper()
	migrations := Migrations()
	_, err := Apply(t.Context(), conn, migrations[:3])
	require.NoError(t, err)
	migrations[1].Checksum = strings.Repeat("0", 64)
	_, err = Apply(t.Context(), conn, migrations)
	var wrong *Error
	require.ErrorAs(t, err, &wrong)
	assert.ErrorContains(t, err, "migration 0002_events.sql is not the one that was applied")
	assert.Len(t, selectColumn(t, conn, "SELECT name FROM {database:Identifier}.schema_migrations"), 3, "nothing was changed")
}

func testNewer(t *testing.T, conn clickhouse.Conn) {
	t.Helper()
	applyAll(t, conn)
	exec(t, conn, "INSERT INTO {database:Identifier}.schema_migrations (number, name, checksum) SELECT 999, 'future', 'x'")
	_, err := Apply(t.Context(), conn, Migrations())
	var wrong *Error
	require.ErrorAs(t, err, &wrong)
	assert.ErrorContains(t, err, "is at migration 999 (future)")
	assert.ErrorContains(t, err, "run that version or a newer one")
}

func testMissingColumn(t *testing.T, conn clickhouse.Conn) {
	t.Helper()
	applyAll(t, conn)
	exec(t, conn, "ALTER TABLE {database:Identifier}.events DROP COLUMN message, DROP COLUMN export_rows")
	err := Verify(t.Context(), conn)
	assert.ErrorContains(t, err, "table events lacks columns that this collector writes: message String, export_rows Nullable(Int64)")
}

func testMissingTable(t *testing.T, conn clickhouse.Conn) {
	t.Helper()
	assert.ErrorContains(t, Verify(t.Context(), conn), "there is no table events")
	applyAll(t, conn)
	exec(t, conn, "DROP TABLE {database:Identifier}.quarantine SYNC")
	assert.ErrorContains(t, Verify(t.Context(), conn), "there is no table quarantine")
}

func testNoWindow(t *testing.T, conn clickhouse.Conn) {
	t.Helper()
	applyAll(t, conn)
	exec(t, conn, "ALTER TABLE {database:Identifier}.ingest_hourly MODIFY SETTING non_replicated_deduplication_window = 0")
	err := Verify(t.Context(), conn)
	require.ErrorContains(t, err, "the deduplication window of table ingest_hourly is of 0 parts")
	exec(t, conn, "ALTER TABLE {database:Identifier}.ingest_hourly MODIFY SETTING non_replicated_deduplication_window = 1000")
	assert.NoError(t, Verify(t.Context(), conn))
}

func TestUserWhoTurnsDeduplicationOff(t *testing.T) {
	server := clickhousetest.New(t, func(o *clickhouselocal.Options) {
		o.Users = []clickhouselocal.User{{
			Name: "careless", Grants: []string{"GRANT ALL ON *.*"}, Settings: map[string]string{"deduplicate_insert": "disable"},
		}}
	})
	conn := connectAs(t, server, "careless", "audit")
	_, err := Apply(t.Context(), conn, Migrations())
	require.NoError(t, err)
	assert.ErrorContains(t, Verify(t.Context(), conn), "deduplicate_insert of the user is 'disable'")
}
