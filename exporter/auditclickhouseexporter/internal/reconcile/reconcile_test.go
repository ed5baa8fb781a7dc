package reconcile

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/clickhouse"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/schema"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal/clickhousetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// event is a row of `events` as far as these tests care.
type event struct {
	id, tenant, actor, hash string
	at, received            time.Time
	cost                    int // 0 where it is no query
	ingest                  int
	retention               int
}

// world is a database with the schema, and what a collector would do to it.
type world struct {
	t      *testing.T
	conn   clickhouse.Conn
	layout schema.Layout
	now    time.Time
	tokens int
}

func newWorld(t *testing.T) *world {
	t.Helper()
	server := clickhousetest.New(t)
	w := &world{t: t, conn: connect(t, server), layout: schema.NewLayout("audit", ""), now: time.Now().UTC().Truncate(time.Second)}
	w.migrate(w.conn)
	return w
}

func connect(t *testing.T, server *clickhouselocal.Server) clickhouse.Conn {
	t.Helper()
	endpoint, err := clickhouse.ParseEndpoint(server.HTTPURL())
	require.NoError(t, err)
	conn := clickhouse.Open(clickhouse.Options{
		Endpoint: endpoint, Username: server.User(), Database: "audit", Timeout: time.Minute, HTTP: &http.Client{Transport: &http.Transport{}},
	})
	t.Cleanup(conn.Close)
	return conn
}

func (w *world) migrate(conn clickhouse.Conn) {
	w.t.Helper()
	_, err := schema.Apply(w.t.Context(), conn, w.layout.Migrations())
	require.NoError(w.t, err)
}

func (w *world) exec(format string, args ...any) {
	w.t.Helper()
	require.NoError(w.t, w.conn.Exec(w.t.Context(), fmt.Sprintf(format, args...)))
}

func (w *world) answer(format string, args ...any) [][]string {
	w.t.Helper()
	rows, err := w.conn.Select(w.t.Context(), fmt.Sprintf(format, args...))
	require.NoError(w.t, err)
	return rows
}

func (w *world) one(format string, args ...any) string {
	w.t.Helper()
	return w.answer(format, args...)[0][0]
}

// statement is the insert of events under a token; block says of each its block_id.
func statement(events []event, token string, block func(int) uint64) string {
	values := make([]string, len(events))
	for i, e := range events {
		values[i] = fmt.Sprintf("('%s', %d, %d, '%s', '%s', '%s', %d, %d, %d, %d)", e.id, e.at.UnixNano(), e.received.UnixNano(), e.tenant, e.actor,
			e.hash, e.cost, e.ingest, e.retention, block(i))
	}
	return "INSERT INTO audit.events (record_id, timestamp, received_at, tenant_id, actor_id, record_hash, query_fingerprint, query_cost, datasets, " +
		"ingest_bytes, target_id, retention_days, block_id) " +
		"SETTINGS insert_deduplication_token = '" + token + "', insert_deduplicate = 1, deduplicate_blocks_in_dependent_materialized_views = 1, " +
		"async_insert = 0, distributed_foreground_insert = 1 " +
		"SELECT id, fromUnixTimestamp64Nano(at, 'UTC'), fromUnixTimestamp64Nano(received, 'UTC'), tenant, actor, hash, if(cost = 0, '', 'f' || toString(cost % 3)), " +
		"if(cost = 0, NULL, cost / 4), if(cost = 0, [], ['d' || toString(cost % 2), 'all']), if(ingest = 0, NULL, ingest), 'dataset', retention, block " +
		"FROM values('id String, at Int64, received Int64, tenant String, actor String, hash String, cost UInt64, ingest Int64, retention UInt16, block UInt64', " +
		strings.Join(values, ", ") + ")"
}

// insert is one insert of a collector, without its row of the manifest.
func (w *world) insert(events []event, blocks ...uint64) Facts {
	w.t.Helper()
	w.tokens++
	f := facts(events, blocks)
	f.Token = "token " + strconv.Itoa(w.tokens)
	w.exec("%s", statement(events, f.Token, func(i int) uint64 { return blocks[i%len(blocks)] }))
	return f
}

func facts(events []event, blocks []uint64) Facts {
	f := Facts{Table: "events", Blocks: slices.Sorted(slices.Values(blocks)), Rows: uint64(len(events)), First: events[0].received.UnixNano(), Last: events[0].received.UnixNano()}
	for _, e := range events {
		f.Digest += xxhash.Sum64String(e.id)
		f.First, f.Last = min(f.First, e.received.UnixNano()), max(f.Last, e.received.UnixNano())
	}
	return f
}

func (w *world) manifest(f Facts) {
	w.t.Helper()
	w.exec("INSERT INTO audit.blocks (token, table, collector, rows, digest, first_block, last_block, first_received_at, last_received_at) "+
		"SETTINGS distributed_foreground_insert = 1 SELECT '%s', '%s', 'log', %d, %d, %d, %d, fromUnixTimestamp64Nano(%d, 'UTC'), fromUnixTimestamp64Nano(%d, 'UTC')",
		f.Token, f.Table, f.Rows, f.Digest, f.Blocks[0], f.Blocks[len(f.Blocks)-1], f.First, f.Last)
}

