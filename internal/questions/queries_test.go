package questions

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// ranges are what the views are asked for: days, and ends within an hour.
var ranges = map[string][2]time.Time{
	"all":          {start, today.AddDate(0, 0, 1)},
	"full days":    {at(5, 0), at(12, 0)},
	"odd ends":     {at(10, 30*time.Minute), at(10, 5*time.Hour+time.Nanosecond)},
	"a nanosecond": {at(10, time.Hour-time.Nanosecond), at(10, time.Hour)},
	"nothing":      {at(10, 0), at(10, 0)},
}

// wholeHours and wholeDays are the ranges that a view over a rollup answers for.
func wholeHours(r [2]time.Time) (from, to time.Time) { return whole(r, time.Hour) }
func wholeDays(r [2]time.Time) (from, to time.Time)  { return whole(r, 24*time.Hour) }

func whole(r [2]time.Time, unit time.Duration) (from, to time.Time) {
	if !r[0].Before(r[1]) && r[0].Equal(r[0].Truncate(unit)) {
		return r[0], r[1] // a range of nothing that touches nothing
	}
	return r[0].Truncate(unit), r[1].Add(unit - time.Nanosecond).Truncate(unit)
}

func bounds(r [2]time.Time) params { return params{"from": r[0], "to": r[1]} }

const ofRange = `from = {from:DateTime64(9)}, to = {to:DateTime64(9)}`

func TestHighCostQueries(t *testing.T) {
	type row struct {
		Tenant         string    `json:"tenant_id"`
		Time           time.Time `json:"timestamp"`
		Cost           float64   `json:"query_cost"`
		Scanned        *int64    `json:"query_bytes_scanned"`
		Duration       *float64  `json:"duration_seconds"`
		Origin         string    `json:"origin"`
		TargetType     string    `json:"target_type"`
		Target         string    `json:"target_id"`
		TargetName     string    `json:"target_name"`
		Actor          string    `json:"actor_id"`
		ActorType      string    `json:"actor_type"`
		Datasets       []string  `json:"datasets"`
		Language       string    `json:"query_language"`
		Representation string    `json:"query_representation"`
		Fingerprint    string    `json:"query_fingerprint"`
		QueryID        string    `json:"query_id"`
		ID             string    `json:"record_id"`
	}
	prints := fingerprints(t)
	for name, r := range ranges {
		for _, least := range []float64{-1, 1000, 4096, 6000} {
			want := []row{}
			for _, e := range within(r[0], r[1], func(e event) bool { return e.isCosted() && *e.Cost > least }) {
				asked := e
				if !e.isExecution() {
					asked = runOf(e)
				}
				want = append(want, row{
					e.Tenant, e.Time, *e.Cost, e.Scanned, e.Duration, e.Origin, e.TargetType, e.Target, e.TargetName, e.Actor, withDefault(e.ActorType, "user"), slices.Concat([]string{}, e.Datasets),
					asked.Language, asked.Shape, prints[asked.Shape], e.QueryID, e.ID,
				})
			}
			p := bounds(r)
			p["min"] = least
			assert.ElementsMatch(t, want, ask[row](t, `SELECT * FROM audit.high_cost_queries(min_cost = {min:Float64}, `+ofRange+`)`, p), "%s, over %v", name, least)
		}
	}
}

// runOf is the first execution that a cost is of.
func runOf(cost event) (run event) {
	if cost.QueryID == "" {
		return event{}
	}
	for _, e := range events() {
		if e.isExecution() && e.QueryID == cost.QueryID && e.Tenant == cost.Tenant && (run.ID == "" || e.Time.Before(run.Time)) {
			run = e
		}
	}
	return run
}

// fingerprints gives what the processor computed with its key, by representation.
func fingerprints(t *testing.T) map[string]string {
	t.Helper()
	type row struct {
		Shape        string   `json:"query_representation"`
		Fingerprints []string `json:"fingerprints"`
	}
	out := map[string]string{"": ""}
	for _, r := range ask[row](t, `SELECT query_representation, groupUniqArray(query_fingerprint) AS fingerprints FROM audit.events
		WHERE query_representation != '' GROUP BY query_representation`, nil) {
		require.Len(t, r.Fingerprints, 1, r.Shape)
		out[r.Shape] = r.Fingerprints[0]
	}
	return out
}

