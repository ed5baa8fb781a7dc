package schema

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/clickhouse"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal/clickhousetest"
)

// What a view answers is tested in internal/questions. Here: that a condition on the tenant reaches what it reads, and that a cluster
// answers as a single server does.

var viewOf = regexp.MustCompile(`FROM \{database:Identifier\}\.(\w+)`)

// viewCalls gives a call of every view that answers a question, by the view's name.
func viewCalls(t *testing.T, database string) map[string]string {
	t.Helper()
	calls := map[string]string{}
	for _, statement := range split(testdata(t, "views.sql")) {
		statement = strings.TrimSuffix(strings.TrimSpace(comment.ReplaceAllString(statement, "")), ";")
		found := viewOf.FindStringSubmatch(statement)
		require.NotNil(t, found, statement)
		calls[found[1]] = strings.NewReplacer(
			"{from:DateTime64(9)}", "'2026-10-03 00:00:00'", "{to:DateTime64(9)}", "'2026-10-20 00:00:00'", "min_cost = 16000", "min_cost = 8000",
			"threshold = 5", "threshold = 0", "'monitor-12'", "'monitor-206'", "{database:Identifier}", database, // a view whose name has a parameter in it cannot be called
		).Replace(statement)
	}
	return calls
}

func viewNames(t *testing.T) []string {
	t.Helper()
	var names []string
	for name := range viewCalls(t, "") {
		names = append(names, name)
	}
	return names
}

func testdata(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile("testdata/" + file)
	require.NoError(t, err)
	return string(text)
}

// fillMonth makes so many events over October.
func fillMonth(t *testing.T, conn clickhouse.Conn, events int) {
	t.Helper()
	sql := strings.NewReplacer("{start:DateTime64(9, 'UTC')}", "toDateTime64('2026-10-01 00:00:00', 9, 'UTC')", "{first:UInt64}", "0",
		"{count:UInt64}", fmt.Sprint(events), "{total:UInt64}", fmt.Sprint(events)).Replace(testdata(t, "month.sql"))
	exec(t, conn, strings.TrimSpace(comment.ReplaceAllString(sql, ""))+", distributed_foreground_insert = 1, async_insert = 0")
}

func TestViewsOnAClusterAnswerAsOnASingleServer(t *testing.T) {
	layout := Layout{Database: "audit", Cluster: "two"}
	servers := clickhousetest.NewCluster(t, "two", 2)
	single := connect(t, servers[0], "single")
	applyAll(t, single)
	shards := []clickhouse.Conn{connect(t, servers[0], "audit"), connect(t, servers[1], "audit")}
	for _, shard := range shards {
		_, err := Apply(t.Context(), shard, layout.Migrations())
		require.NoError(t, err)
	}
	fillMonth(t, single, 20_000)
	fillMonth(t, shards[0], 20_000)
	// Which examples operations_by_target has depends on what of a rollup is merged.
	exec(t, single, "OPTIMIZE TABLE {database:Identifier}.activity_daily FINAL")
	for _, shard := range shards {
		exec(t, shard, "OPTIMIZE TABLE {database:Identifier}.activity_daily_local FINAL")
	}
	fillLately(t, single)
	fillLately(t, shards[0])
	same := func(view, call, ofCluster, condition string) {
		rows := func(conn clickhouse.Conn, call string) []string {
			return selectColumn(t, conn, "SELECT toJSONString(tuple(*)) AS row FROM ("+call+condition+") ORDER BY row")
		}
		want := rows(single, call)
		require.NotEmpty(t, want, view)
		assert.True(t, slices.Equal(want, rows(shards[1], ofCluster)), "%s%s differs, for example %s", view, condition, want[0])
	}
	calls := viewCalls(t, "audit")
	for view, call := range viewCalls(t, "single") {
		for _, condition := range []string{"", " WHERE tenant_id = 'org-1'"} {
			same(view, call, calls[view], condition)
		}
	}
	for _, call := range otherCalls {
		same(call, "SELECT * FROM single."+call, "SELECT * FROM audit."+call, "")
	}
}

