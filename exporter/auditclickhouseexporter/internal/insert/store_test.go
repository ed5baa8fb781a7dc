package insert

import (
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
