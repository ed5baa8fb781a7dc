package insert

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ClickHouse/ch-go/proto"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/blocklog"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/clickhouse"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/columns"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/ledger"
	"github.com/otelaudit/otelaudit/internal/audit"
)

func TestWaitingBlocksBecomeOneInsert(t *testing.T) {
	log, db := openLog(t, t.TempDir()), newMemory()
	for i := range 50 {
		commit(t, log, fmt.Sprintf("%02d-a", i), fmt.Sprintf("%02d-b", i))
	}
	options := defaults()
	options.MaxRows = 30
	start(t, log, db, options)
	drained(t, log, columns.TableEvents)
	var sizes []int
	for _, try := range db.of("events") {
		sizes = append(sizes, len(try.ids))
	}
	slices.Sort(sizes)
	assert.Equal(t, []int{10, 30, 30, 30}, sizes)
	assert.Len(t, db.ids("events"), 100)
}

func TestBlocksWaitForOthersButNotLong(t *testing.T) {
	log, db := openLog(t, t.TempDir()), newMemory()
	options := defaults()
	options.MaxDelay = 300 * time.Millisecond
	start(t, log, db, options)
	began := time.Now()
	for i := range 5 {
		commit(t, log, fmt.Sprint(i))
		time.Sleep(5 * time.Millisecond)
	}
	drained(t, log, columns.TableEvents)
	assert.Len(t, db.of("events"), 1)
	assert.GreaterOrEqual(t, time.Since(began), 300*time.Millisecond)
}

func TestInsertStaysWithinPartitionsAndColumns(t *testing.T) {
	log, db := openLog(t, t.TempDir()), newMemory()
	for i := range 6 {
		commitChanged(t, log, func(e audit.Event) { e.Record.Attributes().PutInt(audit.AttrRetentionDays, int64(1+i/2)) }, fmt.Sprint(i))
	}
	options := defaults()
	options.MaxPartitions = 2
	start(t, log, db, options)
	drained(t, log, columns.TableEvents)
	var tries []string
	for _, try := range db.of("events") {
		tries = append(tries, strings.Join(try.ids, ""))
	}
	slices.Sort(tries)
	assert.Equal(t, []string{"0123", "45"}, tries)
}

func TestRetryAndRestartSendTheSameBytesUnderTheSameToken(t *testing.T) {
	dir := t.TempDir()
	log, db := openLog(t, dir), newMemory()
	commit(t, log, "a", "b")
	commit(t, log, "c")
	db.answer = func(try) answer { return answer{err: broken()} }
	stop := start(t, log, db, defaults())
	eventually(t, func() bool { return len(db.of("events")) >= 3 }, "tries")
	stop()
	require.Len(t, log.Plans(), 1)
	require.NoError(t, log.Close())

	log = openLog(t, dir)
	commit(t, log, "d")
	db.mu.Lock()
	db.answer = nil
	db.mu.Unlock()
	start(t, log, db, defaults())
	drained(t, log, columns.TableEvents)
	tries := db.of("events")
	for _, try := range tries[:len(tries)-1] {
		assert.Equal(t, []string{"a", "b", "c"}, try.ids)
		assert.Equal(t, tries[0].token, try.token)
		assert.Equal(t, tries[0].bytes, try.bytes)
	}
	assert.NotEqual(t, tries[0].token, tries[len(tries)-1].token)
	assert.Equal(t, []string{"a", "b", "c", "d"}, db.ids("events"))
}