// otherCalls are of the views that are not of rows over a range: of one number or text, of the days before now, or of all times.
var otherCalls = []string{
	"search_total(text = '', type = '', user = '', label = '', target = '', workspace = '', branch = '', from = '', to = '', tenant = 'org-1')",
	"xano_audit_log(text = '', type = '', user = '', label = '', target = '', workspace = '', branch = '', from = '', to = '', tenant = 'org-1', " +
		"sort = 'newest', page = 1, per_page = 20, after = '', include_data = true)",
	"entity_activity(target_type = 'project', target_id = 'project-1')",
	"entity_usage(target_type = 'project', target_id = 'project-1')",
	"datagrok_events",
	"datagrok_event_types",
	"datagrok_event_parameters",
	"datagrok_event_parameter_values",
}

// fillLately makes events of the last days, none of them near to where a view's range ends.
func fillLately(t *testing.T, conn clickhouse.Conn) {
	t.Helper()
	start := time.Now().Truncate(24*time.Hour).AddDate(0, 0, -3).Unix()
	exec(t, conn, fmt.Sprintf("INSERT INTO {database:Identifier}.events (record_id, timestamp, received_at, tenant_id, event_name, action, actor_id, actor_type, "+
		"target_type, target_id, function_name, function_inputs, details) "+
		"SELECT 'late-' || number, toDateTime64(%d + number * 60, 9, 'UTC'), toDateTime64(%d, 9, 'UTC'), 'org-' || number %% 5, 'run-' || number %% 3, 'EXECUTE', "+
		"'ann-' || number %% 7, 'user', 'project', 'project-' || number %% 2, 'f', '{\"x\":\"int\"}', '{\"step\":\"string\"}' FROM numbers(300) "+
		"SETTINGS distributed_foreground_insert = 1, async_insert = 0", start, start))
}

// TestEstimatesWeighSampledEvents by what the policy says of each: an event of sample rate 0.25 stands for four.
func TestEstimatesWeighSampledEvents(t *testing.T) {
	conn := connect(t, clickhousetest.New(t), "audit")
	applyAll(t, conn)
	exec(t, conn, "INSERT INTO {database:Identifier}.events (record_id, timestamp, tenant_id, action, actor_id, actor_type, target_type, target_id, "+
		"query_fingerprint, query_representation, datasets, ai_feature, sample_rate) "+
		"SELECT toString(number), toDateTime64('2026-10-05 00:00:00', 9, 'UTC') + number, 't', 'EXECUTE', 'ann', 'user', 'monitor', 'm', "+
		"lower(hex(sipHash64(toUInt16(7)))), 'q', ['d'], 'f', [0.25, 1, 0][number + 1] FROM numbers(3)")
	calls := viewCalls(t, "audit")
	for view, column := range map[string]string{
		"dataset_sets": "estimated_queries", "query_origins": "estimated_executions", "content_popularity": "estimated_uses", "llm_usage": "estimated_calls",
	} {
		assert.Equal(t, []string{"6"}, selectColumn(t, conn, "SELECT toString("+column+") FROM ("+calls[view]+")"), view)
	}
}

// TestATenantIsReadAlone because every view has tenant_id as its first column, and a condition on it reaches the primary keys.
func TestATenantIsReadAlone(t *testing.T) {
	conn := connect(t, clickhousetest.New(t), "audit")
	applyAll(t, conn)
	fillMonth(t, conn, 5_000)
	for view, call := range viewCalls(t, "audit") {
		columns := selectColumn(t, conn, "SELECT name FROM system.columns WHERE database = {database:String} AND table = '"+view+"' ORDER BY position LIMIT 1")
		if len(columns) > 0 { // parameterized views have none there
			assert.Equal(t, []string{"tenant_id"}, columns, view)
		}
		plan := strings.Join(selectColumn(t, conn, "SELECT explain FROM (EXPLAIN indexes = 1 "+call+" WHERE tenant_id = 'org-1')"), "\n")
		if view == "errors" || view == "dataset_history" {
			continue // what sessions did before is looked for in all tenants, and joined by tenant
		}
		// What is read lazily, row by row, has no condition of its own.
		reads := strings.Split(strings.ReplaceAll(plan, "LazilyReadFromMergeTree", ""), "ReadFromMergeTree")[1:]
		assert.NotEmpty(t, reads, view)
		for _, read := range reads {
			assert.Contains(t, read, `(tenant_id in ['org-1', 'org-1'])`, "%s reads more than the tenant's rows:\n%s", view, plan)
		}
	}
}
