package audit

import (
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
)

// Event is one audit event: a log record and the attributes of the resource it came from. It is a view: reading and
// writing go to the record itself.
type Event struct {
	Resource pcommon.Map
	Record   plog.LogRecord
}

// Events calls f for every record of a payload, in order, until f returns false.
func Events(logs plog.Logs, f func(Event) bool) {
	for _, rl := range logs.ResourceLogs().All() {
		for _, sl := range rl.ScopeLogs().All() {
			for _, lr := range sl.LogRecords().All() {
				if !f(Event{Resource: rl.Resource().Attributes(), Record: lr}) {
					return
				}
			}
		}
	}
}

// Time is when the action happened.
func (e Event) Time() time.Time { return e.Record.Timestamp().AsTime() }

// Str gives a string attribute, empty where it is missing or of another type.
func (e Event) Str(name string) string {
	if v, ok := e.get(name); ok && v.Type() == pcommon.ValueTypeStr {
		return v.Str()
	}
	return ""
}

// Bool gives a bool attribute; ok is false where it is missing or of another type.
func (e Event) Bool(name string) (value, ok bool) {
	if v, found := e.get(name); found && v.Type() == pcommon.ValueTypeBool {
		return v.Bool(), true
	}
	return false, false
}

// Int gives an int attribute; ok is false where it is missing or of another type.
func (e Event) Int(name string) (value int64, ok bool) {
	if v, found := e.get(name); found && v.Type() == pcommon.ValueTypeInt {
		return v.Int(), true
	}
	return 0, false
}

// Double gives a double attribute, an int taken as one; ok is false where it is missing or of another type.
func (e Event) Double(name string) (value float64, ok bool) {
	v, found := e.get(name)
	if !found {
		return 0, false
	}
	switch v.Type() {
	case pcommon.ValueTypeDouble:
		return v.Double(), true
	case pcommon.ValueTypeInt:
		return float64(v.Int()), true
	default:
		return 0, false
	}
}

// Strings gives a list of strings, nil where it is missing or holds anything else.
func (e Event) Strings(name string) []string {
	v, ok := e.get(name)
	if !ok || !isStrings(v) {
		return nil
	}
	out := make([]string, 0, v.Slice().Len())
	for _, s := range v.Slice().All() {
		out = append(out, s.Str())
	}
	return out
}

// get reads from the record, or from the resource for the attributes that belong there.
func (e Event) get(name string) (pcommon.Value, bool) {
	if d := find(name); d != nil && d.Resource {
		return e.Resource.Get(name)
	}
	return e.Record.Attributes().Get(name)
}
