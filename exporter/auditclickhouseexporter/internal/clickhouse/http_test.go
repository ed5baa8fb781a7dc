package clickhouse

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/ch-go/proto"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/columns"
)

func serve(t *testing.T, handler http.HandlerFunc) Conn {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	endpoint, err := ParseEndpoint(server.URL)
	require.NoError(t, err)
	conn := Open(Options{Endpoint: endpoint, Username: "ann", Password: "right", Database: "audit", HTTP: &http.Client{}})
	t.Cleanup(conn.Close)
	return conn
}

// inserts answers inserts as it is told, and knows none of the newer settings.
func inserts(answer http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Has("query") {
			answer(w, r)
		}
	}
}

// sealed is a batch of two blocks, told apart by their bytes.
var sealed = &Batch{
	Table: columns.TableEvents, Columns: []columns.Column{{Name: "a", Type: "String"}}, Token: "token-1",
	Blocks: []columns.Sealed{{Data: []byte("first")}, {Data: nil}, {Data: []byte("hunter2")}},
}

func TestBlocksAreTheBodyAsTheyAre(t *testing.T) {
	var asked, writes int
	conn := serve(t, func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		body, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		if !query.Has("query") {
			asked++
			assert.Contains(t, string(body), "'deduplicate_insert', 'use_strict_insert_block_limits', 'input_format_connection_handling'")
			_, _ = io.WriteString(w, "[\"deduplicate_insert\"]\n")
			return
		}
		writes++
		assert.Equal(t, "INSERT INTO `audit`.`events` (`a`) FORMAT Native", query.Get("query"))
		assert.Equal(t, "1", query.Get("decompress"))
		assert.Equal(t, "enable", query.Get("deduplicate_insert"), "the server knows it")
		assert.False(t, query.Has("use_strict_insert_block_limits"), "the server does not know it")
		assert.False(t, query.Has("input_format_connection_handling"))
		for _, s := range insertSettings("token-1") {
			assert.Equal(t, s.value, query.Get(s.name), s.name)
		}
		assert.Equal(t, "ann", r.Header.Get("X-ClickHouse-User"))
		assert.Equal(t, "right", r.Header.Get("X-ClickHouse-Key"))
		assert.NotContains(t, r.URL.String(), "right")
		assert.EqualValues(t, len("firsthunter2"), r.ContentLength)
		assert.Equal(t, "firsthunter2", string(body))
		if writes == 2 {
			w.Header().Set("X-ClickHouse-Exception-Code", "115")
			w.WriteHeader(http.StatusNotFound)
		}
	})
	require.NoError(t, conn.Write(t.Context(), sealed))
	assert.True(t, Is(conn.Write(t.Context(), sealed), proto.ErrUnknownSetting))
	assert.Equal(t, 1, asked, "the server is asked once")
	require.NoError(t, conn.Write(t.Context(), sealed))
	assert.Equal(t, 2, asked, "and again when it turns out to be another one")
}

// TestKeptConnectionThatWasClosedIsNoError has a server that closes every connection after an answer without saying so.
func TestKeptConnectionThatWasClosedIsNoError(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }))
	server.Config.IdleTimeout = 100 * time.Millisecond
	server.Start()
	t.Cleanup(server.Close)
	endpoint, err := ParseEndpoint(server.URL)
	require.NoError(t, err)
	conn := Open(Options{Endpoint: endpoint, Database: "audit", HTTP: &http.Client{Transport: &http.Transport{}}})
	t.Cleanup(conn.Close)
	for range 5 {
		require.NoError(t, conn.Write(t.Context(), sealed))
		time.Sleep(400 * time.Millisecond) // by then it is closed: what breaks while it is used is another matter
	}
}

