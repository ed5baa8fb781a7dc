package month

import (
	"fmt"

	"go.opentelemetry.io/otel/attribute"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// datagrok is the service in which analysts run queries, scripts and functions, and look at the results.
type datagrok struct {
	dice   *dice
	who    *people
	events float64
}

// Shares of the month.
const (
	datagrokQueries   = 0.025
	datagrokFunctions = 0.030
	datagrokActivity  = 0.045
	datagrokErrors    = 0.006
)

func newDatagrok(d *dice, who *people, events float64) *datagrok {
	return &datagrok{dice: d, who: who, events: events}
}

func (g *datagrok) hour(h hour) []record {
	var out []record
	out = g.queries(h, out)
	out = g.functions(h, out)
	out = g.activity(h, out)
	return g.errors(h, out)
}

// statement is a stored SQL query of a connection.
type statement struct {
	id, name, text string
	tables         []string
	rows           float64 // median
	seconds        float64 // median
}

var statements = []statement{
	{"q-cohort", "Cohort retention", `SELECT cohort, count(DISTINCT user_id) FROM analytics.sessions WHERE started_at >= '{date}' AND email <> '{email}' GROUP BY cohort`, []string{"analytics.sessions"}, 40, 3.1},
	{"q-orders", "Orders of a customer", `SELECT o.id, o.total FROM shop.orders o JOIN shop.customers c ON c.id = o.customer_id WHERE c.email = '{email}' AND o.total > {n}`, []string{"shop.orders", "shop.customers"}, 12, 0.4},
	{"q-assay", "Assay results", `SELECT compound, avg(response) FROM lab.assays WHERE plate IN ({n}, {n}, {n}) AND operator = '{email}' GROUP BY compound`, []string{"lab.assays"}, 900, 1.7},
	{"q-tokens", "Tokens by owner", `SELECT owner FROM iam.tokens WHERE token = '{secret}' OR last_ip = '{ip}'`, []string{"iam.tokens"}, 1, 0.2},
	{"q-churn", "Churn features", `WITH last AS (SELECT user_id, max(ts) AS ts FROM analytics.events WHERE ts > '{date}' GROUP BY user_id) SELECT * FROM last WHERE user_id <> '{uuid}' LIMIT {n}`, []string{"analytics.events"}, 5200, 9.5},
}

func (g *datagrok) queries(h hour, out []record) []record {
	d := g.dice
	for range d.count(g.events * datagrokQueries * h.office) {
		s := favourite(d, statements)
		r := newRecord(h.at(d), "query-start", audit.ActionExecute, favourite(d, g.who.analysts), target("query", s.id, s.name)...).with(
			attribute.String(audit.AttrOrigin, audit.OriginUI),
			attribute.String(audit.AttrQueryID, d.uuid()),
			attribute.String(audit.AttrQueryLanguage, "sql"),
			attribute.String(audit.AttrDBSystemName, "postgresql"),
			attribute.String(audit.AttrQueryText, d.fill(s.text)),
			attribute.StringSlice(audit.AttrDatasets, s.tables),
			attribute.Float64(audit.AttrDuration, d.lognormal(s.seconds, 0.7)),
			attribute.Map(audit.AttrQueryParameters, attribute.String("email", d.email()), attribute.Int("limit", 100)),
		)
		if d.chance(0.015) {
			r = r.failed("57014", "canceling statement due to statement timeout")
		} else {
			r = r.succeeded().with(attribute.Int64(audit.AttrReturnedRows, int64(d.lognormal(s.rows, 0.8))))
		}
		out = append(out, r)
	}
	return out
}

var functions = []run{
	{"script-start", "script", "s-14", "Dose response fit", 6.2},
	{"script-start", "script", "s-22", "Normalise plates", 1.1},
	{"predictive-model-start", "predictive_model", "m-3", "Solubility", 14},
	{"action-start", "action", "a-8", "Export to registry", 0.9},
	{"job-start", "job", "j-2", "Refresh compound library", 180},
}

func (g *datagrok) functions(h hour, out []record) []record {
	d := g.dice
	for range d.count(g.events * datagrokFunctions * h.office) {
		f := favourite(d, functions)
		out = append(out, newRecord(h.at(d), f.event, audit.ActionExecute, favourite(d, g.who.analysts), target(f.kind, f.id, f.name)...).succeeded().with(
			attribute.String(audit.AttrFunctionName, f.name),
			attribute.Map(audit.AttrFunctionInputs,
				attribute.String("requested_by", d.email()), attribute.Int("plate", d.IntN(900)), attribute.String("token", d.secret())),
			attribute.Map(audit.AttrFunctionOutputs, attribute.Float64("r2", d.Float64()), attribute.String("report_to", d.email())),
			attribute.Float64(audit.AttrDuration, d.lognormal(f.median, 0.5)),
		))
	}
	return out
}

var actions = []struct{ name, action, kind string }{
	{"viewer-rendered", audit.ActionRead, "viewer"},
	{"project-opened", audit.ActionRead, "project"},
	{"main-menu-item-click", audit.ActionExecute, "menu_item"},
	{"dialog-ok", audit.ActionExecute, "dialog"},
	{"table-produced", audit.ActionCreate, "table"},
	{"entity-shared", audit.ActionShare, "project"},
	{"comment-posted", audit.ActionCreate, "comment"},
	{"notebook-edited", audit.ActionUpdate, "notebook"},
	{"user-invited", audit.ActionCreate, "user"},
}

var projects = []string{"Kinase panel", "Stability study 7", "Retention 2026", "Plate quality", "Compound triage"}

func (g *datagrok) activity(h hour, out []record) []record {
	d := g.dice
	for range d.count(g.events * datagrokActivity * h.office) {
		a, project := favourite(d, actions), favourite(d, projects)
		r := newRecord(h.at(d), a.name, a.action, favourite(d, g.who.analysts), target(a.kind, a.kind+":"+project, project)...).succeeded()
		if a.name == "entity-shared" {
			r = r.with(attribute.Map(audit.AttrDetails, attribute.String("shared_with", d.email())))
		}
		out = append(out, r)
	}
	return out
}

// crash is a bug of the product: the same trace each time but for lines and addresses.
type crash struct{ kind, message, trace string }

var crashes = []crash{
	{"NullError", "method not found: 'length' on null", "at GrokTable.rowCount (grok.dart:%d)\nat Viewer.render (viewer.dart:%d)\nat Canvas.paint (canvas.dart:412)"},
	{"ConnectionError", "connection to {ip} refused", "at PgConnection.open (pg.dart:%d)\nat DataProvider.query (provider.dart:%d)\nat Session.run (session.dart:88)"},
	{"FormatException", "bad number in a row of {email}", "at CsvParser.cell (csv.dart:%d)\nat CsvParser.row (csv.dart:%d)\nat Import.file (import.dart:51)"},
	{"TimeoutError", "script on {service} did not end", "at Worker.await (worker.dart:%d)\nat ScriptHandler.call (script.dart:%d)\nat Session.run (session.dart:88)"},
}

func (g *datagrok) errors(h hour, out []record) []record {
	d := g.dice
	for range d.count(g.events * datagrokErrors * h.office) {
		c, project := favourite(d, crashes), favourite(d, projects)
		trace := fmt.Sprintf(c.trace, 100+d.IntN(40), 200+d.IntN(40)) + d.fill("\nuser {email} token {secret}")
		out = append(out, newRecord(h.at(d), "error", audit.ActionExecute, favourite(d, g.who.analysts), target("project", "project:"+project, project)...).
			failed(c.kind, "unhandled").with(
			attribute.String(audit.AttrExceptionMessage, d.fill(c.message)),
			attribute.String(audit.AttrExceptionStacktrace, trace),
		))
	}
	return out
}
