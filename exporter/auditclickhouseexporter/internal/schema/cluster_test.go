package schema

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/clickhouse"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal/clickhousetest"
)

// TestTwoShards is a real cluster of two servers. They have no Keeper, so the tables are not replicated and the schema is
// applied to each.
func TestTwoShards(t *testing.T) {
	layout := Layout{Database: "audit", Cluster: "two"}
	var shards []clickhouse.Conn
	for _, server := range clickhousetest.NewCluster(t, "two", 2) {
		shards = append(shards, connect(t, server, "audit"))
	}
	for range 2 {
		for _, shard := range shards {
			_, err := Apply(t.Context(), shard, layout.Migrations())
			require.NoError(t, err)
			require.NoError(t, Verify(t.Context(), shard))
		}
	}

	const rows = 1000
	insert := func(shard clickhouse.Conn) {
		exec(t, shard, fmt.Sprintf("INSERT INTO audit.events (record_id, timestamp, received_at, tenant_id, actor_id, query_fingerprint, query_cost, block_id) "+
			"SETTINGS insert_deduplication_token = 'one', insert_deduplicate = 1, deduplicate_blocks_in_dependent_materialized_views = 1, "+
			"distributed_foreground_insert = 1, async_insert = 0 "+
			"SELECT 'r' || toString(number), toDateTime64('2026-11-01 10:00:00', 9, 'UTC') + toIntervalHour(number %% 72), "+
			"toDateTime64('2026-11-04 10:00:00', 9, 'UTC'), 't' || toString(number %% 7), 'ann', 'f', 1, 77 FROM numbers(%d)", rows))
	}
	insert(shards[0])
	total := "SELECT toString(count()), toString(uniqExact(record_id)) FROM audit.events"
	for attempt := range 3 {
		sum := 0
		for i, shard := range shards {
			answer, err := shard.Select(t.Context(), total)
			require.NoError(t, err)
			assert.Equal(t, [][]string{{strconv.Itoa(rows), strconv.Itoa(rows)}}, answer, "attempt %d, asked of shard %d", attempt, i)
			local, err := strconv.Atoi(selectColumn(t, shard, "SELECT toString(count()) FROM audit.events_local")[0])
			require.NoError(t, err)
			assert.Greater(t, local, rows/10, "both shards have some")
			sum += local
			for _, measure := range []string{
				"sum(executions) FROM audit.query_cost_hourly", "sum(cost_sum) FROM audit.query_shape_daily",
				"sum(executions) FROM audit.actor_cost_daily", "sum(events) FROM audit.activity_daily",
			} {
				assert.Equal(t, []string{strconv.Itoa(rows)}, selectColumn(t, shard, "SELECT toString("+strings.Replace(measure, ")", "))", 1)), measure)
			}
		}
		assert.Equal(t, rows, sum)
		insert(shards[attempt%2]) // the same rows under the same token, by way of either server
	}
	for _, table := range []string{"events", "activity_daily"} {
		day := map[string]string{"events": "toDate(timestamp)", "activity_daily": "day"}[table]
		assert.Equal(t, []string{"1"}, selectColumn(t, shards[0], "SELECT toString(max(shards)) FROM ("+
			"SELECT uniqExact(_shard_num) AS shards FROM audit."+table+" GROUP BY tenant_id, "+day+")"), "a tenant's day lies on one shard")
		assert.Equal(t, []string{"2"}, selectColumn(t, shards[0], "SELECT toString(uniqExact(_shard_num)) FROM audit."+table))
	}
	for _, statement := range []string{
		"INSERT INTO audit.quarantine (record_id, reason) SELECT 'q', 'missing'",
		"INSERT INTO audit.blocks (token, collector) SELECT 't', 'c'",
		"INSERT INTO audit.ledger (collector, events) SELECT 'c', 3",
	} {
		exec(t, shards[0], strings.Replace(statement, " SELECT", " SETTINGS distributed_foreground_insert = 1 SELECT", 1))
		table := strings.Fields(statement)[2]
		assert.Equal(t, []string{"1"}, selectColumn(t, shards[1], "SELECT toString(count()) FROM "+table), table)
	}
	exec(t, shards[1], "ALTER TABLE audit.activity_daily_local MODIFY SETTING non_replicated_deduplication_window = 0")
	assert.ErrorContains(t, Verify(t.Context(), shards[1]), "table activity_daily_local")
}
