package render

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"

	"go.yaml.in/yaml/v3"

	"github.com/otelaudit/otelaudit/examples/grafana/dashboards"
)

// Alerts gives the alert rules as a file of Grafana's provisioning. A rule asks the database (A) and fires where the answer is
// more than 0 (B); no rows are no alert.
func Alerts(list []dashboards.Alert) ([]byte, error) {
	groups := map[string]object{}
	var order []object
	for _, a := range list {
		group, ok := groups[a.Every]
		if !ok {
			group = object{"orgId": 1, "name": "audit, every " + a.Every, "folder": "Audit", "interval": a.Every, "rules": []object{}}
			groups[a.Every] = group
			order = append(order, group)
		}
		group["rules"] = append(group["rules"].([]object), rule(a))
	}
	var out bytes.Buffer
	out.WriteString("# Made from dashboards/alerts.yaml by `go generate ./examples/grafana`.\n")
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(object{"apiVersion": 1, "groups": order}); err != nil {
		return nil, err
	}
	return out.Bytes(), encoder.Close()
}

func rule(a dashboards.Alert) object {
	query := target(dashboards.Table, a.SQL)
	query["intervalMs"], query["maxDataPoints"] = 1000, 43200
	return object{
		"uid": "audit-" + digest(a.Title), "title": a.Title, "condition": "B", "for": "0s", "noDataState": "OK", "execErrState": "Error",
		"labels":      object{"severity": a.Severity, "product": "otelaudit"},
		"annotations": object{"summary": a.Summary, "__dashboardUid__": "audit-" + a.Dashboard, "__panelId__": "1"},
		"data": []object{
			{
				"refId": "A", "datasourceUid": DataSource, "relativeTimeRange": object{"from": a.Range, "to": 0}, "model": query,
			},
			{
				"refId": "B", "datasourceUid": "__expr__", "relativeTimeRange": object{"from": a.Range, "to": 0},
				"model": object{
					"refId": "B", "type": "threshold", "expression": "A",
					"conditions": []object{{"evaluator": object{"type": "gt", "params": []int{0}}}},
				},
			},
		},
	}
}

// digest is an id that stays while the title does.
func digest(title string) string {
	sum := sha256.Sum256([]byte(title))
	return hex.EncodeToString(sum[:6])
}
