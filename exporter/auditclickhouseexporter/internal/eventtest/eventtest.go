// Package eventtest makes audit events for the exporter's tests.
package eventtest

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// Time is when the events of this package happened, unless they say otherwise.
var Time = time.Date(2026, 11, 21, 10, 30, 15, 123456789, time.UTC)

// Received is when they were received.
var Received = Time.Add(2 * time.Second)

// Minimal is an event with nothing but what a row needs, as the processor lets it through.
func Minimal(id string) audit.Event {
	e := audit.Event{Resource: pcommon.NewMap(), Record: plog.NewLogRecord()}
	e.Record.SetTimestamp(pcommon.NewTimestampFromTime(Time))
	attrs := e.Record.Attributes()
	attrs.PutStr(audit.AttrRecordID, id)
	attrs.PutStr(audit.AttrRedactionOutcome, audit.RedactionClean)
	return e
}

// Full is an event with every attribute of the conventions that may reach the exporter, and some beyond. The text of an
// attribute is its name, its numbers are its place in the list.
func Full(id string) audit.Event {
	e := Minimal(id)
	e.Record.SetObservedTimestamp(pcommon.NewTimestampFromTime(Time.Add(time.Second)))
	e.Record.SetEventName("run query")
	e.Record.SetTraceID([16]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0xff})
	e.Record.SetSpanID([8]byte{0xa, 0xb, 0xc, 0xd, 0xe, 0xf, 1, 2})
	for i, d := range audit.Attributes() {
		to := e.Record.Attributes()
		if d.Resource {
			to = e.Resource
		}
		switch d.Name {
		case audit.AttrRecordID, audit.AttrRedactionOutcome, audit.AttrQueryText, audit.AttrAIPrompt, audit.AttrExceptionStacktrace,
			audit.AttrReceivedHash, audit.AttrQuarantineReason, audit.AttrQuarantineField:
		case audit.AttrReceivedTime:
			to.PutInt(d.Name, Received.UnixNano())
		case audit.AttrSampleRate:
			to.PutDouble(d.Name, 0.25)
		case audit.AttrRetentionDays:
			to.PutInt(d.Name, 30)
		default:
			putValue(to.PutEmpty(d.Name), d, i)
		}
	}
	attrs := e.Record.Attributes()
	attrs.PutStr("acme.region", "eu")
	attrs.PutEmptySlice("acme.list").AppendEmpty().SetInt(7)
	return e
}

func putValue(to pcommon.Value, d audit.Definition, i int) {
	switch d.Type {
	case audit.String:
		to.SetStr(d.Name)
	case audit.Bool:
		to.SetBool(true)
	case audit.Int:
		to.SetInt(int64(i))
	case audit.Double:
		to.SetDouble(float64(i) + 0.5)
	case audit.Strings:
		s := to.SetEmptySlice()
		s.AppendEmpty().SetStr(d.Name)
		s.AppendEmpty().SetStr("second \"é\"")
	case audit.Map:
		m := to.SetEmptyMap()
		m.PutStr("of", d.Name)
		m.PutInt("big", 1<<62)
		m.PutEmptyMap("deep").PutEmptySlice("list").AppendEmpty().SetBool(true)
	}
}

// Query is an event of a query with a cost, as the rollups count it.
func Query(id string, at time.Time, n int) audit.Event {
	e := Minimal(id)
	e.Record.SetTimestamp(pcommon.NewTimestampFromTime(at))
	e.Record.SetEventName("runAPLQuery")
	e.Resource.PutStr(audit.AttrServiceName, "axiom")
	attrs := e.Record.Attributes()
	attrs.PutInt(audit.AttrReceivedTime, Received.UnixNano())
	attrs.PutStr(audit.AttrTenantID, fmt.Sprintf("tenant-%d", n%2))
	attrs.PutStr(audit.AttrWorkspaceID, fmt.Sprintf("workspace-%d", n%3))
	attrs.PutStr(audit.AttrActorID, fmt.Sprintf("actor-%d", n%7))
	attrs.PutStr(audit.AttrActorType, audit.ActorUser)
	attrs.PutStr(audit.AttrAction, audit.ActionExecute)
	attrs.PutStr(audit.AttrOutcome, audit.OutcomeSuccess)
	attrs.PutStr(audit.AttrOrigin, []string{audit.OriginMonitor, audit.OriginDirect, audit.OriginDashboard}[n%3])
	attrs.PutStr(audit.AttrTargetType, "monitor")
	attrs.PutStr(audit.AttrTargetID, fmt.Sprintf("monitor-%d", n%5))
	attrs.PutStr(audit.AttrQueryLanguage, "apl")
	attrs.PutStr(audit.AttrQueryFingerprint, fmt.Sprintf("%016x", n%4))
	attrs.PutStr(audit.AttrQueryRepresentation, "['logs'] | count")
	attrs.PutInt(audit.AttrQueryBytesScanned, int64(n)*1000)
	attrs.PutDouble(audit.AttrDuration, 0.5)
	datasets := attrs.PutEmptySlice(audit.AttrDatasets)
	datasets.AppendEmpty().SetStr("logs")
	datasets.AppendEmpty().SetStr(fmt.Sprintf("set-%d", n%2))
	if n%4 != 0 { // every fourth has no cost
		attrs.PutDouble(audit.AttrQueryCost, float64(n)/4)
	}
	return e
}

