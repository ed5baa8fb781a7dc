package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"

	"github.com/otelaudit/otelaudit/examples/quickstart/internal/dashboard"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
)

// shortcutPath is a path of our ClickHouse that leads to its dashboard page with our panels.
const shortcutPath = "/audit"

// dashboardShortcut is an element of ClickHouse's configuration that redirects shortcutPath, because the page keeps its
// panels in an address of several thousand characters.
func dashboardShortcut(http, user string) (string, error) {
	location, err := dashboardLocation(http, user)
	if err != nil {
		return "", err
	}
	var escaped bytes.Buffer
	if err := xml.EscapeText(&escaped, []byte(location)); err != nil {
		return "", err
	}
	return fmt.Sprintf(`<http_handlers>
    <rule>
      <url>%s</url>
      <methods>GET</methods>
      <handler>
        <type>static</type>
        <status>302</status>
        <http_response_headers><Location>%s</Location></http_response_headers>
        <response_content>The dashboard has moved.</response_content>
      </handler>
    </rule>
    <defaults/>
  </http_handlers>`, shortcutPath, escaped.String()), nil
}

func dashboardLocation(http, user string) (string, error) {
	panels, err := dashboard.Panels(directory("panels"))
	if err != nil {
		return "", err
	}
	return dashboard.Location(http, user, panels)
}

// pointers says where to look, and how to send events of one's own.
func pointers(out io.Writer, o options, s state, db *clickhouselocal.Server) error {
	page := db.HTTPURL() + shortcutPath
	if db.External() {
		location, err := dashboardLocation(db.HTTPURL(), db.User())
		if err != nil {
			return err
		}
		page = db.HTTPURL() + location
	}
	say(out, `
Look around, until Ctrl-C:
  dashboard   %s
  SQL         %s/play?user=%s  (SELECT * FROM audit.events ORDER BY timestamp DESC LIMIT 10)
  send yours  OTLP/gRPC to %s, OTLP/HTTP to http://%s/v1/logs  (examples/quickstart/README.md)
  metrics     http://%s/metrics
  state       %s`, page, db.HTTPURL(), db.User(), loopback(o.ports.grpc), loopback(o.ports.http), loopback(o.ports.metrics), s.dir)
	return nil
}
