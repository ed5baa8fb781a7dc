package auditprocessor

import (
	"context"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/processor"

	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/profile"
)

// door stands in front of the processor where events come from other receivers than the audit receiver (file log, Kafka),
// and does what that one does: profiles, validation, ids and times. There is no sender who could be told of a bad record, so
// that is marked for quarantine. Records that the audit receiver of this collector has taken are let through as they are.
type door struct {
	processor.Logs
	of       *auditProcessor
	cfg      *ProfilesConfig
	profiles *profile.Chooser // read at start
	now      func() time.Time
}

func newDoor(behind processor.Logs, of *auditProcessor, cfg *ProfilesConfig) *door {
	return &door{Logs: behind, of: of, cfg: cfg, now: time.Now}
}

// Start reads the profiles.
func (d *door) Start(ctx context.Context, host component.Host) error {
	profiles, err := d.cfg.Load()
	if err != nil {
		return err
	}
	d.profiles = profiles
	return d.Logs.Start(ctx, host)
}

// ConsumeLogs makes events of records, and hands all of them on: none is lost here, and no error is the door's own.
func (d *door) ConsumeLogs(ctx context.Context, logs plog.Logs) error {
	if audit.TallyFrom(ctx) != nil { // only receivers of ours count
		return d.Logs.ConsumeLogs(ctx, logs)
	}
	tally := &audit.Tally{}
	d.take(logs, tally)
	return d.Logs.ConsumeLogs(audit.ContextWithTally(ctx, tally), logs)
}

func (d *door) take(logs plog.Logs, tally *audit.Tally) {
	e := entry{door: d, received: pcommon.NewTimestampFromTime(d.now())}
	for _, rl := range logs.ResourceLogs().All() {
		resource := rl.Resource().Attributes()
		resource.RemoveIf(isDerived)
		if _, named := resource.Get(audit.AttrServiceName); !named && d.cfg.ServiceName != "" {
			resource.PutStr(audit.AttrServiceName, d.cfg.ServiceName)
		}
		e.bad = audit.ValidateResource(resource)
		for _, sl := range rl.ScopeLogs().All() {
			for _, lr := range sl.LogRecords().All() {
				event := audit.Event{Resource: resource, Record: lr}
				e.enter(event)
				tally.Add(audit.CountKey{Tenant: event.Str(audit.AttrTenantID), Source: event.Str(audit.AttrServiceName), Kind: audit.KindReceived}, 1)
			}
		}
	}
	at := -1
	profile.Separate(logs, func(plog.LogRecord) *profile.Profile {
		at++
		return e.products[at]
	})
}

// entry is one payload on its way in. It is for one goroutine.
type entry struct {
	*door
	received pcommon.Timestamp
	bad      *audit.FieldError  // what is wrong with the resource at hand
	products []*profile.Profile // of the records so far, nil for those that came canonical
	buffer   []byte
	place    []byte // where the record at hand was read
}

// takePlace notes where in a file a record was read. That is no part of the event, and the same event may stand at two places;
// but where the product gives no id, it tells two events apart that are alike.
func (e *entry) takePlace(name string, v pcommon.Value) bool {
	switch name {
	case "log.file.record_offset", "log.file.record_number": // as the file log receiver has it
		e.place = append(append(e.place, '\n'), v.AsString()...)
		return true
	default:
		return false
	}
}

// enter makes a sound event of one record, or marks it, and gives it what it lacks.
func (e *entry) enter(event audit.Event) {
	attrs := event.Record.Attributes()
	e.place = e.place[:0]
	attrs.RemoveIf(func(name string, v pcommon.Value) bool { return e.takePlace(name, v) || audit.Derived(name) })
	product, canonical, err := e.profiles.Explain(event, e.received, e.buffer[:0])
	reason := audit.QuarantineUnexplained
	if err == nil {
		reason = audit.QuarantineInvalid
		if err = e.bad; err == nil {
			err = audit.ValidateRecord(event.Record)
		}
	}
	if product == nil { // before anything is added
		canonical = event.AppendCanonical(canonical)
	} else {
		attrs.PutStr(audit.AttrReceivedHash, profile.ReceivedHash(canonical))
	}
	e.products = append(e.products, product)
	if err != nil {
		attrs.PutStr(audit.AttrQuarantineReason, reason)
		attrs.PutStr(audit.AttrQuarantineField, err.Field)
	}
	if event.Str(audit.AttrRecordID) == "" {
		// The same for every reading of the same record, so that what is read again is not stored again.
		canonical = append(canonical, e.place...)
		attrs.PutStr(audit.AttrRecordID, e.of.keys.RecordHash(canonical))
	}
	if event.Record.ObservedTimestamp() == 0 {
		event.Record.SetObservedTimestamp(e.received)
	}
	attrs.PutInt(audit.AttrReceivedTime, int64(e.received))
	e.buffer = canonical
}
