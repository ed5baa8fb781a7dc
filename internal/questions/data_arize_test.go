package questions

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// arizeOperations are named by their root fields, which count as datasets.
var arizeOperations = []event{
	{
		Operation: "InviteMember", Datasets: []string{"inviteMember"}, Action: audit.ActionCreate,
		Query: `mutation InviteMember { inviteMember(input: {email: "eve@example.org", role: READ_ONLY}) { user { id } } }`,
		Shape: `mutation InviteMember {inviteMember(input: {email: ?, role: ?}) {user {id}}}`,
	},
	{
		Operation: "UpdateDashboard", Datasets: []string{"updateDashboard"}, Action: audit.ActionUpdate,
		Query: `mutation UpdateDashboard($title: String!) { updateDashboard(input: {id: "7", title: $title}) { dashboard { id } } }`,
		Shape: `mutation UpdateDashboard($title: String!) {updateDashboard(input: {id: ?, title: $title}) {dashboard {id}}}`,
	},
}

// arizeEvents are nodes of Arize's three logs, some at one and the same time, and one of each that is older than thirty days.
func arizeEvents(d *rand.Rand) []event {
	var out []event
	for n := range 105 {
		when := at(2+d.IntN(days-2), time.Duration(d.Int64N(int64(24*time.Hour))))
		switch {
		case n%9 == 0:
			when = at(20, 10*time.Hour)
		case n < 4:
			when = at(-10, time.Duration(n)*time.Hour)
		}
		e := event{ID: id("arize", n), Tenant: "team-arize", Time: when, Profile: "arize", Email: pick(d, "ann@example.net", "ben@example.net")}
		e.Actor = e.Email
		e.Body = map[string]any{"id": fmt.Sprint(n), "user": map[string]any{"email": e.Email}, "loggedAt": when.Format(time.RFC3339Nano)}
		switch n % 3 {
		case 0:
			e.Name, e.Action, e.Operation, e.Address = "unauthenticatedAuditLog", audit.ActionLogin, "loginWithPassword", "203.0.113."+fmt.Sprint(d.IntN(9))
			if d.IntN(3) == 0 {
				e.Outcome = audit.OutcomeFailure
			}
			e.Body["ip"], e.Body["success"], e.Body["mutationName"] = e.Address, e.Outcome == "", e.Operation
		case 1:
			asked := pick(d, arizeOperations...)
			e.Name, e.Action, e.Operation, e.Query, e.Shape, e.Language = "authenticatedAuditLog", asked.Action, asked.Operation, asked.Query, asked.Shape, "graphql"
			e.Datasets = asked.Datasets
			e.Parameters = map[string]any{"title": "the plan"}
			e.Body["operationName"], e.Body["operationText"], e.Body["variables"] = e.Operation, e.Query, e.Parameters
		case 2:
			e.Name, e.Action, e.TargetType = "exporterAuditLog", audit.ActionExport, "model"
			e.Target = pick(d, "fraud-scoring", "eta-prediction")
			e.TargetName, e.Datasets = e.Target, []string{e.Target}
			e.Body["model"] = map[string]any{"name": e.Target}
		}
		out = append(out, e)
	}
	return out
}
