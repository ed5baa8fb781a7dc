package auditprocessor

import (
	"context"
	"encoding/binary"
	"iter"
	"time"

	"github.com/cenkalti/backoff/v7"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.uber.org/zap"

	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/directory"
)

// history sends what directories say anew down the pipeline, as records that the exporter puts into the table users. They are
// redacted by the same rules as events, so that the two can be joined and nothing is in one that is withheld from the other.
type history struct {
	processor *auditProcessor
	next      consumer.Logs
}

// historyBatch is how many changes go into one request.
const historyBatch = 1000

// Delays between tries of a request that was not taken.
const (
	historyFirstWait = 500 * time.Millisecond
	historyMaxWait   = 30 * time.Second
)

// Names of what the records come from and are.
const (
	historyService = "otelaudit"
	historyEvent   = "otelaudit.directory.change"
)

// of gives what is to be told of the changes of a directory.
func (h *history) of(name string) directory.OnChange {
	return func(ctx context.Context, changes iter.Seq[directory.Change]) {
		b := h.begin()
		for c := range changes {
			h.add(b, name, c)
			if b.records.Len() == historyBatch {
				if !h.send(ctx, name, b) {
					return
				}
				b = h.begin()
			}
		}
		if b.records.Len() > 0 {
			h.send(ctx, name, b)
		}
	}
}

// batch is a request that is being put together.
type batch struct {
	logs    plog.Logs
	records plog.LogRecordSlice
	buffer  []byte
}

func (h *history) begin() *batch {
	logs := plog.NewLogs()
	rl := logs.ResourceLogs().AppendEmpty()
	rl.Resource().Attributes().PutStr(audit.AttrServiceName, historyService)
	return &batch{logs: logs, records: rl.ScopeLogs().AppendEmpty().LogRecords()}
}

// add appends a change as a record.
func (h *history) add(b *batch, name string, c directory.Change) {
	lr := b.records.AppendEmpty()
	lr.SetEventName(historyEvent)
	lr.SetTimestamp(pcommon.Timestamp(c.From))
	now := time.Now().UnixNano()
	lr.SetObservedTimestamp(pcommon.Timestamp(now))
	attrs := lr.Attributes()
	attrs.EnsureCapacity(added + 8)
	b.buffer = appendChange(b.buffer[:0], name, c)
	hash := h.processor.keys.RecordHash(b.buffer)
	attrs.PutStr(audit.AttrRecordID, "directory:"+hash)
	attrs.PutStr(audit.AttrRecordHash, hash)
	attrs.PutInt(audit.AttrReceivedTime, now)
	attrs.PutStr(audit.AttrDirectoryChange, changeKind(c))
	attrs.PutStr(audit.AttrActorDirectory, name)
	attrs.PutInt(audit.AttrDirectoryValidFrom, c.From)
	if c.To != 0 {
		attrs.PutInt(audit.AttrDirectoryValidTo, c.To)
	}
	if c.User != nil {
		attrs.PutStr(audit.AttrActorID, c.User.ID)
		putUser(attrs, c.User)
	}
}

func changeKind(c directory.Change) string {
	switch {
	case c.Kind == directory.Removed:
		return audit.DirectoryRemoved
	case c.Kind == directory.Snapshot:
		return audit.DirectorySnapshot
	case c.Dated:
		return audit.DirectoryDated
	default:
		return audit.DirectoryPresent
	}
}

// appendChange writes a change in a form that is the same whenever the same change is told of. Its keyed hash is the record's id,
// so that sending it again stores it once.
func appendChange(to []byte, name string, c directory.Change) []byte {
	text := func(s string) {
		to = binary.AppendUvarint(to, uint64(len(s)))
		to = append(to, s...)
	}
	text(name)
	text(changeKind(c))
	to = binary.AppendVarint(to, c.From)
	to = binary.AppendVarint(to, c.To)
	u := c.User
	if u == nil {
		return to
	}
	for _, s := range []string{u.ID, u.Name, u.Email, u.Department} {
		text(s)
	}
	for _, list := range [][]string{u.Roles, u.Groups} {
		to = binary.AppendUvarint(to, uint64(len(list)))
		for _, s := range list {
			text(s)
		}
	}
	return append(to, byte(u.Active))
}

// send redacts a request and passes it on until it is taken, or refused for good. It reports whether that was before ctx ended.
func (h *history) send(ctx context.Context, name string, b *batch) bool {
	h.processor.redactChanges(b.logs.ResourceLogs().At(0))
	n := b.records.Len()
	delays := backoff.NewExponentialBackOff()
	delays.InitialInterval, delays.MaxInterval = historyFirstWait, historyMaxWait
	for told := false; ; told = true {
		err := h.next.ConsumeLogs(ctx, b.logs)
		if err == nil {
			h.processor.telemetry.changes(ctx, name, n)
			return true
		}
		if ctx.Err() != nil {
			return false
		}
		if consumererror.IsPermanent(err) {
			h.processor.log.Error("Changes of a directory were refused by what comes behind. They are lost to it.", zap.String("directory", name), zap.Int("changes", n), zap.Error(err))
			return true
		}
		if !told {
			h.processor.log.Warn("Changes of a directory were not taken by what comes behind. They are sent again.", zap.String("directory", name), zap.Error(err))
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(delays.NextBackOff()):
		}
	}
}

// redactChanges does to records of changes what redaction does to events. The capture policy is about events and does not concern them.
func (p *auditProcessor) redactChanges(rl plog.ResourceLogs) {
	shared, stamp := p.redactor.Resource(rl), p.rules.Load().stamp
	for _, sl := range rl.ScopeLogs().All() {
		for _, lr := range sl.LogRecords().All() {
			reason := max(shared, p.redactor.Record(lr))
			attrs := lr.Attributes()
			attrs.PutStr(audit.AttrRedactionOutcome, reason.Outcome())
			if code := reason.Code(); code != "" {
				attrs.PutStr(audit.AttrRedactionReason, code)
			}
			attrs.PutStr(audit.AttrRedactionPolicy, stamp)
		}
	}
}
