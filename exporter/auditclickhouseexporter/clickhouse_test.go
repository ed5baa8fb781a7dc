package auditclickhouseexporter

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/exportertest"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/eventtest"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/metadata"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal/clickhousetest"
)

// protocols are both ways to reach a server.
var protocols = map[string]func(*clickhouselocal.Server) string{
	"native": func(s *clickhouselocal.Server) string { return "clickhouse://" + s.NativeAddr() },
	"http":   (*clickhouselocal.Server).HTTPURL,
}

// configFor is the default configuration with a server's endpoint and user.
func configFor(server *clickhouselocal.Server, endpoint string) *Config {
	cfg := createDefaultConfig().(*Config)
	cfg.Endpoint = endpoint
	cfg.Username = server.User()
	cfg.Timeout = 10 * time.Second
	cfg.RetryOnFailure.InitialInterval = 50 * time.Millisecond
	cfg.RetryOnFailure.MaxInterval = 200 * time.Millisecond
	return cfg
}

// startExporter starts an exporter and ends it with the test.
func startExporter(t *testing.T, cfg *Config, host component.Host) exporter.Logs {
	t.Helper()
	e, err := NewFactory().CreateLogs(t.Context(), exportertest.NewNopSettings(metadata.Type), cfg)
	require.NoError(t, err)
	require.NoError(t, e.Start(t.Context(), host))
	t.Cleanup(func() { assert.NoError(t, e.Shutdown(context.Background())) })
	return e
}

func send(t *testing.T, e exporter.Logs, logs plog.Logs) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	require.NoError(t, e.ConsumeLogs(ctx, logs))
}

// query gives the rows of a query, by column name.
func query(t *testing.T, server *clickhouselocal.Server, sql string) []map[string]any {
	t.Helper()
	answer, err := server.Query(t.Context(), sql+" FORMAT JSON SETTINGS output_format_json_quote_64bit_integers = 0")
	require.NoError(t, err)
	var result struct{ Data []map[string]any }
	require.NoError(t, json.Unmarshal([]byte(answer), &result))
	return result.Data
}

func TestRequestIsStoredOnceHoweverOftenItIsSent(t *testing.T) {
	server := clickhousetest.New(t)
	for name, endpoint := range protocols {
		t.Run(name, func(t *testing.T) {
			cfg := configFor(server, endpoint(server))
			cfg.Database = "audit_" + name
			e := startExporter(t, cfg, componenttest.NewNopHost())
			for range 3 {
				send(t, e, eventtest.Queries("q", 500))
			}
			assert.Equal(t, []map[string]any{{"n": 500.0, "ids": 500.0}},
				query(t, server, "SELECT count() AS n, uniqExact(record_id) AS ids FROM "+cfg.Database+".events"))
			assert.Equal(t, []map[string]any{{"n": 500.0}},
				query(t, server, "SELECT sum(executions) AS n FROM "+cfg.Database+".query_cost_hourly"))
		})
	}
}
