package main

import (
	"fmt"
	"os"

	"go.opentelemetry.io/collector/pdata/plog"
)

// users is how many the directory knows.
const users = 10_000

func writeUsers(file *os.File) error {
	if _, err := fmt.Fprintln(file, "id,name,email,department,roles,groups,active"); err != nil {
		return err
	}
	for i := range users {
		if _, err := fmt.Fprintf(file, "u-%d,Ada Example %d,ada.%d@example.com,Department %d,viewer;admin,group%d;all,true\n", i, i, i, i%20, i%50); err != nil {
			return err
		}
	}
	return file.Close()
}

// kind is a kind of event.
type kind struct {
	name, event, action string
	shown               []string // of what is stored, to see that the two do the same
	fill                func(plog.LogRecord)
}

// kinds are what products send: a query, a login, a change and a view, some 640 bytes each.
var kinds = []kind{
	{"query", "query.run", "EXECUTE", []string{"audit.query.representation", "db.query.text"}, func(lr plog.LogRecord) {
		a := lr.Attributes()
		a.PutStr("audit.target.type", "dataset")
		a.PutStr("audit.target.id", "http-logs")
		a.PutStr("audit.query.language", "sql")
		a.PutStr("db.system.name", "postgresql")
		a.PutStr("db.query.text", "SELECT o.id, o.total, c.name FROM orders o JOIN customers c ON c.id = o.customer_id WHERE c.email = 'jane@corp.com' AND o.total > 100 ORDER BY o.id LIMIT 10")
		a.PutDouble("audit.query.cost", 12.5)
		a.PutEmptySlice("audit.datasets").AppendEmpty().SetStr("orders")
	}},
	{"login", "user.login", "LOGIN", []string{"audit.message"}, func(lr plog.LogRecord) {
		a := lr.Attributes()
		a.PutStr("audit.auth.method", "saml")
		a.PutStr("audit.origin", "ui")
		a.PutStr("audit.message", "Ada Example logged in to the workspace analytics through the identity provider")
		a.PutStr("audit.workspace.id", "ws-17")
		a.PutStr("audit.workspace.name", "Analytics and reporting")
	}},
	{"change", "table.update", "UPDATE", []string{"audit.change.after"}, func(lr plog.LogRecord) {
		a := lr.Attributes()
		a.PutStr("audit.target.type", "table")
		a.PutStr("audit.target.id", "tbl-4711")
		a.PutStr("audit.target.name", "orders")
		before := a.PutEmptyMap("audit.change.before")
		before.PutStr("name", "orders")
		before.PutStr("owner", "jane@corp.com")
		after := a.PutEmptyMap("audit.change.after")
		after.PutStr("name", "orders_v2")
		after.PutStr("owner", "bob@corp.com")
		after.PutBool("archived", false)
	}},
	{"view", "dashboard.view", "READ", []string{"audit.message", "audit.capture.level"}, func(lr plog.LogRecord) {
		a := lr.Attributes()
		a.PutStr("audit.target.type", "dashboard")
		a.PutStr("audit.target.id", "dash-7")
		a.PutStr("audit.target.name", "Orders of the day")
		a.PutStr("audit.message", "viewed by jane@corp.com on a shared screen in the lobby of the office")
		a.PutStr("acme.unknown", "an attribute that no rule knows")
	}},
}

func (k kind) request() plog.Logs {
	logs := plog.NewLogs()
	rl := logs.ResourceLogs().AppendEmpty()
	rl.Resource().Attributes().PutStr("service.name", "shop")
	rl.Resource().Attributes().PutStr("service.version", "1.4.2")
	rl.Resource().Attributes().PutStr("deployment.environment.name", "production")
	sl := rl.ScopeLogs().AppendEmpty()
	for i := range records {
		lr := sl.LogRecords().AppendEmpty()
		lr.SetTimestamp(1_763_757_540_000_000_000)
		lr.SetObservedTimestamp(1_763_757_540_100_000_000)
		lr.SetEventName(k.event)
		a := lr.Attributes()
		a.PutInt("audit.received_time", 1_763_757_540_200_000_000)
		a.PutStr("audit.record.id", fmt.Sprintf("01890a5d-ac96-774b-bcce-b3%010d", i))
		a.PutStr("audit.tenant.id", "acme-corp")
		a.PutStr("audit.action", k.action)
		a.PutStr("audit.outcome", "success")
		a.PutStr("audit.actor.id", fmt.Sprintf("u-%d", i*97%users))
		a.PutStr("audit.actor.type", "user")
		a.PutStr("user.email", "ada@example.com")
		a.PutStr("client.address", "203.0.113.17")
		a.PutStr("user_agent.original", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36")
		a.PutStr("session.id", "5f1c7a2e9b7d4c0f")
		k.fill(lr)
	}
	return logs
}
