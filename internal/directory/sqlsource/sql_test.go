package sqlsource

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/config/confighttp"
	"go.opentelemetry.io/collector/config/configopaque"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.uber.org/goleak"

	"github.com/otelaudit/otelaudit/internal/clickhouselocal/clickhousetest"
	"github.com/otelaudit/otelaudit/internal/directory"
	"github.com/otelaudit/otelaudit/internal/directory/directorytest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const staffQuery = `SELECT login AS id, full_name AS name, mail AS email, team AS department, roles, groups, employed AS active, since AS valid_from, until AS valid_to FROM staff`

func at(text string) int64 {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return t.UnixNano()
}

var (
	adaInFinance = directory.User{
		ID: "ada", Name: `Ada "A" Example`, Email: "ada@example.com", Department: "Finance", Roles: []string{"controller", "a, b"}, Groups: []string{"all", "finance"},
		Active: directory.Active, ValidFrom: at("2026-01-01"), ValidTo: at("2026-03-10"),
	}
	adaInLegal = directory.User{
		ID: "ada", Name: `Ada "A" Example`, Email: "ada@example.com", Department: "Legal", Groups: []string{"all"},
		Active: directory.Active, ValidFrom: at("2026-03-10"),
	}
	bob = directory.User{ID: "bob", Active: directory.Inactive}
)

func open(t *testing.T, cfg Config) *Source {
	t.Helper()
	require.NoError(t, cfg.Validate())
	s, err := New(t.Context(), cfg, componenttest.NewNopHost(), componenttest.NewNopTelemetrySettings())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func read(t *testing.T, s *Source) ([]directory.User, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	var users []directory.User
	err := s.Users(ctx, func(u directory.User) error {
		users = append(users, u)
		return nil
	})
	return users, err
}

func postgresConfig(datasource configopaque.String, query, lookup string) Config {
	cfg := NewDefaultConfig()
	cfg.ClickHouse = configoptional.None[ClickHouse]()
	cfg.PostgreSQL = configoptional.Some(PostgreSQL{DataSource: datasource})
	cfg.Query, cfg.LookupQuery = query, lookup
	return cfg
}

func clickHouseConfig(endpoint, username, query, lookup string) Config {
	cfg := NewDefaultConfig()
	cfg.PostgreSQL = configoptional.None[PostgreSQL]()
	c := ClickHouse{Username: username, Database: "default"}
	c.HTTP = confighttp.NewDefaultClientConfig()
	c.HTTP.Endpoint = endpoint
	cfg.ClickHouse = configoptional.Some(c)
	cfg.Query, cfg.LookupQuery = query, lookup
	return cfg
}

func TestClickHouse(t *testing.T) {
	server := clickhousetest.New(t)
	exec := func(sql string) {
		_, err := server.Query(t.Context(), sql)
		require.NoError(t, err)
	}
	exec("CREATE DATABASE IF NOT EXISTS default")
	exec("CREATE TABLE default.staff (login String, full_name Nullable(String), mail Nullable(String), team LowCardinality(Nullable(String)), roles Array(String), groups Nullable(String), " +
		"employed UInt8, since Nullable(DateTime64(3, 'UTC')), until Nullable(DateTime('UTC'))) ENGINE = MergeTree ORDER BY login")
	exec(`INSERT INTO default.staff VALUES
 ('ada', 'Ada "A" Example', 'ada@example.com', 'Finance', ['controller', 'a, b'], 'all; finance', 1, '2026-01-01', '2026-03-10'),
 ('ada', 'Ada "A" Example', 'ada@example.com', 'Legal', [], 'all', 1, '2026-03-10', NULL),
 ('bob', NULL, NULL, NULL, [], NULL, 0, NULL, NULL)`)
	lookup := staffQuery + " WHERE login = {id:String} OR mail = lower({id:String}) OR mail = lower({email:String}) AND {email:String} != '' ORDER BY since"
	ours := func(query, lookup string) Config {
		return clickHouseConfig(server.HTTPURL(), server.User(), query, lookup)
	}
	t.Run("users", func(t *testing.T) {
		s := open(t, ours(staffQuery+" ORDER BY login, since", lookup))
		users, err := read(t, s)
		require.NoError(t, err)
		assert.Equal(t, []directory.User{adaInFinance, adaInLegal, bob}, users)
		for _, q := range [][2]string{{"ada", ""}, {"ADA@example.com", ""}, {"x", "ada@example.com"}} {
			users, err = s.Find(t.Context(), q[0], q[1])
			require.NoError(t, err)
			assert.Equal(t, []directory.User{adaInFinance, adaInLegal}, users)
		}
		for _, id := range []string{"' OR 1 --", `\' OR 1 --`, "a\tb\nc\\d"} {
			users, err = s.Find(t.Context(), id, "")
			require.NoError(t, err, id)
			assert.Empty(t, users)
		}
		users, err = read(t, open(t, ours("SELECT toUInt64(18446744073709551615) AS id", "")))
		require.NoError(t, err)
		assert.Equal(t, "18446744073709551615", users[0].ID)
	})
	t.Run("refusals", func(t *testing.T) {
		for query, want := range map[string]string{
			"SELECT canary AS id FROM canary":                                                 "exception 60",
			"INSERT INTO staff (login) VALUES ('canary')":                                     "exception 164",
			"SELECT login AS id, 'canary' AS canary FROM staff":                               "column 2 of the query is not named as one of",
			"SELECT full_name AS name FROM staff":                                             "no column id",
			"SELECT login AS id, map('canary', 1) AS name FROM staff":                         "column name: must be a text",
			"SELECT toString(throwIf(number = 200000, 'canary')) AS id FROM numbers(1000000)": "the database",
			"SELECT login AS id, 'canary' AS valid_from FROM staff":                           "column valid_from: must be a time",
		} {
			_, err := read(t, open(t, ours(query, "")))
			if assert.ErrorContains(t, err, want, query) {
				assert.NotContains(t, err.Error(), "canary", query)
			}
		}
	})
	t.Run("slow", func(t *testing.T) {
		s := open(t, ours("", "SELECT {id:String} AS id WHERE sleepEachRow(3) = 0"))
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		_, err := s.Find(ctx, "ada", "")
		require.ErrorContains(t, err, "did not answer in time")
	})
	t.Run("a bad certificate", func(t *testing.T) {
		tls := httptest.NewTLSServer(http.NotFoundHandler())
		tls.Config.ErrorLog = nil
		defer tls.Close()
		_, err := read(t, open(t, clickHouseConfig(tls.URL, "default", staffQuery, "")))
		assert.ErrorContains(t, err, "certificate")
	})
	t.Run("stopped, started again, a user removed", func(t *testing.T) {
		// The server stays; what is in front of it goes and comes.
		front := &front{target: strings.TrimPrefix(server.HTTPURL(), "http://"), address: "127.0.0.1:" + directorytest.Port(t)}
		front.start(t)
		defer front.stop()
		s := open(t, clickHouseConfig("http://"+front.address, server.User(), staffQuery, lookup))
		testFollowed(t, s, func() { exec("ALTER TABLE default.staff DELETE WHERE login = 'bob' SETTINGS mutations_sync = 1") }, front.stop, func() { front.start(t) })
	})
}

// front passes connections on.
type front struct {
	target, address string
	mu              sync.Mutex
	listener        net.Listener
	conns           []net.Conn
}

func (f *front) start(t *testing.T) {
	t.Helper()
	l, err := net.Listen("tcp", f.address)
	require.NoError(t, err)
	f.listener = l
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", f.target)
			if err != nil {
				_ = in.Close()
				continue
			}
			f.mu.Lock()
			f.conns = append(f.conns, in, out)
			f.mu.Unlock()
			go pass(in, out)
			go pass(out, in)
		}
	}()
}

