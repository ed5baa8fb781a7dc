package columns

import (
	"encoding/hex"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/eventtest"
	"github.com/otelaudit/otelaudit/internal/audit"
)

var update = flag.Bool("update", false, "write the golden files")

// encodeOne encodes one event that must become a row, and gives the row.
func encodeOne(t *testing.T, event audit.Event) map[string]any {
	t.Helper()
	return decode(t, seal(t, NewBuilder(1, CompressionLZ4), event))[0]
}

// seal makes a block of events that must all become rows of it.
func seal(t *testing.T, b *Builder, events ...audit.Event) Sealed {
	t.Helper()
	for _, event := range events {
		admission, refusal := b.Add(event)
		require.Equal(t, Added, admission, "%v", refusal)
	}
	require.Equal(t, len(events), b.Rows())
	sealed := b.Seal()
	sealed.Number(blockNumber)
	return sealed
}

const blockNumber = 7<<32 | 1

func TestEveryColumnOfAFullEventHoldsItsAttribute(t *testing.T) {
	event := eventtest.Full("id-1")
	row := encodeOne(t, event)
	assert.EqualValues(t, uint64(blockNumber), row["block_id"])
	delete(row, "block_id")
	const skeleton = `{"of":%q,"big":4611686018427387904,"deep":{"list":[true]}}`
	want := map[string]any{
		"record_id":         "id-1",
		"timestamp":         eventtest.Time,
		"observed_at":       eventtest.Time.Add(time.Second),
		"received_at":       eventtest.Received,
		"trace_id":          "0102030405060708090a0b0c0d0e0fff",
		"span_id":           "0a0b0c0d0e0f0102",
		"event_name":        "run query",
		"redaction_outcome": audit.RedactionClean,
		"sample_rate":       0.25,
		"retention_days":    uint16(30),
		"attributes": map[string]string{
			"acme.region": "eu", "acme.list": "[7]",
			"of": audit.AttrWithheld, "big": "4611686018427387904", "deep": `{"list":[true]}`,
		},
	}
	for i, d := range audit.Attributes() {
		slot, filled := recordTargets[d.Name]
		if d.Resource {
			slot, filled = resourceTargets[d.Name]
		}
		switch {
		case filled && (slot.kind == forbidden || slot.kind == marked || slot.kind == withheld):
			continue
		case !filled || slot.slot >= len(definitions):
			// No column of its own, or the column is taken by the attribute that goes before: kept among the others.
			if d.Type == audit.String {
				want["attributes"].(map[string]string)[d.Name] = d.Name
			} else {
				want["attributes"].(map[string]string)[d.Name] = fmt.Sprint(i)
			}
			continue
		}
		column := definitions[slot.slot].name
		if _, special := want[column]; special {
			continue
		}
		switch d.Type {
		case audit.String:
			if want[column] = d.Name; slot.kind == digest {
				want[column] = xxhash.Sum64String(d.Name)
			}
		case audit.Bool:
			want[column] = true
		case audit.Int:
			want[column] = int64(i)
		case audit.Double:
			want[column] = float64(i) + 0.5
		case audit.Strings:
			want[column] = []string{d.Name, "second \"é\""}
		case audit.Map:
			want[column] = fmt.Sprintf(skeleton, d.Name)
		}
	}
	assert.Equal(t, want, row)
	for column, value := range row {
		assert.NotZero(t, value, column)
	}
}

func TestAbsentValuesAreEmptyOrNull(t *testing.T) {
	row := encodeOne(t, eventtest.Minimal("id-1"))
	for _, d := range definitions {
		var want any
		switch d.kind {
		case text, object, hexadecimal:
			want = ""
		case texts:
			want = []string(nil)
		case attributeMap:
			want = map[string]string{}
		case days:
			want = uint16(0)
		case digest:
			want = uint64(0)
		case share:
			want = 1.0
		case instant:
			want = eventtest.Time
		}
		switch d.name {
		case "record_id":
			want = "id-1"
		case "tenant_id":
			want = audit.DefaultTenant
		case "redaction_outcome":
			want = audit.RedactionClean
		}
		assert.Equal(t, want, row[d.name], d.name)
	}
}

