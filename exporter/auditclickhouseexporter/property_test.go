package auditclickhouseexporter

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/exporter"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/eventtest"
	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal/clickhousetest"
)

var seed = flag.Uint64("seed", 0, "of the property tests; 0 for a random one")

var chosenSeed = sync.OnceValue(func() uint64 {
	if *seed != 0 {
		return *seed
	}
	return uint64(time.Now().UnixNano())
})

// poison is an actor whose events a constraint on the table does not let in.
const poison = "poison"

// modelled is an event as far as the model knows it.
type modelled struct {
	id, tenant, actor, dataset string
	at                         time.Time
	cost, ingest               int // 0 where it has none
}

// run is an exporter under random load, and what the database must hold of it.
type run struct {
	t      *testing.T
	server *clickhouselocal.Server
	random *rand.Rand
	cfg    *Config
	e      exporter.Logs

	taken              []modelled
	replays, conflicts int
	poisoned           bool // some events are of the actor that is not let in
}

func newRun(t *testing.T, protocol string, change func(*Config)) *run {
	t.Helper()
	t.Logf("-seed=%d", chosenSeed())
	r := &run{t: t, server: clickhousetest.New(t), random: rand.New(rand.NewPCG(chosenSeed(), 2))}
	r.cfg = configFor(t, r.server)
	r.cfg.Endpoint, r.cfg.Acknowledge = protocols[protocol](r.server), acknowledgeLog
	change(r.cfg)
	r.e = newExporter1(t, r.cfg)
	t.Cleanup(func() { assert.NoError(t, r.e.Shutdown(context.Background())) })
	r.send(1)
	r.await("1", "SELECT count() FROM audit.events")
	r.exec("ALTER TABLE audit.events ADD CONSTRAINT c CHECK actor_id != '" + poison + "'")
	return r
}

func (r *run) exec(statement string) {
	r.t.Helper()
	_, err := r.server.Query(r.t.Context(), statement)
	require.NoError(r.t, err, statement)
}

// answer gives an answer, or the error.
func (r *run) answer(sql string) string {
	text, err := r.server.Query(r.t.Context(), sql)
	if err != nil {
		return err.Error()
	}
	return strings.TrimSpace(text)
}

func (r *run) await(want, sql string) {
	r.t.Helper()
	if !assert.Eventually(r.t, func() bool { return r.answer(sql) == want }, 2*patience, 100*time.Millisecond) {
		require.Equal(r.t, want, r.answer(sql), sql)
	}
}

// send has n new events taken, with some that were taken before, and some other events under ids of those.
func (r *run) send(n int) {
	r.t.Helper()
	var events []audit.Event
	for range n {
		x := modelled{
			id: fmt.Sprintf("id-%d", len(r.taken)), tenant: fmt.Sprint("t", r.random.IntN(3)), actor: fmt.Sprint("a", r.random.IntN(5)),
			dataset: fmt.Sprint("d", r.random.IntN(2)), cost: r.random.IntN(4), ingest: r.random.IntN(3),
			at: time.Now().UTC().Truncate(time.Millisecond).Add(-time.Duration(r.random.IntN(3*24*3600)) * time.Second),
		}
		if r.poisoned && len(r.taken) > 0 && r.random.IntN(40) == 0 {
			x.actor = poison
		}
		r.taken = append(r.taken, x)
		events = append(events, x.event("content"))
	}
	before := r.taken[:len(r.taken)-n]
	if len(before) > 0 && r.random.IntN(2) == 0 {
		for range 1 + r.random.IntN(20) {
			events = append(events, before[r.random.IntN(len(before))].event("content"))
			r.replays++
		}
	}
	if len(before) > 0 && r.random.IntN(4) == 0 {
		events = append(events, before[r.random.IntN(len(before))].event("other content"))
		r.conflicts++
	}
	r.random.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
	send(r.t, r.e, eventtest.Request(events...))
}

