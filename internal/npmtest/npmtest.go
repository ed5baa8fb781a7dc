// Package npmtest gives tests npm packages: servers and compilers that others publish, which are no dependency of anything shipped.
package npmtest

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
)

// Install makes a directory in the cache with these files, one of which is a package.json that names exact versions, and with the packages
// that it asks for. They are fetched once.
func Install(t *testing.T, name string, files fs.FS) string {
	t.Helper()
	cache, err := clickhouselocal.CacheDir()
	require.NoError(t, err)
	dir := filepath.Join(cache, name)
	require.NoError(t, os.MkdirAll(dir, 0o750))
	names, err := fs.Glob(files, "*")
	require.NoError(t, err)
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), text, 0o600))
	}
	command := exec.CommandContext(t.Context(), "npm", "install", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline")
	command.Dir = dir
	out, err := command.CombinedOutput()
	require.NoError(t, err, string(out))
	return dir
}
