package clickhouselocal_test

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ClickHouse/ch-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal/clickhousetest"
)

// query is the answer to a statement that must succeed.
func query(t *testing.T, server *clickhouselocal.Server, sql string) string {
	t.Helper()
	answer, err := server.Query(t.Context(), sql)
	require.NoError(t, err, sql)
	return answer
}

func TestBothProtocolsAnswer(t *testing.T) {
	server := clickhousetest.New(t)

	client, err := ch.Dial(t.Context(), ch.Options{Address: server.NativeAddr(), User: server.User(), Password: server.Password()})
	require.NoError(t, err)
	require.NoError(t, client.Ping(t.Context()))
	require.NoError(t, client.Close())

	assert.Equal(t, "1\n", query(t, server, "SELECT 1"))
	assert.False(t, server.External())
	assert.Empty(t, server.Notes())
	assert.NoError(t, server.WaitReady(t.Context()))
}

func TestPagesForPeopleAreServed(t *testing.T) {
	server := clickhousetest.New(t)
	for page, content := range map[string]string{
		"/play": "ClickHouse Query", "/dashboard": "ClickHouse Dashboard", "/js/uplot.js": "uPlot", "/ping": "Ok.",
	} {
		assert.Contains(t, get(t, server.HTTPURL()+page), content, page)
	}
}

func TestClocksAreUTC(t *testing.T) {
	t.Setenv("TZ", "Asia/Kolkata")
	server := clickhousetest.New(t)
	assert.Equal(t, "UTC\t1970-01-01 00:00:00\n", query(t, server, "SELECT serverTimezone(), toDateTime(0)"))
}

func TestRowsSurviveSIGKILL(t *testing.T) {
	server := clickhousetest.New(t)
	query(t, server, "CREATE DATABASE audit")
	query(t, server, "CREATE TABLE audit.events (id UInt64) ENGINE = MergeTree ORDER BY id")
	query(t, server, "INSERT INTO audit.events SELECT number FROM numbers(1000)")
	address := server.NativeAddr()

	require.NoError(t, server.Kill())
	_, err := server.Query(t.Context(), "SELECT 1")
	require.Error(t, err)
	require.Error(t, server.WaitReady(t.Context()))
	assert.Zero(t, server.PID())
	require.NoError(t, server.Restart(t.Context()))

	assert.Equal(t, "1000\n", query(t, server, "SELECT count() FROM audit.events"))
	assert.Equal(t, address, server.NativeAddr())
}

func TestRowsSurviveCleanStop(t *testing.T) {
	server := clickhousetest.New(t)
	query(t, server, "CREATE TABLE events (id UInt64) ENGINE = MergeTree ORDER BY id")
	query(t, server, "INSERT INTO events VALUES (1)")

	exited := server.Exited()
	require.NoError(t, server.Stop(t.Context()))
	<-exited
	assert.NoFileExists(t, filepath.Join(server.DataDir(), "data", "status"), "a clean shutdown removes the status file")
	require.NoError(t, server.Stop(t.Context()), "stopping twice is no error")
	require.NoError(t, server.Restart(t.Context()))

	assert.Equal(t, "1\n", query(t, server, "SELECT id FROM events"))
}

func TestRestartOfRunningServerStopsItFirst(t *testing.T) {
	server := clickhousetest.New(t)
	before := server.PID()
	require.NoError(t, server.Restart(t.Context()))
	assert.NotEqual(t, before, server.PID())
	assert.Equal(t, "1\n", query(t, server, "SELECT 1"))
}

func TestStopKillsWhatDoesNotStopInTime(t *testing.T) {
	server := clickhousetest.New(t)
	exited := server.Exited()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, server.Stop(ctx), context.Canceled)
	<-exited
}

func TestTakenPortIsNamedWithItsVariable(t *testing.T) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { assert.NoError(t, listener.Close()) }()
	port := listener.Addr().(*net.TCPAddr).Port
	for variable, options := range map[string]clickhouselocal.Options{
		"CLICKHOUSE_TCP_PORT":  {TCPPort: port},
		"CLICKHOUSE_HTTP_PORT": {HTTPPort: port},
	} {
		options.DataDir, options.OwnProcess = t.TempDir(), true
		_, err := clickhouselocal.Start(t.Context(), options)
		var taken *clickhouselocal.PortTakenError
		require.ErrorAs(t, err, &taken)
		assert.Equal(t, port, taken.Port)
		assert.ErrorContains(t, err, "set "+variable+" to another port")
	}
}

