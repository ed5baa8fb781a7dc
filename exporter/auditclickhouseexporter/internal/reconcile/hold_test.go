package reconcile

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/schema/lease"
)

// TestRebuildsUnderConcurrentInserts rebuilds a day's rollups while four collectors insert events of that day, of which
// one asks for the hold only now and then, as one whose question was just before the hold began.
func TestRebuildsUnderConcurrentInserts(t *testing.T) {
	w := newWorld(t)
	w.manifest(w.insert(w.events("first", 50), 1))
	var inserted, waited atomic.Int64
	inserted.Store(50)
	stop := make(chan struct{})
	var collectors sync.WaitGroup
	for c := range 4 {
		collectors.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				if c > 0 || n%5 == 0 {
					waited.Add(w.wait(t))
				}
				events := w.events(fmt.Sprintf("c%d-%d-", c, n), 20)
				block := uint64(c+1)<<32 + uint64(n)
				f := facts(events, []uint64{block})
				f.Token = fmt.Sprint("concurrent ", block)
				if !assert.NoError(t, w.conn.Exec(t.Context(), statement(events, f.Token, func(int) uint64 { return block }))) {
					return
				}
				w.manifest(f)
				inserted.Add(20)
			}
		})
	}
	rebuilt := 0
	for round := range 4 {
		w.exec("ALTER TABLE audit.activity_daily DELETE WHERE actor_id = 'a%d' SETTINGS mutations_sync = 1", round)
		report := w.run(Options{Repair: true, Owner: "round " + strconv.Itoa(round)})
		if report.Rebuilt {
			rebuilt++
		}
		assert.Empty(t, report.Conflicts)
		assert.Zero(t, report.Removed)
	}
	close(stop)
	collectors.Wait()
	assert.Positive(t, rebuilt)
	assert.Positive(t, waited.Load(), "collectors waited for the hold")
	assert.Equal(t, strconv.FormatInt(inserted.Load(), 10), w.one("SELECT toString(count()) FROM audit.events"))
	w.run(Options{Repair: true}) // what was put off, if anything
	w.equalRollups()
}

// wait is what an inserter does before an insert.
func (w *world) wait(t *testing.T) (times int64) {
	t.Helper()
	for {
		_, remaining, err := Held(t.Context(), w.conn)
		if !assert.NoError(t, err) || remaining == 0 {
			return times
		}
		times++
		time.Sleep(20 * time.Millisecond)
	}
}

func TestHoldWaitsForInsertsAndEndsWithItsHolder(t *testing.T) {
	w := newWorld(t)
	done := make(chan error, 1)
	go func() {
		done <- w.conn.Exec(t.Context(), "INSERT INTO `audit`.`events` (record_id, timestamp) SETTINGS max_block_size = 1, max_threads = 1 "+
			"SELECT 'r' || toString(number), now64(9) FROM numbers(20) WHERE sleepEachRow(0.1) = 0")
	}()
	require.Eventually(t, func() bool {
		return w.one("SELECT toString(count()) FROM system.processes WHERE startsWith(query, 'INSERT INTO `audit`')") == "1"
	}, 20*time.Second, 10*time.Millisecond)
	impatient := w.reconciler(Options{HoldTimeout: 500 * time.Millisecond})
	err := impatient.hold(t.Context(), func(context.Context) error { t.Error("an insert runs"); return nil })
	require.ErrorContains(t, err, "waited for 1 inserts that the server still runs")
	owner, _, err := Held(t.Context(), w.conn)
	require.NoError(t, err)
	assert.Empty(t, owner)

	require.NoError(t, w.reconciler(Options{Owner: "me"}).hold(t.Context(), func(ctx context.Context) error {
		assert.NoError(t, <-done)
		owner, remaining, err := Held(ctx, w.conn)
		assert.Contains(t, owner, "me-")
		assert.Positive(t, remaining)
		return err
	}))
}

func TestOneRoundAtATime(t *testing.T) {
	w := newWorld(t)
	_, held, err := lease.Acquire(t.Context(), w.conn, roundLease, "another", time.Minute)
	require.NoError(t, err)
	report, err := w.reconciler(Options{}).Run(t.Context())
	require.NoError(t, err)
	assert.Zero(t, report)
	require.NoError(t, held.Release(t.Context()))
	_, held, err = lease.Acquire(t.Context(), w.conn, lease.Inserts, "another", time.Minute)
	require.NoError(t, err)
	w.manifest(w.insert(w.events("h", 10), 1))
	w.exec("ALTER TABLE audit.activity_daily DELETE WHERE actor_id = 'a3' SETTINGS mutations_sync = 1")
	assert.NotEmpty(t, w.run(Options{Repair: true}).PutOff)
	require.NoError(t, held.Release(t.Context()))
	assert.True(t, w.run(Options{Repair: true}).Rebuilt)
}
