package integration

import (
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/internal/clickhouselocal/clickhousetest"
)

// The programs that developers are told to copy: each sends events by OTLP and one by /v1/audit, and checks its receipt.
func TestTheExampleApplicationsAreStored(t *testing.T) {
	t.Parallel()
	server := clickhousetest.New(t)
	c := startCollector(t, server, "clickhouse")
	run := func(t *testing.T, endpoint, dir string, command ...string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), command[0], command[1:]...)
		cmd.Dir = "../../examples/apps/" + dir
		cmd.Env = append(os.Environ(), "AUDIT_TOKEN="+token, "OTEL_EXPORTER_OTLP_ENDPOINT=http://"+endpoint, "AUDIT_ENDPOINT=http://"+c.http)
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, string(out))
		assert.Contains(t, string(out), "audited:")
	}
	want := 7
	t.Run("go", func(t *testing.T) { run(t, c.grpc, "go", "go", "run", ".") })
	t.Run("curl", func(t *testing.T) { run(t, c.http, "curl", "sh", "audit.sh") })
	t.Run("javascript", func(t *testing.T) {
		if _, err := exec.LookPath("node"); err != nil {
			t.Skip("node is not installed")
		}
		require.DirExists(t, "../../examples/apps/javascript/node_modules", "run `make apps` first")
		run(t, c.http, "javascript", "node", "main.js")
		want += 4
	})
	awaitRows(t, server, want, time.Minute)
	assert.Equal(t, "SELECT total FROM orders WHERE customer = ?", scalar(t, server,
		"SELECT DISTINCT query_representation FROM %s.events WHERE event_name = 'runReport' FORMAT TSVRaw", database))
}