func (x *modelled) event(content string) audit.Event {
	e := eventtest.Query(x.id, x.at, 0)
	attrs := e.Record.Attributes()
	attrs.PutInt(audit.AttrReceivedTime, time.Now().UnixNano())
	attrs.PutStr(audit.AttrTenantID, x.tenant)
	attrs.PutStr(audit.AttrActorID, x.actor)
	attrs.PutStr(audit.AttrRecordHash, content+x.id)
	attrs.PutEmptySlice(audit.AttrDatasets).AppendEmpty().SetStr(x.dataset)
	if x.cost > 0 {
		attrs.PutDouble(audit.AttrQueryCost, float64(x.cost)/4)
	}
	if x.ingest > 0 {
		attrs.PutInt(audit.AttrIngestBytes, int64(x.ingest))
	}
	return e
}

// restart ends the exporter and starts another one on its log.
func (r *run) restart() {
	r.t.Helper()
	require.NoError(r.t, r.e.Shutdown(r.t.Context()))
	r.e = newExporter1(r.t, r.cfg)
}

// equalsModel waits until the table, rollups, quarantine, manifest and ledger are what the model says.
func (r *run) equalsModel() {
	r.t.Helper()
	var ids, refused []string
	activity, cost, usage, ingest := map[string]int{}, map[string]float64{}, map[string]int{}, map[string]int{}
	for _, x := range r.taken {
		if x.actor == poison {
			refused = append(refused, x.id)
			continue
		}
		ids = append(ids, x.id)
		day, hour := x.at.Format(time.DateOnly), x.at.Format("2006-01-02 15:00:00")
		activity[x.tenant+"|"+day+"|"+x.actor]++
		usage[x.tenant+"|"+day+"|"+x.dataset]++
		cost[x.tenant+"|"+hour] += float64(x.cost) / 4
		if x.ingest > 0 {
			ingest[x.tenant+"|"+hour] += x.ingest
		}
	}
	slices.Sort(ids)
	slices.Sort(refused)
	r.await(strings.Join(ids, "\n"), "SELECT record_id FROM audit.events ORDER BY record_id")
	r.await(strings.Join(refused, "\n"), "SELECT record_id FROM audit.quarantine WHERE reason = 'rejected_by_database' ORDER BY record_id")
	r.await(lines(activity), "SELECT concatWithSeparator('|', tenant_id, day, actor_id) AS k, sum(events) FROM audit.activity_daily GROUP BY k ORDER BY k")
	r.await(lines(cost), "SELECT concatWithSeparator('|', tenant_id, hour) AS k, sum(cost_sum) FROM audit.query_cost_hourly GROUP BY k ORDER BY k")
	r.await(lines(usage), "SELECT concatWithSeparator('|', tenant_id, day, dataset) AS k, sum(queries) FROM audit.dataset_usage_daily GROUP BY k ORDER BY k")
	r.await(lines(ingest), "SELECT concatWithSeparator('|', tenant_id, hour) AS k, sum(bytes) FROM audit.ingest_hourly GROUP BY k ORDER BY k")
	r.await("0", "SELECT count() FROM audit.reconcile_rollups(from = '2020-01-01', to = '2030-01-01')")
	r.await(strconv.Itoa(len(ids)), "SELECT sum(rows) FROM audit.blocks WHERE table = 'events'")
	r.await(fmt.Sprintf("%d\t%d\t%d\t%d", len(r.taken), r.replays, r.conflicts, len(refused)), "SELECT sumIf(events, kind = 'accepted'), "+
		"sumIf(events, kind = 'duplicate'), sumIf(events, kind = 'conflict'), sumIf(events, kind = 'quarantined') FROM audit.ledger")
}

func lines[N int | float64](values map[string]N) string {
	var b strings.Builder
	for _, key := range slices.Sorted(maps.Keys(values)) {
		fmt.Fprintf(&b, "%s\t%v\n", key, values[key])
	}
	return strings.TrimSpace(b.String())
}

