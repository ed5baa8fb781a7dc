package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/otelaudit/otelaudit/examples/grafana/dashboards"
	"github.com/otelaudit/otelaudit/examples/grafana/macro"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
)

const (
	step        = 10 * time.Minute // of a chart 700 pixels wide that shows a week
	builtinStep = 3 * time.Hour    // of ClickHouse's own page in the quickstart
)

// question is what a dashboard asks.
type question struct{ kind, title, sql string }

// panels times what Grafana asks at first, for all of everything over the range that dashboards open with: every panel, every list
// of a variable's values, every alert over its own range, and the charts of ClickHouse's own dashboard page. The slowest come first.
func panels(ctx context.Context, server *clickhouselocal.Server, out io.Writer, only string, now time.Time) error {
	questions, err := readQuestions(now)
	if err != nil {
		return err
	}
	type row struct {
		question
		result
	}
	var rows []row
	for _, q := range questions {
		if !strings.Contains(q.kind+"/"+q.title, only) {
			continue
		}
		r, err := measure(ctx, server, q.sql, time.Time{}, time.Time{})
		if err != nil {
			return fmt.Errorf("%s, %s: %w", q.kind, q.title, err)
		}
		rows = append(rows, row{q, r})
	}
	slices.SortStableFunc(rows, func(a, b row) int { return cmp.Compare(b.warm, a.warm) })
	fmt.Fprintln(out, "| dashboard | panel | cold, ms | warm, ms | CPU, ms | rows read |\n|---|---|---|---|---|---|")
	for _, r := range rows {
		fmt.Fprintf(out, "| %s | %s | %s |\n", r.kind, r.title, r.result)
	}
	return nil
}

// readQuestions gives each question once: the overview repeats panels of the others.
func readQuestions(now time.Time) ([]question, error) {
	boards, err := dashboards.All()
	if err != nil {
		return nil, err
	}
	alerts, err := dashboards.Alerts()
	if err != nil {
		return nil, err
	}
	grafana := macro.Grafana{From: now.AddDate(0, 0, -dashboards.DefaultDays), To: now, Interval: step}
	builtin := strings.NewReplacer(
		"now()", fmt.Sprintf("toDateTime(%d)", now.Unix()),
		"{seconds:UInt32}", strconv.Itoa(dashboards.DefaultDays*24*60*60), "{rounding:UInt32}", strconv.Itoa(int(builtinStep.Seconds())),
	)
	variables := map[string]string{}
	asked := map[string]bool{}
	var list []question
	add := func(kind, title, sql string) {
		if !asked[sql] {
			asked[sql] = true
			list = append(list, question{kind, title, sql})
		}
	}
	// The overview is the first and repeats panels of the others, where they belong.
	for _, d := range slices.Backward(boards) {
		for _, name := range d.Variables {
			if sql := d.Variable(name).Query; sql != "" {
				variables[name] = sql
			}
		}
		for _, p := range d.Panels {
			add(d.Name, p.Title, grafana.Expand(p.SQL))
			if p.Kind == dashboards.TimeSeries {
				add("built-in "+d.Name, p.Title, builtin.Replace(macro.Builtin(p.SQL, p.Lines)))
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		add("variable", name, variables[name])
	}
	for _, a := range alerts {
		recent := macro.Grafana{From: now.Add(-time.Duration(a.Range) * time.Second), To: now, Interval: step}
		add("alert", a.Title, recent.Expand(a.SQL))
	}
	return list, nil
}
