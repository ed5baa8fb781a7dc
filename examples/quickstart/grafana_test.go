package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/examples/grafana/dashboards"
	"github.com/otelaudit/otelaudit/examples/grafana/macro"
)

// empty are the panels that have nothing to show of a month in which nothing goes wrong.
var empty = map[string]bool{"Quarantine": true, "Not stored, by reason": true}

// checkPanels asks the database what Grafana would ask for every panel, every variable and every alert, as its data source expands
// them: for all of everything, and for one value of each variable.
func checkPanels(t *testing.T, q *quickstart) {
	t.Helper()
	now := time.Now()
	all := macro.Grafana{From: now.AddDate(0, 0, -31), To: now, Interval: time.Hour}
	boards, err := dashboards.All()
	require.NoError(t, err)
	for _, d := range boards {
		one := all
		one.Variables = map[string][]string{}
		for _, name := range d.Variables {
			if v := d.Variable(name); v.Query != "" {
				values := q.ask(t, "SELECT * FROM ("+v.Query+") LIMIT 1")
				assert.NotEmpty(t, values, "variable %s", name)
				one.Variables[name] = []string{values}
			}
		}
		for _, p := range d.Panels {
			rows := q.ask(t, "SELECT count() FROM ("+all.Expand(p.SQL)+")")
			if !empty[p.Title] {
				assert.NotEqual(t, "0", rows, "%s, %s", d.Name, p.Title)
			}
			q.ask(t, "SELECT count() FROM ("+one.Expand(p.SQL)+")")
		}
	}
	alerts, err := dashboards.Alerts()
	require.NoError(t, err)
	for _, a := range alerts {
		recent := macro.Grafana{From: now.Add(-time.Duration(a.Range) * time.Second), To: now, Interval: time.Minute}
		q.ask(t, "SELECT count() FROM ("+recent.Expand(a.SQL)+")")
	}
}
