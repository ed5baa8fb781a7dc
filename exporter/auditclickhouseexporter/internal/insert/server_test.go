package insert_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/blocklog"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/clickhouse"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/columns"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/eventtest"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/insert"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/schema"
	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal/clickhousetest"
)

const (
	longPatience = 90 * time.Second
	soon         = 50 * time.Millisecond
)

// system is a log, a carrier and a real server.
type system struct {
	t      *testing.T
	server *clickhouselocal.Server
	log    *blocklog.Log
	conn   clickhouse.Conn
	db     string
	rows   int

	mu     sync.Mutex
	errors []string
}

var databases int

func newSystem(t *testing.T, server *clickhouselocal.Server, user string, maxRows int, maxDelay time.Duration) *system {
	t.Helper()
	databases++
	s := &system{t: t, server: server, db: fmt.Sprintf("db%d", databases)}
	owner := s.connect(server.User())
	for _, m := range schema.Migrations()[:9] { // tables and rollups
		for _, statement := range m.Statements {
			require.NoError(t, owner.Exec(t.Context(), statement))
		}
	}
	s.conn = s.connect(user)
	log, _, err := blocklog.Open(t.TempDir(), blocklog.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, log.Close()) })
	s.log = log
	c := insert.NewCarrier(log, s.conn, insert.Options{
		MaxRows: maxRows, MaxDelay: maxDelay, InFlight: 2, MaxPartitions: 20, Timeout: 20 * time.Second,
		Compression: columns.CompressionLZ4, Verifier: verifier{owner}, Report: s.report,
	})
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { c.Run(ctx) })
	t.Cleanup(func() {
		cancel()
		running.Wait()
	})
	return s
}

func (s *system) connect(user string) clickhouse.Conn {
	s.t.Helper()
	endpoint, err := clickhouse.ParseEndpoint(s.server.HTTPURL())
	require.NoError(s.t, err)
	conn := clickhouse.Open(clickhouse.Options{
		Endpoint: endpoint, Username: user, Database: s.db, HTTP: &http.Client{Transport: &http.Transport{}},
	})
	s.t.Cleanup(conn.Close)
	return conn
}

func (s *system) report(_ string, err error) {
	if err != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.errors = append(s.errors, err.Error())
	}
}

// said waits for an error.
func (s *system) said(text string) {
	s.t.Helper()
	if !assert.Eventually(s.t, func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return slices.ContainsFunc(s.errors, func(e string) bool { return strings.Contains(e, text) })
	}, longPatience, 10*time.Millisecond) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.t.Fatalf("%s: %v", text, s.errors)
	}
}

// commit puts so many blocks of so many rows each into the log.
func (s *system) commit(blocks, rows int, change func(row int, e audit.Event)) {
	s.t.Helper()
	b := columns.NewBuilder(100, columns.CompressionLZ4)
	for range blocks {
		for range rows {
			e := eventtest.Query(fmt.Sprintf("id-%d", s.rows), eventtest.Time, s.rows)
			if change != nil {
				change(s.rows, e)
			}
			b.Add(e)
			s.rows++
		}
		sealed := b.Seal()
		require.NoError(s.t, s.log.Commit(func(first uint64) (blocklog.Commit, error) {
			sealed.Number(first)
			return blocklog.Commit{Blocks: []blocklog.Block{{Table: uint8(sealed.Table), Header: sealed.Append(nil), Data: sealed.Data}}}, nil
		}))
		sealed.Release()
	}
}

func (s *system) query(sql string) string {
	s.t.Helper()
	answer, err := s.server.Query(context.Background(), strings.ReplaceAll(sql, "DB", s.db))
	require.NoError(s.t, err)
	return strings.TrimSpace(answer)
}

// holds waits until a query gives an answer.
func (s *system) holds(want, sql string) {
	s.t.Helper()
	if !assert.Eventually(s.t, func() bool { return s.query(sql) == want }, longPatience, 20*time.Millisecond) {
		s.mu.Lock()
		defer s.mu.Unlock()
		require.Equal(s.t, want, s.query(sql), "%s: %v", sql, s.errors)
	}
}

