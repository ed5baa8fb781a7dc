package questions

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// lines are the rows of an answer.
func lines(t *testing.T, sql string, p params) []string {
	t.Helper()
	return strings.FieldsFunc(answer(t, sql, p), func(r rune) bool { return r == '\n' })
}

// person is what a view calls an actor.
func person(e event) string {
	return cmp.Or(directoryName[e.Actor], e.UserName, e.Actor)
}

// average and rank are the mean of durations, and the one below which a share of them lie.
func average(of []float64) float64 {
	sum := 0.0
	for _, v := range of {
		sum += v
	}
	return sum / float64(len(of))
}

func rank(of []float64, share float64) float64 {
	sorted := slices.Sorted(slices.Values(of))
	return sorted[min(int(share*float64(len(sorted))), len(sorted)-1)]
}

func TestEntityActivity(t *testing.T) {
	now := time.Now()
	lastDays := func(condition func(event) bool) []event { return within(now.AddDate(0, 0, -7), now, condition) }
	for _, entity := range [][2]string{{"project", "project:Plates"}, {"", "project:Plates"}, {"table", "t-plates"}, {"query", "project:Plates"}} {
		found := lastDays(func(e event) bool { return e.Target == entity[1] && (entity[0] == "" || e.TargetType == entity[0]) })
		want := []string{}
		for _, e := range found {
			want = append(want, strings.Join([]string{e.ID, e.Name, e.Action, cmp.Or(e.Outcome, "success"), e.Actor, person(e), e.TargetName, e.Session}, "\t"))
		}
		p := params{"type": entity[0], "id": entity[1]}
		assert.ElementsMatch(t, want, lines(t, `SELECT record_id, event_name, action, outcome, actor_id, name, target_name, session_id
			FROM audit.entity_activity(target_type = {type:String}, target_id = {id:String})`, p), "%v", entity)

		want = []string{}
		for name, es := range groups(found, func(e event) string { return e.Name }) {
			failures := 0
			for _, e := range es {
				if e.Outcome == "failure" {
					failures++
				}
			}
			actors := groups(es, func(e event) string { return e.Actor })
			want = append(want, fmt.Sprintf("%s\t%d\t%d\t%d\t%d", name, len(es), len(es), len(actors), failures))
		}
		assert.ElementsMatch(t, want, lines(t, `SELECT event_name, events, estimated_events, actors, failures
			FROM audit.entity_usage(target_type = {type:String}, target_id = {id:String})`, p), "usage of %v", entity)
	}
}

func TestFunctionUsage(t *testing.T) {
	from, to := at(24, 5*time.Hour), at(29, 0)
	want := []string{}
	for _, e := range within(from, to, func(e event) bool { return e.Function != "" }) {
		want = append(want, strings.Join([]string{e.ID, e.Function, e.Actor, person(e), `{"plate":"int"}`, `{"r2":"double"}`, fmt.Sprint(*e.Duration), e.Session}, "\t"))
	}
	assert.NotEmpty(t, want)
	assert.ElementsMatch(t, want, lines(t, `SELECT record_id, function_name, actor_id, name, function_inputs, function_outputs, duration_seconds, session_id
		FROM audit.function_usage(from = {from:DateTime64(9)}, to = {to:DateTime64(9)})`, params{"from": from, "to": to}))
}

// before is what a session did last before an event, within an hour.
func before(e event, condition func(event) bool) *event {
	earlier := where(func(o event) bool {
		return o.Tenant == e.Tenant && o.Session == e.Session && o.Session != "" && !o.Time.After(e.Time) && o.ID != e.ID &&
			e.Time.Sub(o.Time) <= time.Hour && condition(o)
	})
	if len(earlier) == 0 {
		return nil
	}
	slices.SortFunc(earlier, newest)
	return &earlier[0]
}

