package commit

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.uber.org/goleak"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/blocklog"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/columns"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/eventtest"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/ledger"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/metadata"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/replay"
	"github.com/otelaudit/otelaudit/internal/audit"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// memory is a log in memory.
type memory struct {
	mu      sync.Mutex
	commits []blocklog.Commit
	next    uint64
	stored  uint64 // blocks up to this one
	full    error
	fail    error
	hold    chan struct{} // a commit waits until it can receive; nil for none
}

func (m *memory) Commit(build blocklog.Build) error {
	if m.hold != nil {
		<-m.hold
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	c, err := build(m.next + 1)
	if err != nil || m.fail != nil {
		return errors.Join(err, m.fail)
	}
	m.next += uint64(len(c.Blocks))
	for i := range c.Blocks {
		c.Blocks[i].Data = append([]byte(nil), c.Blocks[i].Data...)
	}
	m.commits = append(m.commits, c)
	return nil
}

func (m *memory) Full() error { return m.full }

func (m *memory) IsStored(block uint64) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return block <= m.stored
}

func (m *memory) WaitStored(ctx context.Context, block uint64) error {
	for !m.IsStored(block) {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Millisecond):
		}
	}
	return nil
}

func (m *memory) Forget(uint64) error { return nil }

func (m *memory) store(block uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.stored = block
}

func (m *memory) setFail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fail = err
}

// rows counts the rows of a table, and counts adds up the ledger.
func (m *memory) rows(t *testing.T, table columns.Table) (rows int) {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range m.commits {
		for _, b := range c.Blocks {
			h, err := columns.ReadHeader(b.Header)
			require.NoError(t, err)
			if h.Table == table {
				rows += h.Rows
			}
		}
	}
	return rows
}

func (m *memory) counts(t *testing.T) map[audit.Kind]int {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	out := map[audit.Kind]int{}
	for _, c := range m.commits {
		deltas, _, err := ledger.Read([][]byte{c.Notes})
		require.NoError(t, err)
		for _, d := range deltas {
			out[d.Kind] += int(d.Events)
		}
	}
	return out
}

func start(t *testing.T, log *memory, options Options) *Committer {
	t.Helper()
	telemetry, err := metadata.NewTelemetryBuilder(componenttest.NewNopTelemetrySettings())
	require.NoError(t, err)
	options.MaxPartitions, options.Compression = 2, columns.CompressionLZ4
	c := New(log, replay.NewWindow(100_000, time.Hour), telemetry, options)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); c.Run(ctx) }()
	t.Cleanup(func() { stop(); <-done })
	return c
}

// event is one of an id and a content.
func event(id, content string) audit.Event {
	e := eventtest.Query(id, eventtest.Time, 0)
	e.Record.Attributes().PutStr(audit.AttrRecordHash, content)
	return e
}

// take sends events and gives the receipts.
func take(t *testing.T, c *Committer, events ...audit.Event) []audit.Receipt {
	t.Helper()
	receipts := &audit.Receipts{All: true}
	require.NoError(t, c.Take(audit.ContextWithReceipts(t.Context(), receipts), eventtest.Request(events...)))
	return receipts.List()
}

func TestRecordsAreDurableAndReceipted(t *testing.T) {
	log := &memory{}
	c := start(t, log, Options{})
	receipts := take(t, c, event("a", "1"), event("b", "1"))
	require.Len(t, receipts, 2)
	for i, r := range receipts {
		assert.Equal(t, []string{"a", "b"}[i], r.RecordID)
		assert.Equal(t, audit.StateQueued, r.State)
		assert.False(t, r.Replay)
		assert.WithinDuration(t, time.Now(), r.Time, time.Minute)
	}
	require.Len(t, log.commits, 1)
	require.Len(t, log.commits[0].Records, 2)
	assert.Equal(t, replay.IDOf("tenant-0", "a"), replay.ID(log.commits[0].Records[0].ID))
	assert.Equal(t, map[audit.Kind]int{audit.KindAccepted: 2}, log.counts(t))
}

