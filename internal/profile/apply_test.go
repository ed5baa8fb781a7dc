package profile

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelaudit/otelaudit/internal/audit"
)

func builtinProfile(tb testing.TB, name string) *Profile {
	tb.Helper()
	p, ok := Builtin().Select(name)
	require.True(tb, ok)
	return p
}

const logout = `{"_time": "2026-02-06T10:22:47Z", "action": "logout", "source": "ui", "id": "e-1", "extra": {"a": 1}}`

func TestWhatTheSenderHasSetStays(t *testing.T) {
	record := plog.NewLogRecord()
	record.SetTimestamp(5)
	record.SetEventName("log")
	record.Attributes().PutStr(audit.AttrRecordID, "mine")
	record.Attributes().PutStr(audit.AttrOrigin, "batch")
	record.Attributes().PutStr("acme.region", "eu")
	record.Body().SetStr(logout)
	require.Nil(t, builtinProfile(t, "axiom").Apply(pcommon.NewMap(), record))
	assert.Equal(t, map[string]any{
		"audit.record.id": "mine", "audit.origin": "batch", "acme.region": "eu",
		"audit.action": "LOGOUT", "audit.outcome": "success", "audit.actor.id": "unknown", "audit.actor.type": "user",
		"audit.target.type": "session",
		"audit.details":     map[string]any{"source": "ui", "id": "e-1", "extra": map[string]any{"a": int64(1)}},
	}, record.Attributes().AsRaw(), "what it has set, and the product's values for it among the details")
	assert.Equal(t, "logout", record.EventName(), "the product's name and time are the event's")
	assert.Equal(t, "2026-02-06 10:22:47 +0000 UTC", record.Timestamp().AsTime().String())
}

func TestWhereTheSenderHasSetDetailsTheRestStaysInTheBody(t *testing.T) {
	for name, fill := range map[string]func(pcommon.Value){
		"text": func(body pcommon.Value) { body.SetStr(logout) },
		"map":  func(body pcommon.Value) { parseObject(logout, body.SetEmptyMap()) },
	} {
		t.Run(name, func(t *testing.T) {
			record := plog.NewLogRecord()
			record.Attributes().PutEmptyMap(audit.AttrDetails).PutStr("mine", "1")
			fill(record.Body())
			require.Nil(t, builtinProfile(t, "axiom").Apply(pcommon.NewMap(), record))
			assert.Equal(t, map[string]any{"extra": map[string]any{"a": int64(1)}}, record.Body().AsRaw())
			details, _ := record.Attributes().Get(audit.AttrDetails)
			assert.Equal(t, map[string]any{"mine": "1"}, details.AsRaw())
		})
	}
}

func TestACanonicalRecordIsLeftAlone(t *testing.T) {
	record := plog.NewLogRecord()
	record.Attributes().PutStr(audit.AttrAction, "READ")
	record.Body().SetStr(logout)
	require.Nil(t, builtinProfile(t, "axiom").Apply(pcommon.NewMap(), record))
	assert.Equal(t, pcommon.NewValueStr(logout), record.Body())
	assert.Empty(t, record.EventName())
}

func TestTheTimeTheSenderClaimsServesWhereTheEventHasNone(t *testing.T) {
	record := plog.NewLogRecord()
	record.SetTimestamp(1770396600000000000)
	record.Body().SetStr(`{"action": "logout", "source": "ui"}`)
	require.Nil(t, builtinProfile(t, "axiom").Apply(pcommon.NewMap(), record))
	assert.Equal(t, pcommon.Timestamp(1770396600000000000), record.Timestamp())

	record = plog.NewLogRecord()
	record.SetObservedTimestamp(1770396600000000000)
	record.Body().SetStr(`{"action": "logout", "source": "ui"}`)
	err := builtinProfile(t, "axiom").Apply(pcommon.NewMap(), record)
	assert.Equal(t, &audit.FieldError{Field: "body._time", Problem: "required", Missing: true}, err, "the observed one is not Axiom's")
}

func TestRecordIDsAreTheServices(t *testing.T) {
	ids := map[any]bool{}
	for _, service := range []string{"eu", "us", "eu"} {
		record, resource := plog.NewLogRecord(), pcommon.NewMap()
		resource.PutStr(audit.AttrServiceName, service)
		record.Body().SetStr(logout)
		require.Nil(t, builtinProfile(t, "axiom").Apply(resource, record))
		ids[attr(record, audit.AttrRecordID)] = true
	}
	assert.Equal(t, map[any]bool{"axiom:eu:e-1": true, "axiom:us:e-1": true}, ids)
}

// nested is an object with maps inside of each other.
func nested(levels int) string {
	return strings.Repeat(`{"a":`, levels) + "1" + strings.Repeat("}", levels)
}

