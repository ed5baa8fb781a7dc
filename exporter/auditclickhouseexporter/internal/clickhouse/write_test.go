package clickhouse_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/columns"
	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal/clickhousetest"
)

// cutting is a profile that cuts every insert into small pieces, if it is let.
func cutting(o *clickhouselocal.Options) {
	o.QueryLog = true
	o.Users = append(o.Users, clickhouselocal.User{
		Name: "cutting", Grants: []string{"GRANT ALL ON *.*"},
		Settings: map[string]string{
			"min_insert_block_size_rows": "500", "min_insert_block_size_bytes": "1000", "max_insert_block_size": "500",
			"max_insert_threads": "4", "max_threads": "4", "max_block_size": "100", "use_strict_insert_block_limits": "1",
			"async_insert": "1", "insert_deduplicate": "0", "deduplicate_insert": "disable", "parallel_view_processing": "1",
			"deduplicate_blocks_in_dependent_materialized_views": "0", "materialized_views_ignore_errors": "1",
			"optimize_on_insert": "0", "input_format_native_allow_types_conversion": "0", "input_format_parallel_parsing": "1",
		},
	})
}

// TestManyBlocksBecomeOnePartAndAreRecognised has 100 blocks of 1,000 rows in one insert, under a profile that would cut them.
func TestManyBlocksBecomeOnePartAndAreRecognised(t *testing.T) {
	server := clickhousetest.New(t, cutting)
	sealed := blocks(t, "id", 100, 1000)
	var digest uint64
	for _, b := range sealed {
		digest += b.Digest
	}
	for protocol, address := range protocols {
		t.Run(protocol, func(t *testing.T) {
			db := "audit_" + protocol
			createTables(t, connect(t, address(server), server.User(), "", db))
			query(t, server, "SYSTEM STOP MERGES")
			conn := connect(t, address(server), "cutting", "", db)
			for try := range 3 {
				require.NoError(t, conn.Write(t.Context(), batch("token-1", sealed...)))
				for _, table := range []string{
					"events", "query_cost_hourly", "query_shape_daily", "actor_cost_daily", "dataset_usage_daily", "activity_daily",
				} {
					assert.Equal(t, "1", query(t, server,
						"SELECT count() FROM system.parts WHERE active AND database = '%s' AND table = '%s'", db, table), "%s, try %d", table, try)
				}
				assert.Equal(t, "100000", query(t, server, "SELECT count() FROM %s.events", db), "try %d", try)
				assert.Equal(t, "100000", query(t, server, "SELECT sum(executions) FROM %s.query_cost_hourly", db), "try %d", try)
				assert.Equal(t, "100000", query(t, server, "SELECT sum(events) FROM %s.activity_daily", db), "try %d", try)
			}
			assert.Equal(t, strconv.FormatUint(digest, 10), query(t, server, "SELECT sum(xxHash64(record_id)) FROM %s.events", db),
				"the digest is what ClickHouse counts")
			assert.Equal(t, "100\t1\t100", query(t, server,
				"SELECT uniqExact(block_id), min(block_id), max(block_id) FROM %s.events", db))
			assert.Equal(t, "0", query(t, server, "SELECT countIf(inserted_at < now() - 3600) FROM %s.events", db))

			require.NoError(t, conn.Write(t.Context(), batch("token-2", sealed[:50]...)))
			assert.Equal(t, "150000", query(t, server, "SELECT count() FROM %s.events", db), "another token, other rows")
		})
	}
}

// TestInsertMakesOnePartAPartition has rows of ten months of receipt in every block.
func TestInsertMakesOnePartAPartition(t *testing.T) {
	server := clickhousetest.New(t)
	sealed := blocks(t, "id", 20, 500, func(i int, e audit.Event) {
		at := time.Date(2026, time.Month(1+i%10), 1, 0, 0, 0, 0, time.UTC)
		e.Record.Attributes().PutInt(audit.AttrReceivedTime, at.UnixNano())
		e.Record.SetTimestamp(pcommon.NewTimestampFromTime(at))
	})
	for protocol, address := range protocols {
		t.Run(protocol, func(t *testing.T) {
			db := "audit_" + protocol
			conn := connect(t, address(server), server.User(), "", db)
			createTables(t, conn)
			query(t, server, "SYSTEM STOP MERGES")
			for range 2 {
				require.NoError(t, conn.Write(t.Context(), batch("token", sealed...)))
				for _, table := range []string{"events", "query_cost_hourly"} {
					assert.Equal(t, "10\t10", query(t, server, "SELECT count(), uniqExact(partition) FROM system.parts "+
						"WHERE active AND database = '%s' AND table = '%s'", db, table), table)
				}
				assert.Equal(t, "10000", query(t, server, "SELECT count() FROM %s.events", db))
			}
		})
	}
}

