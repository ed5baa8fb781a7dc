// Package dashboards holds the dashboards as data: one YAML file each, and a list of alerts. Of the same text become Grafana's
// dashboards and alert rules (../internal/render) and the charts of ClickHouse's own dashboard page (../macro).
package dashboards

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"strings"

	"go.yaml.in/yaml/v3"
)

//go:embed *.yaml
var files embed.FS

const (
	variablesFile = "variables.yaml"
	alertsFile    = "alerts.yaml"
)

// All reads the dashboards in the order of their files' names.
func All() ([]Dashboard, error) {
	var variables map[string]Variable
	if err := read(variablesFile, &variables); err != nil {
		return nil, err
	}
	names, err := fs.Glob(files, "*.yaml")
	if err != nil {
		return nil, err
	}
	var list []Dashboard
	for _, name := range names {
		if name == variablesFile || name == alertsFile {
			continue
		}
		d := Dashboard{Name: strings.TrimSuffix(name[strings.Index(name, "_")+1:], ".yaml"), known: variables}
		if err := read(name, &d); err != nil {
			return nil, err
		}
		list = append(list, d)
	}
	for _, d := range list {
		err := d.resolve(list)
		if err == nil {
			err = d.validate()
		}
		if err != nil {
			return nil, fmt.Errorf("dashboard %s: %w", d.Name, err)
		}
	}
	return list, nil
}

// resolve puts the panels of other dashboards in the place of those that are the same as them.
func (d Dashboard) resolve(all []Dashboard) error {
	for i, p := range d.Panels {
		if p.SameAs == "" {
			continue
		}
		name, title, _ := strings.Cut(p.SameAs, "/")
		found := false
		for _, other := range all {
			for _, q := range other.Panels {
				if other.Name == name && q.Title == title && q.SameAs == "" {
					q.Width = p.Width
					d.Panels[i], found = q, true
				}
			}
		}
		if !found {
			return fmt.Errorf("same_as: there is no panel %q", p.SameAs)
		}
	}
	return nil
}

// Alerts reads the alert rules.
func Alerts() ([]Alert, error) {
	var list []Alert
	if err := read(alertsFile, &list); err != nil {
		return nil, err
	}
	for _, a := range list {
		if err := a.validate(); err != nil {
			return nil, fmt.Errorf("%s: alert %q: %w", alertsFile, a.Title, err)
		}
	}
	return list, nil
}

func read(name string, into any) error {
	text, err := files.ReadFile(name)
	if err != nil {
		return err
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}
