package questions

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// xanoTypes are types of Xano's document, and what each is here.
var xanoTypes = []struct{ name, action, kind string }{
	{"Create Table", audit.ActionCreate, "table"},
	{"Update Table", audit.ActionUpdate, "table"},
	{"Update Table", audit.ActionUpdate, "table"},
	{"Delete Table", audit.ActionDelete, "table"},
	{"Truncate Table", audit.ActionDelete, "table"},
	{"Update Function", audit.ActionUpdate, "function"},
	{"Update Function", audit.ActionUpdate, "function"},
	{"Delete Function", audit.ActionDelete, "function"},
	{"Merge Branch", audit.ActionUpdate, "branch"},
	{"Set Live Branch", audit.ActionUpdate, "branch"},
	{"Run Task", audit.ActionExecute, "task"},
	{"Run Task", audit.ActionExecute, "task"},
	{"Impersonate Tenant", audit.ActionLogin, "tenant"},
	{"Update Tenant License", audit.ActionUpdate, "tenant_license"},
	{"Delete Workspace", audit.ActionDelete, "workspace"},
}

var xanoUsers = []event{
	{Actor: "789", UserName: "John Developer", Email: "john@company.com"},
	{Actor: "790", UserName: "Mia Maintainer", Email: "mia@company.com"},
	{Actor: "791", UserName: "Omar Owner", Email: "omar@company.com"},
}

// xanoEvents are items of Xano's audit log in a tenant of their own, some of them at one and the same time, and the item that
// its document shows, in another.
func xanoEvents(d *rand.Rand) []event {
	var out []event
	for n := range 120 {
		what, who := pick(d, xanoTypes...), pick(d, xanoUsers...)
		moment := moment(d)
		if n%8 == 0 { // as a script that changes many things writes them
			moment = at(17, 8*time.Hour)
		}
		e := who
		e.ID, e.Tenant, e.Time, e.Name, e.Action = id("xano", n), "team-xano", moment, what.name, what.action
		e.TargetType, e.Target = what.kind, fmt.Sprint(100+d.IntN(4))
		e.TargetName = pick(d, "users", "orders", "login", "validate")
		e.Message = fmt.Sprintf("%s %s was done in workspace Production", what.name, e.TargetName)
		e.Labels = []string{what.kind, strings.ToLower(strings.Fields(what.name)[0])}
		e.Workspace, e.WorkspaceName = "456", "Production Environment"
		e.Branch, e.BranchName, e.Live = "branch-123", "main", some(true)
		if d.IntN(3) > 0 {
			e.Branch, e.BranchName, e.Live = "branch-7", "feature", some(false)
		}
		if e.Name == "Impersonate Tenant" {
			e.OnBehalfOf = e.Target
		}
		out = append(out, e.asXano(n))
	}
	document := event{
		ID: "xano-document-1", Tenant: "xano-document", Time: time.Date(2024, 1, 15, 10, 30, 0, 0, time.UTC), Name: "Create Table", Action: audit.ActionCreate,
		TargetType: "table", Target: "123", TargetName: "users", Message: "Table 'users' created in workspace 'Production'",
		Labels: []string{"database", "table", "creation"}, Actor: "789", UserName: "John Developer", Email: "john@company.com",
		Workspace: "456", WorkspaceName: "Production Environment", Branch: "branch-123", BranchName: "main", Live: some(true),
	}.asXano(1)
	// What the document leaves to the reader as comments.
	document.Body["data"].(map[string]any)["fields"] = []any{map[string]any{"name": "email", "type": "email"}}
	document.Body["data"].(map[string]any)["relationships"] = []any{}
	return append(out, document)
}

// asXano puts an event as Xano's document shows it.
func (e event) asXano(number int) event {
	e.Profile = "xano"
	labels := make([]any, len(e.Labels))
	for i, label := range e.Labels {
		labels[i] = label
	}
	e.Body = map[string]any{
		"id": number, "created_at": e.Time.Format(time.RFC3339Nano), "updated_at": e.Time.Format(time.RFC3339Nano), "type": e.Name, "msg": e.Message, "label": labels,
		"data":      map[string]any{e.TargetType + "_name": e.TargetName},
		"obj":       map[string]any{e.TargetType + "_id": e.Target},
		"user":      map[string]any{"id": e.Actor, "name": e.UserName, "email": e.Email},
		"workspace": map[string]any{"id": e.Workspace, "name": e.WorkspaceName},
		"branch":    map[string]any{"id": e.Branch, "name": e.BranchName, "is_live": value(e.Live)},
	}
	if e.TargetType != "workspace" {
		e.Body["obj"].(map[string]any)["workspace_id"] = e.Workspace
	}
	return e
}