// TestOpenOutcomesAreFoundOut has a first try that ends in an error after it did some, all or nothing, or noted its token and
// nothing else.
func TestOpenOutcomesAreFoundOut(t *testing.T) {
	all := func(ids []string) []string { return ids }
	for name, test := range map[string]struct {
		first answer
		tries int
		words []string
	}{
		"all was done":         {answer{err: broken(), store: all}, 2, []string{"verified events all"}},
		"nothing was done":     {answer{err: broken()}, 2, []string{"verified events all"}},
		"some was done":        {answer{err: broken(), store: func(ids []string) []string { return ids[:2] }}, 2, []string{"verified events all"}},
		"the token was noted":  {answer{err: broken(), store: all, lose: true}, 3, []string{"verified events none", "repaired events 4", "verified events all"}},
		"memory and some done": {answer{err: throttled(proto.ErrMemoryLimitExceeded), store: func(ids []string) []string { return ids[:1] }}, 2, []string{"verified events all"}},
	} {
		t.Run(name, func(t *testing.T) {
			log, db := openLog(t, t.TempDir()), newMemory()
			commit(t, log, "a", "b", "c")
			commit(t, log, "d")
			db.answer = once(test.first)
			var suspects []Facts
			telemetry := &counting{}
			options := defaults()
			options.Verifier, options.Telemetry = db, telemetry
			options.Suspect = func(f Facts) { suspects = append(suspects, f) }
			stop := start(t, log, db, options)
			drained(t, log, columns.TableEvents)
			stop()
			assert.Equal(t, []string{"a", "b", "c", "d"}, db.ids("events"))
			assert.Len(t, db.of("events"), test.tries)
			telemetry.has(t, test.words...)
			require.Len(t, suspects, 1, "whoever looks after rollups hears of it")
			assert.EqualValues(t, 4, suspects[0].Rows)
			assert.Len(t, suspects[0].Blocks, 2)
		})
	}
}

func TestOnlyTheMissingRowsAreInsertedAgain(t *testing.T) {
	log, db := openLog(t, t.TempDir()), newMemory()
	commit(t, log, "a", "b", "c")
	commit(t, log, "d", "e")
	db.answer = func(t try) answer {
		if t.table == "events" && t.n < 2 { // the first says nothing and the second yes, and both lose most
			return answer{err: map[int]error{0: broken()}[t.n], store: func(ids []string) []string { return []string{"b", "d"} }}
		}
		return answer{}
	}
	telemetry := &counting{}
	options := defaults()
	options.Verifier, options.Telemetry = db, telemetry
	start(t, log, db, options)
	drained(t, log, columns.TableEvents)
	tries := db.of("events")
	require.Len(t, tries, 3)
	assert.Equal(t, []string{"a", "c", "e"}, tries[2].ids)
	assert.NotEqual(t, tries[0].token, tries[2].token)
	assert.Equal(t, []string{"a", "b", "c", "d", "e"}, db.ids("events"))
	telemetry.has(t, "repaired events 3")
}

// TestOldPlanIsLookedForBeforeItIsSent has a plan from before a restart whose rows were received long ago.
func TestOldPlanIsLookedForBeforeItIsSent(t *testing.T) {
	for name, there := range map[string][]string{"all is there": {"a", "b"}, "some is there": {"a"}, "nothing is there": nil} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			log, db := openLog(t, dir), newMemory()
			commitChanged(t, log, func(e audit.Event) { e.Record.Attributes().PutInt(audit.AttrReceivedTime, 1e18) }, "a", "b")
			db.answer = func(try) answer { return answer{err: broken(), store: func([]string) []string { return there }} }
			stop := start(t, log, db, defaults())
			eventually(t, func() bool { return len(db.of("events")) > 0 }, "a try")
			stop()
			require.NoError(t, log.Close())
			db.answer, db.tries = nil, nil
			log = openLog(t, dir)
			options := defaults()
			options.Verifier = db
			start(t, log, db, options)
			drained(t, log, columns.TableEvents)
			assert.Equal(t, []string{"a", "b"}, db.ids("events"))
			if len(there) == 2 {
				assert.Empty(t, db.of("events"), "the server may have forgotten the token")
			}
		})
	}
}

func TestTokensAreTrustedWhereNobodyMayLook(t *testing.T) {
	log, db := openLog(t, t.TempDir()), newMemory()
	commit(t, log, "a")
	db.answer = once(answer{err: broken(), store: func(ids []string) []string { return ids }})
	telemetry := &counting{}
	options := defaults()
	options.Verifier, options.Telemetry = blind{}, telemetry
	start(t, log, db, options)
	drained(t, log, columns.TableEvents)
	assert.Equal(t, []string{"a"}, db.ids("events"))
	telemetry.has(t, "verified events unknown")
}

// blind is a verifier of a user who may not select.
type blind struct{}

func (blind) Verify(context.Context, Facts) (Verdict, error) {
	return Partly, fmt.Errorf("count: %w", &clickhouse.Error{Op: "select", Code: int(proto.ErrAccessDenied), Class: clickhouse.Misconfigured})
}

