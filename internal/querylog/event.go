package querylog

import (
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// What all events have in common.
const (
	Source     = "clickhouse" // service.name
	targetType = "audit_log"
	idPrefix   = "clickhouse:"
)

// actions are the verbs of kinds of queries. Others are EXECUTE.
var actions = map[string]string{
	"Select": audit.ActionRead, "Insert": audit.ActionCreate, "Create": audit.ActionCreate, "Alter": audit.ActionUpdate,
	"Update": audit.ActionUpdate, "Rename": audit.ActionUpdate, "Optimize": audit.ActionUpdate, "Grant": audit.ActionUpdate,
	"Revoke": audit.ActionUpdate, "Delete": audit.ActionDelete, "Drop": audit.ActionDelete, "Truncate": audit.ActionDelete,
	"Backup": audit.ActionExport, "Restore": audit.ActionRestore,
}

// Events makes audit events of rows, in their order. A row always gives the same event, whoever reads it and however often, so that
// what is read twice is kept once. The query goes along as db.query.text, for the processor to represent.
func Events(rows []Row, database, tenant string) plog.Logs {
	logs := plog.NewLogs()
	rl := logs.ResourceLogs().AppendEmpty()
	rl.Resource().Attributes().PutStr(audit.AttrServiceName, Source)
	records := rl.ScopeLogs().AppendEmpty().LogRecords()
	records.EnsureCapacity(len(rows))
	received := time.Now()
	for _, row := range rows {
		record := records.AppendEmpty()
		record.SetTimestamp(pcommon.NewTimestampFromTime(row.when()))
		record.SetObservedTimestamp(pcommon.NewTimestampFromTime(received))
		row.put(record, database)
		record.Attributes().PutStr(audit.AttrTenantID, tenant)
		record.Attributes().PutInt(audit.AttrReceivedTime, received.UnixNano())
	}
	return logs
}

func (r Row) put(record plog.LogRecord, database string) {
	record.SetEventName("clickhouse." + strings.ToLower(orUnknown(r.Kind)))
	attrs := record.Attributes()
	attrs.PutStr(audit.AttrRecordID, idPrefix+r.place().String())
	attrs.PutStr(audit.AttrActorID, orUnknown(r.User))
	attrs.PutStr(audit.AttrActorType, audit.ActorUser)
	attrs.PutStr(audit.AttrAction, action(r.Kind))
	attrs.PutStr(audit.AttrOutcome, audit.OutcomeSuccess)
	if r.Error != "" {
		attrs.PutStr(audit.AttrOutcome, audit.OutcomeFailure)
		attrs.PutStr(audit.AttrErrorType, r.Error)
	}
	attrs.PutStr(audit.AttrOrigin, audit.OriginDirect)
	attrs.PutStr(audit.AttrTargetType, targetType)
	attrs.PutStr(audit.AttrTargetID, database)
	attrs.PutDouble(audit.AttrDuration, float64(r.DurationMS)/1000)
	attrs.PutStr(audit.AttrQueryID, r.QueryID)
	attrs.PutStr(audit.AttrQueryLanguage, "sql")
	attrs.PutStr(audit.AttrDBSystemName, "clickhouse")
	attrs.PutStr(audit.AttrQueryText, r.Query)
	attrs.PutInt(audit.AttrQueryBytesScanned, r.ReadBytes)
	attrs.PutInt(audit.AttrReturnedRows, r.ResultRows)
	optional(attrs, audit.AttrClientAddress, r.Address)
	optional(attrs, audit.AttrUserAgent, r.Agent)
	if len(r.Tables) > 0 {
		datasets := attrs.PutEmptySlice(audit.AttrDatasets)
		for _, table := range r.Tables {
			datasets.AppendEmpty().SetStr(table)
		}
	}
}

func action(kind string) string {
	if verb, ok := actions[kind]; ok {
		return verb
	}
	return audit.ActionExecute
}

func optional(attrs pcommon.Map, name, value string) {
	if value != "" {
		attrs.PutStr(name, value)
	}
}

func orUnknown(text string) string {
	if text == "" {
		return "unknown"
	}
	return text
}
