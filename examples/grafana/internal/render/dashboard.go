// Package render makes what Grafana reads: dashboards and alert rules as its provisioning takes them.
package render

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/otelaudit/otelaudit/examples/grafana/dashboards"
)

// DataSource is the uid of the ClickHouse data source in provisioning/datasources.
const DataSource = "audit-clickhouse"

// object is a part of Grafana's JSON model. Its keys are written in alphabetical order, so that the same dashboards give the
// same bytes.
type object = map[string]any

var dataSource = object{"type": "grafana-clickhouse-datasource", "uid": DataSource}

// Dashboard gives the JSON model of a dashboard (@grafana/schema, Dashboard).
func Dashboard(d dashboards.Dashboard) ([]byte, error) {
	variables := make([]object, len(d.Variables))
	for i, name := range d.Variables {
		variables[i] = variable(name, d.Variable(name))
	}
	return encode(object{
		"uid":           d.UID(),
		"title":         "Audit: " + d.Title,
		"description":   d.Description,
		"tags":          []string{"otelaudit"},
		"schemaVersion": 41,
		"editable":      true,
		"graphTooltip":  1,
		"time":          object{"from": fmt.Sprintf("now-%dd", dashboards.DefaultDays), "to": "now"},
		"timezone":      "utc",
		"templating":    object{"list": variables},
		"annotations":   object{"list": []object{}},
		"links": []object{{
			"title": "Audit", "type": "dashboards", "tags": []string{"otelaudit"}, "asDropdown": true, "includeVars": true, "keepTime": true,
			"icon": "external link", "targetBlank": false, "tooltip": "", "url": "",
		}},
		"panels": panels(d),
	})
}

func variable(name string, v dashboards.Variable) object {
	if v.Query == "" {
		return object{"name": name, "label": v.Label, "type": "textbox", "query": "", "hide": 0, "skipUrlSync": false}
	}
	return object{
		"name": name, "label": v.Label, "type": "query", "datasource": dataSource, "query": v.Query,
		"multi": true, "includeAll": true, "current": object{"text": []string{"All"}, "value": []string{"$__all"}}, "refresh": 2, "sort": 0, "hide": 0,
		"skipUrlSync": false, "allowCustomValue": true,
	}
}

// encode writes JSON for people: indented, and without escapes that only a web page needs.
func encode(value any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
