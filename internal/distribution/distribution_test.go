package distribution

import (
	"context"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

const (
	root    = "../.."
	module  = "github.com/otelaudit/otelaudit"
	otelcol = root + "/bin/otelcol-audit"
)

// kinds are the folders of components and the keys of a builder manifest.
var kinds = map[string]string{
	"receiver": "receivers", "processor": "processors", "exporter": "exporters", "extension": "extensions", "connector": "connectors",
}

type manifest map[string]yaml.Node

type component struct {
	Gomod  string `yaml:"gomod"`
	Import string `yaml:"import"`
}

func readManifest(t *testing.T, name string) map[string][]component {
	t.Helper()
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	var m manifest
	require.NoError(t, yaml.Unmarshal(text, &m))
	out := map[string][]component{}
	for _, key := range kinds {
		node, ok := m[key]
		if !ok {
			continue
		}
		var list []component
		require.NoError(t, node.Decode(&list))
		out[key] = list
	}
	return out
}

// ours gives the component packages of this repository: those with a metadata.yaml and a factory.
func ours(t *testing.T) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for kind, key := range kinds {
		found, err := filepath.Glob(filepath.Join(root, kind, "*", "metadata.yaml"))
		require.NoError(t, err)
		for _, f := range found {
			dir := filepath.Dir(f)
			assert.FileExists(t, filepath.Join(dir, "factory.go"))
			out[key] = append(out[key], path.Join(module, kind, filepath.Base(dir)))
		}
	}
	require.NotEmpty(t, out)
	return out
}

func TestManifestsNameExactlyOurComponents(t *testing.T) {
	for _, name := range []string{"builder-config.yaml", "examples/custom-collector/builder-config.yaml"} {
		t.Run(name, func(t *testing.T) {
			named := map[string][]string{}
			for key, list := range readManifest(t, filepath.Join(root, name)) {
				for _, c := range list {
					if strings.HasPrefix(c.Gomod, module+" ") {
						named[key] = append(named[key], c.Import)
					}
				}
			}
			want := ours(t)
			for _, key := range kinds {
				assert.ElementsMatch(t, want[key], named[key], key)
			}
		})
	}
}

// built gives the path of the collector; these tests are about it, so they fail where it is missing.
func built(t *testing.T) string {
	t.Helper()
	abs, err := filepath.Abs(otelcol)
	require.NoError(t, err)
	require.FileExists(t, abs, "run `make build` first")
	return abs
}

func TestCollectorHasEveryComponentOfTheManifest(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, built(t), "components").Output()
	require.NoError(t, err)
	var listed map[string]yaml.Node
	require.NoError(t, yaml.Unmarshal(out, &listed))
	for key, list := range readManifest(t, filepath.Join(root, "builder-config.yaml")) {
		node := listed[key]
		var has []struct {
			Name   string `yaml:"name"`
			Module string `yaml:"module"`
		}
		require.NoError(t, node.Decode(&has))
		assert.Len(t, has, len(list), key)
		for _, c := range has {
			if strings.HasPrefix(c.Module, module+" ") {
				assert.Contains(t, []string{"audit", "audit_clickhouse", "audit_copy"}, c.Name, key)
			}
		}
	}
}

func TestCollectorAcceptsEveryExampleConfiguration(t *testing.T) {
	var configs []string
	for _, pattern := range []string{"examples/*/collector*.yaml", "examples/*/*/collector*.yaml"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		require.NoError(t, err)
		configs = append(configs, found...)
	}
	require.NotEmpty(t, configs)
	for _, config := range configs {
		config, err := filepath.Rel(root, config)
		require.NoError(t, err)
		if isKubernetesObject(t, config) { // holds one: examples/deploy has its own tests
			continue
		}
		t.Run(filepath.ToSlash(config), func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			cmd := exec.CommandContext(ctx, built(t), "validate", "--config", config)
			cmd.Dir = root // paths in the examples start at the root of the repository, as their READMEs say
			out, err := cmd.CombinedOutput()
			assert.NoError(t, err, string(out))
		})
	}
}

func isKubernetesObject(t *testing.T, name string) bool {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	require.NoError(t, err)
	var content map[string]yaml.Node
	err = yaml.Unmarshal(text, &content)
	_, is := content["apiVersion"]
	return err == nil && is
}
