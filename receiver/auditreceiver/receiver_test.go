package auditreceiver

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"google.golang.org/grpc/codes"

	"github.com/otelaudit/otelaudit/internal/audit"
)

func TestEveryTransportAndEncodingTakesEvents(t *testing.T) {
	s := startServer(t, nil)
	for name, sender := range s.senders(t) {
		t.Run(name, func(t *testing.T) {
			got := sendLogs(t, sender, events(3))
			assert.Equal(t, codes.OK, got.code)
			assert.Zero(t, got.rejected)
			assert.Empty(t, got.message)
			_, logs := s.pipeline.last(t)
			assert.Equal(t, []string{"id-1", "id-2", "id-3"}, ids(logs))
		})
	}
}

func TestAFullSuccessLeavesPartialSuccessUnset(t *testing.T) {
	s := startServer(t, nil)
	assert.Empty(t, sendLogs(t, s.httpSender(t, protobufEncoding), events(1)).raw)
	assert.Equal(t, "{}", string(sendLogs(t, s.httpSender(t, jsonEncoding), events(1)).raw))
}

func TestEveryCompressionIsTaken(t *testing.T) {
	s := startServer(t, nil)
	for _, compression := range defaultCompressions {
		for _, enc := range []*encoding{protobufEncoding, jsonEncoding} {
			t.Run("http "+enc.format+" "+compression, func(t *testing.T) {
				sender := s.httpSender(t, enc)
				sender.compression = compression
				for range 2 { // the second one reuses what the first one left in a pool
					assert.Equal(t, 200, sendLogs(t, sender, typicalEvents(50)).httpStatus)
				}
			})
		}
	}
	for _, compression := range []string{"gzip", "zstd", "snappy"} {
		t.Run("grpc "+compression, func(t *testing.T) {
			sender := s.grpcSender(t)
			sender.compression = compression
			for range 2 {
				assert.Equal(t, codes.OK, sendLogs(t, sender, typicalEvents(50)).code)
			}
		})
	}
	assert.Len(t, s.pipeline.records(), (len(defaultCompressions)*2+3)*2*50)
}

func TestAnSDKsClientIsUnderstood(t *testing.T) {
	s := startServer(t, nil)
	client := plogotlp.NewGRPCClient(s.grpcSender(t).conn)
	logs := events(2)
	record(logs, 1).Attributes().Remove(audit.AttrAction)
	response, err := client.Export(t.Context(), plogotlp.NewExportRequestFromLogs(logs))
	require.NoError(t, err)
	assert.EqualValues(t, 1, response.PartialSuccess().RejectedLogRecords())
}

func TestRecordsAreStamped(t *testing.T) {
	s := startServer(t, nil)
	for name, sender := range s.senders(t) {
		t.Run(name, func(t *testing.T) {
			logs := events(3)
			record(logs, 1).Attributes().Remove(audit.AttrRecordID)
			record(logs, 2).Attributes().PutStr(audit.AttrRecordID, "")
			record(logs, 0).SetObservedTimestamp(17)
			before := time.Now()
			require.Equal(t, codes.OK, sendLogs(t, sender, logs).code)

			_, taken := s.pipeline.last(t)
			given := ids(taken)
			assert.Equal(t, "id-1", given[0], "the sender's id stays")
			for _, id := range given[1:] {
				parsed, err := uuid.Parse(id)
				require.NoError(t, err)
				assert.EqualValues(t, 7, parsed.Version())
			}
			assert.NotEqual(t, given[1], given[2])
			audit.Events(taken, func(e audit.Event) bool {
				received, ok := e.Int(audit.AttrReceivedTime)
				require.True(t, ok)
				assert.WithinRange(t, time.Unix(0, received), before.Truncate(time.Microsecond), time.Now())
				if e.Str(audit.AttrRecordID) != "id-1" {
					assert.EqualValues(t, received, e.Record.ObservedTimestamp())
				}
				return true
			})
			assert.EqualValues(t, 17, record(taken, 0).ObservedTimestamp(), "the sender's time stays")
		})
	}
}