func TestBoundsOfAnEvent(t *testing.T) {
	event := func(data string) string {
		return `{"_time": "2026-02-06T10:22:47Z", "action": "logout", "data": ` + data + "}"
	}
	list := func(n int) string { return "[" + strings.TrimSuffix(strings.Repeat("1,", n), ",") + "]" }
	wide := func(n int) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(`,"k` + strings.Repeat("x", i%7) + string(rune('a'+i%26)) + strings.Repeat("y", i/26) + `":1`)
		}
		return "{" + strings.TrimPrefix(b.String(), ",") + "}"
	}
	deep := plog.NewLogRecord().Body().SetEmptyMap()
	deep.PutStr("action", "logout")
	for m, i := deep, 0; i < 100; i++ {
		m = m.PutEmptyMap("a")
	}
	for name, c := range map[string]struct {
		fill    func(pcommon.Value)
		problem string
	}{
		"as deep as may be": {text(event(nested(audit.MaxDepth - 1))), ""},
		"too deep":          {text(event(nested(audit.MaxDepth))), tooDeep},
		"far too deep":      {text(strings.Repeat(`{"a":`, 9000) + "1" + strings.Repeat("}", 9000)), tooDeep},
		"too deep for the library": {
			text(strings.Repeat(`{"a":`, 1<<20) + "1" + strings.Repeat("}", 1<<20)), notJSON,
		},
		"a map too deep":         {func(v pcommon.Value) { deep.CopyTo(v.SetEmptyMap()) }, tooDeep},
		"many values":            {text(event(list(60000))), ""},
		"too many values":        {text(event(list(70000))), tooManyValues},
		"many members":           {text(event(wide(1000))), ""},
		"too many members":       {text(event(wide(1100))), tooManyKeys},
		"too long":               {text(event(`"` + strings.Repeat("x", maxText) + `"`)), tooLong},
		"a key twice":            {text(event(`{"a": 1, "a": 2}`)), doubledKey},
		"text in another coding": {text(event("\"\xff\"")), notUTF8},
		"a map in another coding": {func(v pcommon.Value) {
			v.SetEmptyMap().PutEmptyMap("x").PutStr("y", "\xff")
		}, notUTF8},
		"a key in another coding": {func(v pcommon.Value) { v.SetEmptyMap().PutStr("\xff", "y") }, notUTF8},
		"no object":               {text(`[]`), notObject},
		"two objects":             {text(`{} {}`), notJSON},
		"a list":                  {func(v pcommon.Value) { v.SetEmptySlice() }, "must be a map or a JSON object, is a list"},
	} {
		t.Run(name, func(t *testing.T) {
			record := plog.NewLogRecord()
			c.fill(record.Body())
			err := builtinProfile(t, "axiom").Apply(pcommon.NewMap(), record)
			if c.problem == "" {
				require.Nil(t, err)
				assert.Nil(t, audit.ValidateRecord(record))
				return
			}
			assert.Equal(t, &audit.FieldError{Field: "body", Problem: c.problem}, err)
		})
	}
}

func text(s string) func(pcommon.Value) { return func(v pcommon.Value) { v.SetStr(s) } }

func TestARecordWithoutBodyIsMissingIt(t *testing.T) {
	err := builtinProfile(t, "axiom").Apply(pcommon.NewMap(), plog.NewLogRecord())
	assert.Equal(t, &audit.FieldError{Field: "body", Problem: "required", Missing: true}, err)
}

// JSON text may not have a key twice; a map may, and pdata has no way to make one but to read it.
func TestAFieldThatIsThereTwiceIsRefused(t *testing.T) {
	logs, err := (&plog.JSONUnmarshaler{}).UnmarshalLogs([]byte(`{"resourceLogs": [{"scopeLogs": [{"logRecords": [{"body": {"kvlistValue": {"values": [
		{"key": "_time", "value": {"stringValue": "2026-02-06T10:22:47Z"}},
		{"key": "action", "value": {"stringValue": "getDashboard"}},
		{"key": "action", "value": {"stringValue": "deleteDashboard"}}
	]}}}]}]}]}`))
	require.NoError(t, err)
	record := logs.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0)
	assert.Equal(t, &audit.FieldError{Field: "body.action", Problem: "must be there once"},
		builtinProfile(t, "axiom").Apply(pcommon.NewMap(), record))
}

func TestNoEventStaysInMemoryOfTheNext(t *testing.T) {
	p := builtinProfile(t, "axiom")
	for range 50 {
		full, bare := plog.NewLogRecord(), plog.NewLogRecord()
		full.Body().SetStr(`{"_time": "2026-02-06T10:22:47Z", "action": "runAPLQuery", "actor": {"id": "a", "email": "e"}, "properties": {"query": "q"}}`)
		bare.Body().SetStr(`{"_time": "2026-02-06T10:22:47Z", "action": "logout"}`)
		require.Nil(t, p.Apply(pcommon.NewMap(), full))
		require.Nil(t, p.Apply(pcommon.NewMap(), bare))
		assert.Equal(t, map[string]any{
			"audit.action": "LOGOUT", "audit.outcome": "success", "audit.actor.id": "unknown", "audit.actor.type": "user", "audit.target.type": "session",
		}, bare.Attributes().AsRaw())
	}
}
