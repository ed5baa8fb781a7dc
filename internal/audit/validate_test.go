package audit

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
)

// sound gives an event with the required fields and nothing else.
func sound() Event {
	e := Event{Resource: pcommon.NewMap(), Record: plog.NewLogRecord()}
	e.Resource.PutStr(AttrServiceName, "shop")
	e.Record.SetTimestamp(pcommon.NewTimestampFromTime(time.Unix(1_700_000_000, 0)))
	e.Record.SetEventName("createDashboard")
	a := e.Record.Attributes()
	a.PutStr(AttrAction, ActionCreate)
	a.PutStr(AttrOutcome, OutcomeSuccess)
	a.PutStr(AttrActorID, "u-1")
	a.PutStr(AttrActorType, ActorUser)
	return e
}

func TestSoundEventIsAccepted(t *testing.T) {
	assert.Nil(t, sound().Validate())
}

func TestValidateNamesTheFieldAndNeverTheContent(t *testing.T) {
	const content = "CONTENT-4711"
	bad := "\xff" + content
	nested := func(v pcommon.Value, depth int) {
		for range depth {
			v = v.SetEmptyMap().PutEmpty(content)
		}
		v.SetStr(content)
	}
	tests := []struct {
		name    string
		change  func(Event)
		field   string
		problem string
	}{
		{"no timestamp", func(e Event) { e.Record.SetTimestamp(0) }, "timestamp", "required"},
		{"timestamp in 2300", func(e Event) {
			e.Record.SetTimestamp(pcommon.Timestamp(10_413_792_000) * 1_000_000_000)
		}, "timestamp", "must be before 2262"},
		{"observed in 2300", func(e Event) {
			e.Record.SetObservedTimestamp(pcommon.Timestamp(10_413_792_000) * 1_000_000_000)
		}, "observed_timestamp", "must be before 2262"},
		{"no event name", func(e Event) { e.Record.SetEventName("") }, "event_name", "required"},
		{"event name not UTF-8", func(e Event) { e.Record.SetEventName(bad) }, "event_name", "UTF-8"},
		{"no action", func(e Event) { e.Record.Attributes().Remove(AttrAction) }, AttrAction, "required"},
		{"empty action", func(e Event) { e.Record.Attributes().PutStr(AttrAction, "") }, AttrAction, "required"},
		{"action in lower case", func(e Event) { e.Record.Attributes().PutStr(AttrAction, "create"+content) }, AttrAction, "upper-case"},
		{"action is a number", func(e Event) { e.Record.Attributes().PutInt(AttrAction, 7) }, AttrAction, "must be a string, is a Int"},
		{"no outcome", func(e Event) { e.Record.Attributes().Remove(AttrOutcome) }, AttrOutcome, "required"},
		{"outcome not on the list", func(e Event) { e.Record.Attributes().PutStr(AttrOutcome, content) }, AttrOutcome, "success, failure or unknown"},
		{"no actor", func(e Event) { e.Record.Attributes().Remove(AttrActorID) }, AttrActorID, "required"},
		{"actor type not on the list", func(e Event) { e.Record.Attributes().PutStr(AttrActorType, content) }, AttrActorType, "user, service or system"},
		{"no service name", func(e Event) { e.Resource.Remove(AttrServiceName) }, AttrServiceName, "required"},
		{"known attribute of another type", func(e Event) { e.Record.Attributes().PutStr(AttrQueryCost, content) }, AttrQueryCost, "must be a double, is a Str"},
		{"list with a number", func(e Event) { e.Record.Attributes().PutEmptySlice(AttrLabels).AppendEmpty().SetInt(1) }, AttrLabels, "must be a string[]"},
		{"known attribute not UTF-8", func(e Event) { e.Record.Attributes().PutStr(AttrMessage, bad) }, AttrMessage, "UTF-8"},
		{"unknown attribute not UTF-8", func(e Event) { e.Record.Attributes().PutStr(content, bad) }, "attributes[4]", "UTF-8"},
		{"attribute name not UTF-8", func(e Event) { e.Record.Attributes().PutStr(bad, "x") }, "attributes[4]", "its name must be valid UTF-8"},
		{"resource attribute not UTF-8", func(e Event) { e.Resource.PutStr(content, bad) }, "resource.attributes[1]", "UTF-8"},
		{"nested key not UTF-8", func(e Event) { e.Record.Attributes().PutEmptyMap(AttrDetails).PutStr(bad, "x") }, AttrDetails, "a key in it"},
		{"nested too deep", func(e Event) { nested(e.Record.Attributes().PutEmpty(AttrDetails), 40) }, AttrDetails, "32 levels"},
		{"attribute twice", func(e Event) { duplicate(e.Record, AttrOutcome, content) }, AttrOutcome, "must be there once"},
		{"body not UTF-8", func(e Event) { e.Record.Body().SetEmptySlice().AppendEmpty().SetStr(bad) }, "body", "UTF-8"},
		{"body too deep", func(e Event) { nested(e.Record.Body(), 40) }, "body", "32 levels"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := sound()
			tt.change(e)
			err := e.Validate()
			require.NotNil(t, err)
			assert.Equal(t, tt.field, err.Field)
			assert.Contains(t, err.Problem, tt.problem)
			assert.NotContains(t, err.Error(), content)
		})
	}
}

