package questions

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// queryShape is a query with a number to be put in, and what the processor must make of it.
type queryShape struct {
	language, text, shape string
	datasets              []string
}

var (
	errorsByService = queryShape{
		"apl", `['http-logs'] | where status >= %d | summarize count() by service`, `['http-logs'] | where status >= ? | summarize count() by service`,
		[]string{"http-logs"},
	}
	slowTraces = queryShape{"apl", `traces | where duration > %d`, `traces | where duration > ?`, []string{"traces"}}
	joined     = queryShape{
		"apl", `['http-logs'] | join kind=inner (traces | where duration > %d) on trace_id`,
		`['http-logs'] | join kind=inner (traces | where duration > ?) on trace_id`,
		[]string{"traces", "http-logs"},
	}
	orders = queryShape{"sql", `SELECT * FROM orders WHERE id = %d`, `SELECT * FROM orders WHERE id = ?`, []string{"orders"}}
)

// queryEvents are executions as Axiom reports them, in two events that query_id joins, and as most products do, in one.
// Costs are quarters, so that their sums do not depend on the order.
func queryEvents(d *rand.Rand) []event {
	var out []event
	for n := range 300 {
		run := event{
			ID: id("query", n), Time: moment(d), Tenant: tenant(d), Name: "runAPLQuery", Action: audit.ActionExecute,
			QueryID: id("execution", n),
		}
		shape := pick(d, errorsByService, errorsByService, slowTraces, joined, orders)
		switch run.Origin = pick(d, "monitor", "monitor", "monitor", "dashboard", "direct", "direct", "api", ""); run.Origin {
		case "monitor":
			run.Actor, run.ActorType = "scheduler", audit.ActorSystem
			run.TargetType, run.Target = "monitor", id("mon", 1+d.IntN(4))
			run.TargetName = "Monitor " + run.Target
		case "dashboard":
			run.Actor, run.TargetType, run.Target = pick(d, "alice", "dave"), "dashboard", id("dash", 1+d.IntN(2))
		default:
			run.Actor, run.TargetType, run.Target = pick(d, "alice", "bob", "carol"), "dataset", shape.datasets[0]
			run.Address = "203.0.113." + fmt.Sprint(d.IntN(250))
		}
		cost := some(float64(d.IntN(8000)) / 4)
		if d.IntN(10) == 0 {
			cost = some(*cost + 5000)
		}
		if d.IntN(15) == 0 {
			cost = nil // never reported
		}
		switch d.IntN(6) {
		case 0: // one event says everything
			run = run.with(shape, d)
			run.Name, run.Cost, run.Duration = "query", cost, some(float64(d.IntN(1000))/8)
			if cost != nil {
				run.Scanned = some(d.Int64N(1 << 40))
			}
			out = append(out, run)
		default:
			costed := run
			run = run.with(shape, d)
			out = append(out, run)
			costed.ID, costed.Name, costed.Action = id("cost", n), "runAPLQueryCost", audit.ActionReport
			costed.Time = costed.Time.Add(time.Duration(d.Int64N(int64(90 * time.Second))))
			costed.Cost, costed.Scanned = cost, some(d.Int64N(1<<40))
			costed.Datasets = shape.datasets
			if d.IntN(20) == 0 {
				costed.QueryID = "" // of a sender that does not join them
			}
			if cost != nil {
				out = append(out, costed)
			}
		}
	}
	// At the ends of an hour and of a day, where a range may begin or end.
	for n, clock := range []time.Duration{0, time.Hour - time.Nanosecond, time.Hour, 24*time.Hour - time.Nanosecond} {
		out = append(out, event{
			ID: id("edge", n), Time: at(10, clock), Tenant: "acme", Name: "query", Action: audit.ActionExecute, Actor: "alice", Origin: "direct",
			TargetType: "dataset", Target: "orders", Cost: some(4096.0), Scanned: some(int64(1 << 30)), QueryID: id("edge", n),
		}.with(orders, d))
	}
	return out
}

func (e event) with(shape queryShape, d *rand.Rand) event {
	e.Language, e.Shape, e.Datasets = shape.language, shape.shape, shape.datasets
	e.Query = strings.Replace(shape.text, "%d", fmt.Sprint(d.IntN(1000)), 1)
	return e
}

// ingestEvents report what datasets took in, every eight hours.
func ingestEvents(d *rand.Rand) []event {
	var out []event
	for n := range days * 3 {
		for _, where := range [][2]string{{"acme", "http-logs"}, {"acme", "traces"}, {"acme", "orders"}, {"globex", "http-logs"}} {
			e := event{
				ID: id("ingest-"+where[0]+"-"+where[1], n), Time: at(0, time.Duration(n)*8*time.Hour+time.Minute), Tenant: where[0],
				Name: "usageCalculated", Action: audit.ActionReport, Actor: "axiom", ActorType: audit.ActorSystem, Origin: "system",
				TargetType: "dataset", Target: where[1], IngestBytes: some(d.Int64N(1 << 36)), IngestRecords: some(d.Int64N(1 << 24)),
			}
			switch d.IntN(10) {
			case 0:
				e.IngestRecords = nil
			case 1:
				e.IngestBytes = some(int64(0))
			}
			out = append(out, e)
		}
	}
	return out
}
