package redact

import (
	"testing"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// Whatever arrives, what is left on a record is of the conventions, of its type, and no raw text.
func FuzzRecord(f *testing.F) {
	logs := plog.NewLogs()
	rl := logs.ResourceLogs().AppendEmpty()
	rl.Resource().Attributes().PutStr(audit.AttrServiceName, "s")
	sl := rl.ScopeLogs().AppendEmpty()
	sl.Scope().SetName("scope")
	lr := sl.LogRecords().AppendEmpty()
	lr.SetEventName("login")
	lr.Body().SetStr("body")
	for _, d := range audit.Attributes() {
		_ = lr.Attributes().PutEmpty(d.Name).FromRaw(ofType(d.Type, "jane@corp.com\n"))
	}
	wire, err := (&plog.ProtoMarshaler{}).MarshalLogs(logs)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(wire)
	r := newRedactor(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		logs, err := (&plog.ProtoUnmarshaler{}).UnmarshalLogs(data)
		if err != nil {
			return
		}
		for _, rl := range logs.ResourceLogs().All() {
			r.Resource(rl)
			check(t, rl.Resource().Attributes(), true)
			for _, sl := range rl.ScopeLogs().All() {
				r.Scope(sl)
				for _, lr := range sl.LogRecords().All() {
					r.Record(lr)
					check(t, lr.Attributes(), false)
					if lr.Body().Type() != pcommon.ValueTypeEmpty || !isName(lr.EventName()) {
						t.Fatal("a body or an event name came through")
					}
				}
			}
		}
	})
}

func check(t *testing.T, attrs pcommon.Map, resource bool) {
	t.Helper()
	for name, v := range attrs.All() {
		d, ok := audit.Lookup(name)
		if name == audit.AttrWithheld {
			continue
		}
		if resource && !ok {
			_, sdk := newPolicyForTest.resource[name]
			ok = sdk
		}
		if !ok || !d.Type.Accepts(v) || name == audit.AttrQueryText || name == audit.AttrAIPrompt || name == audit.AttrExceptionStacktrace {
			t.Fatal("an attribute came through that must not")
		}
	}
}

var newPolicyForTest = func() *policy {
	p, err := newPolicy(nil)
	if err != nil {
		panic(err)
	}
	return p
}()