func (blind) Missing(context.Context, Facts, []string) ([]int, int, error) {
	return nil, 0, errors.New("not to be asked")
}

func TestRefusedRowsGoToQuarantineAndTheOthersAreStored(t *testing.T) {
	var every []string
	for i := range 10 {
		every = append(every, fmt.Sprint(i))
	}
	for _, bad := range [][]string{{"0"}, {"4", "5"}, {"0", "9"}, every} {
		t.Run(strings.Join(bad, ""), func(t *testing.T) {
			log, db := openLog(t, t.TempDir()), newMemory()
			commit(t, log, every[:3]...)
			commit(t, log, every[3:4]...)
			commit(t, log, every[4:]...)
			db.answer = func(try try) answer {
				if try.table == "events" && slices.ContainsFunc(bad, func(id string) bool { return slices.Contains(try.ids, id) }) {
					return answer{err: rejection()}
				}
				return answer{}
			}
			telemetry := &counting{}
			options := defaults()
			options.Verifier, options.Telemetry = db, telemetry
			notes := &noting{Log: log}
			stop := start(t, notes, db, options)
			drained(t, log, columns.TableEvents)
			eventually(t, func() bool { return len(db.ids("quarantine")) == len(bad) }, "quarantine")
			stop()
			assert.Equal(t, bad, db.ids("quarantine"))
			good := slices.DeleteFunc(slices.Clone(every), func(id string) bool { return slices.Contains(bad, id) })
			assert.ElementsMatch(t, good, db.ids("events"), "each once")
			telemetry.has(t, "quarantined rejected_by_database VIOLATED_CONSTRAINT 1")

			deltas, inserts := notes.read(t)
			var quarantined uint64
			for _, d := range deltas {
				assert.Equal(t, audit.KindQuarantined, d.Kind)
				assert.Equal(t, "rejected_by_database", d.Reason)
				quarantined += d.Events
			}
			assert.EqualValues(t, len(bad), quarantined)
			var stored uint64
			for _, i := range inserts {
				if i.Table == "events" {
					stored += i.Rows
				}
			}
			assert.EqualValues(t, len(good), stored, "the manifest says what must be there")
		})
	}
}

// noting remembers the notes of a log.
type noting struct {
	*blocklog.Log
	mu    sync.Mutex
	notes [][]byte
}

func (n *noting) Done(id uint64, then blocklog.Build) error {
	return n.Log.Done(id, func(first uint64) (blocklog.Commit, error) {
		c, err := then(first)
		n.mu.Lock()
		defer n.mu.Unlock()
		n.notes = append(n.notes, c.Notes)
		return c, err
	})
}

func (n *noting) read(t *testing.T) ([]ledger.Delta, []ledger.Insert) {
	t.Helper()
	deltas, inserts, err := ledger.Read(n.notes)
	require.NoError(t, err)
	return deltas, inserts
}

// TestRefusalsAreFoundAgainAfterARestart stops in the middle of taking an insert apart.
func TestRefusalsAreFoundAgainAfterARestart(t *testing.T) {
	dir := t.TempDir()
	log, db := openLog(t, dir), newMemory()
	commit(t, log, "a", "b", "bad", "d")
	fail := true
	db.answer = func(try try) answer {
		switch {
		case try.table == "events" && slices.Contains(try.ids, "bad"):
			return answer{err: rejection()}
		case try.table == "events" && slices.Contains(try.ids, "d") && fail:
			return answer{err: broken()}
		}
		return answer{}
	}
	options := defaults()
	options.Verifier = db
	stop := start(t, log, db, options)
	eventually(t, func() bool {
		return slices.ContainsFunc(db.of("events"), func(t try) bool { return slices.Equal(t.ids, []string{"d"}) })
	}, "the last piece")
	stop()
	require.NoError(t, log.Close())
	fail = false
	log = openLog(t, dir)
	start(t, log, db, options)
	drained(t, log, columns.TableEvents)
	eventually(t, func() bool { return len(db.ids("quarantine")) == 1 }, "quarantine")
	assert.Equal(t, []string{"a", "b", "d"}, db.ids("events"))
}