// duplicate appends a second attribute of one name, which pdata only does for what comes over the wire.
func duplicate(lr plog.LogRecord, name, value string) {
	logs := plog.NewLogs()
	lr.CopyTo(logs.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty())
	wire, err := (&plog.JSONMarshaler{}).MarshalLogs(logs)
	if err != nil {
		panic(err)
	}
	second := `{"key":"` + name + `","value":{"stringValue":"` + value + `"}}`
	wire = bytes.Replace(wire, []byte(`"attributes":[`), []byte(`"attributes":[`+second+`,`), 1)
	logs, err = (&plog.JSONUnmarshaler{}).UnmarshalLogs(wire)
	if err != nil {
		panic(err)
	}
	logs.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0).CopyTo(lr)
}

func TestIntegerStandsForDouble(t *testing.T) {
	e := sound()
	e.Record.Attributes().PutInt(AttrQueryCost, 3)
	assert.Nil(t, e.Validate())
	cost, ok := e.Double(AttrQueryCost)
	assert.True(t, ok)
	assert.InDelta(t, 3.0, cost, 0)
}

func TestSmallAndLargeTimestampsThatCanBeStored(t *testing.T) {
	for _, ts := range []pcommon.Timestamp{1, MaxTimestamp} {
		e := sound()
		e.Record.SetTimestamp(ts)
		assert.Nil(t, e.Validate())
	}
}

func TestEveryAttributeIsDefinedOnceWithALegalName(t *testing.T) {
	seen := map[string]bool{}
	require.LessOrEqual(t, len(Attributes()), 128, "checkAttributes notes them in that many bits")
	for _, d := range Attributes() {
		assert.False(t, seen[d.Name], d.Name)
		seen[d.Name] = true
		assert.Equal(t, strings.ToLower(d.Name), d.Name)
		assert.NotEmpty(t, d.Origin, d.Name)
		assert.Equal(t, d.Derived, Derived(d.Name))
	}
	assert.False(t, Derived("acme.anything"))
}

func TestTypedReading(t *testing.T) {
	e := sound()
	a := e.Record.Attributes()
	a.PutBool(AttrBranchLive, true)
	a.PutInt(AttrReturnedRows, 12)
	a.PutDouble(AttrDuration, 1.5)
	a.PutEmptySlice(AttrLabels).AppendEmpty().SetStr("database")
	a.PutStr(AttrIngestBytes, "12")

	live, ok := e.Bool(AttrBranchLive)
	assert.True(t, live && ok)
	rows, ok := e.Int(AttrReturnedRows)
	assert.True(t, ok)
	assert.EqualValues(t, 12, rows)
	assert.Equal(t, []string{"database"}, e.Strings(AttrLabels))
	assert.Equal(t, "shop", e.Str(AttrServiceName), "service.name is read from the resource")
	_, ok = e.Int(AttrIngestBytes)
	assert.False(t, ok, "a string is not an int")
	_, ok = e.Double(AttrDuration + ".missing")
	assert.False(t, ok)
	_, ok = e.Bool(AttrAction)
	assert.False(t, ok)
	assert.Nil(t, e.Strings(AttrAction))
	assert.Empty(t, e.Str(AttrDuration))
	assert.Equal(t, int64(1_700_000_000), e.Time().Unix())
}

func TestEventsVisitsEveryRecordUntilToldToStop(t *testing.T) {
	logs := plog.NewLogs()
	for range 2 {
		rl := logs.ResourceLogs().AppendEmpty()
		for range 2 {
			sl := rl.ScopeLogs().AppendEmpty()
			sl.LogRecords().AppendEmpty()
			sl.LogRecords().AppendEmpty()
		}
	}
	n := 0
	Events(logs, func(Event) bool { n++; return true })
	assert.Equal(t, 8, n)
	n = 0
	Events(logs, func(Event) bool { n++; return n < 3 })
	assert.Equal(t, 3, n)
}

func TestTheDocumentNamesEveryAttribute(t *testing.T) {
	text, err := os.ReadFile("../../docs/conventions.md")
	require.NoError(t, err)
	named := map[string]bool{}
	for _, code := range regexp.MustCompile("`[a-z0-9_.]+`").FindAllString(string(text), -1) {
		named[strings.Trim(code, "`")] = true
	}
	for _, d := range Attributes() {
		assert.True(t, named[d.Name], d.Name)
	}
}
