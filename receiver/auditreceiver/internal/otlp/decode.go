// Package otlp decodes ordinary OTLP requests of logs at a third of what pdata's decoder costs. Names and texts of all records
// are parts of one copy of the body, so that they take one allocation instead of two an attribute, and lists of attributes are
// made once, with room for what is added later.
//
// It never decides what a request means: where a body holds anything out of the ordinary, such as fields that it does not know,
// fields that stand there twice, or damage, it gives up, and pdata decodes the body or says what is wrong with it.
//
//	decode.go  requests, resources, scopes and records    value.go  attributes and their values    wire.go  the encoding
package otlp

import (
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/xpdata"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// Room is how many attributes a record has room for beyond those that came: what this bundle adds to one.
const Room = audit.RoomForDerived

// Decode reads an ExportLogsServiceRequest. It gives up, with ok false, where pdata has to be asked. A body must not be nested
// deeper than a stack can bear. What it gives shares no memory with the body.
func Decode(body []byte) (logs plog.Logs, ok bool) {
	logs = plog.NewLogs()
	d := decoder{}
	return logs, d.request(string(body), logs.ResourceLogs())
}

// decoder is what one request needs. Its methods report whether they could read what they were given.
type decoder struct{ attributes xpdata.MapBuilder }

func (d *decoder) request(s string, to plog.ResourceLogsSlice) bool {
	for len(s) > 0 {
		f, rest, ok := next(s)
		if s = rest; !ok || f.key != key(1, bytesWire) || !d.resourceLogs(f.text, to.AppendEmpty()) {
			return false
		}
	}
	return true
}

func (d *decoder) resourceLogs(s string, to plog.ResourceLogs) bool {
	var met once
	for len(s) > 0 {
		f, rest, ok := next(s)
		if !ok {
			return false
		}
		s = rest
		switch f.key {
		case key(1, bytesWire):
			ok = met.first(1) && d.resource(f.text, to.Resource())
		case key(2, bytesWire):
			ok = d.scopeLogs(f.text, to.ScopeLogs().AppendEmpty())
		case key(3, bytesWire):
			to.SetSchemaUrl(f.text)
		default:
			return false
		}
		if !ok {
			return false
		}
	}
	return true
}

func (d *decoder) resource(s string, to pcommon.Resource) bool {
	n := count(s, key(1, bytesWire))
	d.attributes.EnsureCapacity(n)
	for len(s) > 0 {
		f, rest, ok := next(s)
		if !ok {
			return false
		}
		s = rest
		switch f.key {
		case key(1, bytesWire):
			ok = attribute(f.text, &d.attributes)
		case key(2, varintWire):
			to.SetDroppedAttributesCount(uint32(f.number))
		default:
			return false
		}
		if !ok {
			return false
		}
	}
	d.attributes.UnsafeIntoMap(to.Attributes())
	return true
}

func (d *decoder) scopeLogs(s string, to plog.ScopeLogs) bool {
	var met once
	records := to.LogRecords()
	records.EnsureCapacity(count(s, key(2, bytesWire)))
	for len(s) > 0 {
		f, rest, ok := next(s)
		if !ok {
			return false
		}
		s = rest
		switch f.key {
		case key(1, bytesWire):
			ok = met.first(1) && d.scope(f.text, to.Scope())
		case key(2, bytesWire):
			ok = d.record(f.text, records.AppendEmpty())
		case key(3, bytesWire):
			to.SetSchemaUrl(f.text)
		default:
			return false
		}
		if !ok {
			return false
		}
	}
	return true
}

func (d *decoder) scope(s string, to pcommon.InstrumentationScope) bool {
	for len(s) > 0 {
		f, rest, ok := next(s)
		if !ok {
			return false
		}
		s = rest
		switch f.key {
		case key(1, bytesWire):
			to.SetName(f.text)
		case key(2, bytesWire):
			to.SetVersion(f.text)
		case key(3, bytesWire):
			ok = attribute(f.text, &d.attributes)
		case key(4, varintWire):
			to.SetDroppedAttributesCount(uint32(f.number))
		default:
			return false
		}
		if !ok {
			return false
		}
	}
	d.attributes.UnsafeIntoMap(to.Attributes())
	return true
}

func (d *decoder) record(s string, to plog.LogRecord) bool {
	var met once
	if n := count(s, key(6, bytesWire)); n > 0 {
		d.attributes.EnsureCapacity(n + min(2*n, Room)) // so that tiny records do not become large ones
	}
	for len(s) > 0 {
		f, rest, ok := next(s)
		if !ok {
			return false
		}
		s = rest
		switch f.key {
		case key(1, fixed64Wire):
			to.SetTimestamp(pcommon.Timestamp(f.number))
		case key(2, varintWire):
			to.SetSeverityNumber(plog.SeverityNumber(f.number))
		case key(3, bytesWire):
			to.SetSeverityText(f.text)
		case key(5, bytesWire):
			ok = met.first(5) && value(f.text, to.Body())
		case key(6, bytesWire):
			ok = attribute(f.text, &d.attributes)
		case key(7, varintWire):
			to.SetDroppedAttributesCount(uint32(f.number))
		case key(8, fixed32Wire):
			to.SetFlags(plog.LogRecordFlags(f.number))
		case key(9, bytesWire):
			var id pcommon.TraceID
			ok = copy(id[:], f.text) == len(f.text) && (len(f.text) == len(id) || f.text == "")
			to.SetTraceID(id)
		case key(10, bytesWire):
			var id pcommon.SpanID
			ok = copy(id[:], f.text) == len(f.text) && (len(f.text) == len(id) || f.text == "")
			to.SetSpanID(id)
		case key(11, fixed64Wire):
			to.SetObservedTimestamp(pcommon.Timestamp(f.number))
		case key(12, bytesWire):
			to.SetEventName(f.text)
		default:
			return false
		}
		if !ok {
			return false
		}
	}
	d.attributes.UnsafeIntoMap(to.Attributes())
	return true
}
