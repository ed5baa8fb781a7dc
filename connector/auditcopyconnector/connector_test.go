package auditcopyconnector

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/connector"
	"go.opentelemetry.io/collector/connector/connectortest"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/metric/metricdata/metricdatatest"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/otelaudit/otelaudit/connector/auditcopyconnector/internal/metadata"
	"github.com/otelaudit/otelaudit/connector/auditcopyconnector/internal/metadatatest"
)

// canary is in every record, and in what a failing pipeline says.
const canary = "CANARYx7Qk"

// numbered gives a request with n records. Its first record says which one it is.
func numbered(request, n int) plog.Logs {
	logs := plog.NewLogs()
	records := logs.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords()
	for range n {
		lr := records.AppendEmpty()
		lr.SetEventName(fmt.Sprint(request))
		lr.Body().SetStr(canary)
	}
	return logs
}

// names gives which requests came, in their order.
func names(all []plog.Logs) (names []string) {
	for _, logs := range all {
		names = append(names, logs.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0).EventName())
	}
	return names
}

// running is a connector that runs.
type running struct {
	connector.Logs
	telemetry *componenttest.Telemetry
	logged    *observer.ObservedLogs
}

func start(t *testing.T, cfg *Config, next func(context.Context, plog.Logs) error) running {
	t.Helper()
	r := running{telemetry: componenttest.NewTelemetry()}
	t.Cleanup(func() { assert.NoError(t, r.telemetry.Shutdown(context.Background())) })
	var core zapcore.Core
	core, r.logged = observer.New(zap.DebugLevel)
	set := connectortest.NewNopSettings(metadata.Type)
	set.ID = component.NewID(metadata.Type)
	set.TelemetrySettings = r.telemetry.NewTelemetrySettings()
	set.Logger = zap.New(core)
	sink, err := consumer.NewLogs(next)
	require.NoError(t, err)
	r.Logs, err = NewFactory().CreateLogsToLogs(t.Context(), set, cfg, sink)
	require.NoError(t, err)
	require.NoError(t, r.Start(t.Context(), componenttest.NewNopHost()))
	t.Cleanup(func() { assert.NoError(t, r.Shutdown(context.Background())) })
	return r
}

func point(n int64, why ...string) metricdata.DataPoint[int64] {
	attrs := []attribute.KeyValue{attribute.String("connector", "audit_copy")}
	for _, reason := range why {
		attrs = append(attrs, attribute.String("reason", reason))
	}
	return metricdata.DataPoint[int64]{Attributes: attribute.NewSet(attrs...), Value: n}
}

func (r running) assertHandedOn(t *testing.T, n int64) {
	t.Helper()
	metadatatest.AssertEqualConnectorAuditCopyHandedOnRecords(t, r.telemetry, []metricdata.DataPoint[int64]{point(n)}, metricdatatest.IgnoreTimestamp())
}

func (r running) assertLost(t *testing.T, points ...metricdata.DataPoint[int64]) {
	t.Helper()
	metadatatest.AssertEqualConnectorAuditCopyLostRecords(t, r.telemetry, points, metricdatatest.IgnoreTimestamp())
}

// assertLogged holds what was logged against the messages, and says that no content is in it.
func (r running) assertLogged(t *testing.T, messages ...string) {
	t.Helper()
	var got []string
	for _, entry := range r.logged.All() {
		got = append(got, entry.Message)
		assert.NotContains(t, fmt.Sprint(entry.Message, entry.ContextMap()), canary)
	}
	assert.Equal(t, messages, got)
}

const (
	begins = "Copies are lost. What they are copies of is not affected."
	over   = "Copies are taken again."
)

func TestEveryRequestIsCopiedInItsOrder(t *testing.T) {
	sink := new(consumertest.LogsSink)
	r := start(t, createDefaultConfig().(*Config), sink.ConsumeLogs)
	assert.False(t, r.Capabilities().MutatesData)
	var want []string
	for i := range 50 {
		require.NoError(t, r.ConsumeLogs(t.Context(), numbered(i, 2)))
		want = append(want, fmt.Sprint(i))
	}
	require.NoError(t, r.ConsumeLogs(t.Context(), plog.NewLogs()), "nothing to copy")
	require.NoError(t, r.Shutdown(t.Context()), "what waits is handed on first")
	assert.Equal(t, want, names(sink.AllLogs()))
	assert.Equal(t, 100, sink.LogRecordCount())
	r.assertLogged(t)
}

// Behind, records are changed and kept; before, the sender's request goes on to others, who may change it too.
func TestACopySharesNothingWithTheRequest(t *testing.T) {
	handing, changed := make(chan struct{}), make(chan struct{})
	sink := new(consumertest.LogsSink)
	r := start(t, createDefaultConfig().(*Config), func(ctx context.Context, logs plog.Logs) error {
		if handing != nil {
			close(handing)
			handing = nil
			<-changed
		}
		logs.ResourceLogs().At(0).Resource().Attributes().PutStr("behind", "x")
		return sink.ConsumeLogs(ctx, logs)
	})
	busy := handing
	first, second := numbered(1, 1), numbered(2, 1)
	require.NoError(t, r.ConsumeLogs(t.Context(), first))
	<-busy
	second.MarkReadOnly()
	require.NoError(t, r.ConsumeLogs(t.Context(), second))
	first.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0).SetEventName("changed")
	close(changed)
	require.NoError(t, r.Shutdown(t.Context()))
	assert.Equal(t, []string{"1", "2"}, names(sink.AllLogs()))
	assert.Zero(t, first.ResourceLogs().At(0).Resource().Attributes().Len())
	assert.Zero(t, second.ResourceLogs().At(0).Resource().Attributes().Len())
}