// mendedFaults are those after which a repeated insert under its token makes everything right.
var mendedFaults = map[string]struct{ trouble, mend []string }{
	"failing rollup": {
		[]string{"CREATE MATERIALIZED VIEW audit.mv ENGINE = MergeTree ORDER BY id AS SELECT record_id AS id FROM audit.events WHERE throwIf(cityHash64(record_id) % 2 = 0) = 0"},
		[]string{"DROP VIEW audit.mv SYNC"},
	},
	"missing rollup": {
		[]string{"RENAME TABLE audit.activity_daily TO audit.elsewhere"},
		[]string{"RENAME TABLE audit.elsewhere TO audit.activity_daily"},
	},
	"too many parts": {
		[]string{"SYSTEM STOP MERGES audit.dataset_usage_daily", "ALTER TABLE audit.dataset_usage_daily MODIFY SETTING parts_to_throw_insert = 1, parts_to_delay_insert = 1"},
		[]string{"ALTER TABLE audit.dataset_usage_daily MODIFY SETTING parts_to_throw_insert = 3000, parts_to_delay_insert = 1000", "SYSTEM START MERGES audit.dataset_usage_daily"},
	},
	"dropped column": {
		[]string{"ALTER TABLE audit.events DROP COLUMN message"},
		[]string{"ALTER TABLE audit.events ADD COLUMN message String"},
	},
	"no trouble": {},
}

// TestTokensSufficeForWhatIsMended has random batches with replays and conflicts, faults of the database, and restarts of
// the exporter in the middle of them. Nothing is repaired by reconciliation, which only reports here.
//
// No row is refused for what is in it: an insert that is taken apart for that is known to the server by the tokens of its
// parts, and after a restart in the midst of it only missing rows are inserted, which leaves to reconciliation what a
// rollup missed.
func TestTokensSufficeForWhatIsMended(t *testing.T) {
	t.Parallel()
	r := newRun(t, "http", func(cfg *Config) { cfg.Reconcile.Repair = false })
	names := slices.Sorted(maps.Keys(mendedFaults))
	for range 10 {
		fault := mendedFaults[names[r.random.IntN(len(names))]]
		for _, statement := range fault.trouble {
			r.exec(statement)
		}
		for range 1 + r.random.IntN(4) {
			r.send(1 + r.random.IntN(60))
			time.Sleep(time.Duration(r.random.IntN(200)) * time.Millisecond)
		}
		if r.random.IntN(2) == 0 {
			r.restart()
		}
		for _, statement := range fault.mend {
			r.exec(statement)
		}
	}
	r.equalsModel()
}

// TestReconciliationMendsEverythingElse kills the server under load, beside restarts of the exporter, and damages what is stored
// as a crash might.
func TestReconciliationMendsEverythingElse(t *testing.T) {
	t.Parallel()
	r := newRun(t, "native", func(cfg *Config) { cfg.Reconcile.Interval = time.Second })
	r.poisoned = true
	damages := []string{
		"INSERT INTO audit.events SETTINGS insert_deduplicate = 0 SELECT * FROM audit.events WHERE cityHash64(record_id) % 3 = 0",
		"ALTER TABLE audit.query_cost_hourly DELETE WHERE cityHash64(tenant_id) % 2 = 0 SETTINGS mutations_sync = 1",
		"INSERT INTO audit.ingest_hourly SELECT * FROM audit.ingest_hourly",
	}
	for range 4 {
		for range 1 + r.random.IntN(4) {
			r.send(1 + r.random.IntN(60))
		}
		time.Sleep(time.Duration(r.random.IntN(100)) * time.Millisecond)
		if r.random.IntN(3) > 0 {
			require.NoError(t, r.server.Kill())
			r.send(1 + r.random.IntN(60))
			require.NoError(t, r.server.Restart(t.Context()))
		}
		if r.random.IntN(3) == 0 {
			r.restart()
		}
		if r.random.IntN(2) == 0 {
			r.exec(damages[r.random.IntN(len(damages))])
		}
	}
	r.equalsModel()
}