func TestInsertThatIsTooLargeIsTakenApart(t *testing.T) {
	log, db := openLog(t, t.TempDir()), newMemory()
	commit(t, log, "a", "b", "c")
	commit(t, log, "d", "e")
	db.answer = func(t try) answer {
		if t.table == "events" && len(t.ids) > 2 {
			return answer{err: tooLarge()}
		}
		return answer{}
	}
	start(t, log, db, defaults())
	drained(t, log, columns.TableEvents)
	assert.Equal(t, []string{"a", "b", "c", "d", "e"}, db.ids("events"))
	assert.Empty(t, db.of("quarantine"))
}

func TestInsertOverTooManyPartitionsIsCutByPartition(t *testing.T) {
	log, db := openLog(t, t.TempDir()), newMemory()
	for range 3 {
		retention := int64(0)
		commitChanged(t, log, func(e audit.Event) {
			retention++
			e.Record.Attributes().PutInt(audit.AttrRetentionDays, retention)
		}, "1", "2", "3", "4")
	}
	db.answer = func(t try) answer {
		ids := slices.Clone(t.ids)
		slices.Sort(ids)
		if t.table == "events" && len(slices.Compact(ids)) > 1 { // each id is a partition here
			return answer{err: tooLarge()}
		}
		return answer{}
	}
	start(t, log, db, defaults())
	drained(t, log, columns.TableEvents)
	assert.Len(t, db.ids("events"), 12)
	assert.Len(t, db.of("events"), 1+2+4)
}

func TestInsertThatTheServerHasNoMemoryForIsTakenApart(t *testing.T) {
	log, db := openLog(t, t.TempDir()), newMemory()
	commit(t, log, "a", "b", "c", "d")
	db.answer = func(t try) answer {
		if t.table == "events" && len(t.ids) > 2 {
			return answer{err: throttled(proto.ErrMemoryLimitExceeded)}
		}
		return answer{}
	}
	telemetry := &counting{}
	options := defaults()
	options.Verifier, options.Telemetry = db, telemetry
	start(t, log, db, options)
	drained(t, log, columns.TableEvents)
	assert.Equal(t, []string{"a", "b", "c", "d"}, db.ids("events"))
	telemetry.has(t, "verified events none", "failed events 241 throttled", "paused 1s", "paused 2s")
}

func TestDamagedBlockIsSaidAndTheOthersAreStored(t *testing.T) {
	for _, broken := range []string{"one", "all"} {
		t.Run(broken, func(t *testing.T) {
			log, db := openLog(t, t.TempDir()), newMemory()
			commit(t, log, "a")
			commit(t, log, "b")
			commit(t, log, "c")
			telemetry := &counting{}
			options := defaults()
			options.Telemetry = telemetry
			var mu sync.Mutex
			var reported []error
			options.Report = func(_ string, err error) {
				mu.Lock()
				defer mu.Unlock()
				reported = append(reported, err)
			}
			start(t, &damaging{Log: log, all: broken == "all"}, db, options)
			drained(t, log, columns.TableEvents)
			if broken == "all" {
				assert.Empty(t, db.of("events"))
				return
			}
			assert.Equal(t, []string{"a", "c"}, db.ids("events"))
			telemetry.has(t, "damaged events 1")
			mu.Lock()
			defer mu.Unlock()
			assert.ErrorContains(t, errors.Join(reported...), "block log: block")
		})
	}
}

// damaging is a log whose second block of a plan, or every one, cannot be read. What it gives for other blocks takes a second
// try.
type damaging struct {
	*blocklog.Log
	all   bool
	tries int
}

func (d *damaging) Read(number uint64, buf []byte) ([]byte, error) {
	d.tries++
	if d.tries%2 == 1 {
		return nil, &blocklog.DiskError{Op: "read", File: "x", Err: errors.New("not now")}
	}
	if d.all || uint32(number) == 2 {
		return nil, &blocklog.DamageError{Number: number, Damage: blocklog.Damage{What: "a block"}}
	}
	return d.Log.Read(number, buf)
}

