package month

import (
	"fmt"
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// xano is the service in which backends are built: runs of APIs and tasks, and changes of workspaces on branches.
type xano struct {
	dice   *dice
	who    *people
	events float64
}

// Shares of the month.
const (
	xanoRuns    = 0.050
	xanoChanges = 0.028
)

func newXano(d *dice, who *people, events float64) *xano {
	return &xano{dice: d, who: who, events: events}
}

func (x *xano) hour(h hour) []record {
	return x.changes(h, x.runs(h, nil))
}

// run is an API or a task of a workspace.
type run struct {
	event, kind, id, name string
	median                float64 // seconds
}

var apiRuns = []run{
	{"Run Query", "query", "812", "GET /orders", 0.08},
	{"Run Query", "query", "813", "POST /orders", 0.21},
	{"Run Query", "query", "830", "GET /customers/search", 0.34},
	{"Run Task", "task", "44", "expire carts", 2.1},
	{"Run Add-on", "addon", "9", "address validation", 0.6},
	{"Run Task", "task", "47", "nightly export", 45},
}

func (x *xano) runs(h hour, out []record) []record {
	d := x.dice
	share := (h.office + h.flat) / 2
	for range d.count(x.events * xanoRuns * share) {
		what := favourite(d, apiRuns)
		who := service("api-gateway", "192.0.2.21")
		origin := audit.OriginAPI
		if what.kind == "task" {
			who, origin = system("xano-scheduler"), audit.OriginSchedule
		}
		r := newRecord(h.at(d), what.event, audit.ActionExecute, who, target(what.kind, what.id, what.name)...).with(
			attribute.String(audit.AttrOrigin, origin),
			attribute.Float64(audit.AttrDuration, d.lognormal(what.median, 0.5)),
			attribute.StringSlice(audit.AttrLabels, []string{what.kind, "run"}),
		).with(live...)
		if d.chance(0.012) {
			r = r.failed("timeout", d.fill("no answer for {email} from {service}"))
		} else {
			r = r.succeeded()
		}
		out = append(out, r)
	}
	return out
}

var (
	live = []attribute.KeyValue{
		attribute.String(audit.AttrWorkspaceID, "456"), attribute.String(audit.AttrWorkspaceName, "Production"),
		attribute.String(audit.AttrBranchID, "b-1"), attribute.String(audit.AttrBranchName, "main"), attribute.Bool(audit.AttrBranchLive, true),
	}
	development = []attribute.KeyValue{
		attribute.String(audit.AttrWorkspaceID, "456"), attribute.String(audit.AttrWorkspaceName, "Production"),
		attribute.String(audit.AttrBranchID, "b-7"), attribute.String(audit.AttrBranchName, "returns-v2"), attribute.Bool(audit.AttrBranchLive, false),
	}
)

// edit is a change of a workspace.
type edit struct {
	verb, action, thing string
	admin               bool
}

// edits, the most frequent first.
var edits = []edit{
	{"Update", audit.ActionUpdate, "Function", false},
	{"Update", audit.ActionUpdate, "Table", false},
	{"Update", audit.ActionUpdate, "Query", false},
	{"Create", audit.ActionCreate, "Query", false},
	{"Create", audit.ActionCreate, "Table", false},
	{"Update", audit.ActionUpdate, "Environment Variable", false},
	{"Create", audit.ActionCreate, "Branch", false},
	{"Merge", audit.ActionUpdate, "Branch", false},
	{"Create", audit.ActionCreate, "Function", false},
	{"Restore", audit.ActionRestore, "Query", false},
	{"Delete", audit.ActionDelete, "Table", true},
	{"Truncate", audit.ActionDelete, "Table", true},
	{"Set Live", audit.ActionUpdate, "Branch", true},
	{"Impersonate", audit.ActionLogin, "Tenant", true},
	{"Update", audit.ActionUpdate, "Tenant License", true},
}

// names of the things that are edited; functions and queries are named after the tables they serve.
var (
	tables   = []string{"users", "orders", "order_items", "returns", "addresses", "coupons"}
	branches = []string{"main", "returns-v2", "pricing", "release-41"}
	tenants  = []string{"acme-eu", "acme-us", "partner-sandbox"}
	settings = []string{"STRIPE_ACCOUNT", "MAIL_SENDER", "MAX_CART_ITEMS"}
)

func (x *xano) nameOf(kind string) string {
	switch kind {
	case "branch":
		return pick(x.dice, branches)
	case "tenant", "tenant_license":
		return pick(x.dice, tenants)
	case "environment_variable":
		return pick(x.dice, settings)
	default:
		return pick(x.dice, tables)
	}
}

func (x *xano) changes(h hour, out []record) []record {
	d := x.dice
	for range d.count(x.events * xanoChanges * h.office) {
		e, who := favourite(d, edits), favourite(d, x.who.engineers)
		if e.admin {
			who = pick(d, x.who.admins)
		}
		kind := strings.ToLower(strings.ReplaceAll(e.thing, " ", "_"))
		name := x.nameOf(kind)
		branch := development
		if e.admin || d.chance(0.2) {
			branch = live
		}
		r := newRecord(h.at(d), e.verb+" "+e.thing, e.action, who, target(kind, kind+"-"+name, name)...).succeeded().with(
			attribute.String(audit.AttrOrigin, audit.OriginUI),
			attribute.String(audit.AttrMessage, fmt.Sprintf("%s '%s': %s", e.thing, name, d.fill("asked for by {email}"))),
			attribute.StringSlice(audit.AttrLabels, []string{"workspace", kind, strings.ToLower(e.verb)}),
			attribute.Map(audit.AttrDetails,
				attribute.String(kind+"_name", name),
				attribute.Map("default", attribute.String("email", d.email()), attribute.String("api_key", d.secret())),
			),
		).with(branch...)
		if kind == "tenant" {
			r = r.with(attribute.String(audit.AttrActorOnBehalfOf, pick(d, x.who.all).id))
		}
		out = append(out, r)
	}
	return out
}
