package reconcile

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

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

// TestRebuildingByHand runs the statements of the README.
func TestRebuildingByHand(t *testing.T) {
	w := newWorld(t)
	events := w.events("hand", 40)
	for i := range events {
		events[i].at = time.Date(2026, 11, 19+i%4, 5, 0, 0, 0, time.UTC)
	}
	w.manifest(w.insert(events, 1))
	w.exec("ALTER TABLE audit.activity_daily DELETE WHERE day IN ('2026-11-20', '2026-11-21') SETTINGS mutations_sync = 1")
	text, err := os.ReadFile("README.md")
	require.NoError(t, err)
	blocks := strings.Split(string(text), "```")
	for i := 1; i < len(blocks); i += 2 {
		text := regexp.MustCompile(`(?m)--.*$`).ReplaceAllString(strings.TrimPrefix(blocks[i], "sql\n"), "")
		for _, code := range strings.Split(text, ";") {
			if code = strings.TrimSpace(code); code == "" {
				continue
			}
			if strings.HasPrefix(code, "SELECT") {
				code = "SELECT toString(count()) FROM (" + code + ")"
				_, err = w.conn.Select(t.Context(), code)
			} else {
				err = w.conn.Exec(t.Context(), code)
			}
			require.NoError(t, err, code)
		}
	}
	w.equalRollups()
	owner, _, err := Held(t.Context(), w.conn)
	require.NoError(t, err)
	assert.Empty(t, owner)
}
