package insert

import (
	"context"
	"testing"
	"time"

	"github.com/ClickHouse/ch-go/proto"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/clickhouse"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/columns"
	"github.com/otelaudit/otelaudit/internal/audit"
)

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
