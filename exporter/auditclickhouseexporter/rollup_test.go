package auditclickhouseexporter

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/eventtest"
	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal/clickhousetest"
)

// rollupTests say of each rollup what it must be equal to, asked of `events` in other words than its view asks.
var rollupTests = map[string]struct{ rollup, events string }{
	"query_cost_hourly": {
		`SELECT tenant_id, toString(hour) AS time, origin, target_type, target_id, ` + costs,
		`SELECT tenant_id, toString(toDateTime64(toStartOfHour(timestamp), 0, 'UTC')) AS time, origin, target_type, target_id, ` + costsOfEvents,
	},
	"query_shape_daily": {
		`SELECT tenant_id, toString(day) AS time, query_language, query_fingerprint, origin, any(query_representation) AS shape, ` + costs,
		`SELECT tenant_id, toString(toDate(timestamp)) AS time, query_language, query_fingerprint, origin, max(query_representation) AS shape, ` + costsOfEvents,
	},
	"actor_cost_daily": {
		`SELECT tenant_id, toString(day) AS time, actor_id, origin, ` + costs,
		`SELECT tenant_id, toString(toDate(timestamp)) AS time, actor_id, origin, ` + costsOfEvents,
	},
	"dataset_usage_daily": {
		`SELECT tenant_id, toString(day) AS time, dataset, origin, sum(queries) AS q, sum(costed_queries) AS c, round(sum(cost_sum), 6) AS s,
			sum(bytes_scanned) AS b, uniqMerge(actors) AS a`,
		`SELECT tenant_id, toString(toDate(timestamp)) AS time, dataset, origin, countIf(notEmpty(query_fingerprint)) AS q,
			count(query_cost) AS c, round(sum(query_cost), 6) AS s, sum(query_bytes_scanned) AS b, uniqExact(actor_id) AS a`,
	},
	"ingest_hourly": {
		`SELECT tenant_id, toString(hour) AS time, dataset, sum(bytes) AS b, sum(records) AS r`,
		`SELECT tenant_id, toString(toDateTime64(toStartOfHour(timestamp), 0, 'UTC')) AS time, target_id AS dataset, sum(ingest_bytes) AS b,
			sum(ingest_records) AS r`,
	},
	"activity_daily": {
		`SELECT tenant_id, workspace_id, toString(day) AS time, actor_id, event_name, action, target_type, outcome, sum(events) AS n,
			toString(min(first_time)) AS f, toString(max(last_time)) AS l`,
		`SELECT tenant_id, workspace_id, toString(toDate(timestamp)) AS time, actor_id, event_name, action, target_type, outcome, count() AS n,
			toString(min(timestamp)) AS f, toString(max(timestamp)) AS l`,
	},
}

const (
	costs = `sum(executions) AS e, sum(costed_executions) AS c, round(sum(cost_sum), 6) AS s, max(cost_max) AS m,
		sum(bytes_scanned) AS b, round(sum(duration_seconds), 6) AS d,
		arrayMap(q -> round(q, 3), quantilesTDigestMerge(0.5, 0.9, 0.95, 0.99)(cost_quantiles)) AS q`
	costsOfEvents = `countIf(notEmpty(query_fingerprint)) AS e, count(query_cost) AS c, round(ifNull(sum(query_cost), 0), 6) AS s,
		max(query_cost) AS m, sum(query_bytes_scanned) AS b, round(ifNull(sum(duration_seconds), 0), 6) AS d,
		arrayMap(q -> round(q, 3), quantilesTDigest(0.5, 0.9, 0.95, 0.99)(query_cost)) AS q`
)

// source says which events a rollup is over.
func source(rollup string) string {
	switch rollup {
	case "activity_daily":
		return "FROM audit.events"
	case "ingest_hourly":
		return "FROM audit.events WHERE ingest_bytes IS NOT NULL OR ingest_records IS NOT NULL"
	case "dataset_usage_daily":
		return "FROM audit.events ARRAY JOIN arrayDistinct(datasets) AS dataset WHERE notEmpty(query_fingerprint) OR query_cost IS NOT NULL"
	default:
		return "FROM audit.events WHERE notEmpty(query_fingerprint) OR query_cost IS NOT NULL"
	}
}