func TestHTTPAnswersAreSorted(t *testing.T) {
	exception := func(code, text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-ClickHouse-Exception-Code", code)
			w.WriteHeader(http.StatusInternalServerError)
			_, _ = io.WriteString(w, text)
		}
	}
	status := func(code int, header, value string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set(header, value)
			w.WriteHeader(code)
		}
	}
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		class  Class
		text   string
		after  time.Duration
	}{
		"constraint": {
			exception("469", "Constraint `c` is violated at row 1: hunter2"),
			Rejected, "insert into events: ClickHouse error 469 (VIOLATED_CONSTRAINT)", 0,
		},
		"constraint of a rollup": {
			exception("469", "Constraint `c` is violated: while pushing to view audit.x_mv: hunter2"),
			Misconfigured, "ClickHouse error 469", 0,
		},
		"parse error":     {exception("27", "Cannot parse hunter2"), Retryable, "ClickHouse error 27 (CANNOT_PARSE_INPUT_ASSERTION_FAILED)", 0},
		"too many parts":  {exception("252", "Too many parts"), Throttled, "252 (TOO_MANY_PARTS): the server merges too slowly", 0},
		"no such table":   {exception("60", "hunter2"), Misconfigured, "create_schema: true", 0},
		"code of its own": {exception("99999", "hunter2"), Retryable, "ClickHouse error 99999 (unknown)", 0},
		"late exception": {
			func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "Code: 241. hunter2") },
			Retryable, "the answer to an insert is not empty", 0,
		},
		"proxy says wait":   {status(429, "Retry-After", "7"), Throttled, "HTTP status 429", 7 * time.Second},
		"proxy is down":     {status(503, "Retry-After", "Fri, 31 Dec 1999 23:59:59 GMT"), Throttled, "HTTP status 503", 0},
		"proxy knows none":  {status(404, "A", "b"), Misconfigured, "HTTP status 404", 0},
		"proxy went wrong":  {status(502, "A", "b"), Retryable, "HTTP status 502", 0},
		"connection breaks": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, Retryable, "EOF", 0},
	} {
		t.Run(name, func(t *testing.T) {
			err := serve(t, inserts(test.answer)).Write(t.Context(), sealed)
			var e *Error
			require.ErrorAs(t, err, &e)
			assert.Equal(t, test.class, e.Class)
			assert.Equal(t, test.after, e.RetryAfter)
			assert.ErrorContains(t, err, test.text)
			assert.NotContains(t, err.Error(), "hunter2", "the server's words about data are not passed on")
			assert.NotContains(t, err.Error(), "INSERT INTO", "nor the statement")
		})
	}
}

func TestStatementErrorsKeepTheServersWords(t *testing.T) {
	conn := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-ClickHouse-Exception-Code", "497")
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, "Code: 497. It is necessary to have the grant CREATE TABLE ON audit.*\nstack\n"+strings.Repeat("x", 10000))
	})
	err := conn.Exec(t.Context(), "CREATE TABLE x")
	assert.EqualError(t, err, "statement: ClickHouse error 497 (ACCESS_DENIED): Code: 497. It is necessary to have the grant CREATE TABLE ON audit.*")
	assert.True(t, Is(err, proto.ErrAccessDenied))
	assert.False(t, Is(err, proto.ErrUnknownTable))
	assert.False(t, Is(errors.New("x"), proto.ErrUnknownTable))
}

func TestTimeoutIsSaid(t *testing.T) {
	release := make(chan struct{})
	conn := serve(t, inserts(func(http.ResponseWriter, *http.Request) { <-release }))
	defer close(release)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	err := conn.Write(ctx, sealed)
	assert.ErrorContains(t, err, "insert into events: no answer within the timeout")
	assert.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestSelectOverHTTP(t *testing.T) {
	conn := serve(t, func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "audit", r.URL.Query().Get("param_database"))
		_, _ = io.WriteString(w, "[\"a\",\"1\"]\n[\"b\\n\",\"2\"]\n")
	})
	rows, err := conn.Select(t.Context(), "SELECT 1")
	require.NoError(t, err)
	assert.Equal(t, [][]string{{"a", "1"}, {"b\n", "2"}}, rows)
}

func TestQuote(t *testing.T) {
	assert.Equal(t, "`events`", quote("events"))
	assert.Equal(t, "`a\\`b\\\\`", quote("a`b\\"))
}
