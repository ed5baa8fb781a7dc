package auditreceiver

import (
	"fmt"
	"net/http"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"google.golang.org/grpc/codes"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// recordReason is why a record was refused, an index of recordReasons.
type recordReason uint8

const (
	reasonRequired recordReason = iota
	reasonInvalid
	reasonRecordTooLarge
	reasonConflict
	numRecordReasons
)

// recordReasons are the labels of receiver_audit_refused_records.
var recordReasons = [numRecordReasons]string{"required", "invalid", "too_large", "conflict"}

// refusals counts the records of a request that were refused and keeps the first reason.
type refusals struct {
	total    int
	byReason [numRecordReasons]int
	first    *audit.FieldError
	firstAt  int // counted from 1 over the whole request; 0 where its place is not known
}

func (r *refusals) add(at int, reason recordReason, err *audit.FieldError) {
	if r.total == 0 {
		r.first, r.firstAt = err, at
	}
	r.total++
	r.byReason[reason]++
}

// summary says how many records were refused and why the first one was. It names fields and never quotes a value.
func (r *refusals) summary(records int) string {
	return fmt.Sprintf("%d of %d records refused; first: %s: %s", r.total, records, r.place(), r.first)
}

// place names the first refused record.
func (r *refusals) place() string {
	if r.firstAt == 0 {
		return "a record"
	}
	return fmt.Sprintf("record %d", r.firstAt)
}

// failure is the answer where every record was refused.
func (r *refusals) failure(records int) *failure {
	f := &failure{
		code: codes.InvalidArgument, httpStatus: http.StatusBadRequest,
		field: r.place() + ": " + r.first.Field, message: r.summary(records),
	}
	if r.byReason[reasonConflict] == r.total {
		f.code, f.httpStatus = codes.AlreadyExists, http.StatusConflict
	}
	return f
}

// sift removes from logs what a sender may not set, and the records that may not pass; it stamps the others.
func (in *intake) sift(logs plog.Logs, refused *refusals, c *counts) {
	in.siftWith(logs, refused, c, func(_ audit.Event, err *audit.FieldError) *audit.FieldError { return err })
}

// siftWith sifts, and has judge look at every record before it is stamped, with what is found to be wrong with it.
func (in *intake) siftWith(logs plog.Logs, refused *refusals, c *counts, judge func(audit.Event, *audit.FieldError) *audit.FieldError) {
	received := pcommon.NewTimestampFromTime(in.now())
	at := 0
	logs.ResourceLogs().RemoveIf(func(rl plog.ResourceLogs) bool {
		resource := rl.Resource()
		dropDerived(resource.Attributes())
		base := resourceSize(resource)
		// Once for all of its records: with a large resource and many of them, one request would otherwise cost minutes.
		resourceErr := audit.ValidateResource(resource.Attributes())
		c.resource(resource.Attributes(), resourceErr)
		rl.ScopeLogs().RemoveIf(func(sl plog.ScopeLogs) bool {
			sl.LogRecords().RemoveIf(func(lr plog.LogRecord) bool {
				at++
				dropDerived(lr.Attributes())
				reason, err := in.check(lr, base, resourceErr)
				if err = judge(audit.Event{Resource: resource.Attributes(), Record: lr}, err); err != nil {
					if err.Missing {
						reason = reasonRequired
					}
					refused.add(at, reason, err)
					c.rejected(reason)
					return true
				}
				in.stamp(lr, received)
				c.received(lr.Attributes())
				return false
			})
			return sl.LogRecords().Len() == 0
		})
		return rl.ScopeLogs().Len() == 0
	})
	c.flush()
}

// check gives what is wrong with a record, base being the size of its resource and resourceErr what is wrong with that.
func (in *intake) check(lr plog.LogRecord, base int, resourceErr *audit.FieldError) (recordReason, *audit.FieldError) {
	if base+sizer.LogRecordSize(lr) > in.limits.recordBytes {
		problem := fmt.Sprintf("is over max_record_bytes (%d bytes) together with its resource", in.limits.recordBytes)
		return reasonRecordTooLarge, &audit.FieldError{Field: "size", Problem: problem}
	}
	err := resourceErr
	if err == nil {
		err = audit.ValidateRecord(lr)
	}
	if err != nil && err.Missing {
		return reasonRequired, err
	}
	return reasonInvalid, err
}

// stamp gives a record the identity and the times that it still lacks.
func (in *intake) stamp(lr plog.LogRecord, received pcommon.Timestamp) {
	attrs := lr.Attributes()
	attrs.EnsureCapacity(attrs.Len() + 2)
	if id, ok := attrs.Get(audit.AttrRecordID); !ok || id.Str() == "" {
		attrs.PutStr(audit.AttrRecordID, in.newID())
	}
	if lr.ObservedTimestamp() == 0 {
		lr.SetObservedTimestamp(received)
	}
	attrs.PutInt(audit.AttrReceivedTime, int64(received))
}

func dropDerived(attrs pcommon.Map) {
	attrs.RemoveIf(func(name string, _ pcommon.Value) bool { return audit.Derived(name) })
}

var sizer = &plog.ProtoMarshaler{}

// resourceSize is the encoded size of a resource, which pdata only measures as part of a ResourceLogs.
func resourceSize(resource pcommon.Resource) int {
	alone := plog.NewResourceLogs()
	resource.MoveTo(alone.Resource())
	defer alone.Resource().MoveTo(resource)
	return sizer.ResourceLogsSize(alone)
}
