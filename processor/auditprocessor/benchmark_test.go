package auditprocessor

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// The records of the benchmarks are what products send: some 640 bytes each, with the identity, the actor and where he came
// from, and what makes the event.
func benchRecord(lr plog.LogRecord, i int, name, action string) {
	lr.SetTimestamp(1_763_757_540_000_000_000)
	lr.SetObservedTimestamp(1_763_757_540_100_000_000)
	lr.SetEventName(name)
	a := lr.Attributes()
	a.PutInt(audit.AttrReceivedTime, 1_763_757_540_200_000_000)
	a.PutStr(audit.AttrRecordID, fmt.Sprintf("01890a5d-ac96-774b-bcce-b3%010d", i))
	a.PutStr(audit.AttrTenantID, "acme-corp")
	a.PutStr(audit.AttrAction, action)
	a.PutStr(audit.AttrOutcome, audit.OutcomeSuccess)
	a.PutStr(audit.AttrActorID, fmt.Sprintf("u-%d", i%3+1))
	a.PutStr(audit.AttrActorType, audit.ActorUser)
	a.PutStr(audit.AttrUserEmail, "ada@example.com")
	a.PutStr(audit.AttrClientAddress, "203.0.113.17")
	a.PutStr(audit.AttrUserAgent, "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36")
	a.PutStr(audit.AttrSessionID, "5f1c7a2e9b7d4c0f")
}

var benchEvents = map[string]func(lr plog.LogRecord, i int){
	"query": func(lr plog.LogRecord, i int) {
		benchRecord(lr, i, "runAPLQuery", audit.ActionExecute)
		a := lr.Attributes()
		a.PutStr(audit.AttrTargetType, "dataset")
		a.PutStr(audit.AttrTargetID, "http-logs")
		a.PutStr(audit.AttrQueryLanguage, "apl")
		a.PutStr(audit.AttrQueryText, "['http-logs'] | where status >= 500 and email == 'jane@corp.com' | summarize count() by bin(_time, 1h), uri | top 10 by count_")
		a.PutDouble(audit.AttrQueryCost, 12.5)
		a.PutEmptySlice(audit.AttrDatasets).AppendEmpty().SetStr("http-logs")
	},
	"login": func(lr plog.LogRecord, i int) {
		benchRecord(lr, i, "user.login", audit.ActionLogin)
		a := lr.Attributes()
		a.PutStr(audit.AttrAuthMethod, "saml")
		a.PutStr(audit.AttrOrigin, audit.OriginUI)
		a.PutStr(audit.AttrSourceType, "ipv4")
		a.PutStr(audit.AttrMessage, "Ada Example logged in to the workspace analytics through the identity provider")
		a.PutStr(audit.AttrWorkspaceID, "ws-17")
		a.PutStr(audit.AttrWorkspaceName, "Analytics and reporting")
	},
	"change": func(lr plog.LogRecord, i int) {
		benchRecord(lr, i, "Update Table", audit.ActionUpdate)
		a := lr.Attributes()
		a.PutStr(audit.AttrTargetType, "table")
		a.PutStr(audit.AttrTargetID, "tbl-4711")
		a.PutStr(audit.AttrTargetName, "orders")
		before := a.PutEmptyMap(audit.AttrChangeBefore)
		before.PutStr("name", "orders")
		before.PutStr("owner", "jane@corp.com")
		after := a.PutEmptyMap(audit.AttrChangeAfter)
		after.PutStr("name", "orders_v2")
		after.PutStr("owner", "bob@corp.com")
		after.PutBool("archived", false)
	},
}

func BenchmarkProcessor(b *testing.B) {
	const records = 100
	for _, name := range []string{"query", "login", "change"} {
		for _, directory := range []bool{false, true} {
			b.Run(fmt.Sprintf("%s/directory=%t", name, directory), func(b *testing.B) {
				cfg := newConfig()
				if directory {
					withDirectory(cfg, "testdata/users.yaml")
				}
				p, err := NewFactory().CreateLogs(context.Background(), processorSettings(b), cfg, consumertest.NewNop())
				require.NoError(b, err)
				require.NoError(b, p.Start(context.Background(), componenttest.NewNopHost()))
				defer func() { require.NoError(b, p.Shutdown(context.Background())) }()
				payload := plog.NewLogs()
				rl := payload.ResourceLogs().AppendEmpty()
				rl.Resource().Attributes().PutStr(audit.AttrServiceName, "shop")
				rl.Resource().Attributes().PutStr(audit.AttrServiceVersion, "1.4.2")
				rl.Resource().Attributes().PutStr(audit.AttrEnvironment, "production")
				sl := rl.ScopeLogs().AppendEmpty()
				for i := range records {
					benchEvents[name](sl.LogRecords().AppendEmpty(), i)
				}
				wire, err := (&plog.ProtoMarshaler{}).MarshalLogs(payload)
				require.NoError(b, err)
				b.SetBytes(int64(len(wire)))
				b.ReportAllocs()
				for b.Loop() {
					b.StopTimer()
					ld, err := (&plog.ProtoUnmarshaler{}).UnmarshalLogs(wire)
					require.NoError(b, err)
					b.StartTimer()
					if err := p.ConsumeLogs(context.Background(), ld); err != nil {
						b.Fatal(err)
					}
				}
				perRecord := float64(b.N) * records
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/perRecord, "ns/record")
				b.ReportMetric(float64(len(wire))/records, "B/record")
			})
		}
	}
}