func TestTroubleOfOneTableHoldsUpNoOther(t *testing.T) {
	log, db := openLog(t, t.TempDir()), newMemory()
	db.answer = func(t try) answer {
		if t.table != "events" && t.table != "blocks" {
			return answer{err: &clickhouse.Error{Op: "insert", Code: 60, Class: clickhouse.Misconfigured}}
		}
		if slices.Contains(t.ids, "bad") {
			return answer{err: rejection()}
		}
		return answer{}
	}
	commit(t, log, "bad")
	start(t, log, db, defaults())
	for i := range 10 {
		commit(t, log, fmt.Sprint(i))
		drained(t, log, columns.TableEvents)
	}
	eventually(t, func() bool { return len(db.of("blocks")) > 0 && len(db.of("quarantine")) > 2 }, "manifest, and tries of quarantine")
	assert.Len(t, db.ids("events"), 10)
	assert.Empty(t, db.ids("quarantine"))
}

// TestCountsBecomeRows commits the same counts twice: they are two rows.
func TestCountsBecomeRows(t *testing.T) {
	log, db := openLog(t, t.TempDir()), newMemory()
	start(t, log, db, defaults())
	for want := 1; want <= 2; want++ {
		require.NoError(t, log.Commit(func(uint64) (blocklog.Commit, error) {
			return blocklog.Commit{Notes: ledger.AppendDelta(nil, ledger.Delta{
				Hour: 3600, Events: 5, CountKey: audit.CountKey{Tenant: "t", Source: "s", Kind: audit.KindReceived},
			})}, nil
		}))
		eventually(t, func() bool { return len(db.of("ledger")) == want }, "a row")
	}
	tries := db.of("ledger")
	assert.NotEqual(t, tries[0].token, tries[1].token)
	time.Sleep(20 * time.Millisecond)
	assert.Empty(t, db.of("blocks"), "rows about counts are not counted")
}

func TestReadyIsAskedBeforeEveryTry(t *testing.T) {
	log, db := openLog(t, t.TempDir()), newMemory()
	commit(t, log, "a")
	asked := make(chan string, 100)
	free := make(chan struct{})
	options := defaults()
	options.Ready = func(ctx context.Context, table string) error {
		asked <- table
		select {
		case <-free:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	start(t, log, db, options)
	assert.Equal(t, "events", <-asked)
	time.Sleep(10 * time.Millisecond)
	assert.Empty(t, db.of("events"))
	close(free)
	drained(t, log, columns.TableEvents)
}

func TestPaceFollowsTheServer(t *testing.T) {
	now := time.Unix(1000, 0)
	p := newPace(Options{MaxRows: 100_000, MaxDelay: time.Second})
	parts := &clickhouse.Error{Code: int(proto.ErrTooManyParts), Class: clickhouse.Throttled}
	memory := &clickhouse.Error{Code: int(proto.ErrMemoryLimitExceeded), Class: clickhouse.Throttled}
	assert.Equal(t, time.Second, p.throttled(parts, now))
	assert.Equal(t, 2*time.Second, p.throttled(parts, now))
	rows, delay := p.target()
	assert.Equal(t, 100_000, rows)
	assert.Equal(t, 4*time.Second, delay, "fewer and larger inserts")
	p.throttled(memory, now)
	rows, _ = p.target()
	assert.Equal(t, 50_000, rows, "smaller inserts")
	parts.RetryAfter = time.Hour
	assert.Equal(t, time.Hour, p.throttled(parts, now), "what the server asks for")
	for range 20 {
		p.throttled(memory, now)
	}
	rows, _ = p.target()
	assert.Equal(t, 1000, rows)
	for range 100 {
		p.taken()
	}
	rows, delay = p.target()
	assert.Equal(t, 100_000, rows)
	assert.Equal(t, time.Second, delay)
}

func TestStoppingWaitsForAnAnswerOnItsWay(t *testing.T) {
	log := openLog(t, t.TempDir())
	commit(t, log, "a")
	slow := &slowWriter{memory: newMemory(), entered: make(chan struct{}), leave: make(chan struct{})}
	stop := start(t, log, slow, defaults())
	<-slow.entered
	time.AfterFunc(50*time.Millisecond, func() { close(slow.leave) })
	stop()
	assert.Equal(t, []string{"a"}, slow.ids("events"))
	assert.Empty(t, log.Plans(), "and it is done")
}

type slowWriter struct {
	*memory
	entered, leave chan struct{}
}

func (s *slowWriter) Write(ctx context.Context, b *clickhouse.Batch) error {
	close(s.entered)
	select {
	case <-s.leave:
		return s.memory.Write(ctx, b)
	case <-ctx.Done():
		return ctx.Err()
	}
}
