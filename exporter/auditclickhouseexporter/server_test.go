package auditclickhouseexporter

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/exportertest"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/metadata"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
)

// patience is how long tests wait for what must come: long, because a busy machine is no failure.
const patience = 60 * time.Second

// protocols are both ways to reach a server.
var protocols = map[string]func(*clickhouselocal.Server) string{
	"native": func(s *clickhouselocal.Server) string { return "clickhouse://" + s.NativeAddr() },
	"http":   (*clickhouselocal.Server).HTTPURL,
}

// configFor is the default configuration with a server's address and user, a log of its own, and answers that wait for the
// database, so that a test can look there at once.
func configFor(t *testing.T, server *clickhouselocal.Server) *Config {
	t.Helper()
	cfg := createDefaultConfig().(*Config)
	cfg.Endpoint = server.HTTPURL()
	cfg.Username = server.User()
	cfg.Log.Directory = t.TempDir()
	cfg.Acknowledge = acknowledgeDatabase
	cfg.Insert.MaxDelay = 10 * time.Millisecond
	cfg.Reconcile.Interval = 0
	return cfg
}

// testHost is a collector's host that remembers what status the exporter reported.
type testHost struct {
	component.Host
	statuses chan *componentstatus.Event
}

func newHost() *testHost {
	return &testHost{Host: componenttest.NewNopHost(), statuses: make(chan *componentstatus.Event, 1000)}
}

func (h *testHost) Report(e *componentstatus.Event) { h.statuses <- e }

// waitFor gives the first event of a status.
func (h *testHost) waitFor(t *testing.T, status componentstatus.Status) *componentstatus.Event {
	t.Helper()
	timeout := time.After(patience)
	for {
		select {
		case e := <-h.statuses:
			if e.Status() == status {
				return e
			}
		case <-timeout:
			require.FailNow(t, "the exporter did not report "+status.String())
		}
	}
}

// startExporter starts an exporter and ends it with the test.
func startExporter(t *testing.T, cfg *Config, host component.Host) exporter.Logs {
	t.Helper()
	require.NoError(t, confmap.Validate(cfg))
	e, err := NewFactory().CreateLogs(t.Context(), exportertest.NewNopSettings(metadata.Type), cfg)
	require.NoError(t, err)
	require.NoError(t, e.Start(t.Context(), host))
	t.Cleanup(func() { assert.NoError(t, e.Shutdown(context.Background())) })
	return e
}

// send stores a request that must be taken.
func send(t *testing.T, e exporter.Logs, logs plog.Logs) {
	t.Helper()
	require.NoError(t, trySend(t, e, logs, patience))
}

func trySend(t *testing.T, e exporter.Logs, logs plog.Logs, timeout time.Duration) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	return e.ConsumeLogs(ctx, logs)
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

// one gives the only value of a query.
func one(t *testing.T, server *clickhouselocal.Server, sql string) any {
	t.Helper()
	rows := query(t, server, sql)
	require.Len(t, rows, 1)
	require.Len(t, rows[0], 1)
	for _, value := range rows[0] {
		return value
	}
	return nil
}
