//go:build !ours

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// oursPackage is where the worker is built: a directory that exists for the compiler only, so that nothing of the benchmark
// is in the exporter's module.
const oursPackage = "exporter/auditclickhouseexporter/internal/columns/benchworker"

// build makes the worker from this directory's files, by way of the go command's overlay.
func build(to string) error {
	bench, err := os.Getwd()
	if err != nil {
		return err
	}
	root, overlay := filepath.Dir(bench), map[string]string{}
	for _, name := range []string{"main_ours.go", "result.go"} {
		overlay[filepath.Join(root, oursPackage, name)] = filepath.Join(bench, "columns", name)
	}
	text, err := json.Marshal(map[string]any{"Replace": overlay})
	if err != nil {
		return err
	}
	file := to + ".overlay.json"
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return err
	}
	cmd := exec.Command("go", "build", "-tags", "ours", "-overlay", file, "-o", to, "./"+oursPackage)
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build the worker: %w\n%s", err, out)
	}
	return nil
}
