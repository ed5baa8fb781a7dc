package profile

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelaudit/otelaudit/internal/audit"
)

func readNames(t *testing.T, product string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", product, "names.txt"))
	require.NoError(t, err)
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

// apply maps an event in JSON and gives the record.
func apply(t *testing.T, product, text string) plog.LogRecord {
	t.Helper()
	record := plog.NewLogRecord()
	record.Body().SetStr(text)
	p := Builtin().Recognise(record)
	require.NotNil(t, p, text)
	require.Equal(t, product, p.Name())
	require.Nil(t, p.Apply(pcommon.NewMap(), record), text)
	require.Nil(t, audit.ValidateRecord(record), text)
	return record
}

func attr(record plog.LogRecord, name string) any {
	v, ok := record.Attributes().Get(name)
	if !ok {
		return nil
	}
	return v.AsRaw()
}

// The lists of names are the documents'; what each name is here was written apart from the data files.
func TestEveryNameInTheDocumentsHasItsVerbAndTarget(t *testing.T) {
	for product, want := range map[string]struct {
		count int
		more  []string // names that stand in the document outside of the list
		event string
	}{
		"axiom": {102, []string{"runAPLQueryCost"}, `{"_time": "2026-02-06T09:12:04.118Z", "action": NAME, "actor": {"id": "u-1"}, "resource": {"id": "r-1", "name": "R"}, "source": "direct"}`},
		"xano": {59, nil, `{"id": 7, "created_at": "2024-01-15T10:30:00Z", "type": NAME, "msg": "done", "label": ["l"], "data": {"a": 1},
			"obj": {"TARGET_id": "r-1", "note": "n"}, "user": {"id": "u-1"}, "workspace": {"id": "456"}, "branch": {"id": "b", "name": "main", "is_live": true}}`},
		"datagrok": {47, nil, `{"id": "e-1", "type": NAME, "time": "2026-02-06T09:12:04.118Z", "session": {"id": "s-1", "user": {"id": "u-1"}}, "entity": {"id": "r-1", "name": "R"}, "parameters": {"a": 1}, "duration": 0.5}`},
	} {
		t.Run(product, func(t *testing.T) {
			var table map[string]map[string][]string
			readYAML(t, filepath.Join("testdata", product, "actions.yaml"), &table)
			var met []string
			for verb, targets := range table {
				for target, names := range targets {
					for _, name := range names {
						met = append(met, name)
						text := strings.ReplaceAll(strings.ReplaceAll(want.event, "NAME", `"`+name+`"`), "TARGET", target)
						record := apply(t, product, text)
						assert.Equal(t, name, record.EventName())
						assert.Equal(t, verb, attr(record, audit.AttrAction), name)
						if target == "-" {
							assert.Nil(t, attr(record, audit.AttrTargetType), name)
						} else {
							assert.Equal(t, target, attr(record, audit.AttrTargetType), name)
						}
						assert.Equal(t, "r-1", attr(record, audit.AttrTargetID), name)
						assert.Equal(t, "u-1", attr(record, audit.AttrActorID), name)
						outcome := audit.OutcomeSuccess
						if name == "error" || name == "notifierFailed" {
							outcome = audit.OutcomeFailure
						}
						assert.Equal(t, outcome, attr(record, audit.AttrOutcome), name)
					}
				}
			}
			names := readNames(t, product)
			assert.Len(t, names, want.count)
			assert.ElementsMatch(t, append(names, want.more...), met)

			p, _ := Builtin().Select(product)
			for _, name := range met {
				assert.Contains(t, p.actions.listed, name, "listed, not only explained by its words")
			}
		})
	}
}

var ticks = regexp.MustCompile(`(?m)^\| ([A-Z][^|]+?) \|((?: ✓ \|)+)`)

// The table of the document may have lost the place of its empty cells, so that every operation is shown on every kind.
func TestObserveTakesEveryOperationOnEveryKind(t *testing.T) {
	text, err := os.ReadFile("testdata/observe/objects.md")
	require.NoError(t, err)
	rows := ticks.FindAllStringSubmatch(string(text), -1)
	require.Len(t, rows, 16)
	operations := map[string]string{
		"create": audit.ActionCreate, "read": audit.ActionRead, "update": audit.ActionUpdate,
		"delete": audit.ActionDelete, "disable": audit.ActionDisable, "enable": audit.ActionEnable,
	}
	kinds := map[string]string{
		"Dataset": "dataset", "Monitor": "monitor", "Worksheet": "worksheet", "Dashboard": "dashboard", "Datastream": "datastream",
		"Reference table": "reference_table", "Datastream token": "datastream_token", "API token": "api_token", "User": "user",
		"Report": "report", "RBAC statement": "rbac_statement", "RBAC group": "rbac_group", "RBAC group member": "rbac_group_member",
		"Drop filter": "drop_filter", "Document": "document", "Data export job": "data_export_job",
	}
	for _, row := range rows {
		kind, ok := kinds[row[1]]
		require.True(t, ok, row[1])
		for operation, verb := range operations {
			record := apply(t, "observe", `{"operation": "`+operation+`", "object_kind": "`+row[1]+`", "object_id": "1", "time": "2026-02-06T16:24:56Z", "user_id": 1952}`)
			assert.Equal(t, kind+"."+operation, record.EventName())
			assert.Equal(t, verb, attr(record, audit.AttrAction))
			assert.Equal(t, kind, attr(record, audit.AttrTargetType))
		}
	}
}

// The examples stand here as the document prints them. Three of them have backslashes doubled, as the page's source has, and
// are no JSON with them: those are refused as they stand, and read once the doubling is undone.
func TestExamplesOfObserve(t *testing.T) {
	const observed = pcommon.Timestamp(1770396600000000000)
	want := []struct {
		feature, provider, model, user, address, time string
		doubled                                       bool
	}{
		{"o11y_help", "openai", "gpt-4.1-2025-04-14", "1952", "", "2026-02-06T16:24:56.86286968Z", false},
		{"explain_log_message", "openai", "", "1792", "", "2026-02-02T07:47:03.372435965Z", true},
		{"opal_copilot", "self_hosted", "Qwen2.5-7B", "1921", "73.61.69.6", "2026-02-06T16:15:43.868735451Z", true},
		{"regex_extract", "openai", "gpt-4.1-2025-04-14", "1792", "", "2026-02-06T18:01:53.635177705Z", false},
		{"trace_analysis", "anthropic", "claude-sonnet-4-5-20250929", "1792", "", "", true},
	}
	files, err := filepath.Glob("testdata/observe/document/*.json")
	require.NoError(t, err)
	require.Len(t, files, len(want))
	for i, file := range files {
		w := want[i]
		t.Run(w.feature, func(t *testing.T) {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			record := plog.NewLogRecord()
			record.SetObservedTimestamp(observed)
			record.Body().SetStr(string(text))
			p := Builtin().Recognise(record)
			require.NotNil(t, p)
			if w.doubled {
				require.False(t, json.Valid(text))
				assert.Equal(t, &audit.FieldError{Field: "body", Problem: notJSON}, p.Apply(pcommon.NewMap(), record))
				text = []byte(strings.ReplaceAll(string(text), `\\`, `\`))
				record.Body().SetStr(string(text))
			}
			var event map[string]any
			require.NoError(t, json.Unmarshal(text, &event))
			require.Nil(t, p.Apply(pcommon.NewMap(), record))
			require.Nil(t, audit.ValidateRecord(record))

			attributes := map[string]any{
				"audit.action": "INVOKE", "audit.outcome": "success", "audit.actor.id": w.user, "audit.actor.type": "user",
				"audit.ai.feature": w.feature, "gen_ai.provider.name": w.provider, "audit.ai.prompt": event["input_prompt"],
			}
			if w.model != "" {
				attributes["gen_ai.request.model"] = w.model
			}
			if w.address != "" {
				attributes["client.address"] = w.address
			}
			assert.Equal(t, attributes, record.Attributes().AsRaw())
			assert.Equal(t, "llm_invocation", record.EventName())
			if w.time == "" {
				assert.Equal(t, observed, record.Timestamp(), "no time: the observed one")
				return
			}
			at, err := time.Parse(time.RFC3339Nano, w.time)
			require.NoError(t, err)
			assert.Equal(t, at.UTC(), record.Timestamp().AsTime())
		})
	}
}

// The document prints an answer with comments in the place of values.
func TestExampleOfXano(t *testing.T) {
	text, err := os.ReadFile("testdata/xano/document.json")
	require.NoError(t, err)
	plain := regexp.MustCompile(`(?s)/\*.*?\*/`).ReplaceAllString(string(text), "")
	var answer struct {
		Items []json.RawMessage `json:"items"`
	}
	require.NoError(t, json.Unmarshal([]byte(plain), &answer))
	require.Len(t, answer.Items, 1)
	record := apply(t, "xano", string(answer.Items[0]))
	g := readGolden(t, "xano")[0]
	require.Equal(t, "the document's example", g.Name)
	g.Out.Attributes[audit.AttrRecordID] = "xano::1" // without a service
	assert.Equal(t, typed(t, g.Out.Attributes), record.Attributes().AsRaw())
	assert.Equal(t, g.Out.EventName, record.EventName())
}

// Where the documents are at hand, the lists are held against them.
func TestListsAreTheDocuments(t *testing.T) {
	for product, d := range map[string]struct {
		file, from, to string
		line           *regexp.Regexp
	}{
		"axiom":    {"000_a08cd5a532a244c6.txt", "## List of trackable actions", "Built with", regexp.MustCompile(`(?m)^\* (\w+)$`)},
		"datagrok": {"003_48f7e2f8b3d3ff6d.txt", "Audit record types", "</details>", regexp.MustCompile(`(?m)^\* (\S+)$`)},
		"xano":     {"002_ccb682e0f5555a72.txt", "## What's Included", "## Accessing", regexp.MustCompile(`(?m)^- \*\*(.+?)\*\*:`)},
	} {
		t.Run(product, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "seeds", d.file))
			if os.IsNotExist(err) {
				t.Skip("the document is not at hand")
			}
			require.NoError(t, err)
			_, part, found := strings.Cut(string(text), d.from)
			require.True(t, found)
			part, _, found = strings.Cut(part, d.to)
			require.True(t, found)
			var names []string
			for _, match := range d.line.FindAllStringSubmatch(part, -1) {
				names = append(names, spread(match[1])...)
			}
			assert.Equal(t, names, readNames(t, product))
		})
	}
}

// spread writes "Create/Update Table" as two names.
func spread(name string) []string {
	verbs, thing, _ := strings.Cut(name, " ")
	if !strings.Contains(verbs, "/") {
		return []string{name}
	}
	var out []string
	for verb := range strings.SplitSeq(verbs, "/") {
		out = append(out, verb+" "+thing)
	}
	return out
}
