// Package typecheck holds what the examples ship for other programs against the types that those programs publish as npm packages.
package typecheck

import (
	"embed"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
)

//go:embed package.json *.mjs
var files embed.FS

// Checks, by what they read.
const (
	Grafana    = "grafana.mjs"    // dashboards
	Kubernetes = "kubernetes.mjs" // objects
)

// Run holds JSON files against their types. It gives what the compiler says, with an error where it found a problem. The compiler and the
// types are fetched once, into the cache.
func Run(t *testing.T, check string, paths ...string) (string, error) {
	t.Helper()
	arguments := []string{check}
	for _, path := range paths {
		absolute, err := filepath.Abs(path)
		require.NoError(t, err)
		arguments = append(arguments, absolute)
	}
	command := exec.CommandContext(t.Context(), "node", arguments...)
	command.Dir = install(t)
	out, err := command.CombinedOutput()
	return string(out), err
}

// install makes a directory with the checks and their packages.
func install(t *testing.T) string {
	t.Helper()
	cache, err := clickhouselocal.CacheDir()
	require.NoError(t, err)
	dir := filepath.Join(cache, "typecheck")
	require.NoError(t, os.MkdirAll(dir, 0o750))
	names, err := fs.Glob(files, "*")
	require.NoError(t, err)
	for _, name := range names {
		text, err := files.ReadFile(name)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), text, 0o600))
	}
	command := exec.CommandContext(t.Context(), "npm", "install", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline")
	command.Dir = dir
	out, err := command.CombinedOutput()
	require.NoError(t, err, string(out))
	return dir
}
