package deploy

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal/clickhousetest"
)

// TestUsersMayDoWhatTheyAreFor runs the built collector with this directory's configuration as the user `collector`, and reads as
// `grafana`.
func TestUsersMayDoWhatTheyAreFor(t *testing.T) {
	server := clickhousetest.New(t, func(o *clickhouselocal.Options) {
		for _, name := range []string{"collector", "grafana"} {
			o.Users = append(o.Users, clickhouselocal.User{Name: name, Password: "secret", Grants: grants(t, name)})
		}
	})
	startCollector(t, server)
	require.Eventually(t, func() bool {
		applied, err := server.QueryAs(t.Context(), "grafana", "secret", "SELECT count() > 10 FROM audit.schema_migrations")
		return err == nil && applied == "1\n"
	}, 30*time.Second, 100*time.Millisecond, "the collector makes the schema")
	_, err := server.QueryAs(t.Context(), "collector", "secret", "INSERT INTO audit.events (record_id, timestamp, received_at) VALUES ('1', now64(9), now64(9))")
	require.NoError(t, err)
	for _, sql := range []string{"ALTER TABLE audit.events DELETE WHERE record_id = 'x'", "DROP TABLE IF EXISTS audit.scratch"} {
		_, err := server.QueryAs(t.Context(), "collector", "secret", sql)
		assert.NoError(t, err, "reconciliation repairs")
	}
	count, err := server.QueryAs(t.Context(), "grafana", "secret", "SELECT count() FROM audit.events")
	require.NoError(t, err)
	assert.Equal(t, "1\n", count)
	for _, sql := range []string{"INSERT INTO audit.events (record_id) VALUES ('2')", "DROP TABLE audit.events", "SELECT * FROM system.query_log"} {
		_, err := server.QueryAs(t.Context(), "grafana", "secret", sql)
		assert.Error(t, err, sql)
	}
}

// startCollector runs bin/otelcol-audit with collector.yaml until the test ends; only ports and paths are others.
func startCollector(t *testing.T, server *clickhouselocal.Server) {
	t.Helper()
	binary, err := filepath.Abs("../../bin/otelcol-audit")
	require.NoError(t, err)
	require.FileExists(t, binary, "run `make build` first")
	dir := t.TempDir()
	key := filepath.Join(dir, "key")
	require.NoError(t, os.WriteFile(key, []byte("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="), 0o600))
	ctx, cancel := context.WithCancel(context.Background())
	command := exec.CommandContext(ctx, binary, "--config", "collector.yaml",
		"--set=receivers::audit::protocols::grpc::endpoint=127.0.0.1:0",
		"--set=receivers::audit::protocols::http::endpoint=127.0.0.1:0",
		"--set=extensions::health_check::endpoint=127.0.0.1:0",
		"--set=service::telemetry::metrics::level=none",
		"--set=processors::audit::pseudonyms::key_files::k1="+key,
		"--set=processors::audit::directory::sources=[{file: {path: users.yaml}}]",
		"--set=exporters::audit_clickhouse::log::directory="+filepath.Join(dir, "log"))
	command.Env = append(os.Environ(), "CLICKHOUSE_ENDPOINT="+server.HTTPURL(), "CLICKHOUSE_USER=collector", "CLICKHOUSE_PASSWORD=secret")
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = 20 * time.Second
	require.NoError(t, command.Start())
	t.Cleanup(func() {
		cancel()
		_ = command.Wait()
	})
}
