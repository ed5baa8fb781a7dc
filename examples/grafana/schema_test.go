package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
)

// TestDashboardsFitGrafanasSchema has the compiler hold every dashboard against the types that Grafana publishes.
func TestDashboardsFitGrafanasSchema(t *testing.T) {
	dir := schemaChecker(t)
	files, err := filepath.Glob("provisioning/dashboards/audit/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for i := range files {
		files[i], err = filepath.Abs(files[i])
		require.NoError(t, err)
	}
	out, err := check(t, dir, files...)
	require.NoError(t, err, out)

	good, err := os.ReadFile(files[0])
	require.NoError(t, err)
	text := string(good)
	for from, to := range map[string]string{`"gridPos"`: `"gridPosition"`, `"displayMode": "list"`: `"displayMode": "rows"`} {
		require.Contains(t, text, from)
		text = strings.Replace(text, from, to, 1)
	}
	bad := filepath.Join(t.TempDir(), "bad.json")
	require.NoError(t, os.WriteFile(bad, []byte(text), 0o600))
	out, err = check(t, dir, bad)
	assert.Error(t, err)
	assert.Contains(t, out, "gridPosition")
	assert.Contains(t, out, `bad.json, Operations: Type '"rows"' is not assignable`)
}

func check(t *testing.T, dir string, files ...string) (string, error) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "node", append([]string{"check.mjs"}, files...)...)
	command.Dir = dir
	out, err := command.CombinedOutput()
	return string(out), err
}

// schemaChecker is a directory with the check and the packages that it needs, which are fetched once.
func schemaChecker(t *testing.T) string {
	t.Helper()
	cache, err := clickhouselocal.CacheDir()
	require.NoError(t, err)
	dir := filepath.Join(cache, "grafana-schema")
	require.NoError(t, os.MkdirAll(dir, 0o750))
	for _, name := range []string{"package.json", "check.mjs"} {
		text, err := os.ReadFile(filepath.Join("schema", name))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), text, 0o600))
	}
	command := exec.CommandContext(t.Context(), "npm", "install", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline")
	command.Dir = dir
	out, err := command.CombinedOutput()
	require.NoError(t, err, string(out))
	return dir
}
