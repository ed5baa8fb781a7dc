package insert

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/ClickHouse/ch-go/proto"
	"github.com/cespare/xxhash/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/blocklog"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/clickhouse"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/columns"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/eventtest"
	"github.com/otelaudit/otelaudit/internal/audit"
)

const patience = 20 * time.Second

// memory is a database in memory that recognises tokens, as ClickHouse does.
type memory struct {
	mu     sync.Mutex
	tokens map[string]bool
	rows   map[string][]row
	tries  []try
	// answer decides about a try, which it may change; nil takes all.
	answer func(t try) answer
}

type row struct {
	id    string
	block uint64
}

// try is one insert.
type try struct {
	n     int // of the table, from 0
	table string
	token string
	ids   []string
	bytes string
}

// answer is what becomes of a try.
type answer struct {
	err   error
	store func(ids []string) []string // what is stored although there is an error; nil stores nothing
	lose  bool                        // note the token and lose the rows
}

func newMemory() *memory { return &memory{tokens: map[string]bool{}, rows: map[string][]row{}} }

func (m *memory) Write(_ context.Context, b *clickhouse.Batch) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	t := try{table: b.Table.String(), token: b.Token}
	for _, old := range m.tries {
		if old.table == t.table {
			t.n++
		}
	}
	var rows []row
	for _, block := range b.Blocks {
		opened, err := columns.Open(block.Header, block.Data)
		if err != nil {
			return err
		}
		if !slices.Equal(opened.List(), b.Columns) {
			return fmt.Errorf("a block of table %s has other columns than its insert", b.Table)
		}
		for i := range opened.Len() {
			rows = append(rows, row{opened.Text("record_id", i), uint64(opened.Int("block_id", i))})
			t.ids = append(t.ids, opened.Text("record_id", i))
		}
		t.bytes += string(block.Data)
	}
	m.tries = append(m.tries, t)
	a := answer{store: func(ids []string) []string { return ids }}
	if m.answer != nil {
		a = m.answer(t)
		if a.err == nil && a.store == nil {
			a.store = func(ids []string) []string { return ids }
		}
	}
	if a.store == nil {
		return a.err
	}
	if m.tokens[t.table+t.token] {
		return a.err
	}
	m.tokens[t.table+t.token] = a.err == nil || a.lose
	if a.lose {
		return a.err
	}
	kept := a.store(t.ids)
	for _, r := range rows {
		if slices.Contains(kept, r.id) && !slices.Contains(m.rows[t.table], r) { // a partition that is there is not made again
			m.rows[t.table] = append(m.rows[t.table], r)
		}
	}
	return a.err
}

// of gives the tries of a table.
func (m *memory) of(table string) []try {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(m.tries), func(t try) bool { return t.table != table })
}

// ids gives the record ids of a table's rows, sorted.
func (m *memory) ids(table string) []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var ids []string
	for _, r := range m.rows[table] {
		ids = append(ids, r.id)
	}
	slices.Sort(ids)
	return ids
}

// Verify and Missing count as package reconcile does.
func (m *memory) Verify(_ context.Context, f Facts) (Verdict, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var n, digest uint64
	for _, r := range m.rows[f.Table] {
		if slices.Contains(f.Blocks, r.block) {
			n++
			digest += xxhash.Sum64String(r.id)
		}
	}
	switch {
	case n == f.Rows && digest == f.Digest:
		return All, nil
	case n == 0:
		return None, nil
	}
	return Partly, nil
}

func (m *memory) Missing(_ context.Context, f Facts, ids []string) (missing []int, extra int, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	there := map[string]int{}
	for _, r := range m.rows[f.Table] {
		if slices.Contains(f.Blocks, r.block) {
			there[r.id]++
		}
	}
	for i, id := range ids {
		if there[id] == 0 {
			missing = append(missing, i)
			continue
		}
		there[id]--
	}
	for _, left := range there {
		extra += left
	}
	return missing, extra, nil
}

// Errors of a server.
func rejection() error {
	return &clickhouse.Error{Op: "insert", Code: int(proto.ErrViolatedConstraint), Class: clickhouse.Rejected}
}

