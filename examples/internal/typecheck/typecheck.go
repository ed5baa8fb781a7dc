// Package typecheck holds what the examples ship for other programs against the types that those programs publish as npm packages.
package typecheck

import (
	"embed"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/internal/npmtest"
)

//go:embed package.json *.mjs
var files embed.FS

// Checks, by what they read.
const (
	Grafana    = "grafana.mjs"    // dashboards
	Kubernetes = "kubernetes.mjs" // objects
)

// Run holds JSON files against their types. It gives what the compiler says, with an error where it found a problem. The compiler and the
// types are fetched once.
func Run(t *testing.T, check string, paths ...string) (string, error) {
	t.Helper()
	arguments := []string{check}
	for _, path := range paths {
		absolute, err := filepath.Abs(path)
		require.NoError(t, err)
		arguments = append(arguments, absolute)
	}
	command := exec.CommandContext(t.Context(), "node", arguments...) //nolint:gosec // the checks of this package, and files of the repository
	command.Dir = npmtest.Install(t, "typecheck-"+strings.TrimSuffix(check, ".mjs"), files)
	out, err := command.CombinedOutput()
	return string(out), err
}