func TestFailedStartQuotesTheLog(t *testing.T) {
	first := clickhousetest.New(t)
	_, err := clickhouselocal.Start(t.Context(), clickhouselocal.Options{DataDir: first.DataDir(), OwnProcess: true})
	assert.ErrorContains(t, err, "Another server instance in same directory is already running")
	assert.ErrorContains(t, err, filepath.Join(first.DataDir(), "log", "output.log"))
}

func TestStartEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := clickhouselocal.Start(ctx, clickhouselocal.Options{DataDir: t.TempDir(), OwnProcess: true})
	require.ErrorIs(t, err, context.Canceled)
}

func TestUnwritableDataDirIsExplained(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err := clickhouselocal.Start(t.Context(), clickhouselocal.Options{DataDir: filepath.Join(file, "data"), OwnProcess: true})
	assert.ErrorContains(t, err, "give a data directory that can be written")
}

func TestOptionsAreChecked(t *testing.T) {
	for want, options := range map[string]clickhouselocal.Options{
		"options need a DataDir":                                {},
		"set CLICKHOUSE_USER to another name":                   {DataDir: "d", Password: "p"},
		"port 70000 is not between 0 (any free port)":           {DataDir: "d", TCPPort: 70000},
		"port 9000 cannot serve both":                           {DataDir: "d", TCPPort: 9000, HTTPPort: 9000},
		`name "a b" in the options is not made of letters`:      {DataDir: "d", Users: []clickhouselocal.User{{Name: "a b"}}},
		`name "x/y" in the options is not made of letters`:      {DataDir: "d", Clusters: []clickhouselocal.Cluster{{Name: "x/y"}}},
		`name "read<only" in the options is not made of letter`: {DataDir: "d", Users: []clickhouselocal.User{{Name: "a", Settings: map[string]string{"read<only": "1"}}}},
	} {
		options.OwnProcess = true
		_, err := clickhouselocal.Start(t.Context(), options)
		assert.ErrorContains(t, err, want)
	}
}

func TestQueryReturnsClickHousesError(t *testing.T) {
	server := clickhousetest.New(t)
	_, err := server.Query(t.Context(), "SELECT * FROM nowhere")
	var refusal *clickhouselocal.QueryError
	require.ErrorAs(t, err, &refusal)
	assert.Equal(t, 60, refusal.Code)
	assert.True(t, strings.HasPrefix(refusal.Message, "Code: 60. DB::Exception"), refusal.Message)
}

func TestQueryLogAndExtraConfiguration(t *testing.T) {
	server := clickhousetest.New(t, func(o *clickhouselocal.Options) {
		o.QueryLog = true
		o.ConfigXML = []string{"<max_concurrent_queries>77</max_concurrent_queries>"}
		o.MaxMemory = 1 << 30
	})
	query(t, server, "SELECT 'a query to be found'")
	query(t, server, "SYSTEM FLUSH LOGS")
	assert.Equal(t, "1\n", query(t, server, "SELECT count() FROM system.query_log WHERE query = 'SELECT \\'a query to be found\\'' AND type = 'QueryFinish'"))
	assert.Equal(t, "77\n", query(t, server, "SELECT value FROM system.server_settings WHERE name = 'max_concurrent_queries'"))
	assert.Equal(t, "1073741824\n", query(t, server, "SELECT value FROM system.server_settings WHERE name = 'max_server_memory_usage'"))
	require.NoError(t, server.Restart(t.Context()))
	query(t, server, "SELECT 'another query to be found'")
	query(t, server, "SYSTEM FLUSH LOGS")
	assert.Equal(t, "1\n", query(t, server, "SELECT count() FROM system.query_log WHERE query = 'SELECT \\'another query to be found\\'' AND type = 'QueryFinish'"))
}