// exact waits until events and rollups hold so many rows, each once, and the manifest says so.
func (s *system) exact(rows int) {
	s.t.Helper()
	n := strconv.Itoa(rows)
	s.holds(n, "SELECT sum(rows) FROM DB.blocks WHERE table = 'events'")
	assert.Equal(s.t, n+"\t"+n, s.query("SELECT count(), uniqExact(record_id) FROM DB.events"))
	assert.Equal(s.t, n, s.query("SELECT sum(events) FROM DB.activity_daily"))
	assert.Equal(s.t, s.query("SELECT sum(xxHash64(record_id)) FROM DB.events"), s.query("SELECT sum(digest) FROM DB.blocks WHERE table = 'events'"))
}

// verifier counts by hand.
type verifier struct{ conn clickhouse.Conn }

func (v verifier) where(f insert.Facts) string {
	text := make([]string, len(f.Blocks))
	for i, b := range f.Blocks {
		text[i] = strconv.FormatUint(b, 10)
	}
	return " FROM {database:Identifier}." + f.Table + " WHERE block_id IN (" + strings.Join(text, ",") + ")"
}

func (v verifier) Verify(ctx context.Context, f insert.Facts) (insert.Verdict, error) {
	rows, err := v.conn.Select(ctx, "SELECT toString(count()), toString(sum(xxHash64(record_id)))"+v.where(f))
	switch {
	case err != nil:
		return insert.Partly, err
	case rows[0][0] == strconv.FormatUint(f.Rows, 10) && rows[0][1] == strconv.FormatUint(f.Digest, 10):
		return insert.All, nil
	case rows[0][0] == "0":
		return insert.None, nil
	}
	return insert.Partly, nil
}

func (v verifier) Missing(ctx context.Context, f insert.Facts, ids []string) (missing []int, extra int, err error) {
	rows, err := v.conn.Select(ctx, "SELECT record_id"+v.where(f))
	there := map[string]bool{}
	for _, r := range rows {
		there[r[0]] = true
	}
	for i, id := range ids {
		if !there[id] {
			missing = append(missing, i)
		}
	}
	return missing, len(rows) + len(missing) - len(ids), err
}

func testServer(t *testing.T) *clickhouselocal.Server {
	t.Helper()
	all := []string{"GRANT ALL ON *.*"}
	return clickhousetest.New(t, func(o *clickhouselocal.Options) {
		o.Users = []clickhouselocal.User{
			{Name: "narrow", Grants: all, Settings: map[string]string{"max_partitions_per_insert_block": "3"}},
			{Name: "small", Grants: all, Settings: map[string]string{"max_memory_usage": "30000000"}},
		}
	})
}

