package questions

import (
	"math/rand/v2"
	"time"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// stacks are the traces of two bugs.
var stacks = []string{
	"at GrokTable.rowCount (grok.dart:118)\nat Viewer.render (viewer.dart:224)",
	"at PgConnection.open (pg.dart:51)\nat DataProvider.query (provider.dart:88)",
}

// datagrokEvents are sessions of Datagrok: a query or a script runs, a table comes of it or an error, and somebody looks at it.
func datagrokEvents(d *rand.Rand) []event {
	var out []event
	add := func(e event) {
		e.ID, e.Tenant = id("datagrok", len(out)), "team-datagrok"
		out = append(out, e.asDatagrok())
	}
	for n := range 40 {
		session := event{Session: id("grok-session", n), Actor: pick(d, "alice", "carol", "bob"), Time: at(23+d.IntN(7), time.Duration(d.Int64N(int64(22*time.Hour))))}
		session.UserName = session.Actor + ".login"

		ran := session
		if d.IntN(2) == 0 {
			ran.Name, ran.Action, ran.TargetType, ran.Target, ran.TargetName = "query-start", audit.ActionExecute, "query", "q-orders", "Orders of a customer"
			ran.Query, ran.Shape, ran.Language = "SELECT id FROM shop.orders WHERE total > 250", "SELECT id FROM shop.orders WHERE total > ?", "sql"
			ran.Datasets, ran.Duration = []string{"shop.orders"}, some(float64(1+d.IntN(40))/4)
		} else {
			ran.Name, ran.Action, ran.TargetType, ran.Target, ran.TargetName = "script-start", audit.ActionExecute, "script", "s-14", "Dose response fit"
			ran.Function, ran.Duration = ran.TargetName, some(float64(1+d.IntN(40))/8)
			ran.Inputs, ran.Outputs = map[string]any{"plate": 311}, map[string]any{"r2": 0.981}
		}
		add(ran)

		then := session
		then.Time = session.Time.Add(time.Duration(1+d.IntN(50)) * time.Minute)
		then.TargetType, then.Target, then.TargetName = "project", "project:Plates", "Plates"
		switch d.IntN(3) {
		case 0:
			then.Name, then.Action, then.Outcome, then.Exception, then.Stack = "error", audit.ActionExecute, audit.OutcomeFailure, "method not found", pick(d, stacks...)
		case 1:
			then.Name, then.Action, then.TargetType, then.Target, then.TargetName = "table-produced", audit.ActionCreate, "table", "t-plates", "plates"
		default:
			then.Name, then.Action = "project-opened", audit.ActionRead
		}
		add(then)

		if d.IntN(3) == 0 {
			shown := then
			shown.Name, shown.Action, shown.Outcome, shown.Exception, shown.Stack, shown.Time = "viewer-rendered", audit.ActionRead, "", "", "", then.Time.Add(time.Second)
			shown.TargetType, shown.Target, shown.TargetName = "viewer", "viewer:scatter", "Scatter plot"
			add(shown)
		}
	}
	// A table's life after it was made, and an error in a session where nothing was done before.
	for n, kind := range []string{"UPDATE", "SHARE", "DELETE"} {
		add(event{
			Actor: "dave", UserName: "dave.login", Session: "grok-session-x", Time: at(29, time.Duration(n+1)*time.Hour), TargetType: "table", Target: "t-plates", TargetName: "plates",
			Name: map[string]string{"UPDATE": "table-edited", "SHARE": "entity-shared", "DELETE": "table-deleted"}[kind], Action: kind,
		})
	}
	add(event{
		Actor: "dave", UserName: "dave.login", Session: "grok-session-y", Time: at(29, 5*time.Hour), TargetType: "project", Target: "project:Plates", TargetName: "Plates",
		Name: "error", Action: audit.ActionExecute, Outcome: audit.OutcomeFailure, Exception: "method not found", Stack: stacks[0],
	})
	return out
}

// asDatagrok puts an event as Datagrok would.
func (e event) asDatagrok() event {
	e.Profile = "datagrok"
	parameters := map[string]any{}
	if e.Query != "" {
		parameters["query"], parameters["language"] = e.Query, e.Language
	}
	if e.Inputs != nil {
		parameters["inputs"], parameters["outputs"] = e.Inputs, e.Outputs
	}
	e.Body = map[string]any{
		"type": e.Name, "time": e.Time.Format(time.RFC3339Nano), "parameters": parameters,
		"session": map[string]any{"id": e.Session, "user": map[string]any{"id": e.Actor, "login": e.UserName}},
		"entity":  map[string]any{"id": e.Target, "type": e.TargetType, "name": e.TargetName},
	}
	if e.Duration != nil {
		e.Body["duration"] = *e.Duration
	}
	if e.Stack != "" {
		e.Body["error"] = map[string]any{"message": e.Exception, "stackTrace": e.Stack}
	}
	return e
}
