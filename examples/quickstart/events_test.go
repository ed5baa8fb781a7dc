package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelaudit/otelaudit/examples/quickstart/internal/month"
	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/profile"
)

type object = map[string]any

// products are the samples in each product's own shape: the keys that its documentation gives every event, and how many
// events the file holds. A key that is a list stands for any one of its entries.
var products = map[string]struct {
	keys  [][]string
	count int
}{
	"axiom":    {[][]string{{"_time"}, {"action"}, {"actor"}, {"resource"}, {"source"}, {"properties"}}, 7},
	"observe":  {[][]string{{"operation"}, {"user_id"}}, 8},
	"xano":     {[][]string{{"id"}, {"created_at"}, {"type"}, {"msg"}, {"label"}, {"data"}, {"obj"}, {"user"}, {"workspace"}, {"branch"}}, 5},
	"datagrok": {[][]string{{"type"}, {"session"}, {"parameters"}, {"duration"}}, 5},
	"arize":    {[][]string{{"user"}, {"loggedAt"}, {"mutationName", "operationName", "model"}}, 5},
}

func TestSamplesHaveTheirProductsShape(t *testing.T) {
	require.Len(t, products, len(month.Services()))
	for name, want := range products {
		t.Run(name, func(t *testing.T) {
			events := readOwnShape(t, name)
			assert.Len(t, events, want.count)
			for i, e := range events {
				for _, alternatives := range want.keys {
					found := false
					for _, key := range alternatives {
						_, ok := e[key]
						found = found || ok
					}
					assert.True(t, found, "event %d has none of %v", i, alternatives)
				}
			}
		})
	}
}

// readOwnShape reads a list of events, or one list a kind.
func readOwnShape(t *testing.T, name string) []object {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("events", name+".json"))
	require.NoError(t, err)
	var list []object
	if json.Unmarshal(text, &list) == nil {
		return list
	}
	var kinds map[string][]object
	require.NoError(t, json.Unmarshal(text, &kinds))
	for _, kind := range []string{"unauthenticated", "authenticated", "exporter"} {
		assert.NotEmpty(t, kinds[kind], kind)
		list = append(list, kinds[kind]...)
	}
	return list
}

func TestSamplesHaveACanonicalFormThatIsSound(t *testing.T) {
	ids := map[string]bool{}
	for name, product := range products {
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join("events", "canonical", name+".json"))
			require.NoError(t, err)
			logs, err := (&plog.JSONUnmarshaler{}).UnmarshalLogs(text)
			require.NoError(t, err)
			assert.Equal(t, product.count, logs.LogRecordCount())
			audit.Events(logs, func(e audit.Event) bool {
				if err := e.Validate(); err != nil {
					t.Errorf("%s: %s", e.Str(audit.AttrRecordID), err)
				}
				assert.Equal(t, name, e.Str(audit.AttrServiceName))
				for attribute := range e.Record.Attributes().All() {
					assert.False(t, audit.Derived(attribute), attribute)
				}
				id := e.Str(audit.AttrRecordID)
				assert.NotEmpty(t, id)
				assert.False(t, ids[id], id)
				ids[id] = true
				return true
			})
		})
	}
}

// The receiver's profiles make of the samples what was written by hand beside them: what happened, by whom, to what and how it
// ended.
func TestSamplesBecomeTheirCanonicalForm(t *testing.T) {
	for name := range products {
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join("events", "canonical", name+".json"))
			require.NoError(t, err)
			logs, err := (&plog.JSONUnmarshaler{}).UnmarshalLogs(text)
			require.NoError(t, err)
			var want []audit.Event
			audit.Events(logs, func(e audit.Event) bool { want = append(want, e); return true })
			for i, event := range readOwnShape(t, name) {
				lr := plog.NewLogRecord()
				lr.SetObservedTimestamp(1)
				require.NoError(t, lr.Body().SetEmptyMap().FromRaw(event))
				p := profile.Builtin().Recognise(lr)
				require.NotNil(t, p)
				assert.Equal(t, name, p.Name())
				require.Nil(t, p.Apply(want[i].Resource, lr))
				got := audit.Event{Resource: want[i].Resource, Record: lr}
				assert.Equal(t, want[i].Record.EventName(), lr.EventName())
				for _, attr := range []string{
					audit.AttrAction, audit.AttrOutcome, audit.AttrActorID, audit.AttrActorType, audit.AttrTargetType, audit.AttrTargetID, audit.AttrQueryText, audit.AttrAIPrompt,
				} {
					assert.Equal(t, want[i].Str(attr), got.Str(attr), "%s of event %d", attr, i+1)
				}
			}
		})
	}
}
