package schema

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/internal/clickhouselocal/clickhousetest"
)

// TestReportsAreMadeAndKept as they were made, and can be had as CSV, JSON and Parquet.
func TestReportsAreMadeAndKept(t *testing.T) {
	server := clickhousetest.New(t)
	conn := connect(t, server, "audit")
	applyAll(t, conn)
	exec(t, conn, `INSERT INTO audit.events (record_id, timestamp, received_at, tenant_id, event_name, action, outcome, actor_id, query_fingerprint, query_cost, datasets, origin, ingest_bytes, target_id)
		SELECT toString(number), now64(9) - INTERVAL 1 DAY, now64(9), 'acme', ['runQuery', 'deleteMonitor', 'usage'][number % 3 + 1], ['EXECUTE', 'DELETE', 'REPORT'][number % 3 + 1], 'success', 'ann',
			['f', '', ''][number % 3 + 1], if(number % 3 = 0, 2, NULL), if(number % 3 = 0, ['logs'], []), 'monitor', if(number % 3 = 2, 100, NULL), 'logs'
		FROM numbers(9)`)
	refresh := func(view string) {
		t.Helper()
		for _, command := range []string{"SYSTEM REFRESH VIEW audit.", "SYSTEM WAIT VIEW audit."} {
			_, err := server.Query(t.Context(), command+view)
			require.NoError(t, err)
		}
	}
	refresh("compliance_report_daily")
	refresh("compliance_report_daily") // by hand, or on another server of a cluster
	const daily = "SELECT period, last_day = yesterday(), total_events, events_by_type['deleteMonitor'], user_activity['ann'], length(critical_changes) FROM audit.compliance_reports FINAL"
	answer, err := server.Query(t.Context(), daily)
	require.NoError(t, err)
	assert.Equal(t, "day\t1\t9\t3\t9\t3\n", answer)

	exec(t, conn, "INSERT INTO audit.events (record_id, timestamp, received_at, tenant_id, event_name, action, actor_id) VALUES ('late', now64(9) - INTERVAL 1 DAY, now64(9), 'acme', 'late', 'READ', 'ann')")
	answer, err = server.Query(t.Context(), daily)
	require.NoError(t, err)
	assert.Equal(t, "day\t1\t9\t3\t9\t3\n", answer, "a report does not change when an event comes late")

	// Of the month: as if it were over, the same statement with other bounds.
	exec(t, conn, "SYSTEM STOP VIEW audit.usage_report_monthly")
	create, err := server.Query(t.Context(), "SELECT as_select FROM system.tables WHERE database = 'audit' AND name = 'usage_report_monthly' FORMAT TSVRaw")
	require.NoError(t, err)
	assert.Contains(t, create, "toStartOfMonth(now('UTC'))")
	now := strings.ReplaceAll(strings.TrimSpace(create), "toStartOfMonth(now('UTC'))", "toStartOfMonth(now('UTC') - toIntervalDay(1)) + toIntervalMonth(1)")
	answer, err = server.Query(t.Context(), "SELECT queries, total_cost, ingest_bytes, queries_by_source, queries_by_dataset, ingest_by_dataset FROM ("+now+")")
	require.NoError(t, err)
	assert.Equal(t, "3\t6\t300\t{'monitor':3}\t{'logs':3}\t{'logs':300}\n", answer)

	for format, begins := range map[string]string{"CSVWithNames": `"tenant_id","period"`, "JSON": "{\n", "Parquet": "PAR1"} {
		response, err := http.Post(server.HTTPURL()+"/?"+url.Values{"default_format": {format}}.Encode(), "text/plain", strings.NewReader("SELECT * FROM audit.compliance_reports FINAL"))
		require.NoError(t, err)
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		assert.True(t, strings.HasPrefix(string(body), begins), format)
	}
	http.DefaultClient.CloseIdleConnections()
}
