package month

import (
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// record is an event before it has an id.
type record struct {
	at    time.Time
	name  string
	attrs []attribute.KeyValue
}

// newRecord returns an event with all that every event must have, and more.
func newRecord(at time.Time, name, action string, who actor, more ...attribute.KeyValue) record {
	attrs := make([]attribute.KeyValue, 0, 12+len(more))
	attrs = append(attrs,
		attribute.String(audit.AttrAction, action),
		attribute.String(audit.AttrActorID, who.id),
		attribute.String(audit.AttrActorType, who.kind),
	)
	attrs = appendIf(attrs, audit.AttrUserEmail, who.email)
	attrs = appendIf(attrs, audit.AttrUserName, who.login)
	attrs = appendIf(attrs, audit.AttrClientAddress, who.address)
	attrs = appendIf(attrs, audit.AttrUserAgent, who.agent)
	return record{at: at, name: name, attrs: append(attrs, more...)}
}

func appendIf(attrs []attribute.KeyValue, name, value string) []attribute.KeyValue {
	if value == "" {
		return attrs
	}
	return append(attrs, attribute.String(name, value))
}

// with adds attributes.
func (r record) with(more ...attribute.KeyValue) record {
	r.attrs = append(r.attrs, more...)
	return r
}

// failed makes the event a failure.
func (r record) failed(kind, reason string) record {
	return r.with(
		attribute.String(audit.AttrOutcome, audit.OutcomeFailure),
		attribute.String(audit.AttrErrorType, kind),
		attribute.String(audit.AttrOutcomeReason, reason),
	)
}

// succeeded makes the event a success.
func (r record) succeeded() record {
	return r.with(attribute.String(audit.AttrOutcome, audit.OutcomeSuccess))
}

// log is the event as an application hands it to the SDK.
func (r record) log(id string) log.Record {
	var l log.Record
	l.SetEventName(r.name)
	l.SetTimestamp(r.at)
	l.AddAttributes(attribute.String(audit.AttrRecordID, id))
	l.AddAttributes(r.attrs...)
	return l
}

// target are the attributes of what was acted upon.
func target(kind, id, name string) []attribute.KeyValue {
	return []attribute.KeyValue{
		attribute.String(audit.AttrTargetType, kind),
		attribute.String(audit.AttrTargetID, id),
		attribute.String(audit.AttrTargetName, name),
	}
}