func TestWhatOnlyTheBundleMaySetIsRemoved(t *testing.T) {
	s := startServer(t, nil)
	for name, sender := range s.senders(t) {
		t.Run(name, func(t *testing.T) {
			logs := events(1)
			for _, d := range audit.Attributes() {
				if d.Derived {
					record(logs, 0).Attributes().PutStr(d.Name, "forged")
					logs.ResourceLogs().At(0).Resource().Attributes().PutStr(d.Name, "forged")
				}
			}
			require.Equal(t, codes.OK, sendLogs(t, sender, logs).code)

			_, taken := s.pipeline.last(t)
			assert.Equal(t, map[string]any{audit.AttrServiceName: "shop"}, taken.ResourceLogs().At(0).Resource().Attributes().AsRaw())
			got := record(taken, 0).Attributes().AsRaw()
			assert.IsType(t, int64(0), got[audit.AttrReceivedTime])
			assert.Len(t, got, 6)
		})
	}
}

func TestWhatTheReceiverDoesNotKnowPassesUnchanged(t *testing.T) {
	s := startServer(t, nil)
	for name, sender := range s.senders(t) {
		t.Run(name, func(t *testing.T) {
			logs := events(1)
			lr := record(logs, 0)
			lr.SetSeverityText("INFO")
			lr.SetSeverityNumber(plog.SeverityNumberInfo)
			lr.SetTraceID([16]byte{1})
			lr.SetSpanID([8]byte{2})
			lr.Body().SetEmptyMap().PutEmptySlice("list").AppendEmpty().SetInt(1 << 60)
			lr.Attributes().PutEmptyBytes("acme.bytes").FromRaw([]byte{0, 255})
			logs.ResourceLogs().At(0).ScopeLogs().At(0).Scope().SetName("lib")
			want := plog.NewLogs()
			logs.CopyTo(want)
			require.Equal(t, codes.OK, sendLogs(t, sender, logs).code)

			_, taken := s.pipeline.last(t)
			record(taken, 0).Attributes().Remove(audit.AttrReceivedTime)
			record(taken, 0).SetObservedTimestamp(0)
			assert.Equal(t, string(encode(jsonEncoding, want)), string(encode(jsonEncoding, taken)))
		})
	}
}

// Bodies, buffers and decoders are shared between requests.
func TestManySendersAtOnceLoseAndMixNothing(t *testing.T) {
	s := startServer(t, nil)
	const senders, requests = 4, 10
	var want []string
	var sending sync.WaitGroup
	for i := range senders {
		for transport, sender := range s.senders(t) {
			switch sender := sender.(type) {
			case *overGRPC:
				sender.compression = []string{"", "gzip", "zstd", "snappy"}[i]
			case *overHTTP:
				sender.compression = []string{"", "gzip", "zstd", "lz4"}[i]
			}
			var payloads []plog.Logs
			for n := range requests {
				logs := typicalEvents(10)
				for j, lr := range logs.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().All() {
					id := fmt.Sprintf("%s %d %d %d", transport, i, n, j)
					lr.Attributes().PutStr(audit.AttrRecordID, id)
					lr.Attributes().PutStr(audit.AttrTargetName, id)
					want = append(want, id)
				}
				payloads = append(payloads, logs)
			}
			sending.Go(func() {
				for _, logs := range payloads {
					assert.Equal(t, codes.OK, sendLogs(t, sender, logs).code)
				}
			})
		}
	}
	sending.Wait()
	got := s.pipeline.records()
	slices.Sort(want)
	slices.Sort(got)
	assert.Equal(t, want, got)
	for _, logs := range s.pipeline.taken {
		audit.Events(logs, func(e audit.Event) bool {
			assert.Equal(t, e.Str(audit.AttrRecordID), e.Str(audit.AttrTargetName))
			return true
		})
	}
}