func TestReplayIsKeptOnceAndAnsweredWithTheStateReached(t *testing.T) {
	log := &memory{}
	c := start(t, log, Options{})
	first := take(t, c, event("a", "1"))
	again := take(t, c, event("a", "1"), event("b", "1"), event("b", "1"))
	assert.Equal(t, []bool{true, false, true}, []bool{again[0].Replay, again[1].Replay, again[2].Replay}, "also within one request")
	assert.Equal(t, audit.StateQueued, again[0].State)
	assert.Equal(t, first[0].Time, again[0].Time, "the receipt is that of the record that is kept")
	log.store(2)
	assert.Equal(t, audit.StateStored, take(t, c, event("a", "1"))[0].State)
	assert.Equal(t, 2, log.rows(t, columns.TableEvents))
	assert.Equal(t, map[audit.Kind]int{audit.KindAccepted: 2, audit.KindDuplicate: 3}, log.counts(t))
}

func TestConflictIsRefusedAndTheOthersAreTaken(t *testing.T) {
	log := &memory{}
	c := start(t, log, Options{})
	take(t, c, event("a", "1"))
	receipts := take(t, c, event("a", "2"), event("b", "1"), event("b", "2"))
	assert.Equal(t, []bool{true, false, true}, []bool{receipts[0].Conflict, receipts[1].Conflict, receipts[2].Conflict})
	assert.Equal(t, audit.StateRefused, receipts[0].State)
	assert.Equal(t, 2, log.rows(t, columns.TableEvents))
	assert.Equal(t, map[audit.Kind]int{audit.KindAccepted: 2, audit.KindConflict: 2}, log.counts(t))

	some := &audit.Receipts{}
	require.NoError(t, c.Take(audit.ContextWithReceipts(t.Context(), some), eventtest.Request(event("c", "1"), event("a", "3"))))
	assert.Equal(t, []audit.Receipt{{RecordID: "a", Conflict: true}}, some.List(), "without All only what was refused")
	assert.Zero(t, log.rows(t, columns.TableQuarantine))

	require.NoError(t, c.Take(t.Context(), eventtest.Request(event("a", "4"))))
	assert.Equal(t, 1, log.rows(t, columns.TableQuarantine), "where nobody would tell the sender, it is kept")
}

func TestRequestToBeTakenAsAWholeIsRefusedAsAWhole(t *testing.T) {
	log := &memory{}
	c := start(t, log, Options{})
	take(t, c, event("a", "1"))
	receipts := &audit.Receipts{All: true, Whole: true}
	require.NoError(t, c.Take(audit.ContextWithReceipts(t.Context(), receipts), eventtest.Request(event("b", "1"), event("a", "2"), event("a", "1"))))
	assert.Equal(t, []audit.Receipt{{RecordID: "a", Conflict: true}}, receipts.List())
	assert.Equal(t, 1, log.rows(t, columns.TableEvents))
	assert.Equal(t, map[audit.Kind]int{audit.KindAccepted: 1, audit.KindConflict: 1, audit.KindRejected: 2}, log.counts(t))
	assert.False(t, take(t, c, event("b", "2"))[0].Conflict, "nothing is known of the records that were refused")
}

func TestRefusedEventGoesToQuarantineAndItsRepetitionDoesNot(t *testing.T) {
	log := &memory{}
	c := start(t, log, Options{})
	bad := func() audit.Event {
		e := event("bad", "1")
		e.Record.Attributes().PutStr(audit.AttrQueryText, "SELECT hunter2")
		return e
	}
	assert.True(t, take(t, c, bad(), event("good", "1"))[0].Quarantined)
	assert.True(t, take(t, c, bad())[0].Replay)
	assert.Equal(t, 1, log.rows(t, columns.TableQuarantine))
	assert.Equal(t, 1, log.rows(t, columns.TableEvents))
	assert.EqualValues(t, 1, log.commits[0].Records[0].Block, "the last block of the commit")
}

func TestFailedCommitIsToldToEverybodyAndForgotten(t *testing.T) {
	log := &memory{hold: make(chan struct{})}
	log.setFail(blocklog.ErrFull)
	c := start(t, log, Options{})
	answers := make(chan error, 3)
	for range 3 { // one of them new, the others repetitions of it while it is on its way
		go func() { answers <- c.Take(context.Background(), eventtest.Request(event("a", "1"))) }()
	}
	close(log.hold)
	for range 3 {
		require.ErrorIs(t, <-answers, blocklog.ErrFull)
	}
	log.setFail(nil)
	assert.False(t, take(t, c, event("a", "2"))[0].Conflict, "nothing is known of a record that was not taken")
	assert.Equal(t, map[audit.Kind]int{audit.KindAccepted: 1}, log.counts(t))

	log.full = blocklog.ErrFull
	require.ErrorIs(t, c.Take(t.Context(), eventtest.Request(event("b", "1"))), blocklog.ErrFull)
}