func TestErrors(t *testing.T) {
	from, to := at(10, 0), today
	type cause struct {
		Events int    `json:"events"`
		Name   string `json:"event_name"`
		Type   string `json:"target_type"`
		Target string `json:"target_name"`
	}
	type row struct {
		Tenant      string    `json:"tenant_id"`
		Fingerprint string    `json:"error_fingerprint"`
		Type        string    `json:"error_type"`
		Name        string    `json:"event_name"`
		Message     string    `json:"last_message"`
		Events      int       `json:"events"`
		Estimated   float64   `json:"estimated_events"`
		Actors      int       `json:"actors"`
		Sessions    int       `json:"sessions"`
		First       time.Time `json:"first_time"`
		Last        time.Time `json:"last_time"`
		Causes      []cause   `json:"causes"`
	}
	type key struct{ tenant, stack, kind, name string }
	want := []row{}
	failed := within(from, to, func(e event) bool { return e.Outcome == "failure" || e.ErrorType != "" || e.Stack != "" })
	for k, es := range groups(failed, func(e event) key {
		if e.Stack != "" {
			return key{e.Tenant, e.Stack, e.ErrorType, ""}
		}
		return key{e.Tenant, "", e.ErrorType, e.Name}
	}) {
		slices.SortFunc(es, newest)
		r := row{
			Tenant: k.tenant, Fingerprint: k.stack, Type: k.kind, Name: k.name, Message: cmp.Or(es[0].Exception, es[0].Reason, es[0].Message),
			Events: len(es), Estimated: float64(len(es)), First: es[len(es)-1].Time, Last: es[0].Time,
			Actors:   len(groups(es, func(e event) string { return e.Actor })),
			Sessions: len(groups(slices.DeleteFunc(slices.Clone(es), func(e event) bool { return e.Session == "" }), func(e event) string { return e.Session })),
		}
		for c, caused := range groups(es, func(e event) cause {
			if by := before(e, func(o event) bool { return o.Name != "error" }); e.Name == "error" && by != nil {
				e = *by
			}
			return cause{0, e.Name, e.TargetType, e.TargetName}
		}) {
			c.Events = len(caused)
			r.Causes = append(r.Causes, c)
		}
		slices.SortFunc(r.Causes, func(a, b cause) int {
			return -cmp.Or(a.Events-b.Events, strings.Compare(a.Name, b.Name), strings.Compare(a.Type, b.Type), strings.Compare(a.Target, b.Target))
		})
		r.Causes = r.Causes[:min(5, len(r.Causes))]
		want = append(want, r)
	}
	got := ask[row](t, `SELECT * FROM audit.errors(from = {from:DateTime64(9)}, to = {to:DateTime64(9)})`, params{"from": from, "to": to})
	// A fingerprint is keyed, so Go does not know it: equal traces must have one, and different ones different ones.
	stackOf := map[string]string{}
	for i, r := range got {
		if r.Fingerprint == "" {
			continue
		}
		require.NotContains(t, stackOf, r.Fingerprint)
		for _, w := range want {
			if w.Fingerprint != "" && w.First.Equal(r.First) {
				stackOf[r.Fingerprint], got[i].Fingerprint = w.Fingerprint, w.Fingerprint
			}
		}
	}
	assert.Len(t, stackOf, len(stacks))
	assert.ElementsMatch(t, want, got)
}

func TestDatasetHistory(t *testing.T) {
	from, to := at(20, 0), today
	want := []string{}
	isChange := func(e event) bool {
		return !slices.Contains([]string{"READ", "EXECUTE", "EXPORT", "REPORT", "LOGIN", "LOGOUT", "INVOKE"}, e.Action)
	}
	for _, e := range within(from, to, func(e event) bool {
		return (e.Target == "plates" || e.TargetName == "plates" || slices.Contains(e.Datasets, "plates")) && isChange(e)
	}) {
		part, by, of := "modification", "", ""
		if e.Action == "CREATE" {
			part = "origin"
			if ran := before(e, func(o event) bool { return o.Action == "EXECUTE" && o.Name != "error" }); ran != nil {
				by, of = ran.Name, cmp.Or(ran.TargetName, ran.Target)
			}
		}
		want = append(want, strings.Join([]string{e.ID, part, e.Name, e.Actor, person(e), by, of}, "\t"))
	}
	got := lines(t, `SELECT record_id, part, event_name, actor_id, name, produced_by, produced_by_target
		FROM audit.dataset_history(dataset = {dataset:String}, from = {from:DateTime64(9)}, to = {to:DateTime64(9)})`, params{"dataset": "plates", "from": from, "to": to})
	assert.ElementsMatch(t, want, got)
	assert.Contains(t, strings.Join(got, "\n"), "\tquery-start\tOrders of a customer")
}