func TestColumnsFromMoreThanOneAttribute(t *testing.T) {
	for name, test := range map[string]struct {
		put  func(audit.Event)
		want map[string]any
	}{
		"login name where there is no full name": {
			func(e audit.Event) { e.Record.Attributes().PutStr(audit.AttrUserName, "ann") },
			map[string]any{"actor_name": "ann", "attributes": map[string]string{}},
		},
		"full name goes before the login name": {
			func(e audit.Event) {
				e.Record.Attributes().PutStr(audit.AttrUserName, "ann")
				e.Record.Attributes().PutStr(audit.AttrUserFullName, "Ann A")
			},
			map[string]any{"actor_name": "Ann A", "attributes": map[string]string{audit.AttrUserName: "ann"}},
		},
		"source where there is no client address": {
			func(e audit.Event) { e.Record.Attributes().PutStr(audit.AttrSourceID, "10.0.0.1") },
			map[string]any{"source_address": "10.0.0.1", "attributes": map[string]string{}},
		},
		"source that is the client address": {
			func(e audit.Event) {
				e.Record.Attributes().PutStr(audit.AttrSourceID, "10.0.0.1")
				e.Record.Attributes().PutStr(audit.AttrClientAddress, "10.0.0.1")
			},
			map[string]any{"source_address": "10.0.0.1", "attributes": map[string]string{}},
		},
		"why it failed where only the exception says so": {
			func(e audit.Event) { e.Record.Attributes().PutStr(audit.AttrExceptionMessage, "no such column") },
			map[string]any{"outcome_reason": "no such column", "attributes": map[string]string{}},
		},
		"why it failed in the event's own words": {
			func(e audit.Event) {
				e.Record.Attributes().PutStr(audit.AttrExceptionMessage, "no such column")
				e.Record.Attributes().PutStr(audit.AttrOutcomeReason, "column dropped")
			},
			map[string]any{"outcome_reason": "column dropped", "attributes": map[string]string{audit.AttrExceptionMessage: "no such column"}},
		},
		"ingest without a period": {
			func(e audit.Event) { e.Record.Attributes().PutInt(audit.AttrIngestBytes, 0) },
			map[string]any{"ingest_bytes": int64(0), "ingest_period_seconds": 3600.0},
		},
		"times of a record that says little": {
			func(e audit.Event) { e.Record.SetObservedTimestamp(pcommon.NewTimestampFromTime(eventtest.Received)) },
			map[string]any{"observed_at": eventtest.Received, "received_at": eventtest.Received},
		},
		"attribute of the resource that has no column": {
			func(e audit.Event) { e.Resource.PutStr("host.name", "a1") },
			map[string]any{"attributes": map[string]string{"host.name": "a1"}},
		},
		"what was withheld of the record and of the resource": {
			func(e audit.Event) {
				e.Record.Attributes().PutEmptyMap(audit.AttrWithheld).PutStr("body", "withheld:string:3:x")
				e.Resource.PutEmptyMap(audit.AttrWithheld).PutStr("host.name", "withheld:string:2:y")
			},
			map[string]any{"attributes": map[string]string{"body": "withheld:string:3:x", "host.name": "withheld:string:2:y"}},
		},
		"cost as an int, and below zero": {
			func(e audit.Event) { e.Record.Attributes().PutInt(audit.AttrQueryCost, -3) },
			map[string]any{"query_cost": -3.0},
		},
	} {
		t.Run(name, func(t *testing.T) {
			event := eventtest.Minimal("id")
			test.put(event)
			row := encodeOne(t, event)
			for column, want := range test.want {
				assert.Equal(t, want, row[column], column)
			}
		})
	}
}

