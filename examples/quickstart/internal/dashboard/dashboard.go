// Package dashboard makes the URLs of ClickHouse's built-in dashboard page with panels of our own.
//
// The page keeps its whole state in the fragment of its URL: JSON, in base64. Releases from 2026 on write it compressed and
// read both.
package dashboard

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/otelaudit/otelaudit/examples/grafana/dashboards"
	"github.com/otelaudit/otelaudit/examples/grafana/macro"
)

// Page is a dashboard as the built-in page shows it: the time series of one of Grafana's dashboards.
type Page struct {
	Name   string // overview, cost …
	Panels []Panel
}

// Panel is a chart. The first column of its query is the time in seconds since 1970; a second of type String makes a line a
// value, the last is the value. {rounding:UInt32} and {seconds:UInt32} are fields of the page.
type Panel struct {
	Title string `json:"title"`
	Query string `json:"query"`
}

// Pages are the dashboards in their order.
func Pages() ([]Page, error) {
	boards, err := dashboards.All()
	if err != nil {
		return nil, err
	}
	pages := make([]Page, 0, len(boards))
	for _, d := range boards {
		page := Page{Name: d.Name}
		for _, p := range d.Panels {
			if p.Kind != dashboards.TimeSeries {
				continue
			}
			query := macro.Builtin(p.SQL, p.Lines)
			// The page decodes its fragment byte by byte.
			if strings.ContainsFunc(p.Title+query, func(r rune) bool { return r > 0x7e }) {
				return nil, fmt.Errorf("panel %q of dashboard %s holds a character outside of ASCII", p.Title, d.Name)
			}
			page.Panels = append(page.Panels, Panel{Title: p.Title, Query: query})
		}
		pages = append(pages, page)
	}
	return pages, nil
}

// What the page shows at first: a week in steps of 3 hours. Over more than a week the page writes no times below its charts.
const (
	seconds  = "604800"
	rounding = "10800"
)

// Location is the path and fragment of the page, for a server with the HTTP address host, such as http://127.0.0.1:8123.
func (p Page) Location(host, user string) (string, error) {
	state, err := json.Marshal(map[string]any{
		"host":    host,
		"user":    user,
		"queries": p.Panels,
		"params":  map[string]string{"seconds": seconds, "rounding": rounding},
	})
	if err != nil {
		return "", err
	}
	return "/dashboard#" + base64.StdEncoding.EncodeToString(state), nil
}
