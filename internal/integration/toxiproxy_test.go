package integration

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// toxiproxy is a running Toxiproxy with one proxy. It is a tool of internal/tools and a process of its own, so that nothing of
// it becomes a dependency of the components.
type toxiproxy struct {
	api      string // URL of the proxies in Toxiproxy's API
	addr     string // where the proxy listens
	upstream string // what it passes on to
}

// toxic is what Toxiproxy does to the bytes of each connection, in its own words.
type toxic struct {
	Type       string         `json:"type"`
	Stream     string         `json:"stream"` // upstream is to the server, downstream are its answers
	Toxicity   float64        `json:"toxicity"`
	Attributes map[string]int `json:"attributes"`
}

// startToxiproxy starts one in front of a server, and ends it with the test.
func startToxiproxy(t *testing.T, upstream string) *toxiproxy {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "toxiproxy-server")
	build := exec.Command("go", "build", "-buildvcs=false", "-modfile=../tools/go.mod", "-o", binary, "github.com/Shopify/toxiproxy/v2/cmd/server")
	output, err := build.CombinedOutput()
	require.NoError(t, err, "%s", output)
	port := freePorts(t, 1)[0]
	process := exec.Command(binary, "-host", "127.0.0.1", "-port", port)
	require.NoError(t, process.Start())
	t.Cleanup(func() {
		_ = process.Process.Kill()
		_ = process.Wait()
	})
	p := &toxiproxy{api: "http://" + net.JoinHostPort("127.0.0.1", port) + "/proxies", addr: "127.0.0.1:" + freePorts(t, 1)[0], upstream: upstream}
	require.Eventually(t, func() bool { return p.open(t) == nil }, 30*time.Second, 50*time.Millisecond, "Toxiproxy does not answer")
	return p
}

// poison has every connection, those that are there too, suffer from toxics.
func (p *toxiproxy) poison(t *testing.T, toxics ...toxic) {
	t.Helper()
	for _, x := range toxics {
		require.NoError(t, p.call(t, http.MethodPost, "/clickhouse/toxics", x))
	}
}

// open has the proxy listen, at the address that it had before.
func (p *toxiproxy) open(t *testing.T) error {
	t.Helper()
	return p.call(t, http.MethodPost, "", map[string]string{"name": "clickhouse", "listen": p.addr, "upstream": p.upstream})
}

// close ends the proxy with its connections and toxics. Taking a toxic off a connection that is in use can keep Toxiproxy for
// ever.
func (p *toxiproxy) close(t *testing.T) {
	t.Helper()
	require.NoError(t, p.call(t, http.MethodDelete, "/clickhouse", nil))
}

func (p *toxiproxy) call(t *testing.T, method, path string, body any) error {
	t.Helper()
	text, err := json.Marshal(body)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, p.api+path, bytes.NewReader(text))
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	require.Equal(t, 2, response.StatusCode/100, "%s %s: %s", method, path, response.Status)
	return nil
}
