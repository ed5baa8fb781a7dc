package clickhouse_test

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/columns"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal/clickhousetest"
)

// TestInsertIntoACluster has a Distributed table over two shards: an insert is answered when both have their rows, makes one
// part on each, and is recognised on both, whichever server it is sent to again.
func TestInsertIntoACluster(t *testing.T) {
	servers := clickhousetest.NewCluster(t, "audit", 2)
	statement := ""
	for i, c := range columns.TableEvents.Columns() {
		if i > 0 {
			statement += ", "
		}
		statement += c.Name + " " + c.Type
	}
	sealed := blocks(t, "id", 40, 250)
	for protocol, address := range protocols {
		t.Run(protocol, func(t *testing.T) {
			db := "audit_" + protocol
			for _, s := range servers {
				for _, sql := range []string{
					"CREATE DATABASE " + db,
					"CREATE TABLE " + db + ".events_local (" + statement + ") ENGINE = MergeTree ORDER BY timestamp " +
						"SETTINGS non_replicated_deduplication_window = 100",
					"CREATE TABLE " + db + ".counts (id String, n UInt64) ENGINE = SummingMergeTree ORDER BY id " +
						"SETTINGS non_replicated_deduplication_window = 100",
					"CREATE MATERIALIZED VIEW " + db + ".counts_mv TO " + db + ".counts AS SELECT tenant_id AS id, count() AS n FROM " +
						db + ".events_local GROUP BY id",
					"CREATE TABLE " + db + ".events AS " + db + ".events_local ENGINE = Distributed(audit, " + db +
						", events_local, cityHash64(record_id))",
					"SYSTEM STOP MERGES",
				} {
					query(t, s, "%s", sql)
				}
			}
			for try := range 3 {
				server := servers[try%2]
				conn := connect(t, address(server), server.User(), "", db)
				require.NoError(t, conn.Write(t.Context(), batch("token", sealed...)))
				rows, counted := 0, 0
				for _, s := range servers {
					assert.Equal(t, "1", query(t, s, "SELECT count() FROM system.parts WHERE active AND database = '%s' AND table = 'events_local'", db), "try %d", try)
					rows += number(t, query(t, s, "SELECT count() FROM %s.events_local", db))
					counted += number(t, query(t, s, "SELECT sum(n) FROM %s.counts", db))
				}
				assert.Equal(t, 10_000, rows, "try %d", try)
				assert.Equal(t, 10_000, counted, "try %d", try)
			}
		})
	}
}

func number(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	require.NoError(t, err)
	return n
}