// events makes n events that were received some minutes ago.
func (w *world) events(prefix string, n int) []event {
	out := make([]event, n)
	for i := range out {
		received := w.now.Add(-time.Duration(10+i%5) * time.Minute)
		out[i] = event{
			id: prefix + strconv.Itoa(i), tenant: "t" + strconv.Itoa(i%3), actor: "a" + strconv.Itoa(i%7), hash: "h" + prefix + strconv.Itoa(i),
			at: received.Add(-time.Second), received: received, cost: i % 5, ingest: i % 4,
		}
	}
	return out
}

func (w *world) reconciler(o Options) *Reconciler { return New(w.conn, nil, w.layout, o) }

func (w *world) run(o Options) Report {
	w.t.Helper()
	report, err := w.reconciler(o).Run(w.t.Context())
	require.NoError(w.t, err)
	require.False(w.t, report.To.IsZero())
	return report
}

// equalRollups asserts that the rollups are what `events` says.
func (w *world) equalRollups() {
	w.t.Helper()
	assert.Empty(w.t, w.answer("SELECT table, toString(day) FROM audit.reconcile_rollups(from = '2020-01-01', to = '2030-01-01')"))
	assert.Equal(w.t, w.one("SELECT toString(count()) FROM audit.events"), w.one("SELECT toString(sum(events)) FROM audit.activity_daily"))
}

func TestVerify(t *testing.T) {
	w := newWorld(t)
	r := w.reconciler(Options{})
	events := w.events("v", 1000)
	blocks := []uint64{1 << 40, 1<<40 + 1, 1<<40 + 5}
	w.insert(w.events("other", 10), 1<<40+2)
	verify := func(f Facts) Verdict {
		verdict, err := r.Verify(t.Context(), f)
		require.NoError(t, err)
		return verdict
	}
	ids := make([]string, len(events))
	for i, e := range events {
		ids[i] = e.id
	}
	missing := func(f Facts) (places []int, extra int) {
		places, extra, err := r.Missing(t.Context(), f, ids)
		require.NoError(t, err)
		return places, extra
	}

	unknown := facts(events, blocks)
	_, err := r.Verify(t.Context(), unknown)
	require.ErrorContains(t, err, "no token")
	unknown.Token = "never sent"
	assert.Equal(t, None, verify(unknown))
	f := w.insert(events, blocks...)
	assert.Equal(t, All, verify(f))
	places, extra := missing(f)
	assert.Empty(t, places)
	assert.Zero(t, extra)

	w.exec("ALTER TABLE audit.events DELETE WHERE record_id IN ('v7', 'v70') SETTINGS mutations_sync = 1")
	assert.Equal(t, Partly, verify(f))
	places, extra = missing(f)
	assert.Equal(t, []int{7, 70}, places)
	assert.Zero(t, extra)

	w.insert([]event{events[3], events[7], events[70]}, blocks[0])
	assert.Equal(t, Partly, verify(f))
	places, extra = missing(f)
	assert.Empty(t, places)
	assert.Equal(t, 1, extra)
	removed, err := r.RemoveCopies(t.Context(), w.now.Add(-time.Hour), w.now.Add(-time.Hour), w.now)
	require.NoError(t, err)
	assert.Equal(t, 1, removed)
	assert.Equal(t, All, verify(f))

	other := f
	other.Digest++
	assert.Equal(t, Partly, verify(other), "as many rows, but others")
	many := f
	many.Blocks = nil
	for b := uint64(1 << 40); b < 1<<40+2*maxListed; b += 1 {
		if b != 1<<40+2 {
			many.Blocks = append(many.Blocks, b)
		}
	}
	assert.Equal(t, All, verify(many))
	assert.Equal(t, "all none partly", fmt.Sprint(All, None, Partly))
}

func TestVerifyWaitsForAnInsertThatStillRuns(t *testing.T) {
	w := newWorld(t)
	r := w.reconciler(Options{})
	done := make(chan error, 1)
	go func() {
		done <- w.conn.Exec(t.Context(), "INSERT INTO audit.events (record_id, timestamp, received_at, block_id) SETTINGS insert_deduplication_token = 'slow', "+
			"max_block_size = 1, max_threads = 1 SELECT 'r' || toString(number), now64(9), toDateTime64('2026-01-01 00:00:00', 9, 'UTC'), 5 FROM numbers(30) WHERE sleepEachRow(0.1) = 0")
	}()
	require.Eventually(t, func() bool {
		return w.one("SELECT toString(count()) FROM system.processes WHERE Settings['insert_deduplication_token'] = 'slow'") == "1"
	}, 20*time.Second, 10*time.Millisecond)
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).UnixNano()
	f := Facts{Token: "slow", Table: "events", Blocks: []uint64{5}, Rows: 30, First: at, Last: at}
	for i := range 30 {
		f.Digest += xxhash.Sum64String("r" + strconv.Itoa(i))
	}
	impatient, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err := r.Verify(impatient, f)
	require.Error(t, err)
	verdict, err := r.Verify(t.Context(), f)
	require.NoError(t, err)
	assert.Equal(t, All, verdict)
	require.NoError(t, <-done)
}

