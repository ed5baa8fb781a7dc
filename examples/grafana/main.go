// Command grafana writes the dashboards and alert rules that Grafana's provisioning reads, from the YAML in dashboards/:
//
//	go generate ./examples/grafana
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/otelaudit/otelaudit/examples/grafana/dashboards"
	"github.com/otelaudit/otelaudit/examples/grafana/internal/render"
)

//go:generate go run .

func main() {
	if err := run("provisioning"); err != nil {
		fmt.Fprintln(os.Stderr, "grafana:", err)
		os.Exit(1)
	}
}

// run writes the files below a directory of provisioning. A dashboard that is there no longer loses its file.
func run(directory string) error {
	boards, err := dashboards.All()
	if err != nil {
		return err
	}
	alerts, err := dashboards.Alerts()
	if err != nil {
		return err
	}
	target := filepath.Join(directory, "dashboards", "audit")
	if err := os.RemoveAll(target); err != nil {
		return err
	}
	for _, path := range []string{target, filepath.Join(directory, "alerting")} {
		if err := os.MkdirAll(path, 0o750); err != nil {
			return err
		}
	}
	for _, d := range boards {
		text, err := render.Dashboard(d)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(target, d.Name+".json"), text, 0o600); err != nil {
			return err
		}
	}
	text, err := render.Alerts(alerts)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(directory, "alerting", "rules.yaml"), text, 0o600)
}
