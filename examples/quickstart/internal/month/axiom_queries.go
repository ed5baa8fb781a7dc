package month

import (
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// source is what issues queries: a monitor or a panel of a dashboard.
type source struct {
	id, name string
	query    string   // APL with placeholders
	datasets []string // that the query reads
	cost     float64  // GB·ms, median
	tail     float64  // how heavy the tail of the cost is: sigma of a lognormal distribution
}

// execution returns the two events of one query: that it ran, and a moment later what it cost.
func (x *axiom) execution(at time.Time, who actor, origin, kind string, s source) [2]record {
	d := x.dice
	queryID := d.hex(24)
	cost := d.lognormal(s.cost, s.tail)
	seconds := 0.03 + cost/9000*(0.5+d.Float64())
	issued := append(target(kind, s.id, s.name),
		attribute.String(audit.AttrOrigin, origin),
		attribute.String(audit.AttrQueryID, queryID),
	)
	run := newRecord(at, "runAPLQuery", audit.ActionExecute, who, issued...).with(
		attribute.String(audit.AttrQueryLanguage, "apl"),
		attribute.String(audit.AttrQueryText, d.fill(s.query)),
		attribute.StringSlice(audit.AttrDatasets, s.datasets),
	)
	costed := newRecord(at.Add(time.Duration(seconds*float64(time.Second))), "runAPLQueryCost", audit.ActionReport, who, issued...).succeeded().with(
		attribute.StringSlice(audit.AttrDatasets, s.datasets),
		attribute.Float64(audit.AttrQueryCost, cost),
		attribute.Int64(audit.AttrQueryBytesScanned, int64(cost*(0.6+0.8*d.Float64())*2e6)),
		attribute.Float64(audit.AttrDuration, seconds),
	)
	if d.chance(0.006) {
		return [2]record{run.failed("query_timeout", d.fill("query of {email} took longer than 60 s")), costed}
	}
	return [2]record{run.succeeded(), costed}
}

// monitor is a query that runs by itself.
type monitor struct {
	source
	minutes float64 // between two runs
	every   time.Duration
	next    time.Time
}

// newMonitors returns the monitors with intervals stretched or squeezed so that they make about so many runs a month.
func newMonitors(d *dice, start time.Time, runs float64) []*monitor {
	var asked float64
	for _, m := range monitors {
		asked += Days * 24 * 60 / m.minutes
	}
	stretch := asked / runs
	all := make([]*monitor, 0, len(monitors))
	for _, m := range monitors {
		m.every = time.Duration(m.minutes * stretch * float64(time.Minute))
		m.next = start.Add(time.Duration(d.Float64() * float64(m.every)))
		all = append(all, &m)
	}
	return all
}

func (x *axiom) monitorRuns(h hour, out []record) []record {
	end := h.start.Add(time.Hour)
	for _, m := range x.monitors {
		for ; m.next.Before(end); m.next = m.next.Add(m.every) {
			if m.next.Before(h.start) {
				continue
			}
			run := x.execution(m.next, system("axiom-monitors"), audit.OriginMonitor, "monitor", m.source)
			out = append(out, run[:]...)
		}
	}
	return out
}

// dashboard is a page of panels, each of them a query.
type dashboard struct {
	id, name string
	panels   []source
}

func (x *axiom) dashboardRuns(h hour, out []record) []record {
	d := x.dice
	// A page has three panels or so.
	for range d.count(x.events * axiomDashboardRuns * h.office / panelsPerPage) {
		page := favourite(d, dashboards)
		who := favourite(d, x.who.all)
		opened := h.at(d)
		for i, panel := range page.panels {
			panel.id, panel.name = page.id, page.name
			run := x.execution(opened.Add(time.Duration(i*40)*time.Millisecond), who, audit.OriginDashboard, "dashboard", panel)
			out = append(out, run[:]...)
		}
	}
	return out
}

func (x *axiom) directRuns(h hour, out []record) []record {
	d := x.dice
	for range d.count(x.events * axiomDirectRuns * h.office) {
		q := favourite(d, directQueries)
		q.id, q.name = q.datasets[0], q.datasets[0]
		run := x.execution(h.at(d), favourite(d, x.who.engineers), audit.OriginDirect, "dataset", q)
		out = append(out, run[:]...)
	}
	return out
}

func (x *axiom) apiRuns(h hour, out []record) []record {
	d := x.dice
	for range d.count(x.events * axiomAPIRuns * h.flat) {
		q := pick(d, apiQueries)
		q.id, q.name = q.datasets[0], q.datasets[0]
		run := x.execution(h.at(d), service("svc-reporting", "192.0.2.17"), audit.OriginAPI, "dataset", q)
		out = append(out, run[:]...)
	}
	return out
}
