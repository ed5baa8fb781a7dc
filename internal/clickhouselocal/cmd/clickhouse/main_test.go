package main

import (
	"bytes"
	"context"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// freePorts sets the ports that the command takes, and returns that of HTTP.
func freePorts(t *testing.T) string {
	t.Helper()
	var port int
	for _, name := range []string{clickhouselocal.EnvTCPPort, clickhouselocal.EnvHTTPPort} {
		var err error
		port, err = clickhouselocal.FreePort(t.Context())
		require.NoError(t, err)
		t.Setenv(name, strconv.Itoa(port))
	}
	t.Setenv(clickhouselocal.EnvEndpoint, "")
	t.Setenv(clickhouselocal.EnvUser, "")
	t.Setenv(clickhouselocal.EnvPassword, "")
	return strconv.Itoa(port)
}

// stopAtLastLine ends a run once all it prints at its start is there.
type stopAtLastLine struct {
	io.Writer
	stop context.CancelFunc
}

func (s stopAtLastLine) Write(text []byte) (int, error) {
	if strings.HasPrefix(string(text), "Ctrl-C") {
		s.stop()
	}
	return s.Writer.Write(text)
}

func TestCommandPrintsAddressesAndStopsCleanly(t *testing.T) {
	port := freePorts(t)
	dir := t.TempDir()
	var out bytes.Buffer
	for range 2 {
		out.Reset()
		ctx, stop := context.WithCancel(t.Context())
		require.NoError(t, run(ctx, []string{"-data-dir", dir}, stopAtLastLine{&out, stop}))
		for _, want := range []string{
			"http://127.0.0.1:" + port, "http://127.0.0.1:" + port + "/play", "http://127.0.0.1:" + port + "/dashboard",
			filepath.Join(dir, "log", "server.log"), "stopping",
		} {
			assert.Contains(t, out.String(), want+"\n")
		}
	}
}

func TestCommandOnlyNamesAServerThatIsThere(t *testing.T) {
	freePorts(t)
	server, err := clickhouselocal.Start(t.Context(), clickhouselocal.Options{DataDir: t.TempDir()})
	require.NoError(t, err)
	t.Setenv(clickhouselocal.EnvEndpoint, server.HTTPURL())

	var out bytes.Buffer
	require.NoError(t, run(t.Context(), nil, &out))
	assert.Contains(t, out.String(), server.HTTPURL()+"/play")
	assert.Contains(t, out.String(), "named by CLICKHOUSE_ENDPOINT; nothing was started")
	require.NoError(t, server.Stop(t.Context()))
}

func TestCommandRefusesWhatItDoesNotKnow(t *testing.T) {
	freePorts(t)
	assert.ErrorContains(t, run(t.Context(), []string{"start"}, io.Discard), "only flags are")
	t.Setenv(clickhouselocal.EnvTCPPort, "x")
	assert.ErrorContains(t, run(t.Context(), nil, io.Discard), `CLICKHOUSE_TCP_PORT="x" is not a port`)
}
