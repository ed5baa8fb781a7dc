package dashboards

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestLinksLeadSomewhere(t *testing.T) {
	boards, err := All()
	require.NoError(t, err)
	require.Len(t, boards, 10)
	variables := map[string][]string{}
	for _, d := range boards {
		variables[d.Name] = d.Variables
	}
	for _, d := range boards {
		for _, p := range d.Panels {
			for column, link := range p.Links {
				assert.Contains(t, variables[link.Dashboard], link.Variable, "%s, %s, %s", d.Name, p.Title, column)
				if column != "*" {
					assert.Contains(t, p.SQL, column, "%s, %s", d.Name, p.Title)
				}
			}
		}
	}
	alerts, err := Alerts()
	require.NoError(t, err)
	for _, a := range alerts {
		assert.Contains(t, variables, a.Dashboard, a.Title)
	}
}

func TestMistakesAreNamed(t *testing.T) {
	good := Panel{Title: "t", Description: "d", Kind: Table, Width: 8, SQL: "SELECT 1"}
	require.NoError(t, good.validate(nil))
	for want, change := range map[string]func(*Panel){
		"a panel has a title, a description and sql":                             func(p *Panel) { p.Title = "" },
		`kind: "pie" is none of timeseries, bars, table, stat`:                   func(p *Panel) { p.Kind = "pie" },
		"width: 30 is not between 4 and 24":                                      func(p *Panel) { p.Width = 30 },
		"sql: $__table is neither a macro that package macro knows":              func(p *Panel) { p.SQL = "SELECT * FROM $__table" },
		"sql: ${user is neither a macro that package macro knows nor a variable": func(p *Panel) { p.SQL = "SELECT ${user:singlequote}" },
	} {
		p := good
		change(&p)
		assert.ErrorContains(t, p.validate([]string{"tenant"}), want)
	}
	assert.ErrorContains(t, Alert{Title: "a", Summary: "s", SQL: "SELECT 1", Every: "1m", Range: 60, Dashboard: "cost", Severity: "high"}.validate(),
		`severity: "high" is none of info, warning, critical`)
}
