package reconcile

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var seed = flag.Uint64("seed", 0, "of the property test; 0 for a random one")

// TestDatabaseEqualsTheModel inserts random batches, of which some are lost, doubled or half there, loses parts of rollups,
// does after each ambiguous error what an inserter does, and reconciles. In the end `events` and rollups must be what the
// model says: every event once.
func TestDatabaseEqualsTheModel(t *testing.T) {
	if *seed == 0 {
		*seed = uint64(time.Now().UnixNano())
	}
	t.Logf("-seed=%d", *seed)
	random := rand.New(rand.NewPCG(*seed, 1))
	w := newWorld(t)
	r := w.reconciler(Options{Repair: true, Owner: "test"})
	var model []event
	faults := map[string]int{}
	for step := range 15 {
		block := uint64(random.Uint32()%3)<<32 + uint64(step*10) + 1
		batch := w.batch(random, "s"+strconv.Itoa(step)+"-", 1+random.IntN(40))
		model = append(model, batch...)
		if step%4 == 3 { // a client sends again what was received before, after the replay window
			again := slices.Clone(model[:1+random.IntN(len(model)/2)])
			for i := range again {
				again[i].received = w.now.Add(-time.Second)
			}
			batch = append(batch, again...)
			faults["replay"]++
		}
		f := w.insert(batch, block, block+1)
		fault := []string{"", "lost", "part", "doubled", "half"}[random.IntN(5)]
		faults[fault]++
		switch fault {
		case "lost": // the token was noted, the part was not committed; some rollups have the rows
			w.exec("ALTER TABLE audit.events DELETE WHERE block_id IN (%d, %d) SETTINGS mutations_sync = 1", block, block+1)
		case "part":
			w.exec("ALTER TABLE audit.events DELETE WHERE block_id = %d AND cityHash64(record_id) %% 2 = 0 SETTINGS mutations_sync = 1", block)
		case "doubled": // the token was forgotten
			w.insert(batch, block, block+1)
		case "half":
			w.insert(batch[:1+len(batch)/2], block, block+1)
		}
		if random.IntN(4) == 0 {
			rollup := []string{"activity_daily", "ingest_hourly", "query_cost_hourly", "dataset_usage_daily"}[random.IntN(4)]
			w.exec("ALTER TABLE audit.%s DELETE WHERE cityHash64(tenant_id) %% 2 = %d SETTINGS mutations_sync = 1", rollup, random.IntN(2))
			faults["rollup"]++
		}
		w.settle(r, f, batch, block)
		if random.IntN(3) == 0 {
			report, err := r.Run(t.Context())
			require.NoError(t, err)
			require.Empty(t, append(report.PutOff, report.Unjudged...))
			require.False(t, report.To.IsZero())
			w.equalModel(model)
		}
	}
	report, err := r.Run(t.Context())
	require.NoError(t, err)
	assert.Empty(t, report.Incomplete)
	assert.Empty(t, report.Conflicts)
	w.equalModel(model)
	t.Logf("faults %v", faults)
}

// settle is what an inserter does after an insert of which it does not know whether it was done: repeat it, count, and bring
// what is missing under another token.
func (w *world) settle(r *Reconciler, f Facts, batch []event, block uint64) {
	w.t.Helper()
	blockOf := func(i int) uint64 { return block + uint64(i%2) }
	verdict, err := r.Verify(w.t.Context(), f)
	require.NoError(w.t, err)
	if verdict != All {
		ids := make([]string, len(batch))
		for i, e := range batch {
			ids[i] = e.id
		}
		missing, _, err := r.Missing(w.t.Context(), f, ids)
		require.NoError(w.t, err)
		if verdict == None {
			require.Len(w.t, missing, len(batch))
		}
		if len(missing) > 0 {
			var rows []event
			for _, i := range missing {
				rows = append(rows, batch[i])
			}
			w.exec("%s", statement(rows, f.Token+" again", func(i int) uint64 { return blockOf(missing[i]) }))
		}
	}
	w.manifest(f)
}

func (w *world) batch(random *rand.Rand, prefix string, n int) []event {
	out := w.events(prefix, n)
	for i := range out {
		out[i].tenant = "t" + strconv.Itoa(random.IntN(3))
		out[i].cost = random.IntN(6)
		out[i].retention = []int{0, 1, 28, 400}[random.IntN(4)]
		out[i].received = w.now.Add(-time.Duration(1+random.IntN(20*3600)) * time.Second)
		out[i].at = out[i].received.Add(-time.Duration(random.IntN(4*24*3600)) * time.Second)
	}
	return out
}

// equalModel compares `events` and rollups with what is computed here.
func (w *world) equalModel(model []event) {
	w.t.Helper()
	var ids []string
	activity, ingest, cost, usage := map[string]int{}, map[string]int{}, map[string]float64{}, map[string]int{}
	for _, e := range model {
		ids = append(ids, e.id)
		day, hour := e.at.Format(dayFormat), e.at.Format("2006-01-02 15:00:00")
		activity[strings.Join([]string{e.tenant, day, e.actor}, "|")]++
		if e.ingest != 0 {
			ingest[e.tenant+"|"+hour] += e.ingest
		}
		if e.cost != 0 {
			cost[e.tenant+"|"+hour] += float64(e.cost) / 4
			usage[e.tenant+"|"+day+"|all"]++
			usage[fmt.Sprintf("%s|%s|d%d", e.tenant, day, e.cost%2)]++
		}
	}
	slices.Sort(ids)
	var stored []string
	for _, row := range w.answer("SELECT record_id FROM audit.events ORDER BY record_id") {
		stored = append(stored, row[0])
	}
	require.Equal(w.t, ids, stored, "every event once")
	equal(w, activity, "tenant_id, day, actor_id", "sum(events)", "activity_daily")
	equal(w, ingest, "tenant_id, hour", "sum(bytes)", "ingest_hourly")
	equal(w, cost, "tenant_id, hour", "sum(cost_sum)", "query_cost_hourly")
	equal(w, usage, "tenant_id, day, dataset", "sum(queries)", "dataset_usage_daily")
	w.equalRollups()
}

func equal[N int | float64](w *world, want map[string]N, keys, measure, rollup string) {
	w.t.Helper()
	got := map[string]string{}
	for _, row := range w.answer("SELECT concatWithSeparator('|', %s), toString(%s) FROM audit.%s GROUP BY %[1]s", keys, measure, rollup) {
		got[row[0]] = row[1]
	}
	texts := map[string]string{}
	for key, n := range want {
		texts[key] = fmt.Sprint(n)
	}
	require.Equal(w.t, texts, got, rollup)
}