func TestOperationDurations(t *testing.T) {
	from, to := at(2, 0), today
	type row struct {
		Tenant    string    `json:"tenant_id"`
		Name      string    `json:"event_name"`
		Type      string    `json:"target_type"`
		Events    int       `json:"events"`
		Estimated float64   `json:"estimated_events"`
		Total     float64   `json:"total_seconds"`
		Average   float64   `json:"avg_seconds"`
		All       []float64 `json:"percentiles"`
		P50       float64   `json:"p50_seconds"`
		P90       float64   `json:"p90_seconds"`
		P95       float64   `json:"p95_seconds"`
		P99       float64   `json:"p99_seconds"`
		Max       float64   `json:"max_seconds"`
	}
	type key struct{ tenant, name, kind string }
	want := []row{}
	for k, es := range groups(within(from, to, func(e event) bool { return e.Duration != nil }), func(e event) key { return key{e.Tenant, e.Name, e.TargetType} }) {
		var took []float64
		for _, e := range es {
			took = append(took, *e.Duration)
		}
		all := []float64{rank(took, 0.5), rank(took, 0.9), rank(took, 0.95), rank(took, 0.99)}
		want = append(want, row{
			k.tenant, k.name, k.kind, len(es), float64(len(es)), average(took) * float64(len(took)), average(took),
			all, all[0], all[1], all[2], all[3], slices.Max(took),
		})
	}
	got := ask[row](t, `SELECT * FROM audit.operation_durations(from = {from:DateTime64(9)}, to = {to:DateTime64(9)})`, params{"from": from, "to": to})
	require.Len(t, got, len(want))
	order := func(a, b row) int {
		return cmp.Or(strings.Compare(a.Tenant, b.Tenant), strings.Compare(a.Name, b.Name), strings.Compare(a.Type, b.Type))
	}
	slices.SortFunc(want, order)
	slices.SortFunc(got, order)
	for i := range want {
		assert.InDelta(t, want[i].Total, got[i].Total, 1e-9)
		assert.InDelta(t, want[i].Average, got[i].Average, 1e-9)
		want[i].Total, want[i].Average = got[i].Total, got[i].Average
		assert.Equal(t, want[i], got[i])
	}
}

// TestDatagrokTables joins the four tables as they were joined in Datagrok.
func TestDatagrokTables(t *testing.T) {
	from, to := at(24, 0), today
	mine := within(from, to, func(e event) bool { return e.Tenant == "team-datagrok" })
	p := params{"from": from, "to": to}

	want := []string{}
	for _, e := range mine {
		failed := "false"
		if e.Outcome == "failure" {
			failed = "true"
		}
		finished := `\N`
		if e.Duration != nil {
			finished = e.Time.Add(time.Duration(*e.Duration * float64(time.Second))).Format("2006-01-02T15:04:05.000000000Z")
		}
		want = append(want, strings.Join([]string{e.ID, e.Name, e.Session, e.Actor, e.UserName, failed, e.Exception, e.TargetType, e.Target, finished}, "\t"))
	}
	assert.ElementsMatch(t, want, lines(t, `SELECT e.record_id, et.name, e.session_id, e.user_id, e.user_name, e.is_error, e.error_message, e.entity_type, e.entity_id, e.event_time_finished
		FROM audit.datagrok_events AS e INNER JOIN audit.datagrok_event_types AS et ON e.event_type_id = et.id
		WHERE e.tenant_id = 'team-datagrok' AND e.event_time >= {from:DateTime64(9)} AND e.event_time < {to:DateTime64(9)}`, p))

	want = []string{}
	for _, e := range mine {
		if e.Function != "" {
			want = append(want, e.ID+"\tscript-start\tplate\tinput\ttrue\tint", e.ID+"\tscript-start\tr2\toutput\tfalse\tdouble")
		}
	}
	assert.ElementsMatch(t, want, lines(t, `SELECT e.record_id, et.name, ep.name, ep.type, ep.is_input, epv.value
		FROM audit.datagrok_events AS e
		INNER JOIN audit.datagrok_event_types AS et ON e.event_type_id = et.id
		INNER JOIN audit.datagrok_event_parameter_values AS epv ON epv.event_id = e.id
		INNER JOIN audit.datagrok_event_parameters AS ep ON epv.parameter_id = ep.id
		WHERE e.tenant_id = 'team-datagrok' AND e.event_time >= {from:DateTime64(9)} AND e.event_time < {to:DateTime64(9)}
			AND ep.type IN ('input', 'output')`, p))

	// "Each event is associated with a fixed type": every name that was sent, how often.
	want = []string{}
	for name, es := range groups(where(func(e event) bool { return e.Tenant == "team-datagrok" }), func(e event) string { return e.Name }) {
		want = append(want, fmt.Sprintf("%s\t%d", name, len(es)))
	}
	assert.ElementsMatch(t, want, lines(t, `SELECT name, events FROM audit.datagrok_event_types WHERE tenant_id = 'team-datagrok'`, nil))
}
