package auditclickhouseexporter

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/eventtest"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/metadatatest"
	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal/clickhousetest"
)

// measured gives the sum of a metric's values where its attributes have the given ones, and the values of all attributes.
func measured(t *testing.T, tel *componenttest.Telemetry, name string, where ...attribute.KeyValue) (sum float64, values []string) {
	t.Helper()
	found, err := tel.GetMetric("otelcol_exporter_audit_clickhouse_" + name)
	if err != nil {
		return 0, nil
	}
	add := func(set attribute.Set, value float64) {
		for _, kv := range where {
			if v, ok := set.Value(kv.Key); !ok || v.String() != kv.Value.String() {
				return
			}
		}
		sum += value
		for _, kv := range set.ToSlice() {
			values = append(values, kv.Value.String())
		}
	}
	switch data := found.Data.(type) {
	case metricdata.Sum[int64]:
		for _, p := range data.DataPoints {
			add(p.Attributes, float64(p.Value))
		}
	case metricdata.Gauge[int64]:
		for _, p := range data.DataPoints {
			add(p.Attributes, float64(p.Value))
		}
	case metricdata.Gauge[float64]:
		for _, p := range data.DataPoints {
			add(p.Attributes, p.Value)
		}
	case metricdata.Histogram[float64]:
		for _, p := range data.DataPoints {
			add(p.Attributes, float64(p.Count))
		}
	default:
		t.Errorf("%s is of type %T", name, data)
	}
	return sum, values
}

// TestMetricsSayWhatHappens has a replay, a conflict, a row that the database refuses, one that nobody can store, and a server
// that goes away, and looks for each in the exporter's metrics.
func TestMetricsSayWhatHappens(t *testing.T) {
	server := clickhousetest.New(t)
	cfg := configFor(t, server)
	cfg.Acknowledge = acknowledgeLog
	tel := componenttest.NewTelemetry()
	t.Cleanup(func() { assert.NoError(t, tel.Shutdown(context.Background())) })
	e, err := NewFactory().CreateLogs(t.Context(), metadatatest.NewSettings(tel), cfg)
	require.NoError(t, err)
	require.NoError(t, e.Start(t.Context(), newHost()))
	t.Cleanup(func() { assert.NoError(t, e.Shutdown(context.Background())) })
	await := func(least float64, name string, where ...attribute.KeyValue) {
		t.Helper()
		ok := assert.Eventually(t, func() bool { n, _ := measured(t, tel, name, where...); return n >= least }, patience, 20*time.Millisecond)
		n, _ := measured(t, tel, name, where...)
		require.True(t, ok, "%s is %v, not %v", name, n, least)
	}
	events := attribute.String("table", "events")

	send(t, e, eventtest.Queries("first", 20))
	await(20, "rows", events)
	await(1, "bytes", events)
	await(1, "inserts", events)
	await(1, "inserted_blocks", events)
	await(1, "planned_inserts", events)
	await(1, "insert_duration", events)
	await(1, "commit_duration")
	await(1, "committed_bytes")
	await(20, "replay_window_records")
	await(1, "schema_version")
	await(float64(cfg.Log.MaxBytes), "log_limit")
	await(1, "log_size")
	await(1, "rows", attribute.String("table", "ledger"))
	await(1, "rows", attribute.String("table", "blocks"))

	_, err = server.Query(t.Context(), "ALTER TABLE audit.events ADD CONSTRAINT c CHECK record_id != 'poisoned-3'")
	require.NoError(t, err)
	send(t, e, eventtest.Queries("first", 5))
	await(5, "replays")
	changed := eventtest.Query("first-1", eventtest.Time, 1)
	changed.Record.Attributes().PutStr(audit.AttrRecordHash, "SECRET")
	send(t, e, eventtest.Request(changed))
	await(1, "conflicts")
	send(t, e, eventtest.Queries("poisoned", 10))
	await(1, "insert_errors", events, attribute.Int("code", 469), attribute.String("class", "rejected"))
	await(1, "quarantined_events", attribute.String("reason", "rejected_by_database"), attribute.String("field", "VIOLATED_CONSTRAINT"))
	send(t, e, eventtest.Request(unredacted("SECRET")))
	await(1, "quarantined_events", attribute.String("reason", "not_redacted"))

	require.NoError(t, server.Kill())
	send(t, e, eventtest.Queries("later", 20))
	await(1, "log_blocks")
	await(1, "log_plans")
	await(0.5, "log_oldest_block_age")
	await(0.5, "last_insert_age")
	await(1, "insert_errors", events, attribute.Int("code", 0), attribute.String("class", "retryable"))
	require.NoError(t, server.Restart(t.Context()))
	await(49, "rows", events)
	require.Eventually(t, func() bool { n, _ := measured(t, tel, "log_oldest_block_age"); return n == 0 }, patience, 20*time.Millisecond)

	for _, name := range []string{"rows", "insert_errors", "quarantined_events", "verifications", "reconciliations", "insert_duration"} {
		_, values := measured(t, tel, name)
		for _, value := range values {
			assert.NotContains(t, value, "SECRET", name)
			assert.NotContains(t, value, "poisoned", name)
		}
	}
}