// Enriched is an event of a query as it comes out of a pipeline with everything on: directory, policy, redaction. Ids and
// names vary as those of some hundred users and monitors do.
func Enriched(id string, at time.Time, n int) audit.Event {
	e := Query(id, at, n)
	e.Record.SetObservedTimestamp(pcommon.NewTimestampFromTime(at.Add(time.Millisecond)))
	e.Record.SetTraceID([16]byte{1, 2, byte(n), byte(n >> 8), byte(n >> 16), 15: byte(n * 7)})
	e.Record.SetSpanID([8]byte{1, byte(n), byte(n >> 8)})
	e.Resource.PutStr(audit.AttrServiceVersion, "1.4.2")
	e.Resource.PutStr(audit.AttrEnvironment, "production")
	e.Resource.PutStr(audit.AttrProfile, "axiom")
	attrs := e.Record.Attributes()
	user := n % 300
	attrs.PutStr(audit.AttrActorID, fmt.Sprintf("usr_%08x", user*2654435761))
	attrs.PutStr(audit.AttrUserFullName, fmt.Sprintf("Person Number %d", user))
	attrs.PutStr(audit.AttrUserEmail, fmt.Sprintf("person.%d@example.com", user))
	attrs.PutEmptySlice(audit.AttrUserRoles).AppendEmpty().SetStr("analyst")
	attrs.PutStr(audit.AttrDirectoryName, fmt.Sprintf("Person Number %d", user))
	attrs.PutStr(audit.AttrDirectoryEmail, fmt.Sprintf("person.%d@example.com", user))
	attrs.PutEmptySlice(audit.AttrDirectoryRoles).AppendEmpty().SetStr("analyst")
	groups := attrs.PutEmptySlice(audit.AttrDirectoryGroups)
	groups.AppendEmpty().SetStr("engineering")
	groups.AppendEmpty().SetStr(fmt.Sprintf("team-%d", user%20))
	attrs.PutStr(audit.AttrDirectoryDepartment, "Engineering")
	attrs.PutBool(audit.AttrDirectoryActive, true)
	attrs.PutStr(audit.AttrActorEnrichment, audit.EnrichmentHit)
	attrs.PutStr(audit.AttrClientAddress, fmt.Sprintf("10.%d.%d.%d", n%4, user%256, n%250))
	attrs.PutStr(audit.AttrSessionID, fmt.Sprintf("sess-%012x", user*977))
	attrs.PutStr(audit.AttrUserAgent, "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36")
	attrs.PutStr(audit.AttrQueryID, fmt.Sprintf("q-%016x", n*7919))
	attrs.PutStr(audit.AttrQueryRepresentation, "['logs'] | where _time > ago(?) and ['status'] >= ? | summarize count(), avg(['duration']) by bin(_time, ?), ['service']")
	attrs.PutStr(audit.AttrQuerySummary, "summarize logs")
	attrs.PutInt(audit.AttrReturnedRows, int64(n%1000))
	details := attrs.PutEmptyMap(audit.AttrDetails)
	details.PutStr("monitorKind", "string")
	details.PutStr("rangeMinutes", "int")
	attrs.PutStr(audit.AttrCaptureLevel, "standard")
	attrs.PutInt(audit.AttrRetentionDays, 90)
	attrs.PutStr(audit.AttrRedactionOutcome, audit.RedactionRedacted)
	attrs.PutStr(audit.AttrRedactionPolicy, "default@3")
	attrs.PutStr(audit.AttrRecordHash, fmt.Sprintf("%016x%016x%016x%016x", n, n*31, n*17, n*13))
	return e
}

// Request puts events into one payload.
func Request(events ...audit.Event) plog.Logs {
	logs := plog.NewLogs()
	for _, e := range events {
		rl := logs.ResourceLogs().AppendEmpty()
		e.Resource.CopyTo(rl.Resource().Attributes())
		e.Record.CopyTo(rl.ScopeLogs().AppendEmpty().LogRecords().AppendEmpty())
	}
	return logs
}

// Queries makes a request of n query events of one minute each.
func Queries(prefix string, n int) plog.Logs {
	events := make([]audit.Event, n)
	for i := range events {
		events[i] = Query(fmt.Sprintf("%s-%d", prefix, i), Time.Add(time.Duration(i)*time.Minute), i)
	}
	return Request(events...)
}

// WithDuplicate gives the event with an attribute that is there twice, as it can come over the wire.
func WithDuplicate(tb testing.TB, e audit.Event, name string) audit.Event {
	tb.Helper()
	const placeholder = "\x00"
	e.Record.Attributes().PutStr(name, "first")
	e.Record.Attributes().PutStr(strings.Repeat(placeholder, len(name)), "second")
	wire, err := (&plog.ProtoMarshaler{}).MarshalLogs(Request(e))
	if err != nil {
		tb.Fatal(err)
	}
	wire = bytes.ReplaceAll(wire, []byte(strings.Repeat(placeholder, len(name))), []byte(name))
	logs, err := (&plog.ProtoUnmarshaler{}).UnmarshalLogs(wire)
	if err != nil {
		tb.Fatal(err)
	}
	return Events(logs)[0]
}

// Events lists the events of a request.
func Events(logs plog.Logs) []audit.Event {
	var events []audit.Event
	audit.Events(logs, func(e audit.Event) bool {
		events = append(events, e)
		return true
	})
	return events
}
