package auditreceiver

import (
	"maps"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/confmaptest"
	"go.yaml.in/yaml/v3"
)

func load(t *testing.T, conf *confmap.Conf) (*Config, error) {
	t.Helper()
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
			_, err := load(t, confmap.NewFromStringMap(tt.Config))
			assert.ErrorContains(t, err, tt.Error)
		})
	}
}

func TestEveryOptionIsRead(t *testing.T) {
	all, err := confmaptest.LoadConf("testdata/config.yaml")
	require.NoError(t, err)
	sub, err := all.Sub("audit")
	require.NoError(t, err)
	cfg, err := load(t, sub)
	require.NoError(t, err)
	assert.Equal(t, 65536, cfg.MaxRecordBytes)
	assert.Equal(t, 10000, cfg.MaxRecordsPerRequest)
	grpc, http := cfg.Protocols.GRPC.Get(), cfg.Protocols.HTTP.Get()
	assert.Equal(t, "0.0.0.0:4317", grpc.NetAddr.Endpoint)
	assert.Equal(t, 8, grpc.MaxRecvMsgSizeMiB)
	assert.True(t, grpc.IncludeMetadata)
	assert.Equal(t, component.MustNewID("bearertokenauth"), grpc.Auth.Get().AuthenticatorID)
	assert.Equal(t, "0.0.0.0:4318", http.NetAddr.Endpoint)
	assert.EqualValues(t, 8388608, http.MaxRequestBodySize)
	assert.Equal(t, 30*time.Second, http.ReadTimeout)
	assert.True(t, http.TLS.HasValue())
	assert.EqualValues(t, 64<<20, cfg.MaxInFlightBytes)
	assert.Equal(t, "known", cfg.Integrity.Require)
	assert.Equal(t, []KeyConfig{
		{Algorithm: "EdDSA", ID: "key-2026-01", Tenant: "acme", File: "producer.pem"},
		{Algorithm: "HMAC-SHA256", Secret: "0123456789abcdef0123456789abcdef"},
	}, cfg.Integrity.Keys)
	assert.Equal(t, SequenceConfig{MaxStreams: 100, Window: 200}, cfg.Sequence)
	assert.Equal(t, TenantConfig{
		AuthAttribute: "tenant",
		Limits:        LimitsConfig{RecordsPerSecond: 1000, BytesPerSecond: 1.5e6, Burst: 30 * time.Second},
		Overrides:     []OverrideConfig{{Tenant: "acme", LimitsConfig: LimitsConfig{RecordsPerSecond: 5000}}},
	}, cfg.Tenant)
}

func TestDefaultsListenOnThisMachineOnly(t *testing.T) {
	all, err := confmaptest.LoadConf("testdata/config.yaml")
	require.NoError(t, err)
	sub, err := all.Sub("audit/http")
	require.NoError(t, err)
	cfg, err := load(t, sub)
	require.NoError(t, err)
	assert.False(t, cfg.Protocols.GRPC.HasValue(), "a protocol that is not named is not served")
	http := cfg.Protocols.HTTP.Get()
	assert.Equal(t, "localhost:4318", http.NetAddr.Endpoint)
	assert.EqualValues(t, 20<<20, http.MaxRequestBodySize)
	assert.Equal(t, time.Minute, http.ReadTimeout)
	assert.Zero(t, http.WriteTimeout)
	assert.Equal(t, 1<<20, cfg.MaxRecordBytes)
	assert.Equal(t, 100_000, cfg.MaxRecordsPerRequest)
	assert.EqualValues(t, 128<<20, cfg.MaxInFlightBytes)
	assert.Equal(t, "none", cfg.Integrity.Require)
	assert.Equal(t, SequenceConfig{MaxStreams: 4096, Window: 1024}, cfg.Sequence)
	assert.Equal(t, TenantConfig{Limits: LimitsConfig{Burst: 10 * time.Second}}, cfg.Tenant)

	grpc := createDefaultConfig().(*Config).Protocols.GRPC.GetOrInsertDefault()
	assert.Equal(t, "localhost:4317", grpc.NetAddr.Endpoint)
	assert.Equal(t, 20, grpc.MaxRecvMsgSizeMiB)
}

func TestTheSchemaHasEveryOption(t *testing.T) {
	text, err := os.ReadFile("config.schema.yaml")
	require.NoError(t, err)
	type object struct {
		Properties map[string]struct {
			Default any `yaml:"default"`
		} `yaml:"properties"`
	}
	var schema struct {
		object `yaml:",inline"`
		Defs   map[string]object `yaml:"$defs"`
	}
	require.NoError(t, yaml.Unmarshal(text, &schema))

	defaults := confmap.New()
	require.NoError(t, defaults.Marshal(createDefaultConfig()))
	options := defaults.ToStringMap()
	for name, property := range schema.Properties {
		if property.Default != nil {
			assert.EqualValues(t, options[name], property.Default, name)
		}
	}
	assert.ElementsMatch(t, keys(options), keys(schema.Properties))
	assert.ElementsMatch(t, []string{"grpc", "http"}, keys(schema.Defs["protocols"].Properties))
	for name, def := range map[string]any{
		"integrity": IntegrityConfig{}, "key": KeyConfig{}, "sequence": SequenceConfig{}, "profiles": ProfilesConfig{}, "tenant": TenantConfig{}, "limits": LimitsConfig{},
	} {
		fields := confmap.New()
		require.NoError(t, fields.Marshal(def))
		assert.ElementsMatch(t, keys(fields.ToStringMap()), keys(schema.Defs[name].Properties), name)
	}
}

func keys[V any](m map[string]V) []string { return slices.Collect(maps.Keys(m)) }