// TestBlockOfAnEarlierReleaseIsTaken has a table that has more columns by now than the block.
func TestBlockOfAnEarlierReleaseIsTaken(t *testing.T) {
	server := clickhousetest.New(t)
	for protocol, address := range protocols {
		t.Run(protocol, func(t *testing.T) {
			db := "audit_" + protocol
			conn := connect(t, address(server), server.User(), "", db)
			createTables(t, conn)
			query(t, server, "ALTER TABLE %s.events ADD COLUMN later String DEFAULT concat('of ', record_id)", db)
			for range 2 {
				require.NoError(t, conn.Write(t.Context(), batch("token", blocks(t, "id", 2, 2)...)))
			}
			assert.Equal(t, "of id-0\nof id-1\nof id-2\nof id-3", query(t, server, "SELECT later FROM %s.events ORDER BY later", db))
		})
	}
}

func TestEveryTableTakesItsBlocks(t *testing.T) {
	server := clickhousetest.New(t)
	quarantine := columns.NewQuarantineBuilder(columns.CompressionZSTD)
	opened, err := columns.Open(blocks(t, "id", 1, 3)[0].Header, blocks(t, "id", 1, 3)[0].Data)
	require.NoError(t, err)
	quarantine.AddRow(opened, 1, "VIOLATED_CONSTRAINT")
	ledger := columns.NewLedgerBuilder(columns.CompressionNone)
	ledger.Add(columns.LedgerRow{
		Hour: time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC), Collector: "c", Tenant: "t", Source: "s", Kind: "received", Events: 7,
	})
	manifest := columns.NewManifestBuilder(columns.CompressionLZ4)
	manifest.Add(columns.ManifestRow{Token: "x", Table: "events", Collector: "c", Rows: 3, Digest: 1 << 63, LastReceived: 1})
	for protocol, address := range protocols {
		t.Run(protocol, func(t *testing.T) {
			db := "audit_" + protocol
			conn := connect(t, address(server), server.User(), "", db)
			createTables(t, conn)
			for _, seal := range []func() columns.Sealed{quarantine.Seal, ledger.Seal, manifest.Seal} {
				sealed := seal()
				sealed.Number(5)
				require.NoError(t, conn.Write(t.Context(), batch("token", sealed)))
			}
			assert.Equal(t, "id-1\trejected_by_database\tid-1\t5", query(t, server,
				"SELECT record_id, reason, event.record_id, block_id FROM (SELECT * REPLACE (event::JSON AS event) FROM %s.quarantine)", db))
			assert.Equal(t, "2026-11-21 10:00:00\tc\tt\ts\treceived\t7", query(t, server,
				"SELECT hour, collector, tenant_id, source, kind, sum(events) FROM %s.ledger GROUP BY ALL", db))
			assert.Equal(t, "x\tevents\t3\t9223372036854775808\t1970-01-01 00:00:00.000000001", query(t, server,
				"SELECT token, table, rows, digest, last_received_at FROM %s.blocks", db))
		})
		// The builders are empty now, and the other protocol needs rows of its own.
		quarantine.AddRow(opened, 1, "VIOLATED_CONSTRAINT")
		ledger.Add(columns.LedgerRow{
			Hour: time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC), Collector: "c", Tenant: "t", Source: "s", Kind: "received", Events: 7,
		})
		manifest.Add(columns.ManifestRow{Token: "x", Table: "events", Collector: "c", Rows: 3, Digest: 1 << 63, LastReceived: 1})
	}
}