func TestRollupsEqualAComputationOverEvents(t *testing.T) {
	server := clickhousetest.New(t)
	e := startExporter(t, configFor(t, server), newHost())
	for request := range 3 { // of the same hours and days, so that rollup rows of several inserts meet
		var events []audit.Event
		for i := range 300 {
			event := eventtest.Query(fmt.Sprintf("%d-%d", request, i), eventtest.Time.Add(time.Duration(i*17+request)*time.Minute), i)
			attrs := event.Record.Attributes()
			switch i % 6 {
			case 1: // reports the cost of a query, and nothing else of it
				attrs.Remove(audit.AttrQueryFingerprint)
				attrs.Remove(audit.AttrQueryRepresentation)
			case 2: // no query at all
				attrs.Remove(audit.AttrQueryFingerprint)
				attrs.Remove(audit.AttrQueryRepresentation)
				attrs.Remove(audit.AttrQueryCost)
				attrs.PutInt(audit.AttrIngestBytes, int64(i)*1000)
				attrs.PutInt(audit.AttrIngestRecords, int64(i))
			case 3:
				attrs.PutDouble(audit.AttrQueryCost, -1.5)
			case 4:
				attrs.PutDouble(audit.AttrQueryCost, 0)
				datasets, _ := attrs.Get(audit.AttrDatasets)
				datasets.Slice().AppendEmpty().SetStr("logs") // a second time
			}
			events = append(events, event)
		}
		send(t, e, eventtest.Request(events...))
	}
	for rollup, sql := range rollupTests {
		t.Run(rollup, func(t *testing.T) {
			want := query(t, server, sql.events+" "+source(rollup)+" GROUP BY ALL ORDER BY ALL")
			require.NotEmpty(t, want)
			assert.Equal(t, want, query(t, server, sql.rollup+" FROM audit."+rollup+" GROUP BY ALL ORDER BY ALL"))
			_, err := server.Query(t.Context(), "OPTIMIZE TABLE audit."+rollup+" FINAL")
			require.NoError(t, err)
			assert.Equal(t, want, query(t, server, sql.rollup+" FROM audit."+rollup+" GROUP BY ALL ORDER BY ALL"), "after merges")
		})
	}
	assert.InDelta(t, one(t, server, "SELECT avg(query_cost) FROM audit.events"),
		one(t, server, "SELECT sum(cost_sum) / sum(costed_executions) FROM audit.query_cost_hourly"), 1e-9,
		"the average cost is over the costed executions only")
}

// TestRollupsBearOddRows inserts by SQL what the exporter refuses.
func TestRollupsBearOddRows(t *testing.T) {
	server := clickhousetest.New(t)
	e := startExporter(t, configFor(t, server), newHost())
	send(t, e, eventtest.Queries("q", 10))
	before := query(t, server, "SELECT "+costs+" FROM audit.query_cost_hourly")
	_, err := server.Query(t.Context(), "INSERT INTO audit.events (record_id, timestamp, query_cost, duration_seconds) VALUES "+
		"('nan', now64(9), nan, nan), ('inf', now64(9), inf, inf), ('null', now64(9), NULL, NULL)")
	require.NoError(t, err)
	assert.Equal(t, before, query(t, server, "SELECT "+costs+" FROM audit.query_cost_hourly"))
	_, err = server.Query(t.Context(), "INSERT INTO audit.events (record_id, timestamp, query_fingerprint, query_cost, duration_seconds) "+
		"VALUES ('nan', now64(9), 'f', nan, nan)")
	require.NoError(t, err)
	assert.EqualValues(t, 11, one(t, server, "SELECT sum(executions) FROM audit.actor_cost_daily"))
	assert.Equal(t, before[0]["s"], one(t, server, "SELECT round(sum(cost_sum), 6) FROM audit.actor_cost_daily"))
}
