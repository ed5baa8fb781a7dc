package columns

import (
	"slices"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// quarantineDefinitions lists every column that the exporter writes to `quarantine`, in the order of the table.
var quarantineDefinitions = []definition{
	{"record_id", text, audit.AttrRecordID},
	{"timestamp", instant, ""},
	{"received_at", instant, audit.AttrReceivedTime},
	{"tenant_id", text, audit.AttrTenantID},
	{"service_name", text, audit.AttrServiceName},
	{"reason", text, ""},
	{"field", text, ""},
	{"event", object, ""},
}

// times gives when the event happened and was received, in nanoseconds since 1970, as far as the record says so and the
// table can hold it.
func times(record plog.LogRecord) (timestamp, received int64) {
	timestamp = int64(min(record.Timestamp(), audit.MaxTimestamp))
	if v, ok := record.Attributes().Get(audit.AttrReceivedTime); ok && v.Type() == pcommon.ValueTypeInt && v.Int() > 0 {
		return timestamp, v.Int()
	}
	if observed := record.ObservedTimestamp(); observed != 0 {
		return timestamp, int64(min(observed, audit.MaxTimestamp))
	}
	return timestamp, timestamp
}

// safePart is what of a refused event can be shown to whoever mends it. Of a record that was not redacted these are the
// words of closed lists, which attributes of the conventions it has, and how many others. Of a redacted one they are
// also the values of these attributes.
func safePart(event audit.Event) pcommon.Value {
	part := pcommon.NewValueMap()
	m := part.Map()
	attrs := event.Record.Attributes()
	m.PutStr("action", verb(event.Str(audit.AttrAction)))
	m.PutStr("outcome", oneOf(event.Str(audit.AttrOutcome), audit.OutcomeSuccess, audit.OutcomeFailure, audit.OutcomeUnknown))
	m.PutStr("actor_type", oneOf(event.Str(audit.AttrActorType), audit.ActorUser, audit.ActorService, audit.ActorSystem))
	m.PutStr("profile", identifier(event.Str(audit.AttrProfile)))
	m.PutStr("body", event.Record.Body().Type().String())
	safe := redacted(attrs) && !holdsRaw(attrs) && !holdsRaw(event.Resource)
	if safe {
		m.PutStr("event_name", event.Record.EventName())
	}
	known, unknown := m.PutEmptyMap("attributes"), int64(0)
	for name, v := range attrs.All() {
		definition, ok := audit.Lookup(name)
		if !ok || definition.Resource {
			unknown++
			continue
		}
		if safe && definition.Type.Accepts(v) && shallow(v, 0) {
			v.CopyTo(known.PutEmpty(name))
		} else {
			known.PutStr(name, v.Type().String()) // the type's name stands for the value
		}
	}
	m.PutInt("unknown_attributes", unknown)
	return part
}

func holdsRaw(attrs pcommon.Map) bool {
	for _, name := range raw {
		if _, ok := attrs.Get(name); ok {
			return true
		}
	}
	return false
}

func oneOf(s string, allowed ...string) string {
	if slices.Contains(allowed, s) {
		return s
	}
	return ""
}

// Lengths up to which a text passes for what it should be.
const (
	maxIdentifier = 128
	maxVerb       = 64
)

// identifier gives s where it looks like an identifier and nothing where it could be content: a record that was not
// redacted may hold anything anywhere, and e-mail addresses, sentences and tokens with signs are not made of these.
func identifier(s string) string {
	return madeOf(s, maxIdentifier, func(c byte) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-_.:/", c) >= 0
	})
}

// verb gives s where it looks like an action's verb.
func verb(s string) string {
	return madeOf(s, maxVerb, func(c byte) bool { return c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' })
}

func madeOf(s string, maxLength int, allowed func(byte) bool) string {
	if len(s) > maxLength {
		return ""
	}
	for i := range len(s) {
		if !allowed(s[i]) {
			return ""
		}
	}
	return s
}
