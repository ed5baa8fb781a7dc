package auditclickhouseexporter

import (
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/clickhouse"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/eventtest"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/schema"
	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal/clickhousetest"
)

// TestShardsAreMended has an exporter in front of two shards, on which rows are doubled and rollups lose some. The tables are not
// replicated, because these servers have no Keeper, and are made by hand on each for the same reason.
func TestShardsAreMended(t *testing.T) {
	t.Parallel()
	servers := clickhousetest.NewCluster(t, "two", 2)
	layout := schema.Layout{Database: "audit", Cluster: "two"}
	for _, server := range servers {
		endpoint, err := clickhouse.ParseEndpoint(server.HTTPURL())
		require.NoError(t, err)
		conn := clickhouse.Open(clickhouse.Options{
			Endpoint: endpoint, Username: server.User(), Database: "audit", HTTP: &http.Client{Transport: &http.Transport{}},
		})
		t.Cleanup(conn.Close)
		_, err = schema.Apply(t.Context(), conn, layout.Migrations())
		require.NoError(t, err)
	}
	cfg := configFor(t, servers[0])
	cfg.Cluster, cfg.CreateSchema = "two", false
	e := startReconciling(t, cfg)
	var events []audit.Event
	for i := range 200 {
		event := eventtest.Query(strconv.Itoa(i), time.Now().AddDate(0, 0, -i%3), i)
		event.Record.Attributes().PutInt(audit.AttrReceivedTime, time.Now().UnixNano())
		event.Record.Attributes().PutStr(audit.AttrRecordHash, strconv.Itoa(i))
		events = append(events, event)
	}
	send(t, e, eventtest.Request(events...))
	waitForRows(t, servers[0], 200)
	for _, server := range servers {
		require.NotEqualValues(t, 0, one(t, server, "SELECT count() FROM audit.events_local"), "each shard has some")
		for _, damage := range []string{
			"INSERT INTO audit.events_local SETTINGS insert_deduplicate = 0 SELECT * FROM audit.events_local WHERE cityHash64(record_id) % 2 = 0",
			"ALTER TABLE audit.query_cost_hourly_local DELETE WHERE cityHash64(target_id) % 2 = 0 SETTINGS mutations_sync = 1",
		} {
			_, err := server.Query(t.Context(), damage)
			require.NoError(t, err)
		}
	}
	waitForRows(t, servers[0], 200)
	for _, server := range servers {
		assert.Eventually(t, func() bool {
			return one(t, server, "SELECT count() FROM audit.reconcile_rollups(from = '2020-01-01', to = '2030-01-01')") == 0.0
		}, patience, 100*time.Millisecond)
	}
}
