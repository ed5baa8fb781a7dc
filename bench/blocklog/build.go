//go:build !ours

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// oursPackage is where the worker for the exporter's log is built: a directory that exists for the compiler only, so that
// nothing of the benchmark is in the exporter's module.
const oursPackage = "exporter/auditclickhouseexporter/internal/blocklog/benchworker"

// buildOurs builds the worker for the exporter's log from this directory's files, by way of the go command's overlay.
func buildOurs(to string) error {
	bench, err := os.Getwd()
	if err != nil {
		return err
	}
	root, overlay := filepath.Dir(bench), map[string]string{}
	for _, name := range []string{"store.go", "ours.go", "main_ours.go", "worker.go", "workload.go"} {
		overlay[filepath.Join(root, oursPackage, name)] = filepath.Join(bench, "blocklog", name)
	}
	b, err := json.Marshal(map[string]any{"Replace": overlay})
	if err != nil {
		return err
	}
	file := to + ".overlay.json"
	if err := os.WriteFile(file, b, 0o600); err != nil {
		return err
	}
	build := exec.Command("go", "build", "-tags", "ours", "-overlay", file, "-o", to, "./"+oursPackage)
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("building the worker for blocklog: %w\n%s", err, out)
	}
	return nil
}

// modules counts what a build of the exporter would gain with a package: modules that it does not have yet.
func modules(of string) (int, error) {
	has, err := listModules("..", "./exporter/auditclickhouseexporter")
	if err != nil {
		return 0, err
	}
	needs, err := listModules(".", of)
	if err != nil {
		return 0, err
	}
	n := 0
	for m := range needs {
		if !has[m] {
			n++
		}
	}
	return n, nil
}

func listModules(dir, of string) (map[string]bool, error) {
	list := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", of)
	list.Dir = dir
	out, err := list.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return nil, fmt.Errorf("%w: %s", err, exit.Stderr)
		}
		return nil, err
	}
	found := map[string]bool{}
	for m := range strings.FieldsSeq(string(out)) {
		found[m] = true
	}
	return found, nil
}
