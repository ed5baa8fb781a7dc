package month

import (
	"math"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// axiom is the service that keeps logs and traces: most of the month is queries, and most queries are monitors'.
type axiom struct {
	dice     *dice
	who      *people
	events   float64
	monitors []*monitor
}

// Shares of the month. An execution is two events: runAPLQuery and runAPLQueryCost.
const (
	axiomMonitorRuns   = 0.165
	axiomDashboardRuns = 0.075
	axiomDirectRuns    = 0.035
	axiomAPIRuns       = 0.025
	axiomConfiguration = 0.015
)

func newAxiom(d *dice, who *people, c Config, events float64) *axiom {
	return &axiom{
		dice: d, who: who, events: events,
		monitors: newMonitors(d, c.Start(), events*axiomMonitorRuns),
	}
}

func (x *axiom) hour(h hour) []record {
	var out []record
	out = x.monitorRuns(h, out)
	out = x.dashboardRuns(h, out)
	out = x.directRuns(h, out)
	out = x.apiRuns(h, out)
	out = x.configuration(h, out)
	return x.ingest(h, out)
}

// dataset is a dataset with the bytes that an average hour brings.
type dataset struct {
	id    string
	bytes float64
}

// datasets differ by four orders of magnitude.
var datasets = []dataset{
	{"http-logs", 41 << 30},
	{"traces-prod", 26 << 30},
	{"k8s-events", 9 << 30},
	{"cdn-edge", 63 << 30},
	{"payments-events", 2.4 * (1 << 30)},
	{"auth-events", 850 << 20},
	{"mobile-crashes", 240 << 20},
	{"postgres-slow", 410 << 20},
	{"traces-staging", 1.9 * (1 << 30)},
	{"ci-builds", 130 << 20},
	{"feature-flags", 36 << 20},
	{"billing-usage", 22 << 20},
	{"marketing-clicks", 640 << 20},
	{"vpn-access", 8 << 20},
}

// ingest reports how much each dataset took in the hour that ended.
func (x *axiom) ingest(h hour, out []record) []record {
	for _, ds := range datasets {
		// Traffic follows people, with a floor that machines make.
		bytes := ds.bytes * (0.45 + 0.55*h.office/h.flat) * math.Exp(0.08*x.dice.NormFloat64())
		size := 600 + 500*x.dice.Float64()
		out = append(out, newRecord(h.start.Add(time.Minute), "usageCalculated", audit.ActionReport, system("axiom"),
			target("dataset", ds.id, ds.id)...).succeeded().with(
			attribute.String(audit.AttrOrigin, audit.OriginSystem),
			attribute.Int64(audit.AttrIngestBytes, int64(bytes)),
			attribute.Int64(audit.AttrIngestRecords, int64(bytes/size)),
			attribute.Float64(audit.AttrIngestPeriod, 3600),
		))
	}
	return out
}

// change is something that people do to the product's configuration.
type change struct {
	name, action, kind string
	admin              bool
}

// changes are sorted by how often they happen.
var changes = []change{
	{"updateDashboard", audit.ActionUpdate, "dashboard", false},
	{"getDashboard", audit.ActionRead, "dashboard", false},
	{"updateMonitor", audit.ActionUpdate, "monitor", false},
	{"createDashboard", audit.ActionCreate, "dashboard", false},
	{"createView", audit.ActionCreate, "view", false},
	{"createMonitor", audit.ActionCreate, "monitor", false},
	{"createVirtualField", audit.ActionCreate, "virtual_field", false},
	{"createAnnotation", audit.ActionCreate, "annotation", false},
	{"createPersonalToken", audit.ActionCreate, "personal_token", false},
	{"deleteView", audit.ActionDelete, "view", false},
	{"updateDataset", audit.ActionUpdate, "dataset", true},
	{"createAPIToken", audit.ActionCreate, "api_token", true},
	{"deleteMonitor", audit.ActionDelete, "monitor", false},
	{"regenerateAPIToken", audit.ActionUpdate, "api_token", true},
	{"updateRole", audit.ActionUpdate, "role", true},
	{"updateGroup", audit.ActionUpdate, "group", true},
	{"trimDataset", audit.ActionDelete, "dataset", true},
	{"removeUserFromOrg", audit.ActionDelete, "user", true},
}

func (x *axiom) configuration(h hour, out []record) []record {
	d := x.dice
	for range d.count(x.events * axiomConfiguration * h.office) {
		c := favourite(d, changes)
		who := favourite(d, x.who.engineers)
		if c.admin {
			who = pick(d, x.who.admins)
		}
		name := x.nameOf(c.kind)
		r := newRecord(h.at(d), c.name, c.action, who, target(c.kind, c.kind+"_"+name, name)...).succeeded().with(
			attribute.String(audit.AttrOrigin, audit.OriginUI))
		if c.action == audit.ActionUpdate {
			r = r.with(
				attribute.Map(audit.AttrChangeBefore, attribute.Int("version", 3), attribute.String("owner", d.email()), attribute.String("query", d.fill("['http-logs'] | where status == {code}"))),
				attribute.Map(audit.AttrChangeAfter, attribute.Int("version", 4), attribute.String("owner", d.email()), attribute.String("query", d.fill("['http-logs'] | where status >= {code}"))),
			)
		}
		out = append(out, r)
	}
	return out
}

func (x *axiom) nameOf(kind string) string {
	switch kind {
	case "dashboard":
		return pick(x.dice, dashboards).name
	case "monitor":
		return pick(x.dice, x.monitors).name
	case "dataset":
		return pick(x.dice, datasets).id
	default:
		return pick(x.dice, serviceNames)
	}
}
