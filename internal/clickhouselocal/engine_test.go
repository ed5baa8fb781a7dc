package clickhouselocal

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// library returns the engine that the cache provides.
func library(t *testing.T) libraryEngine {
	t.Helper()
	if installed, err := exec.LookPath("clickhouse"); err == nil {
		hide(t, filepath.Dir(installed))
	}
	engine, err := findEngine(t.Context(), newProgress(t.Output()))
	require.NoError(t, err)
	return engine.(libraryEngine)
}

// hide removes a directory from the PATH of this test.
func hide(t *testing.T, dir string) {
	t.Helper()
	var rest []string
	for _, entry := range filepath.SplitList(os.Getenv("PATH")) {
		if entry != dir {
			rest = append(rest, entry)
		}
	}
	t.Setenv("PATH", joinPath(rest...))
}

func joinPath(dirs ...string) string {
	return strings.Join(dirs, string(os.PathListSeparator))
}

func TestBinaryOnThePathIsPreferredAndRunAsServer(t *testing.T) {
	engine := library(t)
	dir := t.TempDir()
	// A stand-in that takes only what `clickhouse server` takes, and then is a real ClickHouse.
	script := `#!/bin/sh
[ "$1" = server ] || exit 3
case "$2" in --config-file=*) ;; *) exit 3 ;; esac
[ $# = 2 ] || exit 3
echo "$@" > "` + dir + `/arguments"
exec "` + engine.launcher + `" "` + engine.library + `" "$2" --log-level=information
`
	require.NoError(t, os.WriteFile(filepath.Join(dir, "clickhouse"), []byte(script), 0o700))
	t.Setenv("PATH", joinPath(dir, os.Getenv("PATH")))

	data := t.TempDir()
	server, err := Start(t.Context(), Options{DataDir: data, OwnProcess: true})
	require.NoError(t, err)
	answer, err := server.Query(t.Context(), "SELECT 1")
	require.NoError(t, err)
	assert.Equal(t, "1\n", answer)
	require.NoError(t, server.Stop(t.Context()))
	arguments, err := os.ReadFile(filepath.Join(dir, "arguments"))
	require.NoError(t, err)
	assert.Equal(t, "server --config-file="+filepath.Join(data, "server.xml")+"\n", string(arguments))
}

// thief takes the HTTP port at the last moment before the first start.
type thief struct {
	libraryEngine
	server *Server
	stolen net.Listener
}

func (e *thief) command(p paths) *exec.Cmd {
	if e.stolen == nil {
		e.stolen, _ = net.Listen("tcp4", loopback(e.server.options.HTTPPort))
	}
	return e.libraryEngine.command(p)
}

func TestPortsAreChosenAgainWhenOneIsTakenMeanwhile(t *testing.T) {
	server := &Server{options: Options{DataDir: t.TempDir()}.withDefaults()}
	engine := &thief{libraryEngine: library(t), server: server}
	server.engine = engine
	require.NoError(t, server.startOnFreePorts(t.Context()))
	require.NotNil(t, engine.stolen)
	require.NoError(t, engine.stolen.Close())
	require.NoError(t, server.Stop(t.Context()))
}

func TestChosenPortThatIsTakenMeanwhileIsAnError(t *testing.T) {
	tcp, err := FreePort(t.Context())
	require.NoError(t, err)
	http, err := FreePort(t.Context())
	require.NoError(t, err)
	server := &Server{options: Options{DataDir: t.TempDir(), TCPPort: tcp, HTTPPort: http}.withDefaults()}
	engine := &thief{libraryEngine: library(t), server: server}
	server.engine = engine
	err = server.startOnFreePorts(t.Context())
	require.NoError(t, engine.stolen.Close())
	var taken *PortTakenError
	require.ErrorAs(t, err, &taken)
	assert.Equal(t, http, taken.Port)
}
