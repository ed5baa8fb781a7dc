package auditclickhouseexporter

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
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
	require.NoError(t, confmap.Validate(cfg))
	assert.Equal(t, "clickhouse://127.0.0.1:9000", cfg.Endpoint)
	assert.Equal(t, "audit", cfg.Database)
	assert.True(t, cfg.CreateSchema)
	assert.True(t, cfg.RetryOnFailure.Enabled)
	assert.Zero(t, cfg.RetryOnFailure.MaxElapsedTime, "never gives up")
	assert.False(t, cfg.SendingQueue.HasValue(), "success means stored, unless a queue on disk is asked for")
	assert.False(t, cfg.TLS.HasValue())
}

func TestValidConfigs(t *testing.T) {
	minimal, err := load(t, "config.yaml", "minimal")
	require.NoError(t, err)
	assert.Equal(t, createDefaultConfig(), minimal)

	full, err := load(t, "config.yaml", "full")
	require.NoError(t, err)
	assert.Equal(t, "https://clickhouse.example:8443", full.Endpoint)
	assert.Equal(t, "collector", full.Username)
	assert.Equal(t, configopaque.String("hunter2"), full.Password)
	assert.Equal(t, "audit_log", full.Database)
	assert.False(t, full.CreateSchema)
	assert.Equal(t, "zstd", full.Compression)
	assert.Equal(t, time.Minute, full.Timeout)
	assert.Equal(t, 5, full.MaxPartitionsPerInsert)
	assert.Equal(t, "ca.pem", full.TLS.Get().CAFile)
	storage := component.MustNewID("file_storage")
	assert.Equal(t, &storage, full.SendingQueue.Get().StorageID)
	assert.False(t, full.SendingQueue.Get().BlockOnOverflow)

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
