package auditclickhouseexporter

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/config/configopaque"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/confmaptest"
)

// load reads one entry of a file in testdata over the default configuration, as the collector does.
func load(t *testing.T, file, name string) (*Config, error) {
	t.Helper()
	conf, err := confmaptest.LoadConf(filepath.Join("testdata", file))
	require.NoError(t, err)
	sub, err := conf.Sub(name)
	require.NoError(t, err)
	cfg := createDefaultConfig().(*Config)
	if err := sub.Unmarshal(cfg); err != nil {
		return nil, err
	}
	return cfg, confmap.Validate(cfg)
}

func TestDefaultConfig(t *testing.T) {
	cfg := createDefaultConfig().(*Config)
	require.ErrorContains(t, confmap.Validate(cfg), "log: directory: required", "where acknowledged records are kept has no default")
	assert.Equal(t, "http://127.0.0.1:8123", cfg.Endpoint)
	assert.Equal(t, "audit", cfg.Database)
	assert.True(t, cfg.CreateSchema)
	assert.Equal(t, "log", cfg.Acknowledge)
	assert.False(t, cfg.TLS.HasValue())
	assert.Equal(t, time.Hour, cfg.Reconcile.Interval)
}

func TestValidConfigs(t *testing.T) {
	minimal, err := load(t, "config.yaml", "minimal")
	require.NoError(t, err)
	want := createDefaultConfig().(*Config)
	want.Log.Directory = "/var/lib/otelcol/audit"
	assert.Equal(t, want, minimal)

	full, err := load(t, "config.yaml", "full")
	require.NoError(t, err)
	assert.Equal(t, []string{"https://clickhouse-2.example:8443"}, full.FallbackEndpoints)
	assert.Equal(t, configopaque.String("hunter2"), full.Password)
	assert.Equal(t, "main", full.Cluster)
	assert.False(t, full.CreateSchema)
	assert.Equal(t, time.Minute, full.Timeout)
	assert.Equal(t, LogConfig{Directory: "/var/lib/otelcol/audit", MaxBytes: 1 << 30}, full.Log)
	assert.Equal(t, "database", full.Acknowledge)
	assert.Equal(t, ReplayWindowConfig{MaxRecords: 5_000_000, MaxAge: time.Hour}, full.ReplayWindow)
	assert.Equal(t, InsertConfig{MaxRows: 50_000, MaxDelay: 500 * time.Millisecond, InFlight: 4, MaxPartitions: 5}, full.Insert)
	assert.Equal(t, ReconcileConfig{Interval: 10 * time.Minute}, full.Reconcile)
	assert.Equal(t, "ca.pem", full.TLS.Get().CAFile)

	_, err = load(t, "config.yaml", "plain")
	require.NoError(t, err)
}

func TestInvalidConfigs(t *testing.T) {
	conf, err := confmaptest.LoadConf(filepath.Join("testdata", "invalid_configs.yaml"))
	require.NoError(t, err)
	for name, entry := range conf.ToStringMap() {
		t.Run(name, func(t *testing.T) {
			want := entry.(map[string]any)["error"].(string)
			_, err := load(t, "invalid_configs.yaml", name+"::config")
			require.ErrorContains(t, err, want)
			assert.NotContains(t, err.Error(), "hunter2")
		})
	}
}
