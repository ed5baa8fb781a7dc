package questions

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// span is the first and the last time of events.
func span(events []event) (first, last time.Time) {
	times := make([]time.Time, 0, len(events))
	for _, e := range events {
		times = append(times, e.Time)
	}
	return slices.MinFunc(times, time.Time.Compare), slices.MaxFunc(times, time.Time.Compare)
}

// count is how many events a condition holds for.
func count(events []event, condition func(event) bool) (n int) {
	for _, e := range events {
		if condition(e) {
			n++
		}
	}
	return n
}

// distinct gives the sorted values of events, each once.
func distinct(events []event, value func(event) string) []string {
	list := []string{}
	for _, e := range events {
		list = append(list, value(e))
	}
	return sortedSet(list)
}

func anything(event) bool    { return true }
func isFailure(e event) bool { return e.Outcome == audit.OutcomeFailure }
func actorOf(e event) string { return e.Actor }
func is(action string) func(event) bool {
	return func(e event) bool { return e.Action == action }
}

type operation struct {
	Tenant     string `json:"tenant_id"`
	TargetType string `json:"target_type"`
	Action     string `json:"action"`
}

func operationOf(e event) operation { return operation{e.Tenant, e.TargetType, e.Action} }

func TestOperationsByTarget(t *testing.T) {
	type row struct {
		operation
		Events   int       `json:"events"`
		Failures int       `json:"failures"`
		Actors   int       `json:"actors"`
		Names    []string  `json:"event_names"`
		First    time.Time `json:"first_time"`
		Last     time.Time `json:"last_time"`
	}
	for name, r := range ranges {
		from, to := wholeDays(r)
		want := []row{}
		for k, es := range groups(within(from, to, anything), operationOf) {
			first, last := span(es)
			want = append(want, row{k, len(es), count(es, isFailure), len(distinct(es, actorOf)), distinct(es, func(e event) string { return e.Name }), first, last})
		}
		assert.ElementsMatch(t, want, ask[row](t, `SELECT * EXCEPT example_events FROM audit.operations_by_target(`+ofRange+`)`, bounds(r)), name)
	}
}

func TestOperationsByTargetHaveExamples(t *testing.T) {
	type row struct {
		operation
		Events   int      `json:"events"`
		Examples []string `json:"example_events"`
	}
	type example struct {
		operation
		ID   string `json:"record_id"`
		Time string `json:"timestamp"`
		Name string `json:"event_name"`
	}
	rows := ask[row](t, `SELECT tenant_id, target_type, action, events, example_events FROM audit.operations_by_target(`+ofRange+`)`, bounds(ranges["full days"]))
	require.NotEmpty(t, rows)
	for _, r := range rows {
		all := within(ranges["full days"][0], ranges["full days"][1], func(e event) bool { return operationOf(e) == r.operation })
		_, last := span(all)
		require.NotEmpty(t, r.Examples)
		assert.LessOrEqual(t, len(r.Examples), 3)
		seen := map[string]bool{}
		for n, text := range r.Examples {
			var e example
			require.NoError(t, json.Unmarshal([]byte(text), &e))
			at, err := time.Parse(time.DateTime, e.Time)
			require.NoError(t, err)
			assert.True(t, slices.ContainsFunc(all, func(other event) bool { return other.ID == e.ID && other.Name == e.Name && other.Time.Equal(at) }),
				"an event of the operation: %s", text)
			assert.False(t, seen[e.ID], "there once: %s", text)
			assert.False(t, at.After(last), "not newer than the one before: %s", text)
			if n == 0 {
				assert.True(t, at.Equal(last), "the newest is the first: %s", text)
			}
			last, seen[e.ID] = at, true
		}
	}
}