func TestRoundOverAHealthyDatabaseChangesNothing(t *testing.T) {
	w := newWorld(t)
	for i := range 3 {
		w.manifest(w.insert(w.events(fmt.Sprint("h", i, "-"), 100), uint64(100+i)))
	}
	report := w.run(Options{Repair: true})
	assert.Equal(t, Report{From: report.From, To: report.To}, report)
	w.equalRollups()
}

func TestCopies(t *testing.T) {
	w := newWorld(t)
	events := w.events("c", 50)
	f := w.insert(events, 10)
	w.manifest(f)
	w.insert(events, 10) // again, under another token: after a loss of power
	replayed := slices.Clone(events[:5])
	for i := range replayed { // sent again by a client after the replay window
		replayed[i].received = replayed[i].received.Add(time.Minute)
	}
	second := w.insert(append(replayed, w.events("n", 5)...), 11)
	w.manifest(second)
	conflict := event{id: "c9", tenant: events[9].tenant, hash: "another", at: w.now, received: w.now.Add(-time.Minute)}
	w.manifest(w.insert([]event{conflict}, 12))

	report := w.run(Options{})
	assert.Zero(t, report.Removed, "without repair nothing is deleted")
	require.Len(t, report.Incomplete, 1)
	assert.Equal(t, Incomplete{Table: "events", Token: f.Token, Collector: "log", FirstBlock: 10, LastBlock: 10, Rows: 50, Found: 100}, report.Incomplete[0])

	report = w.run(Options{Repair: true})
	assert.Equal(t, 55, report.Removed)
	assert.Equal(t, []Conflict{{Tenant: conflict.tenant, RecordID: "c9"}}, report.Conflicts)
	assert.Empty(t, report.Incomplete, "the manifest knows that block 11 brought five rows")
	assert.True(t, report.Rebuilt)
	assert.Equal(t, "56", w.one("SELECT toString(count()) FROM audit.events"))
	assert.Equal(t, "50", w.one("SELECT toString(count()) FROM audit.events WHERE block_id = 10"), "what was received first stays")
	w.equalRollups()
	report = w.run(Options{Repair: true})
	assert.Equal(t, Report{From: report.From, To: report.To, Conflicts: report.Conflicts}, report)
}

func TestLostRowsAreReported(t *testing.T) {
	w := newWorld(t)
	f := w.insert(w.events("l", 50), 10)
	w.manifest(f)
	w.exec("ALTER TABLE audit.events DELETE WHERE record_id = 'l3' SETTINGS mutations_sync = 1")
	report := w.run(Options{Repair: true})
	assert.Equal(t, []Incomplete{{Table: "events", Token: f.Token, Collector: "log", FirstBlock: 10, LastBlock: 10, Rows: 50, Found: 49}}, report.Incomplete)
	assert.True(t, report.Rebuilt, "the rollups had counted it")
	w.equalRollups()
}

func TestDaysWithInsertsThatAreNotDoneArePutOff(t *testing.T) {
	w := newWorld(t)
	f := w.insert(w.events("u", 50), 10)
	w.exec("ALTER TABLE audit.activity_daily DELETE WHERE actor_id = 'a3' SETTINGS mutations_sync = 1")
	report := w.run(Options{Repair: true})
	assert.NotEmpty(t, report.PutOff)
	assert.Empty(t, report.Differing)
	w.manifest(f)
	report = w.run(Options{Repair: true})
	assert.Empty(t, report.PutOff)
	assert.True(t, report.Rebuilt)
	w.equalRollups()
}

func TestDaysThatRetentionHasCutIntoAreLeftAlone(t *testing.T) {
	w := newWorld(t)
	old := w.events("old", 50)
	for i := range old {
		old[i].at, old[i].received = w.now.AddDate(0, 0, -3), w.now.AddDate(0, 0, -3).Add(time.Second)
		old[i].retention = i % 2 // a day, or no end
	}
	w.manifest(w.insert(old, 10))
	w.exec("OPTIMIZE TABLE audit.events FINAL")
	require.Equal(t, "25", w.one("SELECT toString(count()) FROM audit.events"), "the others' part has ended")
	late := w.events("late", 10)
	for i := range late {
		late[i].at = w.now.AddDate(0, 0, -3)
	}
	late = append(late, w.events("now", 10)...)
	w.manifest(w.insert(late, 11))
	report := w.run(Options{Repair: true})
	assert.Contains(t, report.Unjudged, w.now.AddDate(0, 0, -3).Format(dayFormat))
	assert.Empty(t, report.Differing)
	assert.Equal(t, "70", w.one("SELECT toString(sum(events)) FROM audit.activity_daily"), "the rollup keeps what it has counted")
}
