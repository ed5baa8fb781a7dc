package redact

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/xpdata/entity"
	"go.uber.org/goleak"

	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/pseudonym"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newKeys(tb testing.TB) *pseudonym.Keys {
	tb.Helper()
	keys, err := pseudonym.New("k1", map[string][]byte{"k1": []byte("0123456789abcdef0123456789abcdef")})
	require.NoError(tb, err)
	return keys
}

func newRedactor(tb testing.TB, rules ...Rule) *Redactor {
	tb.Helper()
	keys := newKeys(tb)
	r, err := New(keys, rules, NewWithholder(keys), NewWithholder(keys))
	require.NoError(tb, err)
	return r
}

// value makes a pcommon.Value of a Go value.
func value(tb testing.TB, v any) pcommon.Value {
	tb.Helper()
	out := pcommon.NewValueEmpty()
	require.NoError(tb, out.FromRaw(v))
	return out
}

// redact gives a record with one attribute after redaction, and the reason.
func redact(tb testing.TB, r *Redactor, name string, v any) (map[string]any, Reason) {
	tb.Helper()
	lr := plog.NewLogRecord()
	value(tb, v).CopyTo(lr.Attributes().PutEmpty(name))
	reason := r.Record(lr)
	return lr.Attributes().AsRaw(), reason
}

// withheld gives the entries of audit.withheld.
func withheld(attrs map[string]any) map[string]any {
	m, _ := attrs[audit.AttrWithheld].(map[string]any)
	return m
}

func standIn(tb testing.TB, typeAndLength, content string) string {
	tb.Helper()
	return "withheld:" + typeAndLength + ":" + newKeys(tb).Value(pseudonym.Text, content)
}

func TestUnknownAttributesAreWithheldByTypeLengthAndKeyedHash(t *testing.T) {
	r := newRedactor(t)
	for name, tc := range map[string]struct {
		value any
		want  string
	}{
		"string": {"Jane said", standIn(t, "string:9", "Jane said")},
		"empty":  {"", standIn(t, "string:0", "")},
		"person": {"Jane@Corp.com", standIn(t, "string:13", "jane@corp.com")},
		"bytes":  {[]byte("raw"), standIn(t, "bytes:3", "raw")},
		"int":    {int64(42), standIn(t, "int:0", "42")},
		"double": {1.5, standIn(t, "double:0", "1.5")},
		"bool":   {true, standIn(t, "bool:0", "true")},
		"nil":    {nil, standIn(t, "empty:0", "")},
		"list":   {[]any{"a", int64(1)}, standIn(t, "list:2", "string:a;1;int:1;1;")},
		"map":    {map[string]any{"k": "v", "b": true}, standIn(t, "map:2", "1:b=bool:true;4;1:k=string:v;1;")},
	} {
		attrs, reason := redact(t, r, "acme."+name, tc.value)
		assert.Equal(t, map[string]any{audit.AttrWithheld: map[string]any{"acme." + name: tc.want}}, attrs, name)
		assert.Equal(t, UnknownName, reason)
	}
}

func TestNamesOfUnknownAttributesAreContent(t *testing.T) {
	r := newRedactor(t)
	keys := newKeys(t)
	for _, name := range []string{"acme.region", "a", "acme.user_id", "acme.sha256-x"} {
		attrs, _ := redact(t, r, name, "v")
		assert.Contains(t, withheld(attrs), name)
	}
	for _, name := range []string{
		"", "Region", "userName", "jane@corp.com", "acme.1234", "10.1.2.3", "with space", "ümlaut", "1st", "_x", "acme.ghp_abcdefghijklmnopqrst", strings.Repeat("a", 65),
	} {
		attrs, _ := redact(t, r, name, "v")
		assert.Equal(t, map[string]any{keys.Value(pseudonym.Text, name): standIn(t, "string:1", "v")}, withheld(attrs), name)
	}
}