func TestUnsuitableEventsAreRefusedByField(t *testing.T) {
	attribute := func(name string, value any) func(audit.Event) {
		return func(e audit.Event) {
			if err := e.Record.Attributes().PutEmpty(name).FromRaw(value); err != nil {
				panic(err)
			}
		}
	}
	var deep any = "x"
	for range audit.MaxDepth + 2 {
		deep = map[string]any{"k": deep}
	}
	for name, test := range map[string]struct {
		put    func(audit.Event)
		reason Reason
		field  string
	}{
		"no stamp": {
			func(e audit.Event) { e.Record.Attributes().Remove(audit.AttrRedactionOutcome) },
			ReasonNotRedacted, audit.AttrRedactionOutcome,
		},
		"unknown stamp":         {attribute(audit.AttrRedactionOutcome, "fine"), ReasonNotRedacted, audit.AttrRedactionOutcome},
		"stamp of another type": {attribute(audit.AttrRedactionOutcome, 1), ReasonNotRedacted, audit.AttrRedactionOutcome},
		"raw query":             {attribute(audit.AttrQueryText, "SELECT 1"), ReasonRawValue, audit.AttrQueryText},
		"empty raw query":       {attribute(audit.AttrQueryText, ""), ReasonRawValue, audit.AttrQueryText},
		"raw prompt":            {attribute(audit.AttrAIPrompt, []any{"x"}), ReasonRawValue, audit.AttrAIPrompt},
		"plain hash":            {attribute(audit.AttrReceivedHash, "x"), ReasonRawValue, audit.AttrReceivedHash},
		"unexplained": {func(e audit.Event) {
			e.Record.Attributes().PutStr(audit.AttrQuarantineReason, audit.QuarantineUnexplained)
			e.Record.Attributes().PutStr(audit.AttrQuarantineField, "body.action")
		}, ReasonUnexplained, "body.action"},
		"marked by nobody we know": {func(e audit.Event) {
			e.Record.Attributes().PutStr(audit.AttrQuarantineField, "ann@example.com")
			e.Record.Attributes().PutStr(audit.AttrQuarantineReason, "because")
		}, ReasonInvalid, ""},
		"raw stack trace": {attribute(audit.AttrExceptionStacktrace, "at x"), ReasonRawValue, audit.AttrExceptionStacktrace},
		"raw query of a resource": {
			func(e audit.Event) { e.Resource.PutStr(audit.AttrQueryText, "x") },
			ReasonRawValue, audit.AttrQueryText,
		},
		"body":             {func(e audit.Event) { e.Record.Body().SetStr("x") }, ReasonRawValue, "body"},
		"no id":            {attribute(audit.AttrRecordID, ""), ReasonMissing, audit.AttrRecordID},
		"no timestamp":     {func(e audit.Event) { e.Record.SetTimestamp(0) }, ReasonMissing, "timestamp"},
		"timestamp beyond": {func(e audit.Event) { e.Record.SetTimestamp(math.MaxInt64 + 1) }, ReasonOutOfRange, "timestamp"},
		"observed beyond": {
			func(e audit.Event) { e.Record.SetObservedTimestamp(math.MaxUint64) },
			ReasonOutOfRange, "observed_timestamp",
		},
		"received before 1970": {attribute(audit.AttrReceivedTime, -1), ReasonOutOfRange, audit.AttrReceivedTime},
		"text as a number":     {attribute(audit.AttrActorID, 7), ReasonWrongType, audit.AttrActorID},
		"null":                 {attribute(audit.AttrActorID, nil), ReasonWrongType, audit.AttrActorID},
		"number as text":       {attribute(audit.AttrQueryCost, "7"), ReasonWrongType, audit.AttrQueryCost},
		"int as a double":      {attribute(audit.AttrReturnedRows, 7.0), ReasonWrongType, audit.AttrReturnedRows},
		"list of numbers":      {attribute(audit.AttrLabels, []any{"a", 1}), ReasonWrongType, audit.AttrLabels},
		"map as text":          {attribute(audit.AttrDetails, "{}"), ReasonWrongType, audit.AttrDetails},
		"flag as text":         {attribute(audit.AttrBranchLive, "true"), ReasonWrongType, audit.AttrBranchLive},
		"withheld as text":     {attribute(audit.AttrWithheld, "x"), ReasonWrongType, audit.AttrWithheld},
		"NaN":                  {attribute(audit.AttrQueryCost, math.NaN()), ReasonOutOfRange, audit.AttrQueryCost},
		"infinity":             {attribute(audit.AttrDuration, math.Inf(1)), ReasonOutOfRange, audit.AttrDuration},
		"int beyond a double":  {attribute(audit.AttrQueryCost, 1<<53+1), ReasonOutOfRange, audit.AttrQueryCost},
		"retention below 0":    {attribute(audit.AttrRetentionDays, -1), ReasonOutOfRange, audit.AttrRetentionDays},
		"retention beyond":     {attribute(audit.AttrRetentionDays, 36501), ReasonOutOfRange, audit.AttrRetentionDays},
		"sample rate 0":        {attribute(audit.AttrSampleRate, 0.0), ReasonOutOfRange, audit.AttrSampleRate},
		"sample rate over 1":   {attribute(audit.AttrSampleRate, 1.5), ReasonOutOfRange, audit.AttrSampleRate},
		"deep details":         {attribute(audit.AttrDetails, deep), ReasonTooDeep, audit.AttrDetails},
		"deep and unknown":     {attribute("secret-name", deep), ReasonTooDeep, "attributes"},
		"deep and withheld":    {attribute(audit.AttrWithheld, deep), ReasonTooDeep, audit.AttrWithheld},
		"deep in the resource": {
			func(e audit.Event) {
				if err := e.Resource.PutEmpty("secret-name").FromRaw(deep); err != nil {
					panic(err)
				}
			},
			ReasonTooDeep, "resource.attributes",
		},
	} {
		t.Run(name, func(t *testing.T) {
			bad := eventtest.Full("bad")
			test.put(bad)
			good := eventtest.Full("good")
			b := NewBuilder(1, CompressionLZ4)
			b.Add(good)
			admission, refusal := b.Add(bad)
			assert.Equal(t, Refused, admission)
			assert.Equal(t, Refusal{bad, test.reason, test.field}, refusal)
			b.Add(good)
			sealed := b.Seal()
			sealed.Number(blockNumber)
			rows := decode(t, sealed)
			require.Len(t, rows, 2, "the others are not harmed")
			assert.Equal(t, rows[0], rows[1])
		})
	}
}