func TestObjectHistory(t *testing.T) {
	type row struct {
		Tenant    string    `json:"tenant_id"`
		Time      time.Time `json:"timestamp"`
		Name      string    `json:"event_name"`
		Action    string    `json:"action"`
		Outcome   string    `json:"outcome"`
		Reason    string    `json:"outcome_reason"`
		Actor     string    `json:"actor_id"`
		ActorName string    `json:"actor_name"`
		Address   string    `json:"source_address"`
		Session   string    `json:"session_id"`
		Workspace string    `json:"workspace_id"`
		Before    bool      `json:"has_before"`
		After     string    `json:"change_after"`
		ID        string    `json:"record_id"`
	}
	for name, r := range ranges {
		for _, target := range [][2]string{{"monitor", "monitor-0003"}, {"dashboard", "dashboard-0001"}, {"dataset", "dataset-0002"}, {"dataset", "http-logs"}} {
			want := []row{}
			for _, e := range within(r[0], r[1], func(e event) bool { return e.TargetType == target[0] && e.Target == target[1] }) {
				switch e.Action {
				case audit.ActionCreate, audit.ActionUpdate, audit.ActionDelete, audit.ActionDisable, audit.ActionEnable:
				default:
					continue
				}
				after := ""
				if e.After != nil {
					after = `{"owner":"string"}`
				}
				want = append(want, row{
					e.Tenant, e.Time, e.Name, e.Action, withDefault(e.Outcome, "success"), e.Reason, e.Actor, directoryName[e.Actor], e.Address, e.Session, e.Workspace,
					e.Before != nil, after, e.ID,
				})
			}
			p := bounds(r)
			p["type"], p["id"] = target[0], target[1]
			assert.ElementsMatch(t, want, ask[row](t, `SELECT tenant_id, timestamp, event_name, action, outcome, outcome_reason, actor_id, actor_name, source_address,
				session_id, workspace_id, toBool(change_before != '') AS has_before, change_after, record_id
				FROM audit.object_history(target_type = {type:String}, target_id = {id:String}, `+ofRange+`)`, p), "%s, %v", name, target)
		}
	}
}

// directoryName is what testdata/users.yaml says of the actors.
var directoryName = map[string]string{"alice": "Alice Arden", "carol": "Carol Cho", "dave": "Dave Diaz"}

func TestUserOperations(t *testing.T) {
	type row struct {
		Tenant   string    `json:"tenant_id"`
		Actor    string    `json:"actor_id"`
		Creates  int       `json:"creates"`
		Reads    int       `json:"reads"`
		Updates  int       `json:"updates"`
		Deletes  int       `json:"deletes"`
		Enables  int       `json:"enables"`
		Disables int       `json:"disables"`
		Others   int       `json:"others"`
		Failures int       `json:"failures"`
		Events   int       `json:"events"`
		First    time.Time `json:"first_time"`
		Last     time.Time `json:"last_time"`
	}
	for name, r := range ranges {
		from, to := wholeDays(r)
		want := []row{}
		for k, es := range groups(within(from, to, anything), func(e event) [2]string { return [2]string{e.Tenant, e.Actor} }) {
			u := row{
				Tenant: k[0], Actor: k[1], Creates: count(es, is("CREATE")), Reads: count(es, is("READ")), Updates: count(es, is("UPDATE")),
				Deletes: count(es, is("DELETE")), Enables: count(es, is("ENABLE")), Disables: count(es, is("DISABLE")), Failures: count(es, isFailure), Events: len(es),
			}
			u.Others = u.Events - u.Creates - u.Reads - u.Updates - u.Deletes - u.Enables - u.Disables
			u.First, u.Last = span(es)
			want = append(want, u)
		}
		assert.ElementsMatch(t, want, ask[row](t, `SELECT * FROM audit.user_operations(`+ofRange+`)`, bounds(r)), name)
	}
}

func TestContentPopularity(t *testing.T) {
	type row struct {
		Tenant     string    `json:"tenant_id"`
		TargetType string    `json:"target_type"`
		Target     string    `json:"target_id"`
		TargetName string    `json:"target_name"`
		Users      int       `json:"users"`
		Reads      int       `json:"reads"`
		Runs       int       `json:"runs"`
		Uses       int       `json:"uses"`
		Estimated  float64   `json:"estimated_uses"`
		Last       time.Time `json:"last_time"`
	}
	for name, r := range ranges {
		want := []row{}
		for k, es := range groups(within(r[0], r[1], func(e event) bool {
			return (e.Action == audit.ActionRead || e.Action == audit.ActionExecute) && withDefault(e.ActorType, audit.ActorUser) == audit.ActorUser && e.Target != ""
		}), func(e event) [3]string { return [3]string{e.Tenant, e.TargetType, e.Target} }) {
			newest := slices.MaxFunc(es, func(a, b event) int { return a.Time.Compare(b.Time) })
			want = append(want, row{
				k[0], k[1], k[2], newest.TargetName, len(distinct(es, actorOf)), count(es, is("READ")), count(es, is("EXECUTE")), len(es), float64(len(es)), newest.Time,
			})
		}
		assert.ElementsMatch(t, want, ask[row](t, `SELECT * FROM audit.content_popularity(`+ofRange+`)`, bounds(r)), name)
	}
}