func TestMonitorQueryLoad(t *testing.T) {
	type key struct {
		Tenant     string `json:"tenant_id"`
		TargetType string `json:"target_type"`
		Target     string `json:"target_id"`
	}
	type row struct {
		key
		Queries    int      `json:"total_queries"`
		Total      float64  `json:"total_cost"`
		Average    *float64 `json:"avg_cost"`
		Max        *float64 `json:"max_cost"`
		Executions int      `json:"executions"`
		Scanned    int64    `json:"bytes_scanned"`
	}
	for name, r := range ranges {
		from, to := wholeHours(r)
		want := []row{}
		for k, es := range groups(within(from, to, func(e event) bool { return e.Origin == "monitor" && (e.isExecution() || e.isCosted()) }),
			func(e event) key { return key{e.Tenant, e.TargetType, e.Target} }) {
			load := row{key: k}
			for _, e := range es {
				load.Scanned += value(e.Scanned)
				if e.isExecution() {
					load.Executions++
				}
				if e.isCosted() {
					load.Queries++
					load.Total += *e.Cost
					load.Max = some(max(value(load.Max), *e.Cost))
				}
			}
			if load.Queries > 0 {
				load.Average = some(load.Total / float64(load.Queries))
			}
			want = append(want, load)
		}
		assert.ElementsMatch(t, want, ask[row](t, `SELECT * EXCEPT p95_cost FROM audit.monitor_query_load(`+ofRange+`)`, bounds(r)), name)
	}
}

// TestMonitorQueryLoadQuantile by itself, because a digest approximates.
func TestMonitorQueryLoadQuantile(t *testing.T) {
	type row struct {
		Target string  `json:"target_id"`
		P95    float64 `json:"p95_cost"`
	}
	rows := ask[row](t, `SELECT target_id, p95_cost FROM audit.monitor_query_load(`+ofRange+`) WHERE tenant_id = 'acme'`, bounds(ranges["all"]))
	require.NotEmpty(t, rows)
	for _, r := range rows {
		var costs []float64
		for _, e := range where(func(e event) bool {
			return e.Tenant == "acme" && e.Origin == "monitor" && e.Target == r.Target && e.isCosted()
		}) {
			costs = append(costs, *e.Cost)
		}
		slices.Sort(costs)
		i := int(0.95 * float64(len(costs)-1))
		assert.GreaterOrEqual(t, r.P95, costs[max(0, i-1)], r.Target)
		assert.LessOrEqual(t, r.P95, costs[min(len(costs)-1, i+2)], r.Target)
	}
}

func TestDatasetUsage(t *testing.T) {
	type key struct {
		Tenant  string `json:"tenant_id"`
		Day     string `json:"day"`
		Dataset string `json:"dataset"`
	}
	type row struct {
		key
		Queries int     `json:"query_count"`
		Costed  int     `json:"costed_queries"`
		Cost    float64 `json:"total_cost"`
		Scanned int64   `json:"bytes_scanned"`
		Actors  int     `json:"actors"`
	}
	for name, r := range ranges {
		from, to := wholeDays(r)
		usage, actors := map[key]row{}, map[string]bool{}
		for _, e := range within(from, to, func(e event) bool { return e.isExecution() || e.isCosted() }) {
			for _, dataset := range e.Datasets {
				k := key{e.Tenant, e.Time.Format(time.DateOnly), dataset}
				u := usage[k]
				u.key = k
				if e.isExecution() {
					u.Queries++
				}
				if e.isCosted() {
					u.Costed++
					u.Cost += *e.Cost
				}
				u.Scanned += value(e.Scanned)
				if seen := fmt.Sprint(k, e.Actor); !actors[seen] {
					actors[seen] = true
					u.Actors++
				}
				usage[k] = u
			}
		}
		want := []row{}
		for _, u := range usage {
			want = append(want, u)
		}
		assert.ElementsMatch(t, want, ask[row](t, `SELECT * FROM audit.dataset_usage(`+ofRange+`)`, bounds(r)), name)
	}
}