func TestAFailureBehindIsCountedAndLoggedOnceAndNotReturned(t *testing.T) {
	var mu sync.Mutex
	failure := errors.New("cannot store " + canary)
	taken := make(chan struct{}, 10)
	r := start(t, createDefaultConfig().(*Config), func(context.Context, plog.Logs) error {
		mu.Lock()
		defer mu.Unlock()
		taken <- struct{}{}
		return failure
	})
	for i := range 3 {
		require.NoError(t, r.ConsumeLogs(t.Context(), numbered(i, 2)))
		<-taken
	}
	mu.Lock()
	failure = nil
	mu.Unlock()
	require.NoError(t, r.ConsumeLogs(t.Context(), numbered(3, 2)))
	require.NoError(t, r.Shutdown(t.Context()))
	r.assertLost(t, point(6, "refused"))
	r.assertHandedOn(t, 2)
	r.assertLogged(t, begins, over)
}

func TestAFullQueueLosesCopiesAndNeverWaits(t *testing.T) {
	var marshaler plog.ProtoMarshaler
	size := marshaler.LogsSize(numbered(0, 1))
	handing, goOn := make(chan struct{}, 10), make(chan struct{})
	sink := new(consumertest.LogsSink)
	r := start(t, &Config{MaxQueueBytes: 2*size + size/2, Timeout: time.Minute}, func(ctx context.Context, logs plog.Logs) error {
		handing <- struct{}{}
		<-goOn
		return sink.ConsumeLogs(ctx, logs)
	})
	require.NoError(t, r.ConsumeLogs(t.Context(), numbered(0, 100)), "larger than the queue")
	require.NoError(t, r.ConsumeLogs(t.Context(), numbered(1, 1)))
	<-handing
	for i := 2; i < 6; i++ {
		require.NoError(t, r.ConsumeLogs(t.Context(), numbered(i, 1)))
	}
	metadatatest.AssertEqualConnectorAuditCopyQueueSize(t, r.telemetry, []metricdata.DataPoint[int64]{point(int64(2 * size))}, metricdatatest.IgnoreTimestamp())
	r.assertLost(t, point(103, "no_room"))
	close(goOn)
	require.NoError(t, r.Shutdown(t.Context()))
	assert.Equal(t, []string{"1", "2"}, names(sink.AllLogs()), "the one that is handed on counts too")
	r.assertLogged(t, begins, over)
}

func TestAPipelineThatHangsIsGivenUpAfterTheTimeout(t *testing.T) {
	r := start(t, &Config{MaxQueueBytes: 1 << 20, Timeout: 20 * time.Millisecond}, func(ctx context.Context, _ plog.Logs) error {
		<-ctx.Done()
		return fmt.Errorf("%s: %w", canary, ctx.Err())
	})
	require.NoError(t, r.ConsumeLogs(t.Context(), numbered(0, 1)))
	require.Eventually(t, func() bool { return r.logged.Len() == 1 }, 10*time.Second, time.Millisecond)
	r.assertLost(t, point(1, "timed_out"))
	r.assertLogged(t, begins)
}

func TestShutdownHandsOnWhatWaitsForNoLongerThanTheTimeout(t *testing.T) {
	handing := make(chan struct{}, 10)
	r := start(t, &Config{MaxQueueBytes: 1 << 20, Timeout: 50 * time.Millisecond}, func(ctx context.Context, _ plog.Logs) error {
		handing <- struct{}{}
		<-ctx.Done()
		return ctx.Err()
	})
	require.NoError(t, r.ConsumeLogs(t.Context(), numbered(0, 1)))
	<-handing
	for i := range 10 {
		require.NoError(t, r.ConsumeLogs(t.Context(), numbered(i+1, 1)))
	}
	require.NoError(t, r.Shutdown(t.Context()))
	r.assertLost(t, point(2, "timed_out"), point(9, "shutdown"))
	r.assertLogged(t, begins)
}

func TestManySendersAtOnceAreAllCopiedOrCounted(t *testing.T) {
	sink := new(consumertest.LogsSink)
	r := start(t, &Config{MaxQueueBytes: 2000, Timeout: time.Second}, sink.ConsumeLogs)
	var senders sync.WaitGroup
	for range 8 {
		senders.Go(func() {
			for i := range 500 {
				assert.NoError(t, r.ConsumeLogs(t.Context(), numbered(i, 1)))
			}
		})
	}
	senders.Wait()
	require.NoError(t, r.Shutdown(t.Context()))
	lost := int64(0)
	if m, err := r.telemetry.GetMetric("otelcol_connector_audit_copy_lost_records"); err == nil {
		lost = m.Data.(metricdata.Sum[int64]).DataPoints[0].Value
	}
	assert.EqualValues(t, 8*500, int64(sink.LogRecordCount())+lost)
}

// BenchmarkCopy is what a copy costs the pipeline that is copied, and what handing it on costs beside that.
func BenchmarkCopy(b *testing.B) {
	logs := numbered(0, 100)
	var marshaler plog.ProtoMarshaler
	set := connectortest.NewNopSettings(metadata.Type)
	c, err := newCopier(set, &Config{MaxQueueBytes: 1 << 30, Timeout: time.Second}, consumertest.NewNop())
	require.NoError(b, err)
	b.ReportAllocs()
	b.SetBytes(int64(marshaler.LogsSize(logs)))
	for b.Loop() {
		_ = c.ConsumeLogs(b.Context(), logs)
		copied, _ := c.queue.take()
		c.handOn(b.Context(), copied)
	}
}
