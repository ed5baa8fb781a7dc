package querylog

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelaudit/otelaudit/internal/audit"
)

var read = Row{
	Host: "db1", Type: "QueryFinish", Time: 1_795_257_000_123_456, QueryID: "q1", Query: "SELECT actor_email FROM audit.events WHERE actor_id = 'ann'",
	Kind: "Select", User: "jane", Address: "10.0.0.7", Agent: "Grafana", DurationMS: 1500, ReadBytes: 4096, ResultRows: 3, Tables: []string{"audit.events"},
}

func one(t *testing.T, row Row) audit.Event {
	t.Helper()
	var events []audit.Event
	audit.Events(Events([]Row{row}, "audit", "otelaudit"), func(e audit.Event) bool {
		events = append(events, e)
		return true
	})
	require.Len(t, events, 1)
	require.Nil(t, events[0].Validate(), "it is an event of the conventions")
	return events[0]
}

func TestAReadIsAnEvent(t *testing.T) {
	e := one(t, read)
	assert.Equal(t, time.UnixMicro(read.Time).UTC(), e.Time())
	assert.Equal(t, "clickhouse.select", e.Record.EventName())
	for name, want := range map[string]string{
		audit.AttrRecordID: "clickhouse:db1:1795257000123456:q1", audit.AttrTenantID: "otelaudit", audit.AttrActorID: "jane", audit.AttrActorType: "user",
		audit.AttrAction: "READ", audit.AttrOutcome: "success", audit.AttrTargetType: "audit_log", audit.AttrTargetID: "audit",
		audit.AttrQueryText: read.Query, audit.AttrQueryLanguage: "sql", audit.AttrDBSystemName: "clickhouse", audit.AttrQueryID: "q1",
		audit.AttrClientAddress: "10.0.0.7", audit.AttrUserAgent: "Grafana", audit.AttrErrorType: "",
	} {
		assert.Equal(t, want, e.Str(name), name)
	}
	duration, _ := e.Double(audit.AttrDuration)
	assert.InDelta(t, 1.5, duration, 0)
	rows, _ := e.Int(audit.AttrReturnedRows)
	assert.EqualValues(t, 3, rows)
	assert.Equal(t, []string{"audit.events"}, e.Strings(audit.AttrDatasets))
}

func TestVerbsAndOutcomes(t *testing.T) {
	for kind, want := range map[string]string{
		"Select": "READ", "Insert": "CREATE", "Alter": "UPDATE", "Drop": "DELETE", "Delete": "DELETE", "Backup": "EXPORT", "System": "EXECUTE", "": "EXECUTE",
	} {
		row := read
		row.Kind = kind
		assert.Equal(t, want, one(t, row).Str(audit.AttrAction), kind)
	}
	refused := read
	refused.Type, refused.Error, refused.Tables = "ExceptionBeforeStart", "ACCESS_DENIED", nil
	e := one(t, refused)
	assert.Equal(t, "failure", e.Str(audit.AttrOutcome))
	assert.Equal(t, "ACCESS_DENIED", e.Str(audit.AttrErrorType))
}

// TestARowAlwaysGivesTheSameEvent or what is read twice would be a conflict.
func TestARowAlwaysGivesTheSameEvent(t *testing.T) {
	canonical := func() string {
		e := one(t, read)
		return string(e.AppendCanonical(nil))
	}
	first := canonical()
	time.Sleep(time.Millisecond)
	assert.Equal(t, first, canonical())
}

func BenchmarkEvents(b *testing.B) {
	rows := make([]Row, 1000)
	for i := range rows {
		rows[i] = read
	}
	b.ReportAllocs()
	b.SetBytes(int64(len(rows) * len(read.Query)))
	var logs plog.Logs
	for b.Loop() {
		logs = Events(rows, "audit", "otelaudit")
	}
	_ = logs
}