func pass(from, to net.Conn) {
	defer func() { _ = to.Close() }()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

func (f *front) stop() {
	_ = f.listener.Close()
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.conns {
		_ = c.Close()
	}
	f.conns = nil
}

// watched remembers the readings of a directory.
type watched struct {
	mu   sync.Mutex
	last directory.Sync
}

func (w *watched) Synced(s directory.Sync) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.last = s
}

func (w *watched) Asked(directory.AskOutcome, time.Duration, error) {}

func (w *watched) sync() directory.Sync {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.last
}

func (w *watched) until(t *testing.T, wanted func(directory.Sync) bool) {
	t.Helper()
	require.Eventually(t, func() bool { return wanted(w.sync()) }, 30*time.Second, 10*time.Millisecond)
}

// testFollowed follows a source with ada and bob through the removal of bob, and a stop.
func testFollowed(t *testing.T, source *Source, remove, stop, again func()) {
	t.Helper()
	w := &watched{}
	r := directory.NewRemote(unclosed{source}, directory.RemoteOptions{
		Name: "sql", SyncInterval: 30 * time.Millisecond, FullSyncInterval: time.Hour, SyncTimeout: 10 * time.Second, MaxUsers: 1000,
		Lookup: true, LookupTimeout: 5 * time.Second, TTL: time.Minute, NegativeTTL: 10 * time.Millisecond, MaxAnswers: 100, MaxConcurrent: 4, Keep: time.Hour, Observer: w,
	})
	require.NoError(t, r.Start(t.Context()))
	defer func() { require.NoError(t, r.Shutdown(context.Background())) }()
	find := func(id string, at int64) directory.Answer {
		return r.Lookup(directory.Query{ID: id, At: at, Wait: &directory.Wait{Left: 5 * time.Second}})
	}
	w.until(t, func(s directory.Sync) bool { return s.Users == 2 })
	seen := time.Now().UnixNano()
	assert.Equal(t, "Legal", find("ada", 0).User.Department)
	assert.Equal(t, "Finance", find("ada", at("2026-03-09")).User.Department, "as of the event, however late")
	assert.Nil(t, find("ada", at("2025-12-31")).User, "he was not there yet")
	remove()
	w.until(t, func(s directory.Sync) bool { return s.Users == 1 })
	a := find("bob", 0)
	assert.Nil(t, a.User)
	assert.True(t, a.Fresh, "who was removed is a miss")
	assert.NotNil(t, find("bob", seen).User, "but for events from before")
	stop()
	w.until(t, func(s directory.Sync) bool { return s.Err != nil })
	assert.False(t, find("ada", 0).Fresh, "stale")
	a = find("nobody", 0)
	assert.Nil(t, a.User)
	assert.False(t, a.Fresh, "an error")
	again()
	w.until(t, func(s directory.Sync) bool { return s.Err == nil && s.Users == 1 })
	assert.True(t, find("ada", 0).Fresh)
}