func TestDatasetSets(t *testing.T) {
	type row struct {
		Tenant    string   `json:"tenant_id"`
		Day       string   `json:"day"`
		Datasets  []string `json:"datasets"`
		Queries   int      `json:"query_count"`
		Estimated float64  `json:"estimated_queries"`
	}
	for name, r := range ranges {
		want := []row{}
		for _, es := range groups(within(r[0], r[1], func(e event) bool { return e.isExecution() && len(e.Datasets) > 0 }),
			func(e event) string { return fmt.Sprint(e.Tenant, e.Time.Format(time.DateOnly), sortedSet(e.Datasets)) }) {
			e := es[0]
			want = append(want, row{e.Tenant, e.Time.Format(time.DateOnly), sortedSet(e.Datasets), len(es), float64(len(es))})
		}
		assert.ElementsMatch(t, want, ask[row](t, `SELECT * FROM audit.dataset_sets(`+ofRange+`)`, bounds(r)), name)
	}
}

func sortedSet(list []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(list)))
}

func TestQuerySources(t *testing.T) {
	type row struct {
		Tenant  string  `json:"tenant_id"`
		Origin  string  `json:"origin"`
		Queries int     `json:"query_count"`
		Share   float64 `json:"query_share"`
		Costed  int     `json:"costed_queries"`
		Cost    float64 `json:"total_cost"`
		Scanned int64   `json:"bytes_scanned"`
	}
	for name, r := range ranges {
		from, to := wholeHours(r)
		total := map[string]int{}
		var sources []row
		for k, es := range groups(within(from, to, func(e event) bool { return e.isExecution() || e.isCosted() }), func(e event) [2]string { return [2]string{e.Tenant, e.Origin} }) {
			source := row{Tenant: k[0], Origin: k[1]}
			for _, e := range es {
				if e.isExecution() {
					source.Queries++
					total[e.Tenant]++
				}
				if e.isCosted() {
					source.Costed++
					source.Cost += *e.Cost
				}
				source.Scanned += value(e.Scanned)
			}
			sources = append(sources, source)
		}
		want := []row{}
		for _, s := range sources {
			s.Share = float64(s.Queries) / float64(total[s.Tenant])
			want = append(want, s)
		}
		assert.ElementsMatch(t, want, ask[row](t, `SELECT * FROM audit.query_sources(`+ofRange+`)`, bounds(r)), name)
	}
}

func TestQueryOrigins(t *testing.T) {
	type key struct {
		Tenant     string `json:"tenant_id"`
		Origin     string `json:"origin"`
		TargetType string `json:"target_type"`
		Target     string `json:"target_id"`
		TargetName string `json:"target_name"`
		Actor      string `json:"actor_id"`
		ActorType  string `json:"actor_type"`
	}
	type row struct {
		key
		Executions int       `json:"executions"`
		Estimated  float64   `json:"estimated_executions"`
		Costed     int       `json:"costed_executions"`
		Cost       float64   `json:"total_cost"`
		Max        *float64  `json:"max_cost"`
		First      time.Time `json:"first_time"`
		Last       time.Time `json:"last_time"`
	}
	for shape, fingerprint := range fingerprints(t) {
		if shape == "" {
			continue
		}
		for name, r := range ranges {
			want := []row{}
			for k, es := range groups(within(r[0], r[1], func(e event) bool { return e.Shape == shape }),
				func(e event) key {
					return key{e.Tenant, e.Origin, e.TargetType, e.Target, e.TargetName, e.Actor, withDefault(e.ActorType, "user")}
				}) {
				o := row{key: k, First: es[0].Time, Last: es[0].Time, Executions: len(es), Estimated: float64(len(es))}
				for _, e := range es {
					costs := where(func(c event) bool {
						return c.isCosted() && (c.ID == e.ID || !c.isExecution() && c.QueryID == e.QueryID && c.Tenant == e.Tenant)
					})
					for _, c := range costs {
						o.Costed++
						o.Cost += *c.Cost
						o.Max = some(max(value(o.Max), *c.Cost))
					}
					if e.Time.Before(o.First) {
						o.First = e.Time
					}
					if e.Time.After(o.Last) {
						o.Last = e.Time
					}
				}
				want = append(want, o)
			}
			p := bounds(r)
			p["fingerprint"] = fingerprint
			assert.ElementsMatch(t, want, ask[row](t, `SELECT * FROM audit.query_origins(fingerprint = {fingerprint:String}, `+ofRange+`)`, p), "%s, %s", shape, name)
		}
	}
}
