package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/otelaudit/otelaudit/examples/quickstart/internal/statement"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
)

// beMain makes the test's own binary behave as the quickstart, so that tests can interrupt and kill one.
const beMain = "QUICKSTART_TEST_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(beMain) != "" {
		main()
		return
	}
	goleak.VerifyTestMain(m)
}

// quickstart is a quickstart in a process of its own, on ports of its own, with a small month.
type quickstart struct {
	command *exec.Cmd
	out     output
	ended   chan error
	env     map[string]string
}

// start starts a quickstart with an empty state.
func start(t *testing.T, env ...string) *quickstart {
	t.Helper()
	q := &quickstart{env: map[string]string{"STATE_DIR": t.TempDir(), "EVENTS": "12000"}}
	for _, name := range []string{
		"OTLP_GRPC_PORT", "OTLP_HTTP_PORT", "HEALTH_PORT", "METRICS_PORT", clickhouselocal.EnvTCPPort, clickhouselocal.EnvHTTPPort,
	} {
		port, err := clickhouselocal.FreePort(t.Context())
		require.NoError(t, err)
		q.env[name] = strconv.Itoa(port)
	}
	q.restart(t, env...)
	return q
}

// restart starts it again, on the same state and ports.
func (q *quickstart) restart(t *testing.T, env ...string) {
	t.Helper()
	if os.Getenv(clickhouselocal.EnvEndpoint) != "" {
		t.Skip("the quickstart is tested with a ClickHouse that it starts itself")
	}
	self, err := os.Executable()
	require.NoError(t, err)
	binary, err := filepath.Abs("../../bin/otelcol-audit")
	require.NoError(t, err)
	require.FileExists(t, binary, "run `make build` first")
	q.command = exec.Command(self, "-collector", binary)
	q.command.Env = append(os.Environ(), beMain+"=1")
	for name, value := range q.env {
		q.command.Env = append(q.command.Env, name+"="+value)
	}
	q.command.Env = append(q.command.Env, env...)
	q.out = output{}
	q.command.Stdout, q.command.Stderr = &q.out, &q.out
	require.NoError(t, q.command.Start())
	q.ended = make(chan error, 1)
	ended, command := q.ended, q.command
	go func() { ended <- command.Wait() }()
	t.Cleanup(func() {
		_ = command.Process.Kill()
		if t.Failed() {
			t.Logf("its output:\n%s\nthe collector's log:\n%s", q.out.String(), tail(state{q.env["STATE_DIR"]}.log(), 30))
		}
	})
}

// wait waits for the end and returns how it ended.
func (q *quickstart) wait(t *testing.T) error {
	t.Helper()
	select {
	case err := <-q.ended:
		return err
	case <-time.After(3 * time.Minute):
		t.Fatal("it does not end")
		return nil
	}
}

// waitUp waits until it says that one may look around.
func (q *quickstart) waitUp(t *testing.T) {
	t.Helper()
	require.Eventually(t, func() bool {
		return strings.Contains(q.out.String(), "until Ctrl-C") || len(q.ended) > 0
	}, 3*time.Minute, 50*time.Millisecond)
	require.Empty(t, q.ended, "it has ended")
}

// requireGone checks that nothing listens on any of its ports any more.
func (q *quickstart) requireGone(t *testing.T) {
	t.Helper()
	for name, port := range q.env {
		if !strings.HasSuffix(name, "_PORT") {
			continue
		}
		require.Eventually(t, func() bool {
			listener, err := net.Listen("tcp4", "127.0.0.1:"+port)
			if err == nil {
				_ = listener.Close()
			}
			return err == nil
		}, 10*time.Second, 20*time.Millisecond, "something still listens on %s", name)
	}
}

// clickhouse is the base URL of its ClickHouse.
func (q *quickstart) clickhouse() string {
	return "http://127.0.0.1:" + q.env[clickhouselocal.EnvHTTPPort]
}

// ask runs a statement on its ClickHouse.
func (q *quickstart) ask(t *testing.T, sql string) string {
	t.Helper()
	response, err := http.Post(q.clickhouse()+"/?"+url.Values{"query": {sql}}.Encode(), "text/plain", http.NoBody)
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, response.StatusCode, string(text))
	http.DefaultClient.CloseIdleConnections()
	return strings.TrimSpace(string(text))
}

// output collects what a process prints.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

func TestOneShotPrintsEveryTableAndLeavesNothingRunning(t *testing.T) {
	q := start(t, "ONESHOT=1")
	require.NoError(t, q.wait(t))
	statements, err := statement.ReadAll(directory("sql"))
	require.NoError(t, err)
	for _, s := range statements {
		assert.Contains(t, q.out.String(), s.Title)
	}
	assert.Contains(t, q.out.String(), "exactly once")
	assert.Contains(t, q.out.String(), "Mara Lindqvist", "users have names")
	q.requireGone(t)
}

