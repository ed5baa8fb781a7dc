package auditreceiver

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/metric/metricdata/metricdatatest"
	"google.golang.org/grpc/codes"

	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/receiver/auditreceiver/internal/metadatatest"
)

func TestABadRecordDoesNotCostTheGoodOnes(t *testing.T) {
	s := startServer(t, nil)
	for name, sender := range s.senders(t) {
		t.Run(name, func(t *testing.T) {
			logs := events(10)
			record(logs, 2).Attributes().Remove(audit.AttrAction)
			record(logs, 6).SetTimestamp(0)
			got := sendLogs(t, sender, logs)
			assert.Equal(t, codes.OK, got.code)
			assert.EqualValues(t, 2, got.rejected)
			assert.Equal(t, "2 of 10 records refused; first: record 3: audit.action: required", got.message)
			_, taken := s.pipeline.last(t)
			assert.Equal(t, []string{"id-1", "id-2", "id-4", "id-5", "id-6", "id-8", "id-9", "id-10"}, ids(taken))
		})
	}
}

func TestEveryBadRecordIsRefusedWithItsReason(t *testing.T) {
	s := startServer(t, nil)
	for name, sender := range s.senders(t) {
		for what, bad := range badRecords {
			t.Run(name+"/"+what, func(t *testing.T) {
				before := len(s.pipeline.records())
				logs := events(3)
				bad.spoil(record(logs, 1))
				got := sendLogs(t, sender, logs)
				assert.Equal(t, codes.OK, got.code)
				assert.EqualValues(t, 1, got.rejected)
				assert.Equal(t, "1 of 3 records refused; first: record 2: "+bad.want, got.message)
				assert.Equal(t, []string{"id-1", "id-3"}, s.pipeline.records()[before:])
			})
		}
	}
	s.assertNoCanary(t)
}

// Nothing of it is accepted, so it is not the specification's partial success, and sending it again cannot help.
func TestARequestOfOnlyBadRecordsFailsForGood(t *testing.T) {
	s := startServer(t, nil)
	for name, sender := range s.senders(t) {
		for what, bad := range badRecords {
			t.Run(name+"/"+what, func(t *testing.T) {
				logs := events(2)
				bad.spoil(record(logs, 0))
				bad.spoil(record(logs, 1))
				got := sendLogs(t, sender, logs)
				assert.Equal(t, codes.InvalidArgument, got.code)
				assert.Equal(t, "2 of 2 records refused; first: record 1: "+bad.want, got.message)
				assert.Contains(t, got.bad, "record 1: ")
				assert.Zero(t, got.retry)
				if name != "grpc" {
					assert.Equal(t, http.StatusBadRequest, got.httpStatus)
				}
			})
		}
	}
	assert.Empty(t, s.pipeline.records(), "an empty payload does not go down the pipeline")
	s.assertNoCanary(t)
}

func TestABadResourceCostsItsOwnRecordsOnly(t *testing.T) {
	s := startServer(t, nil)
	for name, sender := range s.senders(t) {
		t.Run(name, func(t *testing.T) {
			logs := events(2)
			logs.ResourceLogs().At(0).Resource().Attributes().Clear()
			events(2).ResourceLogs().MoveAndAppendTo(logs.ResourceLogs())
			got := sendLogs(t, sender, logs)
			assert.EqualValues(t, 2, got.rejected)
			assert.Equal(t, "2 of 4 records refused; first: record 1: service.name: required", got.message)
			_, taken := s.pipeline.last(t)
			assert.Equal(t, 1, taken.ResourceLogs().Len(), "what is left empty is removed")
		})
	}
}

func TestRecordsAreCountedOverTheWholeRequest(t *testing.T) {
	s := startServer(t, nil)
	logs := events(2)
	second := events(2)
	record(second, 1).SetEventName("")
	second.ResourceLogs().MoveAndAppendTo(logs.ResourceLogs())
	got := sendLogs(t, s.grpcSender(t), logs)
	assert.Equal(t, "1 of 4 records refused; first: record 4: event_name: required", got.message)
}

func TestAnEmptyRequestSucceedsWithAWarning(t *testing.T) {
	s := startServer(t, nil)
	empty := map[string][]plog.Logs{"nothing": {plog.NewLogs()}, "a resource without records": {events(0)}}
	for name, sender := range s.senders(t) {
		for what, payloads := range empty {
			t.Run(name+"/"+what, func(t *testing.T) {
				got := sendLogs(t, sender, payloads[0])
				assert.Equal(t, codes.OK, got.code)
				assert.Zero(t, got.rejected)
				assert.Equal(t, "request carries no log records", got.message)
			})
		}
	}
	t.Run("misspelled field", func(t *testing.T) {
		got := s.httpSender(t, jsonEncoding).send(t.Context(), t, []byte(`{"resource_logs":[{"scope_logs":[]}]}`))
		assert.Equal(t, http.StatusOK, got.httpStatus)
		assert.Equal(t, "request carries no log records", got.message)
	})
	assert.Empty(t, s.pipeline.records())
}

func TestRefusedRecordsAreCountedByReason(t *testing.T) {
	s := startServer(t, func(cfg *Config) { cfg.MaxRecordBytes = 1024 })
	logs := events(4)
	badRecords["no action"].spoil(record(logs, 0))
	badRecords["timestamp 0"].spoil(record(logs, 1))
	badRecords["wrong type"].spoil(record(logs, 2))
	badRecords["5 MB"].spoil(record(logs, 3))
	require.Equal(t, codes.InvalidArgument, sendLogs(t, s.grpcSender(t), logs).code)

	point := func(reason string, n int64) metricdata.DataPoint[int64] {
		return metricdata.DataPoint[int64]{Value: n, Attributes: attribute.NewSet(
			attribute.String("receiver", "audit"), attribute.String("transport", "grpc"), attribute.String("reason", reason))}
	}
	metadatatest.AssertEqualReceiverAuditRefusedRecords(t, s.telemetry,
		[]metricdata.DataPoint[int64]{point("required", 2), point("invalid", 1), point("too_large", 1)}, metricdatatest.IgnoreTimestamp(), metricdatatest.IgnoreExemplars())
}
