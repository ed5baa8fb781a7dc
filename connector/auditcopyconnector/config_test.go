package auditcopyconnector

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/confmaptest"
	"go.yaml.in/yaml/v3"
)

func load(conf *confmap.Conf) (*Config, error) {
	cfg := NewFactory().CreateDefaultConfig()
	if err := conf.Unmarshal(&cfg); err != nil {
		return nil, err
	}
	return cfg.(*Config), confmap.Validate(cfg)
}

func TestInvalidConfigurationsAreRefused(t *testing.T) {
	text, err := os.ReadFile("testdata/invalid_configs.yaml")
	require.NoError(t, err)
	var tests []struct {
		Name   string         `yaml:"name"`
		Config map[string]any `yaml:"config"`
		Error  string         `yaml:"error"`
	}
	require.NoError(t, yaml.Unmarshal(text, &tests))
	require.NotEmpty(t, tests)
	for _, tt := range tests {
		t.Run(tt.Name, func(t *testing.T) {
			_, err := load(confmap.NewFromStringMap(tt.Config))
			require.ErrorContains(t, err, tt.Error)
		})
	}
}

func TestEveryOptionIsRead(t *testing.T) {
	all, err := confmaptest.LoadConf("testdata/config.yaml")
	require.NoError(t, err)
	for id, want := range map[string]Config{
		"audit_copy":     {MaxQueueBytes: 16777216, Timeout: 5 * time.Second},
		"audit_copy/all": {MaxQueueBytes: 1048576, Timeout: time.Second},
	} {
		sub, err := all.Sub(id)
		require.NoError(t, err)
		cfg, err := load(sub)
		require.NoError(t, err)
		assert.Equal(t, want, *cfg, id)
	}
}

func TestTheReadmeNamesEveryOptionAndReason(t *testing.T) {
	text, err := os.ReadFile("README.md")
	require.NoError(t, err)
	for _, row := range []string{"| `max_queue_bytes` | `16777216` |", "| `timeout` | `5s` |"} {
		assert.Contains(t, string(text), row)
	}
	for _, name := range reasons {
		assert.Contains(t, string(text), "`"+name+"`")
	}
}