func TestSameAttributeTwiceIsRefused(t *testing.T) {
	event := eventtest.Minimal("id")
	// A map cannot hold a key twice; what came over the wire can.
	twice := eventtest.WithDuplicate(t, event, audit.AttrActorID)
	admission, refusal := NewBuilder(1, CompressionLZ4).Add(twice)
	assert.Equal(t, Refused, admission)
	assert.Equal(t, ReasonDuplicate, refusal.Reason)
	assert.Equal(t, audit.AttrActorID, refusal.Field)
}

func TestBytesStayTheSame(t *testing.T) {
	for name, event := range map[string]audit.Event{
		"query": eventtest.Query("id-1", eventtest.Time, 3), "minimal": eventtest.Minimal("id-1"),
	} {
		t.Run(name, func(t *testing.T) {
			b := NewBuilder(1, CompressionNone)
			first := seal(t, b, event)
			dump := hex.Dump(native(t, first))
			assert.Equal(t, first.Hash, seal(t, b, event).Hash, "a reused builder")
			assert.Equal(t, first.Hash, seal(t, NewBuilder(7, CompressionNone), event).Hash, "another builder")

			path := filepath.Join("testdata", name+".hex")
			if *update {
				require.NoError(t, os.WriteFile(path, []byte(dump), 0o600))
			}
			want, err := os.ReadFile(path)
			require.NoError(t, err)
			assert.Equal(t, strings.Split(string(want), "\n"), strings.Split(dump, "\n"),
				"a change of these bytes is a change of what ClickHouse gets: look at every one")
		})
	}
}

func TestOtherContentHasAnotherHash(t *testing.T) {
	hashes := map[[16]byte]bool{}
	for i := range 10 {
		event := eventtest.Minimal("id")
		event.Record.Attributes().PutInt(audit.AttrReturnedRows, int64(i))
		hashes[seal(t, NewBuilder(1, CompressionLZ4), event).Hash] = true
	}
	assert.Len(t, hashes, 10)
}
