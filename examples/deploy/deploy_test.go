// Package deploy tests what the directory holds for Docker Compose and Kubernetes.
package deploy

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/otelaudit/otelaudit/examples/internal/typecheck"
)

// made are the files that the README has its reader make.
var made = map[string]bool{"pseudonym.key": true}

func TestComposeNamesWhatIsThere(t *testing.T) {
	var compose struct {
		Services map[string]struct {
			Volumes []string
			Ports   []string
		}
		Volumes map[string]any
	}
	text := decode(t, "compose.yaml", &compose)
	require.Len(t, compose.Services, 3)
	for name, service := range compose.Services {
		for _, volume := range service.Volumes {
			source, _, _ := strings.Cut(volume, ":")
			if !strings.HasPrefix(source, ".") {
				assert.Contains(t, compose.Volumes, source, name)
			} else if !made[filepath.Base(source)] {
				_, err := os.Stat(source)
				assert.NoError(t, err, name)
			}
		}
		for _, port := range service.Ports {
			assert.True(t, strings.HasPrefix(port, "127.0.0.1:"), "%s is open to others: %s", name, port)
		}
	}
	environment, err := os.ReadFile(".env.example")
	require.NoError(t, err)
	for _, variable := range regexp.MustCompile(`\$\{(\w+)`).FindAllStringSubmatch(text, -1) {
		assert.Contains(t, string(environment), "\n"+variable[1]+"=")
	}
}

func TestKustomizationNamesWhatIsThere(t *testing.T) {
	var kustomization struct {
		Resources          []string
		ConfigMapGenerator []struct {
			Name  string
			Files []string
		} `yaml:"configMapGenerator"`
	}
	decode(t, "kubernetes/kustomization.yaml", &kustomization)
	files := kustomization.Resources
	for _, generator := range kustomization.ConfigMapGenerator {
		for _, file := range generator.Files {
			files = append(files, file[strings.Index(file, "=")+1:])
		}
	}
	for _, file := range files {
		assert.FileExists(t, filepath.Join("kubernetes", file))
	}
	boards, err := filepath.Glob("../grafana/provisioning/dashboards/audit/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, boards)
	for _, board := range boards {
		assert.Contains(t, files, "../"+board)
	}
}

// TestObjectsFitKubernetesTypes has the compiler hold every object against Kubernetes' types.
func TestObjectsFitKubernetesTypes(t *testing.T) {
	files, err := filepath.Glob("kubernetes/*.yaml")
	require.NoError(t, err)
	dir := t.TempDir()
	var objects []string
	for _, file := range files {
		if filepath.Base(file) == "kustomization.yaml" {
			continue
		}
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		decoder := yaml.NewDecoder(bytes.NewReader(text))
		for {
			var object map[string]any
			err := decoder.Decode(&object)
			if errors.Is(err, io.EOF) {
				break
			}
			require.NoError(t, err)
			encoded, err := json.Marshal(object)
			require.NoError(t, err)
			path := filepath.Join(dir, strings.TrimSuffix(filepath.Base(file), ".yaml")+"-"+object["kind"].(string)+".json")
			require.NoError(t, os.WriteFile(path, encoded, 0o600))
			objects = append(objects, path)
		}
	}
	require.Greater(t, len(objects), 6)
	out, err := typecheck.Run(t, typecheck.Kubernetes, objects...)
	assert.NoError(t, err, out)
}

func decode(t *testing.T, file string, into any) string {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, yaml.Unmarshal(text, into))
	return string(text)
}

// grants reads the grants of a user of clickhouse/users.xml.
func grants(t *testing.T, user string) []string {
	t.Helper()
	text, err := os.ReadFile("clickhouse/users.xml")
	require.NoError(t, err)
	type element struct {
		Queries []string `xml:"grants>query"`
	}
	var config struct {
		Users struct {
			Collector element `xml:"collector"`
			Grafana   element `xml:"grafana"`
		} `xml:"users"`
	}
	require.NoError(t, xml.Unmarshal(text, &config))
	list := map[string][]string{"collector": config.Users.Collector.Queries, "grafana": config.Users.Grafana.Queries}[user]
	require.NotEmpty(t, list)
	return list
}