// TestRealServer has one server for all kinds of trouble that a carrier has to get over without anybody's help, or with it.
func TestRealServer(t *testing.T) {
	server := testServer(t)
	t.Run("many blocks are stored once", func(t *testing.T) {
		s := newSystem(t, server, server.User(), 10_000, soon)
		s.commit(60, 100, nil)
		s.exact(6000)
		s.holds("0", "SELECT count() FROM DB.quarantine")
	})
	t.Run("refused rows go to quarantine", func(t *testing.T) {
		s := newSystem(t, server, server.User(), 10_000, soon)
		s.query("ALTER TABLE DB.events ADD CONSTRAINT c CHECK record_id NOT IN ('id-0', 'id-150', 'id-151')")
		s.commit(4, 50, nil)
		s.exact(197)
		s.holds("id-0\nid-150\nid-151", "SELECT record_id FROM DB.quarantine WHERE reason = 'rejected_by_database' AND field = 'VIOLATED_CONSTRAINT' ORDER BY 1")
		s.holds("3", "SELECT sum(events) FROM DB.ledger WHERE kind = 'quarantined'")
		assert.Equal(t, "monitor-1", s.query("SELECT JSONExtractString(event, 'target_id') FROM DB.quarantine WHERE record_id = 'id-151'"))
	})
	for name, x := range map[string]struct{ trouble, said, mend string }{
		"dropped column":     {"ALTER TABLE DB.events DROP COLUMN message", "16 (NO_SUCH_COLUMN_IN_TABLE)", "ALTER TABLE DB.events ADD COLUMN message String"},
		"missing table":      {"RENAME TABLE DB.events TO DB.elsewhere", "60 (UNKNOWN_TABLE)", "RENAME TABLE DB.elsewhere TO DB.events"},
		"missing rollup":     {"RENAME TABLE DB.activity_daily TO DB.elsewhere", "60 (UNKNOWN_TABLE)", "RENAME TABLE DB.elsewhere TO DB.activity_daily"},
		"too many parts":     {"ALTER TABLE DB.events MODIFY SETTING parts_to_throw_insert = 1, parts_to_delay_insert = 1", "252 (TOO_MANY_PARTS)", "ALTER TABLE DB.events MODIFY SETTING parts_to_throw_insert = 3000, parts_to_delay_insert = 1000"},
		"failing rollup":     {"CREATE MATERIALIZED VIEW DB.mv ENGINE = MergeTree ORDER BY id AS SELECT record_id AS id FROM DB.events WHERE throwIf(record_id = 'id-150') = 0", "a materialized view on the table fails", "DROP VIEW DB.mv"},
		"strict bookkeeping": {"ALTER TABLE DB.blocks ADD CONSTRAINT c CHECK rows > 1000000", "469 (VIOLATED_CONSTRAINT)", "ALTER TABLE DB.blocks DROP CONSTRAINT c"},
	} {
		t.Run(name+" waits to be mended", func(t *testing.T) {
			s := newSystem(t, server, server.User(), 10_000, soon)
			if name == "too many parts" {
				s.query("SYSTEM STOP MERGES DB.events")
			}
			s.commit(1, 1, nil)
			s.exact(1)
			s.query("INSERT INTO DB.events (record_id, timestamp, received_at) VALUES ('other', '2026-11-21', '2026-11-21')")
			s.query("INSERT INTO DB.activity_daily (tenant_id, events) SELECT '', 0")
			s.query(x.trouble)
			s.commit(4, 50, nil)
			s.said(x.said)
			s.query(x.mend)
			s.holds("201", "SELECT sum(rows) FROM DB.blocks WHERE table = 'events'")
			assert.Equal(t, "201\t201", s.query("SELECT count(), uniqExact(record_id) FROM DB.events WHERE record_id != 'other'"))
			assert.Equal(t, "201", s.query("SELECT sum(events) FROM DB.activity_daily WHERE actor_id != ''"))
		})
	}
	t.Run("too many partitions", func(t *testing.T) {
		s := newSystem(t, server, "narrow", 10_000, soon)
		s.commit(4, 50, func(row int, e audit.Event) {
			at := time.Date(2020, time.Month(1+row%10), 1, 0, 0, 0, 0, time.UTC)
			e.Record.Attributes().PutInt(audit.AttrReceivedTime, at.UnixNano())
			e.Record.SetTimestamp(pcommon.NewTimestampFromTime(at))
		})
		s.exact(200)
		s.said("max_partitions_per_insert_block is lower")
	})
	t.Run("little memory", func(t *testing.T) {
		s := newSystem(t, server, "small", 100_000, 5*time.Second)
		s.commit(20, 2000, nil)
		s.exact(40_000)
		s.said("241 (MEMORY_LIMIT_EXCEEDED)")
	})
	t.Run("killed server", func(t *testing.T) {
		s := newSystem(t, server, server.User(), 500, soon)
		for range 3 {
			s.commit(30, 50, nil)
			require.NoError(t, server.Kill())
			s.commit(10, 50, nil)
			require.NoError(t, server.Restart(t.Context()))
		}
		s.exact(6000)
	})
}
