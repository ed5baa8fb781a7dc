package reconcile

import (
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

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/clickhouse"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/schema"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal/clickhousetest"
)

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
	return connectAs(t, server, server.User())
}

func connectAs(t *testing.T, server *clickhouselocal.Server, user string) clickhouse.Conn {
	t.Helper()
	endpoint, err := clickhouse.ParseEndpoint(server.HTTPURL())
	require.NoError(t, err)
	conn := clickhouse.Open(clickhouse.Options{
		Endpoint: endpoint, Username: user, Database: "audit", Timeout: time.Minute, HTTP: &http.Client{Transport: &http.Transport{}},
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
		"SELECT id, fromUnixTimestamp64Nano(at, 'UTC'), fromUnixTimestamp64Nano(received, 'UTC'), tenant, actor, if(hash = '', 0, xxHash64(hash)), if(cost = 0, '', 'f' || toString(cost % 3)), " +
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