// unclosed is a source that the test closes.
type unclosed struct{ *Source }

func (unclosed) Close() error { return nil }

func TestTheDataSourceIsNeverQuoted(t *testing.T) {
	for _, datasource := range []string{"postgres://a:canary@127.0.0.1:1/x?sslmode=disable", "host=127.0.0.1 port=1 password=canary sslmode=disable"} {
		_, err := read(t, open(t, postgresConfig(configopaque.String(datasource), "SELECT 1 AS id", "")))
		require.ErrorContains(t, err, "cannot be reached")
		assert.NotContains(t, err.Error(), "canary")
	}
}

// FuzzRows takes what a ClickHouse, or what stands in its place, may answer.
func FuzzRows(f *testing.F) {
	f.Add(`["id","name","roles","active","valid_from"]` + "\n" + `["ada","Ada",["a"],true,"2026-01-01T00:00:00Z"]` + "\n" + `[18446744073709551615,null,"a; b",0,null]`)
	f.Add(`["id"]` + "\n" + `[{}]`)
	f.Add(`["id","id"]`)
	f.Add(`["id","groups"] ["a",[1]]`)
	f.Fuzz(func(t *testing.T, body string) {
		s := &Source{db: answering(body)}
		err := s.Users(t.Context(), func(u directory.User) error {
			_, _ = u.Fit()
			return nil
		})
		if err != nil {
			assert.ErrorAs(t, err, new(*directory.Failure), "errors say what is wrong, and hold nothing of the rows")
		}
	})
}

// answering is a database that gives the same answer to everything.
type answering string

func (a answering) query(_ context.Context, _ string, _ []string, columns func([]string) error, row func([]any) error) error {
	return readRows(strings.NewReader(string(a)), columns, row)
}

func (answering) close() error { return nil }

// A ClickHouse that is too busy, or breaks, or a gateway in front of it: the code of HTTP is told, and nothing of the body.
func TestAClickHouseThatAnswersWithAFailure(t *testing.T) {
	for _, code := range []int{http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusServiceUnavailable} {
		var failing atomic.Bool
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if failing.Load() {
				w.WriteHeader(code)
				_, _ = w.Write([]byte("canary"))
				return
			}
			_, _ = w.Write([]byte("[\"id\"]\n[\"ada\"]\n"))
		}))
		s := open(t, clickHouseConfig(server.URL, "default", "SELECT 1", "SELECT 1"))
		w := &watched{}
		r := directory.NewRemote(unclosed{s}, directory.RemoteOptions{
			Name: "sql", SyncInterval: 10 * time.Millisecond, FullSyncInterval: time.Hour, SyncTimeout: 10 * time.Second, MaxUsers: 10, Keep: time.Hour, Observer: w,
		})
		require.NoError(t, r.Start(t.Context()))
		w.until(t, func(s directory.Sync) bool { return s.Err == nil && s.Users == 1 })
		failing.Store(true)
		w.until(t, func(s directory.Sync) bool { return s.Err != nil })
		failed := w.sync().Err
		require.ErrorContains(t, failed, fmt.Sprintf("the database answered %d", code))
		assert.NotContains(t, failed.Error(), "canary")
		a := r.Lookup(directory.Query{ID: "ada"})
		assert.NotNil(t, a.User, "who is known stays known")
		assert.False(t, a.Fresh, "as of before")
		failing.Store(false)
		w.until(t, func(s directory.Sync) bool { return s.Err == nil && s.Users == 1 })
		assert.True(t, r.Lookup(directory.Query{ID: "ada"}).Fresh)
		require.NoError(t, r.Shutdown(context.Background()))
		server.Close()
	}
}