func TestItStaysUntilCtrlC(t *testing.T) {
	q := start(t)
	q.waitUp(t)
	t.Run("the commands of the README work", func(t *testing.T) { checkReadmeCommands(t, q) })
	t.Run("every chart of the dashboards draws", func(t *testing.T) { checkDashboards(t, q) })
	t.Run("every panel of Grafana's dashboards has rows", func(t *testing.T) { checkPanels(t, q) })
	events := q.ask(t, "SELECT count() FROM audit.events")
	checkUsers(t, q, 1)

	require.NoError(t, q.command.Process.Signal(os.Interrupt))
	require.NoError(t, q.wait(t))
	q.requireGone(t)

	// What is there stays there, and KEEP=1 shows it again.
	q.restart(t, "KEEP=1")
	q.waitUp(t)
	assert.NotContains(t, q.out.String(), "Sending")
	assert.Equal(t, events, q.ask(t, "SELECT count() FROM audit.events"))
	checkUsers(t, q, 2)
	require.NoError(t, q.command.Process.Signal(syscall.SIGTERM))
	require.NoError(t, q.wait(t))
	q.requireGone(t)
}

// checkUsers waits until the collector has told of all users of users.yaml as often as it was started, which still makes one row a
// user.
func checkUsers(t *testing.T, q *quickstart, starts int) {
	t.Helper()
	text, err := os.ReadFile("users.yaml")
	require.NoError(t, err)
	users := strings.Count(string(text), "- {id:")
	require.Eventually(t, func() bool {
		return q.ask(t, "SELECT countIf(kind = 'present'), countIf(kind = 'snapshot') FROM audit.user_versions") == fmt.Sprintf("%d\t%d", starts*users, starts)
	}, 30*time.Second, 100*time.Millisecond, "what the directory says is stored")
	assert.Equal(t, fmt.Sprintf("%d\t%[1]d", users), q.ask(t, "SELECT count(), uniqExact(user_id) FROM audit.users"))
	require.Eventually(t, func() bool {
		return q.ask(t, "SELECT sum(events) FROM audit.ledger WHERE kind = 'generated'") == strconv.Itoa(starts*(users+2)) // a snapshot and the policy
	}, 30*time.Second, 100*time.Millisecond, "and counted")
}

func TestWhatItStartedDiesWithIt(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux ends the children of a process that is killed")
	}
	q := start(t)
	q.waitUp(t)
	require.NoError(t, q.command.Process.Kill())
	require.Error(t, q.wait(t))
	q.requireGone(t)
}

func TestATakenPortEndsItBeforeAnythingStarts(t *testing.T) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = listener.Close() }()
	port := listener.Addr().(*net.TCPAddr).Port
	for _, name := range []string{"OTLP_GRPC_PORT", clickhouselocal.EnvHTTPPort} {
		t.Run(name, func(t *testing.T) {
			q := start(t, fmt.Sprintf("%s=%d", name, port))
			require.Error(t, q.wait(t))
			assert.Contains(t, q.out.String(), strconv.Itoa(port))
			assert.Contains(t, q.out.String(), name)
		})
	}
}

// blocks are the fenced code blocks of the README in a language.
func blocks(t *testing.T, language string) []string {
	t.Helper()
	text, err := os.ReadFile("README.md")
	require.NoError(t, err)
	var found []string
	for _, part := range strings.Split(string(text), "```"+language+"\n")[1:] {
		code, _, _ := strings.Cut(part, "```")
		found = append(found, code)
	}
	require.NotEmpty(t, found)
	return found
}

func checkReadmeCommands(t *testing.T, q *quickstart) {
	t.Helper()
	ran := 0
	for _, code := range blocks(t, "sh") {
		if !strings.HasPrefix(code, "curl ") {
			continue
		}
		ran++
		code = strings.ReplaceAll(code, ":4318", ":"+q.env["OTLP_HTTP_PORT"])
		code = strings.ReplaceAll(code, ":8123", ":"+q.env[clickhouselocal.EnvHTTPPort])
		command := exec.CommandContext(t.Context(), "sh", "-c", code)
		text, err := command.CombinedOutput()
		require.NoError(t, err, string(text))
	}
	require.Positive(t, ran)
	require.Eventually(t, func() bool {
		return q.ask(t, "SELECT event_name, directory_name FROM audit.events WHERE record_id = 'my-first-event'") == "invoice.approve\tPriya Raman"
	}, 30*time.Second, 100*time.Millisecond, "the event of the README is stored, with the name of the directory")
}

func TestTheGoCodeOfTheReadmeCompiles(t *testing.T) {
	for _, code := range blocks(t, "go") {
		file := filepath.Join(t.TempDir(), "main.go")
		require.NoError(t, os.WriteFile(file, []byte(code), 0o600))
		text, err := exec.CommandContext(t.Context(), "go", "vet", file).CombinedOutput()
		require.NoError(t, err, string(text))
	}
}
