package render

import (
	"maps"
	"slices"

	"github.com/otelaudit/otelaudit/examples/grafana/dashboards"
)

const (
	columns     = 24 // Grafana's grid
	panelHeight = 9
	statHeight  = 4
)

// panels places a dashboard's panels from left to right, and below each other where a row is full.
func panels(d dashboards.Dashboard) []object {
	list := make([]object, len(d.Panels))
	x, y, height := 0, 0, 0
	for i, p := range d.Panels {
		if x+p.Width > columns {
			x, y, height = 0, y+height, 0
		}
		h := panelHeight
		if p.Kind == dashboards.Stat {
			h = statHeight
		}
		list[i] = panel(d, p)
		list[i]["id"] = i + 1
		list[i]["gridPos"] = object{"x": x, "y": y, "w": p.Width, "h": h}
		x, height = x+p.Width, max(height, h)
	}
	return list
}

// visuals are Grafana's names of the kinds of panels, and the options that differ from its defaults.
var visuals = map[string]struct {
	name    string
	options object
}{
	dashboards.TimeSeries: {"timeseries", object{
		"legend":  object{"displayMode": "list", "placement": "bottom", "showLegend": true, "calcs": []string{}},
		"tooltip": object{"mode": "multi", "sort": "desc"},
	}},
	dashboards.Bars: {"barchart", object{
		"orientation": "horizontal", "xTickLabelRotation": 0, "xTickLabelSpacing": 0, "stacking": "none", "showValue": "auto",
		"groupWidth": 0.7, "barWidth": 0.9, "barRadius": 0, "fullHighlight": false,
		"legend":  object{"displayMode": "list", "placement": "bottom", "showLegend": false, "calcs": []string{}},
		"tooltip": object{"mode": "single", "sort": "none"},
	}},
	dashboards.Table: {"table", object{"showHeader": true, "cellHeight": "sm"}},
	dashboards.Stat: {"stat", object{
		"colorMode": "none", "graphMode": "none", "justifyMode": "auto", "orientation": "auto", "textMode": "value_and_name",
		"wideLayout": true, "showPercentChange": false, "percentChangeColorMode": "standard",
		"reduceOptions": object{"calcs": []string{"lastNotNull"}, "fields": "", "values": false},
	}},
}

func panel(d dashboards.Dashboard, p dashboards.Panel) object {
	visual := visuals[p.Kind]
	defaults := object{}
	if p.Unit != "" {
		defaults["unit"] = p.Unit
	}
	if p.Kind == dashboards.TimeSeries {
		stacking := "none"
		if p.Stacked {
			stacking = "normal"
		}
		defaults["custom"] = object{
			"drawStyle": "bars", "fillOpacity": 60, "lineWidth": 1, "stacking": object{"mode": stacking, "group": "A"},
		}
		if !p.Stacked {
			defaults["custom"] = object{"drawStyle": "line", "fillOpacity": 10, "lineWidth": 1, "showPoints": "auto"}
		}
	}
	if link, ok := p.Links["*"]; ok {
		defaults["links"] = []object{dataLink(d, link, "${__field.labels."+link.Variable+"}")}
	}
	return object{
		"type": visual.name, "title": p.Title, "description": p.Description, "datasource": dataSource, "options": visual.options,
		"fieldConfig": object{"defaults": defaults, "overrides": overrides(d, p)},
		"targets":     []object{target(p.Kind, p.SQL)},
	}
}

// overrides give single columns a unit or a link.
func overrides(d dashboards.Dashboard, p dashboards.Panel) []object {
	properties := map[string][]object{}
	for column, unit := range p.Units {
		properties[column] = append(properties[column], object{"id": "unit", "value": unit})
	}
	for column, link := range p.Links {
		if column != "*" {
			properties[column] = append(properties[column], object{"id": "links", "value": []object{dataLink(d, link, "${__value.raw}")}})
		}
	}
	list := []object{}
	for _, column := range slices.Sorted(maps.Keys(properties)) {
		list = append(list, object{"matcher": object{"id": "byName", "options": column}, "properties": properties[column]})
	}
	return list
}

// dataLink leads to another dashboard with a value, the range of time, and the tenants that are chosen.
func dataLink(d dashboards.Dashboard, l dashboards.Link, value string) object {
	url := "/d/audit-" + l.Dashboard + "?${__url_time_range}&var-" + l.Variable + "=" + value
	if slices.Contains(d.Variables, "tenant") {
		url += "&${tenant:queryparam}"
	}
	return object{"title": l.Title, "url": url, "targetBlank": false}
}

// target is a query of the ClickHouse data source.
func target(kind, sql string) object {
	format, queryType := 1, "table"
	if kind == dashboards.TimeSeries {
		format, queryType = 0, "timeseries"
	}
	return object{"refId": "A", "datasource": dataSource, "editorType": "sql", "format": format, "queryType": queryType, "rawSql": sql}
}
