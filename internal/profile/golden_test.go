package profile

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.yaml.in/yaml/v3"

	"github.com/otelaudit/otelaudit/internal/audit"
)

var products = []string{"arize", "axiom", "datagrok", "observe", "xano"}

// golden is one event of a product and what it becomes.
type golden struct {
	Name    string         `yaml:"name"`
	Service string         `yaml:"service"`
	Mapped  []string       `yaml:"mapped"` // values of the product that become others
	In      map[string]any `yaml:"in"`
	Out     struct {
		EventName  string         `yaml:"event_name"`
		Timestamp  time.Time      `yaml:"timestamp"`
		Attributes map[string]any `yaml:"attributes"`
	} `yaml:"out"`
	Error *struct {
		Field   string `yaml:"field"`
		Problem string `yaml:"problem"`
		Missing bool   `yaml:"missing"`
	} `yaml:"error"`
}

func readGolden(tb testing.TB, product string) []golden {
	tb.Helper()
	var all []golden
	readYAML(tb, filepath.Join("testdata", product, "events.yaml"), &all)
	return all
}

func readYAML(tb testing.TB, path string, to any) {
	tb.Helper()
	file, err := os.Open(path)
	require.NoError(tb, err)
	defer func() { require.NoError(tb, file.Close()) }()
	decoder := yaml.NewDecoder(file)
	decoder.KnownFields(true)
	require.NoError(tb, decoder.Decode(to), path)
}

// forms are the ways in which an event can stand in a body.
var forms = map[string]func(testing.TB, pcommon.Value, map[string]any){
	"map": func(tb testing.TB, body pcommon.Value, event map[string]any) {
		tb.Helper()
		require.NoError(tb, body.SetEmptyMap().FromRaw(event))
	},
	"text": func(tb testing.TB, body pcommon.Value, event map[string]any) {
		tb.Helper()
		body.SetStr(string(marshal(tb, event)))
	},
	"bytes": func(tb testing.TB, body pcommon.Value, event map[string]any) {
		tb.Helper()
		body.SetEmptyBytes().FromRaw(marshal(tb, event))
	},
}

func marshal(tb testing.TB, v any) []byte {
	tb.Helper()
	text, err := json.Marshal(v)
	require.NoError(tb, err)
	return text
}

func TestEventsBecomeWhatTheirDocumentSays(t *testing.T) {
	for _, product := range products {
		for _, g := range readGolden(t, product) {
			for form, fill := range forms {
				t.Run(product+"/"+g.Name+"/"+form, func(t *testing.T) {
					record, resource := plog.NewLogRecord(), pcommon.NewMap()
					fill(t, record.Body(), g.In)
					if g.Service != "" {
						resource.PutStr(audit.AttrServiceName, g.Service)
					}
					p, ok := Builtin().Select(product)
					require.True(t, ok)
					if g.Error != nil {
						refused(t, g, p, resource, record)
						return
					}
					require.Equal(t, product, nameOf(Builtin().Recognise(record)), "recognised by its keys")
					require.Nil(t, p.Apply(resource, record))
					check := func() {
						assert.Equal(t, g.Out.EventName, record.EventName())
						assert.Equal(t, g.Out.Timestamp.UTC(), record.Timestamp().AsTime())
						assert.Equal(t, typed(t, g.Out.Attributes), record.Attributes().AsRaw())
						assert.Equal(t, pcommon.ValueTypeEmpty, record.Body().Type())
					}
					check()
					assert.Nil(t, audit.ValidateRecord(record))
					require.Nil(t, p.Apply(resource, record), "again")
					check()
				})
			}
		}
	}
}

func refused(t *testing.T, g golden, p *Profile, resource pcommon.Map, record plog.LogRecord) {
	t.Helper()
	before := plog.NewLogRecord()
	record.CopyTo(before)
	err := p.Apply(resource, record)
	require.NotNil(t, err)
	assert.Equal(t, audit.FieldError{Field: g.Error.Field, Problem: g.Error.Problem, Missing: g.Error.Missing}, *err)
	assert.Equal(t, before, record, "unchanged")
	assert.NotContains(t, err.Error(), "secret-value")
}

// typed gives the types that attributes have to what YAML reads.
func typed(t *testing.T, attributes map[string]any) map[string]any {
	t.Helper()
	m := pcommon.NewMap()
	require.NoError(t, m.FromRaw(attributes))
	return m.AsRaw()
}

// What is in an event is in what becomes of it: as a value, or as a word of one.
func TestNothingOfAnEventIsLost(t *testing.T) {
	for _, product := range products {
		for _, g := range readGolden(t, product) {
			if g.Error != nil {
				continue
			}
			t.Run(product+"/"+g.Name, func(t *testing.T) {
				record := plog.NewLogRecord()
				forms["map"](t, record.Body(), g.In)
				p, _ := Builtin().Select(product)
				require.Nil(t, p.Apply(pcommon.NewMap(), record))
				kept := strings.ToLower(record.EventName() + string(marshal(t, record.Attributes().AsRaw())))
				for _, leaf := range leaves(nil, g.In) {
					text := strings.Trim(string(marshal(t, leaf)), `"`)
					_, isTime := parseTime(pcommonValue(t, leaf))
					if isTime || slices.Contains(g.Mapped, text) || text == "null" || text == "true" || text == "false" {
						continue
					}
					assert.True(t, strings.Contains(kept, strings.ToLower(text)) || strings.Contains(kept, snake(text)) ||
						strings.Contains(kept, strings.ReplaceAll(text, `\"`, `"`)), text)
				}
			})
		}
	}
}

func leaves(out []any, v any) []any {
	switch v := v.(type) {
	case map[string]any:
		for _, e := range v {
			out = leaves(out, e)
		}
	case []any:
		for _, e := range v {
			out = leaves(out, e)
		}
	default:
		out = append(out, v)
	}
	return out
}

func pcommonValue(t *testing.T, v any) pcommon.Value {
	t.Helper()
	value := pcommon.NewValueEmpty()
	require.NoError(t, value.FromRaw(v))
	return value
}
