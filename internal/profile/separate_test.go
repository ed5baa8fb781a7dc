package profile

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// named makes a payload of one resource with scopes of records, which are named after the profile that they have.
func named(scopes ...[]string) plog.Logs {
	logs := plog.NewLogs()
	rl := logs.ResourceLogs().AppendEmpty()
	rl.SetSchemaUrl("schema")
	rl.Resource().Attributes().PutStr(audit.AttrServiceName, "shipper")
	for i, names := range scopes {
		sl := rl.ScopeLogs().AppendEmpty()
		sl.Scope().SetName(string(rune('a' + i)))
		for _, name := range names {
			sl.LogRecords().AppendEmpty().SetEventName(name)
		}
	}
	return logs
}

func byName(record plog.LogRecord) *Profile {
	p, _ := Builtin().Select(record.EventName())
	return p
}

// shape writes a payload as profile and scopes with their records.
func shape(logs plog.Logs) [][]string {
	var out [][]string
	for _, rl := range logs.ResourceLogs().All() {
		line := []string{profileName(rl)}
		for _, sl := range rl.ScopeLogs().All() {
			line = append(line, sl.Scope().Name()+":")
			for _, record := range sl.LogRecords().All() {
				line = append(line, record.EventName())
			}
		}
		out = append(out, line)
	}
	return out
}

func profileName(rl plog.ResourceLogs) string {
	if v, ok := rl.Resource().Attributes().Get(audit.AttrProfile); ok {
		return v.Str()
	}
	return ""
}

func TestRecordsOfOneProfileStayWhereTheyAre(t *testing.T) {
	logs := named([]string{"xano", "xano"}, []string{"xano"})
	Separate(logs, byName)
	assert.Equal(t, [][]string{{"xano", "a:", "xano", "xano", "b:", "xano"}}, shape(logs))
}

func TestCanonicalRecordsGetNoProfile(t *testing.T) {
	logs := named([]string{"", ""}, nil)
	Separate(logs, byName)
	assert.Equal(t, [][]string{{"", "a:", "", "", "b:"}}, shape(logs))
}

func TestRecordsOfSeveralProfilesGetResourcesOfTheirOwn(t *testing.T) {
	logs := named([]string{"xano", "", "axiom", "xano"}, []string{"axiom", "axiom"}, []string{""})
	Separate(logs, byName)
	assert.Equal(t, [][]string{
		{"", "a:", "", "c:", ""},
		{"xano", "a:", "xano", "xano"},
		{"axiom", "a:", "axiom", "b:", "axiom", "axiom"},
	}, shape(logs))
	for _, rl := range logs.ResourceLogs().All() {
		name, _ := rl.Resource().Attributes().Get(audit.AttrServiceName)
		assert.Equal(t, "shipper", name.Str())
		assert.Equal(t, "schema", rl.SchemaUrl())
	}
}

func TestAResourceWithoutRecordsLeftIsRemoved(t *testing.T) {
	logs := named([]string{"xano", "axiom"})
	Separate(logs, byName)
	assert.Equal(t, [][]string{{"xano", "a:", "xano"}, {"axiom", "a:", "axiom"}}, shape(logs))
}