func TestTheBodyIsWithheld(t *testing.T) {
	r := newRedactor(t)
	lr := plog.NewLogRecord()
	lr.Body().SetStr("raw text")
	lr.Attributes().PutStr("body", "an attribute of that name")
	lr.Attributes().PutStr("attributes", "too")
	assert.Equal(t, UnknownName, r.Record(lr))
	assert.Equal(t, pcommon.ValueTypeEmpty, lr.Body().Type())
	assert.Equal(t, map[string]any{
		"body":                  standIn(t, "string:8", "raw text"),
		"attributes.body":       standIn(t, "string:25", "an attribute of that name"),
		"attributes.attributes": standIn(t, "string:3", "too"),
	}, withheld(lr.Attributes().AsRaw()))

	lr = plog.NewLogRecord()
	require.NoError(t, lr.Body().FromRaw(map[string]any{"k": "v"}))
	assert.Equal(t, BodyWithheld, r.Record(lr))
	assert.Equal(t, "body", BodyWithheld.Code())

	lr = plog.NewLogRecord()
	lr.Body().SetStr("")
	assert.Equal(t, Clean, r.Record(lr), "an empty body holds nothing")
	assert.Zero(t, lr.Attributes().Len())
}

func TestEventNamesAreNames(t *testing.T) {
	r := newRedactor(t)
	keys := newKeys(t)
	for name, want := range map[string]string{
		"runAPLQuery":                "runAPLQuery",
		"Create Table":               "Create Table",
		"invite jane@corp.com":       "invite " + keys.Value(pseudonym.Text, "jane@corp.com"),
		"multi\nline":                standIn(t, "string:10", "multi\nline"),
		strings.Repeat("x", 1025):    standIn(t, "string:1025", strings.Repeat("x", 1025)),
		"login with password=secret": "login with password=[secret:password]",
	} {
		lr := plog.NewLogRecord()
		lr.SetEventName(name)
		reason := r.Record(lr)
		assert.Equal(t, want, lr.EventName())
		assert.Equal(t, name == want, reason == Clean)
	}
}

func TestSeverityTextIsAUsualWordOrAStandIn(t *testing.T) {
	r := newRedactor(t)
	for _, text := range []string{"", "INFO", "info", "Warning", "ERROR2", "Information", "FATAL4"} {
		lr := plog.NewLogRecord()
		lr.SetSeverityText(text)
		assert.Equal(t, Clean, r.Record(lr))
		assert.Equal(t, text, lr.SeverityText())
	}
	for _, text := range []string{"jane@corp.com", "INFO5", "INFO22", "2", "a long text that no logging library uses"} {
		lr := plog.NewLogRecord()
		lr.SetSeverityText(text)
		assert.Equal(t, Clean, r.Record(lr), "it is no part of the event")
		assert.True(t, strings.HasPrefix(lr.SeverityText(), "withheld:string:"), text)
	}
}

func TestResources(t *testing.T) {
	r := newRedactor(t, Rule{Name: "acme.cell", Action: Keep})
	rl := plog.NewResourceLogs()
	rl.SetSchemaUrl("https://corp.example/jane")
	attrs := rl.Resource().Attributes()
	attrs.PutStr(audit.AttrServiceName, "billing")
	attrs.PutStr(audit.AttrServiceVersion, "1.2.3.4")
	attrs.PutStr("telemetry.sdk.name", "opentelemetry")
	attrs.PutStr("acme.cell", "c1")
	ref := entity.ResourceEntityRefs(rl.Resource()).AppendEmpty()
	ref.SetType("jane")
	assert.Equal(t, Clean, r.Resource(rl))
	assert.Empty(t, rl.SchemaUrl())
	assert.Zero(t, entity.ResourceEntityRefs(rl.Resource()).Len())
	assert.Equal(t, map[string]any{
		audit.AttrServiceName: "billing", audit.AttrServiceVersion: "1.2.3.4", "telemetry.sdk.name": "opentelemetry", "acme.cell": "c1",
	}, attrs.AsRaw())

	rl.SetSchemaUrl("https://opentelemetry.io/schemas/1.38.0")
	attrs.PutStr("process.command_line", "app --password=x")
	attrs.PutStr(audit.AttrActorID, "jane") // belongs on the record
	attrs.PutStr("host.name", "10.1.2.3")
	assert.Equal(t, UnknownName, r.Resource(rl))
	assert.Equal(t, "https://opentelemetry.io/schemas/1.38.0", rl.SchemaUrl())
	assert.Equal(t, map[string]any{
		"process.command_line": standIn(t, "string:16", "app --password=x"), audit.AttrActorID: standIn(t, "string:4", "jane"),
	}, withheld(attrs.AsRaw()))
	host, _ := attrs.Get("host.name")
	assert.Equal(t, newKeys(t).Value(pseudonym.Text, "10.1.2.3"), host.Str())
}

