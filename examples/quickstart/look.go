package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/otelaudit/otelaudit/examples/quickstart/internal/dashboard"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
)

// shortcutPath is a path of our ClickHouse that leads to its dashboard page with our panels: the overview, and below it the other
// dashboards by their names.
const shortcutPath = "/audit"

// shortcut is the path that leads to a page.
func shortcut(page dashboard.Page, first bool) string {
	if first {
		return shortcutPath
	}
	return shortcutPath + "/" + page.Name
}

// dashboardShortcuts is an element of ClickHouse's configuration that redirects the shortcuts, because the page keeps its panels
// in an address of several thousand characters.
func dashboardShortcuts(http, user string) (string, error) {
	pages, err := dashboard.Pages()
	if err != nil {
		return "", err
	}
	var rules strings.Builder
	for i, page := range pages {
		location, err := page.Location(http, user)
		if err != nil {
			return "", err
		}
		var escaped bytes.Buffer
		if err := xml.EscapeText(&escaped, []byte(location)); err != nil {
			return "", err
		}
		fmt.Fprintf(&rules, `
    <rule>
      <url>%s</url>
      <methods>GET</methods>
      <handler>
        <type>static</type>
        <status>302</status>
        <http_response_headers><Location>%s</Location></http_response_headers>
        <response_content>The dashboard has moved.</response_content>
      </handler>
    </rule>`, shortcut(page, i == 0), escaped.String())
	}
	return "<http_handlers>" + rules.String() + "\n    <defaults/>\n  </http_handlers>", nil
}

// pointers says where to look, and how to send events of one's own.
func pointers(out io.Writer, o options, s state, db *clickhouselocal.Server) error {
	pages, err := dashboard.Pages()
	if err != nil {
		return err
	}
	page, others := db.HTTPURL()+shortcutPath, ""
	if db.External() {
		location, err := pages[0].Location(db.HTTPURL(), db.User())
		if err != nil {
			return err
		}
		page = db.HTTPURL() + location
	} else {
		names := make([]string, 0, len(pages))
		for _, p := range pages[1:] {
			names = append(names, p.Name)
		}
		others = "\n              and " + shortcutPath + "/ " + strings.Join(names, ", ")
	}
	say(out, `
Look around, until Ctrl-C:
  dashboard   %s%s
  SQL         %s/play?user=%s  (SELECT * FROM audit.events ORDER BY timestamp DESC LIMIT 10)
  send yours  OTLP/gRPC to %s, OTLP/HTTP to http://%s/v1/logs  (examples/quickstart/README.md)
  metrics     http://%s/metrics
  state       %s`, page, others, db.HTTPURL(), db.User(), loopback(o.ports.grpc), loopback(o.ports.http), loopback(o.ports.metrics), s.dir)
	return nil
}
