// Package dashboard makes the URL of ClickHouse's built-in dashboard page with panels of our own.
//
// The page keeps its whole state in the fragment of its URL: JSON, in base64. Releases from 2026 on write it compressed and
// read both.
package dashboard

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"

	"github.com/otelaudit/otelaudit/examples/quickstart/internal/statement"
)

// Panel is a chart. The first column of its query is the time in seconds since 1970; a second of type String makes a line a
// value, the last is the value. {rounding:UInt32} and {seconds:UInt32} are fields of the page.
type Panel struct {
	Title string `json:"title"`
	Query string `json:"query"`
}

// Panels reads the panels of a directory, one a file, in the order of their names.
func Panels(files fs.FS) ([]Panel, error) {
	statements, err := statement.ReadAll(files)
	if err != nil {
		return nil, err
	}
	panels := make([]Panel, 0, len(statements))
	for _, s := range statements {
		// The page decodes its fragment byte by byte.
		if strings.ContainsFunc(s.Title+s.SQL, func(r rune) bool { return r > 0x7e }) {
			return nil, fmt.Errorf("panel %s holds a character outside of ASCII", s.Name)
		}
		panels = append(panels, Panel{Title: s.Title, Query: s.SQL})
	}
	return panels, nil
}

// What the page shows at first: a week in steps of 3 hours. Over more than a week the page writes no times below its charts.
const (
	seconds  = "604800"
	rounding = "10800"
)

// Location is the path and fragment of the page, for a server with the HTTP address host, such as http://127.0.0.1:8123.
func Location(host, user string, panels []Panel) (string, error) {
	state, err := json.Marshal(map[string]any{
		"host":    host,
		"user":    user,
		"queries": panels,
		"params":  map[string]string{"seconds": seconds, "rounding": rounding},
	})
	if err != nil {
		return "", err
	}
	return "/dashboard#" + base64.StdEncoding.EncodeToString(state), nil
}
