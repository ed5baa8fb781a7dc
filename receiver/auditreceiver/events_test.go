package auditreceiver

import (
	"fmt"
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// canary is planted in what is sent, and may not be found in an answer, a log line or a metric.
const canary = "CANARYx7Qk"

// sentAt is when the events of these tests happened.
var sentAt = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// events gives n sound events of one service.
func events(n int) plog.Logs {
	logs := plog.NewLogs()
	rl := logs.ResourceLogs().AppendEmpty()
	rl.Resource().Attributes().PutStr(audit.AttrServiceName, "shop")
	records := rl.ScopeLogs().AppendEmpty().LogRecords()
	for i := range n {
		soundEvent(records.AppendEmpty(), fmt.Sprintf("id-%d", i+1))
	}
	return logs
}

func soundEvent(lr plog.LogRecord, id string) {
	lr.SetTimestamp(pcommon.NewTimestampFromTime(sentAt))
	lr.SetEventName("updateDashboard")
	a := lr.Attributes()
	a.PutStr(audit.AttrRecordID, id)
	a.PutStr(audit.AttrAction, audit.ActionUpdate)
	a.PutStr(audit.AttrOutcome, audit.OutcomeSuccess)
	a.PutStr(audit.AttrActorID, "u-1")
	a.PutStr(audit.AttrActorType, audit.ActorUser)
}

// typicalEvents gives n events of about 640 bytes each, with what an application usually says.
func typicalEvents(n int) plog.Logs {
	logs := events(n)
	for i, lr := range logs.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().All() {
		a := lr.Attributes()
		a.PutStr(audit.AttrRecordID, fmt.Sprintf("0193f1c2-7a51-7c3e-9b1a-%012d", i))
		a.PutStr(audit.AttrTenantID, "acme")
		a.PutStr(audit.AttrUserEmail, "ada@example.com")
		a.PutStr(audit.AttrTargetID, fmt.Sprintf("dash-%d", i))
		a.PutStr(audit.AttrTargetType, "dashboard")
		a.PutStr(audit.AttrTargetName, "Orders of the last quarter")
		a.PutStr(audit.AttrClientAddress, "192.0.2.17")
		a.PutStr(audit.AttrUserAgent, "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
		a.PutStr(audit.AttrSessionID, "5f1c3a9e8b7d4c2f")
		a.PutStr(audit.AttrQueryText, "['orders'] | where status == 500 and region == 'eu' | summarize count() by bin(_time, 1h)")
		a.PutStr(audit.AttrQueryLanguage, "apl")
		a.PutDouble(audit.AttrQueryCost, 12.5)
	}
	return logs
}

// record gives a record of the first resource and scope.
func record(logs plog.Logs, i int) plog.LogRecord {
	return logs.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(i)
}

// ids gives the record ids of a payload in order.
func ids(logs plog.Logs) []string {
	var out []string
	audit.Events(logs, func(e audit.Event) bool {
		out = append(out, e.Str(audit.AttrRecordID))
		return true
	})
	return out
}

// must gives the body of a request in an encoding.
func encode(enc *encoding, logs plog.Logs) []byte {
	request := plogotlp.NewExportRequestFromLogs(logs)
	marshal := request.MarshalProto
	if enc == jsonEncoding {
		marshal = request.MarshalJSON
	}
	body, err := marshal()
	if err != nil {
		panic(err)
	}
	return body
}

// badRecord is something that may be wrong with a record.
type badRecord struct {
	spoil func(plog.LogRecord)
	want  string // what the answer says after "record n: "
}

var badRecords = map[string]badRecord{
	"no action": {
		func(lr plog.LogRecord) { lr.Attributes().Remove(audit.AttrAction) }, "audit.action: required",
	},
	"product event without profile": {
		func(lr plog.LogRecord) { lr.Attributes().Clear(); lr.Body().SetStr(`{"user":"` + canary + `"}`) },
		"audit.action: required, and no profile knows the event in the body",
	},
	"no event name": {
		func(lr plog.LogRecord) { lr.SetEventName("") }, "event_name: required",
	},
	"timestamp 0": {
		func(lr plog.LogRecord) { lr.SetTimestamp(0) }, "timestamp: required, is 0",
	},
	"year 2300": {
		func(lr plog.LogRecord) {
			lr.SetTimestamp(pcommon.Timestamp(10_413_792_000_000_000_000)) // 2300-01-01, beyond Go's UnixNano
		}, "timestamp: must be before 2262-04-11T23:47:16Z, the last time that can be stored",
	},
	"observed in year 2300": {
		func(lr plog.LogRecord) { lr.SetObservedTimestamp(pcommon.Timestamp(10_413_792_000_000_000_000)) },
		"observed_timestamp: must be before 2262-04-11T23:47:16Z, the last time that can be stored",
	},
	"outcome of no list": {
		func(lr plog.LogRecord) { lr.Attributes().PutStr(audit.AttrOutcome, canary) }, "audit.outcome: must be success, failure or unknown",
	},
	"wrong type": {
		func(lr plog.LogRecord) { lr.Attributes().PutStr(audit.AttrExportRows, canary) }, "audit.export.rows: must be a int, is a Str",
	},
	"invalid UTF-8 in a value": {
		func(lr plog.LogRecord) { lr.Attributes().PutStr(audit.AttrTargetName, canary+"\xff") }, "audit.target.name: must be valid UTF-8",
	},
	"invalid UTF-8 in a name": {
		func(lr plog.LogRecord) { lr.Attributes().PutStr(canary+"\xff", "v") }, "attributes[5]: its name must be valid UTF-8",
	},
	"invalid UTF-8 in the body": {
		func(lr plog.LogRecord) { lr.Body().SetStr(canary + "\xff") }, "body: must be valid UTF-8",
	},
	"invalid UTF-8 in the event name": {
		func(lr plog.LogRecord) { lr.SetEventName(canary + "\xff") }, "event_name: must be valid UTF-8",
	},
	"nested 40 deep": {
		func(lr plog.LogRecord) {
			v := lr.Attributes().PutEmpty(audit.AttrDetails).SetEmptyMap().PutEmpty(canary)
			for range 40 {
				v = v.SetEmptySlice().AppendEmpty()
			}
		}, "audit.details: must not be nested deeper than 32 levels",
	},
	"5 MB": {
		func(lr plog.LogRecord) { lr.Attributes().PutStr(audit.AttrMessage, strings.Repeat(canary, 500_000)) },
		"size: is over max_record_bytes (1048576 bytes) together with its resource",
	},
}