func TestScopesAreWithheldButForTheUsersRules(t *testing.T) {
	scope := func() plog.ScopeLogs {
		sl := plog.NewScopeLogs()
		sl.SetSchemaUrl("https://corp.example/x")
		sl.Scope().SetName("com.acme.jane")
		sl.Scope().SetVersion("1.0")
		sl.Scope().Attributes().PutStr("acme.k", "v")
		sl.Scope().Attributes().PutStr(audit.AttrServiceName, "not here")
		return sl
	}
	sl := scope()
	newRedactor(t).Scope(sl)
	assert.Equal(t, standIn(t, "string:13", "com.acme.jane"), sl.Scope().Name())
	assert.Equal(t, standIn(t, "string:3", "1.0"), sl.Scope().Version())
	assert.Empty(t, sl.SchemaUrl())
	assert.Equal(t, map[string]any{audit.AttrWithheld: map[string]any{
		"acme.k": standIn(t, "string:1", "v"), audit.AttrServiceName: standIn(t, "string:8", "not here"),
	}}, sl.Scope().Attributes().AsRaw())

	sl = scope()
	newRedactor(t, Rule{Name: "otel.scope.name", Action: Keep}, Rule{Prefix: "otel.scope.", Action: Drop}, Rule{Prefix: "acme.", Action: Pseudonymize}).Scope(sl)
	assert.Equal(t, "com.acme.jane", sl.Scope().Name())
	assert.Empty(t, sl.Scope().Version())
	k, _ := sl.Scope().Attributes().Get("acme.k")
	assert.Equal(t, newKeys(t).Value(pseudonym.Text, "v"), k.Str())

	sl = scope()
	sl.Scope().SetName("mail jane@corp.com")
	newRedactor(t, Rule{Prefix: "otel.", Action: Mask}).Scope(sl)
	assert.Equal(t, "mail "+newKeys(t).Value(pseudonym.Text, "jane@corp.com"), sl.Scope().Name())
}

// plugged makes queries and prompts safe in ways that a test can see.
type plugged struct{}

func (plugged) Query(text, language, dialect string) Query {
	return Query{Representation: "rep " + language + " " + dialect, Fingerprint: "f", Summary: "SELECT", Reason: map[string]Reason{"a": QueryLiterals, "b": QueryCoarse}[text]}
}

func (plugged) Prompt(string) Prompt { return Prompt{Representation: "p", Fingerprint: "g"} }

func TestQueriesAndPromptsGoThroughTheSeam(t *testing.T) {
	r, err := New(newKeys(t), nil, plugged{}, plugged{})
	require.NoError(t, err)
	for text, want := range map[string]Reason{"a": QueryLiterals, "b": QueryCoarse} {
		lr := plog.NewLogRecord()
		lr.Attributes().PutStr(audit.AttrQueryText, text)
		lr.Attributes().PutStr(audit.AttrQueryLanguage, "sql")
		lr.Attributes().PutStr(audit.AttrDBSystemName, "postgresql")
		lr.Attributes().PutStr(audit.AttrAIPrompt, "hello")
		assert.Equal(t, want, r.Record(lr))
		assert.Equal(t, map[string]any{
			audit.AttrQueryLanguage: "sql", audit.AttrDBSystemName: "postgresql",
			audit.AttrQueryRepresentation: "rep sql postgresql", audit.AttrQueryFingerprint: "f", audit.AttrQuerySummary: "SELECT",
			audit.AttrPromptRepresentation: "p", audit.AttrPromptFingerprint: "g", audit.AttrPromptLength: int64(5),
		}, lr.Attributes().AsRaw())
	}
}

func TestTheWorstReasonWins(t *testing.T) {
	r := newRedactor(t)
	lr := plog.NewLogRecord()
	a := lr.Attributes()
	a.PutStr(audit.AttrTargetID, "jane@corp.com")
	assert.Equal(t, PersonalValue, r.Record(lr))
	a.PutStr(audit.AttrMessage, "password=x y")
	assert.Equal(t, SecretValue, r.Record(lr))
	a.PutStr(audit.AttrQueryText, "SELECT 1")
	assert.Equal(t, QueryWithheld, r.Record(lr))
	a.PutStr("acme.x", "y")
	assert.Equal(t, UnknownName, r.Record(lr))
}

// recordWith gives a record with one attribute.
func recordWith(name, text string) plog.LogRecord {
	lr := plog.NewLogRecord()
	lr.Attributes().PutStr(name, text)
	return lr
}