func TestCallersShareCommits(t *testing.T) {
	log := &memory{hold: make(chan struct{})}
	c := start(t, log, Options{})
	const callers = 64
	var waiting sync.WaitGroup
	for i := range callers {
		waiting.Go(func() {
			assert.NoError(t, c.Take(context.Background(), eventtest.Request(event(fmt.Sprint(i), "1"))))
		})
	}
	require.Eventually(t, func() bool { return c.window.Len() == callers }, 10*time.Second, time.Millisecond)
	close(log.hold)
	waiting.Wait()
	assert.Less(t, len(log.commits), 4)
	assert.Equal(t, callers, log.rows(t, columns.TableEvents))
}

func TestDatabaseAcknowledgementWaitsForTheDatabase(t *testing.T) {
	log := &memory{}
	c := start(t, log, Options{Stored: true})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, c.Take(ctx, eventtest.Request(event("a", "1"))), context.DeadlineExceeded)
	answer := make(chan error)
	go func() { answer <- c.Take(context.Background(), eventtest.Request(event("a", "1"))) }()
	select {
	case err := <-answer:
		t.Fatal("answered before the database has it", err)
	case <-time.After(20 * time.Millisecond):
	}
	log.store(math.MaxUint64)
	require.NoError(t, <-answer)
	assert.Equal(t, audit.StateStored, take(t, c, event("a", "1"))[0].State)
}

func TestCountsOfOtherComponentsAreCommitted(t *testing.T) {
	log := &memory{}
	c := start(t, log, Options{})
	tally := &audit.Tally{}
	tally.Add(audit.CountKey{Tenant: "t", Source: "s", Kind: audit.KindRejected, Reason: "invalid"}, 5)
	require.NoError(t, c.Take(audit.ContextWithTally(t.Context(), tally), plog.NewLogs()), "also where no record is left")
	assert.Equal(t, map[audit.Kind]int{audit.KindRejected: 5}, log.counts(t))
}

func TestEventsOverManyPartitionsAreCutIntoBlocks(t *testing.T) {
	log := &memory{}
	c := start(t, log, Options{})
	var events []audit.Event
	for i := range 10 {
		e := event(fmt.Sprint(i), "1")
		e.Record.Attributes().PutInt(audit.AttrRetentionDays, int64(i/2))
		events = append(events, e)
	}
	take(t, c, events...)
	require.Len(t, log.commits, 1)
	assert.Len(t, log.commits[0].Blocks, 3, "five partitions, two to a block")
	for i, r := range log.commits[0].Records {
		assert.EqualValues(t, i/4, r.Block)
	}
}

func TestStoppedCommitterAnswers(t *testing.T) {
	telemetry, err := metadata.NewTelemetryBuilder(componenttest.NewNopTelemetrySettings())
	require.NoError(t, err)
	c := New(&memory{}, replay.NewWindow(10, time.Hour), telemetry, Options{MaxPartitions: 1, Compression: columns.CompressionNone})
	ctx, stop := context.WithCancel(t.Context())
	stop()
	c.Run(ctx)
	require.ErrorIs(t, c.Take(t.Context(), eventtest.Request(event("a", "1"))), ErrStopped)
}

func BenchmarkTake(b *testing.B) {
	for _, records := range []int{1, 1000} {
		b.Run(fmt.Sprint(records), func(b *testing.B) {
			telemetry, err := metadata.NewTelemetryBuilder(componenttest.NewNopTelemetrySettings())
			require.NoError(b, err)
			c := New(&nowhere{}, replay.NewWindow(1_000_000, time.Hour), telemetry, Options{MaxPartitions: 20, Compression: columns.CompressionLZ4})
			ctx, stop := context.WithCancel(context.Background())
			done := make(chan struct{})
			go func() { defer close(done); c.Run(ctx) }()
			defer func() { stop(); <-done }()
			logs := eventtest.Queries("q", records)
			size := (&plog.ProtoMarshaler{}).LogsSize(logs)
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for n := 0; b.Loop(); n++ {
				i := 0
				audit.Events(logs, func(e audit.Event) bool {
					e.Record.Attributes().PutStr(audit.AttrRecordID, fmt.Sprintf("%d-%d", n, i))
					i++
					return true
				})
				if err := c.Take(ctx, logs); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*records), "ns/record")
		})
	}
}

// nowhere is a log that keeps nothing.
type nowhere struct{ memory }

func (n *nowhere) Commit(build blocklog.Build) error {
	_, err := build(1)
	return err
}
