package columns

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/eventtest"
	"github.com/otelaudit/otelaudit/internal/audit"
)

func quarantine(t *testing.T, refused ...Refusal) []map[string]any {
	t.Helper()
	return decode(t, sealQuarantine(refused...))
}

func sealQuarantine(refused ...Refusal) Sealed {
	b := NewQuarantineBuilder(CompressionLZ4)
	for _, r := range refused {
		b.Add(r)
	}
	sealed := b.Seal()
	sealed.Number(blockNumber)
	return sealed
}

func TestQuarantineOfARedactedEventKeepsItsAttributes(t *testing.T) {
	event := eventtest.Query("id-1", eventtest.Time, 3)
	event.Record.Attributes().PutStr(audit.AttrReturnedRows, "SECRET") // a wrong type: its value is not looked at
	event.Record.Attributes().PutStr("acme.secret", "SECRET")
	row := quarantine(t, Refusal{event, ReasonWrongType, audit.AttrReturnedRows})[0]
	assert.Equal(t, "id-1", row["record_id"])
	assert.Equal(t, eventtest.Time, row["timestamp"])
	assert.Equal(t, eventtest.Received, row["received_at"])
	assert.Equal(t, "tenant-1", row["tenant_id"])
	assert.Equal(t, "axiom", row["service_name"])
	assert.Equal(t, "wrong_type", row["reason"])
	assert.Equal(t, audit.AttrReturnedRows, row["field"])

	var safe struct {
		Action            string
		EventName         string `json:"event_name"`
		Attributes        map[string]any
		UnknownAttributes int `json:"unknown_attributes"`
	}
	require.NoError(t, json.Unmarshal([]byte(row["event"].(string)), &safe))
	assert.Equal(t, "EXECUTE", safe.Action)
	assert.Equal(t, "runAPLQuery", safe.EventName)
	assert.Equal(t, "actor-3", safe.Attributes[audit.AttrActorID])
	assert.Equal(t, "Str", safe.Attributes[audit.AttrReturnedRows], "the type stands for a value of the wrong type")
	assert.Equal(t, 1, safe.UnknownAttributes)
	assert.NotContains(t, row["event"], "SECRET")
	assert.NotContains(t, row["event"], "acme")
}

// TestQuarantineOfAnUnredactedEventShowsNoContent puts a secret everywhere a record can hold one.
func TestQuarantineOfAnUnredactedEventShowsNoContent(t *testing.T) {
	const secret = "hunter2 pass"
	fill := func() audit.Event {
		e := eventtest.Minimal(secret)
		e.Record.SetEventName(secret)
		e.Record.Body().SetStr(secret)
		e.Resource.PutStr("unknown."+secret, secret)
		e.Record.Attributes().PutStr("unknown."+secret, secret)
		for _, d := range audit.Attributes() {
			if d.Name == audit.AttrRedactionOutcome {
				continue
			}
			to := e.Record.Attributes()
			if d.Resource {
				to = e.Resource
			}
			switch d.Type {
			case audit.Strings:
				to.PutEmptySlice(d.Name).AppendEmpty().SetStr(secret)
			case audit.Map:
				to.PutEmptyMap(d.Name).PutStr(secret, secret)
			default:
				to.PutStr(d.Name, secret)
			}
		}
		return e
	}
	without := fill()
	without.Record.Attributes().Remove(audit.AttrRedactionOutcome)
	for name, event := range map[string]audit.Event{"no stamp": without, "stamp and raw values": fill()} {
		t.Run(name, func(t *testing.T) {
			admission, refusal := NewBuilder(1, CompressionLZ4).Add(event)
			require.Equal(t, Refused, admission)
			block := sealQuarantine(refusal)
			assert.NotContains(t, string(native(t, block)), "hunter2")
			row := decode(t, block)[0]
			assert.NotEmpty(t, row["reason"])
			assert.Contains(t, row["event"], audit.AttrQueryText, "which attributes there are can be told")
		})
	}
}

func TestQuarantineTakesAnyTime(t *testing.T) {
	event := eventtest.Minimal("id")
	event.Record.SetTimestamp(math.MaxUint64)
	event.Record.SetObservedTimestamp(math.MaxUint64)
	row := quarantine(t, Refusal{event, ReasonOutOfRange, "timestamp"})[0]
	assert.Equal(t, time.Unix(0, math.MaxInt64).UTC(), row["timestamp"])
	assert.Equal(t, time.Unix(0, math.MaxInt64).UTC(), row["received_at"])

	event.Record.SetTimestamp(0)
	event.Record.SetObservedTimestamp(0)
	row = quarantine(t, Refusal{event, ReasonMissing, "timestamp"})[0]
	assert.Equal(t, time.Unix(0, 0).UTC(), row["timestamp"])
}

func TestIdentifierPassesNoContent(t *testing.T) {
	for _, ok := range []string{"", "0190f5a0-7c3e-7d4e-8f00-0123456789ab", "axiom/monitors:42", "a.b_c"} {
		assert.Equal(t, ok, identifier(ok))
	}
	for _, bad := range []string{"ann@example.com", "two words", "naïve", "a=b", "'", strings.Repeat("a", 129), "a\n"} {
		assert.Empty(t, identifier(bad), bad)
	}
}
