package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/examples/internal/typecheck"
)

// TestDashboardsFitGrafanasSchema has the compiler hold every dashboard against the types that Grafana publishes.
func TestDashboardsFitGrafanasSchema(t *testing.T) {
	files, err := filepath.Glob("provisioning/dashboards/audit/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	out, err := typecheck.Run(t, typecheck.Grafana, files...)
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
	out, err = typecheck.Run(t, typecheck.Grafana, bad)
	assert.Error(t, err)
	assert.Contains(t, out, "gridPosition")
	assert.Contains(t, out, `bad.json, Operations: Type '"rows"' is not assignable`)
}
