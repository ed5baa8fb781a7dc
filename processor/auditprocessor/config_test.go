package auditprocessor

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/confmaptest"
	"go.yaml.in/yaml/v3"

	"github.com/otelaudit/otelaudit/internal/policy"
	"github.com/otelaudit/otelaudit/internal/pseudonym"
	"github.com/otelaudit/otelaudit/internal/query"
	"github.com/otelaudit/otelaudit/internal/redact"
)

func load(conf *confmap.Conf) (*Config, error) {
	cfg := NewFactory().CreateDefaultConfig()
	if err := conf.Unmarshal(&cfg); err != nil {
		return nil, err
	}
	return cfg.(*Config), confmap.Validate(cfg)
}

func loadFile(t *testing.T, id string) *Config {
	t.Helper()
	all, err := confmaptest.LoadConf("testdata/config.yaml")
	require.NoError(t, err)
	sub, err := all.Sub(id)
	require.NoError(t, err)
	cfg, err := load(sub)
	require.NoError(t, err)
	return cfg
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
			assert.NotContains(t, err.Error(), "0123456789abcdef")
			assert.NotContains(t, err.Error(), "too-short-to-be-a-key")
		})
	}
}

func TestEveryOptionIsRead(t *testing.T) {
	cfg := loadFile(t, "audit")
	share, short, year, long := 0.5, 30, 365, 3650
	assert.Equal(t, policy.Document{
		Name: "strict", Version: 3, Default: policy.Default{Level: "metadata", RetentionDays: &year},
		Plans:     []policy.Plan{{Name: "enterprise", Tenants: []string{"big", "huge-*"}, RetentionDays: &long}},
		Protected: []policy.Match{{Event: []string{"billing.*"}}},
		ReadOnly:  []policy.Match{{Action: []string{"READ"}}},
		Rules: []policy.Rule{{
			Name: "one of each", Level: "custom", Attributes: []string{"audit.message", "acme.*"}, RetentionDays: &short, Sample: &share,
			Match: policy.Match{
				Tenant: []string{"big"}, ActorID: []string{"svc-1"}, ActorType: []string{"service"}, Email: []string{"*@example.com"}, Role: []string{"auditor"},
				Group: []string{"finance"}, Department: []string{"Legal"}, Event: []string{"a.*", "b.*"}, Action: []string{"READ"},
				TargetType: []string{"dashboard"}, Origin: []string{"api"}, Profile: []string{"axiom"},
			},
		}},
	}, cfg.Policy.Document)
	assert.Equal(t, PolicyFile{Path: "testdata/policy.yaml", ReloadInterval: 10 * time.Second}, *loadFile(t, "audit/policy").Policy.File.Get())
	assert.Equal(t, DirectoryFile{Path: "testdata/users.yaml", ReloadInterval: time.Minute, MaxBytes: 1 << 20}, *cfg.Directory.Get().Sources[0].File.Get())
	rules, err := cfg.rules()
	require.NoError(t, err)
	assert.Equal(t, []redact.Rule{
		{Name: "acme.region", Action: redact.Keep},
		{Name: "client.address", Action: redact.MaskAddress},
		{Prefix: "acme.size.", Action: redact.Bucket},
		{Prefix: "acme.", Action: redact.Pseudonymize},
		{Name: "audit.datasets", Action: redact.Pseudonymize},
		{Name: "graphql.operation.name", Action: redact.Pseudonymize},
	}, rules)
	assert.Equal(t, query.NamesPseudonymised, cfg.Queries.names())
	assert.Equal(t, promptsMask, cfg.Prompts.Text)
	keys, err := cfg.Pseudonyms.load()
	require.NoError(t, err)
	assert.Len(t, keys.Search(pseudonym.Text, "x"), 2)
	assert.Contains(t, keys.Value(pseudonym.Text, "x"), "h1:k2:")
}

func TestDefaults(t *testing.T) {
	cfg := loadFile(t, "audit/least")
	assert.Equal(t, defaultPolicy(), cfg.Policy)
	assert.False(t, cfg.Directory.HasValue())
	assert.Equal(t, query.NamesKept, cfg.Queries.names())
	assert.Equal(t, promptsWithhold, cfg.Prompts.Text)
	rules, err := cfg.rules()
	require.NoError(t, err)
	assert.Empty(t, rules)
	file := loadFile(t, "audit/directory").Directory.Get().Sources[0].File.Get()
	assert.Equal(t, 10*time.Second, file.ReloadInterval)
	assert.EqualValues(t, 256<<20, file.MaxBytes)
}

func TestSecretsAreNotPrinted(t *testing.T) {
	cfg := loadFile(t, "audit/least")
	conf := confmap.New()
	require.NoError(t, conf.Marshal(cfg))
	for _, text := range []string{fmt.Sprintf("%v %+v %#v", cfg.Pseudonyms, cfg, cfg.Pseudonyms.Keys), fmt.Sprint(conf.ToStringMap())} {
		assert.NotContains(t, text, "0123456789abcdef")
	}
}
