package integration

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
)

const (
	token        = "integration-token"
	pseudonymKey = "integration-key-of-at-least-32-bytes!"
	database     = "audit"
)

// collector is a running bin/otelcol-audit with testdata/collector.yaml.
type collector struct {
	cmd        *exec.Cmd
	env        []string
	args       []string
	log        *os.File
	state      string // directory of the block log
	grpc, http string // addresses
	health     string
	metrics    string // URL, with METRICS_LEVEL=detailed
}

// startCollector starts the collector in front of a ClickHouse, by the native protocol or by HTTP, and waits until it takes
// events. Of env the last value of a name counts. It is killed when the test ends.
func startCollector(t *testing.T, server *clickhouselocal.Server, scheme string, env ...string) *collector {
	t.Helper()
	return startCollectorWith(t, server, scheme, []string{"--config", "testdata/collector.yaml"}, env...)
}

// startCollectorWith does the same with other arguments.
func startCollectorWith(t *testing.T, server *clickhouselocal.Server, scheme string, args []string, env ...string) *collector {
	t.Helper()
	endpoint := "clickhouse://" + server.NativeAddr()
	if scheme == "http" {
		endpoint = server.HTTPURL()
	}
	users, err := filepath.Abs("testdata/users.yaml")
	require.NoError(t, err)
	ports := freePorts(t, 4)
	c := &collector{
		args:   args,
		state:  t.TempDir(),
		grpc:   "127.0.0.1:" + ports[0],
		http:   "127.0.0.1:" + ports[1],
		health: "http://127.0.0.1:" + ports[2],

		metrics: "http://127.0.0.1:" + ports[3] + "/metrics",
	}
	c.env = append(os.Environ(),
		"GRPC_PORT="+ports[0], "HTTP_PORT="+ports[1], "OTLP_GRPC_PORT="+ports[0], "OTLP_HTTP_PORT="+ports[1], "HEALTH_PORT="+ports[2], "METRICS_PORT="+ports[3],
		"STATE_DIR="+c.state, "TOKEN="+token, "PSEUDONYM_KEY="+pseudonymKey, "USERS_FILE="+users,
		"CLICKHOUSE="+endpoint, "CLICKHOUSE_USER="+server.User(), "CLICKHOUSE_PASSWORD="+server.Password(), "DATABASE="+database, "COMPRESSION=lz4",
	)
	c.env = append(c.env, env...)
	c.log, err = os.Create(filepath.Join(t.TempDir(), "collector.log"))
	require.NoError(t, err)
	c.start(t)
	t.Cleanup(func() {
		c.kill()
		if t.Failed() {
			text, _ := os.ReadFile(c.log.Name())
			t.Logf("collector's log:\n%s", text[max(0, len(text)-8000):])
		}
	})
	return c
}

// start starts the process, again on the same log after kill or stop.
func (c *collector) start(t *testing.T) {
	t.Helper()
	c.launch(t)
	require.Eventually(t, func() bool {
		response, err := http.Get(c.health)
		if err != nil {
			return false
		}
		_ = response.Body.Close()
		return response.StatusCode == http.StatusOK
	}, 30*time.Second, 50*time.Millisecond, "collector does not become healthy")
}

// launch starts the process and waits for nothing.
func (c *collector) launch(t *testing.T) {
	t.Helper()
	binary, err := filepath.Abs("../../bin/otelcol-audit")
	require.NoError(t, err)
	require.FileExists(t, binary, "run `make build` first")
	c.cmd = exec.Command(binary, c.args...)
	c.cmd.Env = c.env
	c.cmd.Stdout, c.cmd.Stderr = c.log, c.log
	require.NoError(t, c.cmd.Start())
}

// kill ends the process as a power cut would.
func (c *collector) kill() {
	_ = c.cmd.Process.Kill()
	_, _ = c.cmd.Process.Wait()
}

// stop ends the process as an operator would.
func (c *collector) stop(t *testing.T) {
	t.Helper()
	require.NoError(t, c.cmd.Process.Signal(syscall.SIGTERM))
	state, err := c.cmd.Process.Wait()
	require.NoError(t, err)
	require.True(t, state.Success(), state.String())
}

func freePorts(t *testing.T, n int) []string {
	t.Helper()
	ports := make([]string, n)
	for i := range ports {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		defer func() { _ = listener.Close() }()
		ports[i] = strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)
	}
	return ports
}

// scalar gives the one value that a query answers, as text.
func scalar(t *testing.T, server *clickhouselocal.Server, query string, args ...any) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	out, err := server.Query(ctx, fmt.Sprintf(query, args...))
	require.NoError(t, err)
	return string(bytes.TrimSpace([]byte(out)))
}

// awaitRows waits until events holds n distinct records, and checks that none is there twice.
func awaitRows(t *testing.T, server *clickhouselocal.Server, n int, within time.Duration) {
	t.Helper()
	want := fmt.Sprintf("%d\t%d", n, n)
	got := ""
	deadline := time.Now().Add(within)
	for time.Now().Before(deadline) {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		out, err := server.Query(ctx, "SELECT uniqExact(record_id), count() FROM "+database+".events")
		cancel()
		if got = string(bytes.TrimSpace([]byte(out))); err == nil && got == want {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("events holds %q (distinct, all), want %q", got, want)
}