func throttled(code proto.Error) error {
	return &clickhouse.Error{Op: "insert", Code: int(code), Class: clickhouse.Throttled, Ambiguous: true}
}

func tooLarge() error {
	return &clickhouse.Error{Op: "insert", Code: int(proto.ErrTooManyParts), Class: clickhouse.TooLarge}
}

func broken() error {
	return &clickhouse.Error{Op: "insert", Network: true, Ambiguous: true, Cause: context.DeadlineExceeded}
}

// once gives an answer to the first try of events and takes all others.
func once(a answer) func(try) answer {
	return func(t try) answer {
		if t.table == "events" && t.n == 0 {
			return a
		}
		return answer{}
	}
}

// openLog opens a log that is closed with the test.
func openLog(t *testing.T, dir string) *blocklog.Log {
	t.Helper()
	log, report, err := blocklog.Open(dir, blocklog.Options{})
	require.NoError(t, err)
	require.Empty(t, report.Damage)
	t.Cleanup(func() { _ = log.Close() })
	return log
}

// commit puts a block of events with the ids into a log.
func commit(t *testing.T, log *blocklog.Log, ids ...string) {
	t.Helper()
	commitChanged(t, log, func(audit.Event) {}, ids...)
}

func commitChanged(t *testing.T, log *blocklog.Log, change func(audit.Event), ids ...string) {
	t.Helper()
	b := columns.NewBuilder(100, columns.CompressionLZ4)
	for _, id := range ids {
		event := eventtest.Query(id, eventtest.Time, 1)
		change(event)
		admission, _ := b.Add(event)
		require.Equal(t, columns.Added, admission)
	}
	sealed := b.Seal()
	require.NoError(t, log.Commit(func(first uint64) (blocklog.Commit, error) {
		sealed.Number(first)
		return blocklog.Commit{Blocks: []blocklog.Block{{
			Table: uint8(sealed.Table), Header: sealed.Append(nil), Data: sealed.Data,
		}}}, nil
	}))
}

// counting is telemetry that is a list of words.
type counting struct {
	noTelemetry
	mu    sync.Mutex
	words []string
}

func (c *counting) add(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.words = append(c.words, fmt.Sprintf(format, args...))
}

func (c *counting) Quarantined(reason, field string, rows int) {
	c.add("quarantined %s %s %d", reason, field, rows)
}
func (c *counting) Damaged(table string, blocks int) { c.add("damaged %s %d", table, blocks) }
func (c *counting) Verified(table, verdict string)   { c.add("verified %s %s", table, verdict) }
func (c *counting) Repaired(table string, rows int)  { c.add("repaired %s %d", table, rows) }
func (c *counting) Paused(delay time.Duration)       { c.add("paused %s", delay) }
func (c *counting) Failed(table string, code int, class string, _ time.Duration) {
	c.add("failed %s %d %s", table, code, class)
}

func (c *counting) has(t *testing.T, words ...string) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, w := range words {
		assert.Contains(t, c.words, w)
	}
}

func defaults() Options {
	return Options{
		MaxRows: 1000, MaxDelay: 10 * time.Millisecond, InFlight: 2, MaxPartitions: 20, Timeout: time.Second,
		Compression: columns.CompressionLZ4,
	}
}

// start runs a carrier until the test ends or stop is called.
func start(t *testing.T, log Log, writer Writer, options Options) (stop func()) {
	t.Helper()
	c := NewCarrier(log, writer, options)
	c.firstWait = time.Millisecond
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { c.Run(ctx) })
	stop = sync.OnceFunc(func() {
		cancel()
		running.Wait()
	})
	t.Cleanup(stop)
	return stop
}

// eventually waits for a condition.
func eventually(t *testing.T, condition func() bool, about string) {
	t.Helper()
	require.Eventually(t, condition, patience, 2*time.Millisecond, about)
}

// drained waits until nothing of a table is left in the log.
func drained(t *testing.T, log *blocklog.Log, table columns.Table) {
	t.Helper()
	eventually(t, func() bool {
		for _, err := range log.Blocks(uint8(table)) {
			assert.NoError(t, err)
			return false
		}
		return !slices.ContainsFunc(log.Plans(), func(p blocklog.Plan) bool { return p.Table == uint8(table) })
	}, "drained")
}
