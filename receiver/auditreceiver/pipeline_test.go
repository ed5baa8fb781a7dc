package auditreceiver

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/exporter/exporterhelper"
	"go.opentelemetry.io/collector/exporter/exportertest"
	"go.opentelemetry.io/collector/pdata/plog"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/receiver/auditreceiver/internal/metadata"
)

const (
	textUnavailable = "the pipeline cannot take records now; send the request again"
	textExhausted   = "the pipeline is at its capacity; send the request again later"
	textRefused     = "the pipeline refuses these records for good; do not send them again"
	textFailed      = "the pipeline fails on these records for good; sending them again does not help"
)

func TestAnErrorOfThePipelineBecomesTheAnswer(t *testing.T) {
	plain := errors.New("near " + canary)
	throttled, err := status.New(codes.ResourceExhausted, canary).WithDetails(&errdetails.RetryInfo{RetryDelay: durationpb.New(7 * time.Second)})
	require.NoError(t, err)
	busy, err := status.New(codes.Unavailable, canary).WithDetails(&errdetails.RetryInfo{RetryDelay: durationpb.New(3 * time.Second)})
	require.NoError(t, err)

	tests := map[string]struct {
		err        error
		code       codes.Code
		httpStatus int
		message    string
		retry      time.Duration
	}{
		"unknown error":      {plain, codes.Unavailable, 503, textUnavailable, time.Second},
		"queue full":         {fmt.Errorf("%s: %w", canary, exporterhelper.ErrQueueIsFull), codes.Unavailable, 503, textUnavailable, time.Second},
		"retryable":          {consumererror.NewRetryableError(plain), codes.Unavailable, 503, textUnavailable, time.Second},
		"cancelled":          {context.Canceled, codes.Unavailable, 503, textUnavailable, time.Second},
		"timeout":            {context.DeadlineExceeded, codes.Unavailable, 503, textUnavailable, time.Second},
		"gRPC unavailable":   {busy.Err(), codes.Unavailable, 503, textUnavailable, 3 * time.Second},
		"gRPC internal":      {status.Error(codes.Internal, canary), codes.Unavailable, 503, textUnavailable, time.Second},
		"gRPC exhausted":     {fmt.Errorf("%w", throttled.Err()), codes.ResourceExhausted, 429, textExhausted, 7 * time.Second},
		"exhausted, no time": {status.Error(codes.ResourceExhausted, canary), codes.ResourceExhausted, 429, textExhausted, time.Second},
		"HTTP 429":           {consumererror.NewOTLPHTTPError(plain, http.StatusTooManyRequests), codes.ResourceExhausted, 429, textExhausted, time.Second},
		"gRPC in an error":   {consumererror.NewOTLPGRPCError(plain, throttled), codes.ResourceExhausted, 429, textExhausted, 7 * time.Second},
		"one of several":     {errors.Join(plain, throttled.Err()), codes.ResourceExhausted, 429, textExhausted, 7 * time.Second},
		"permanent":          {consumererror.NewPermanent(plain), codes.Internal, 500, textFailed, 0},
		"permanent invalid":  {consumererror.NewPermanent(status.Error(codes.InvalidArgument, canary)), codes.InvalidArgument, 400, textRefused, 0},
		"permanent HTTP 400": {consumererror.NewPermanent(consumererror.NewOTLPHTTPError(plain, 400)), codes.InvalidArgument, 400, textRefused, 0},
		"permanent, busy":    {consumererror.NewPermanent(busy.Err()), codes.Internal, 500, textFailed, 0},
	}
	var next atomic.Pointer[error]
	s := newServer(t, nil)
	s.pipeline.consume = func(context.Context, plog.Logs) error { return *next.Load() }
	s.start(t, componenttest.NewNopHost())
	for transport, sender := range s.senders(t) {
		for name, tt := range tests {
			t.Run(transport+"/"+name, func(t *testing.T) {
				next.Store(&tt.err)
				got := sendLogs(t, sender, events(2))
				assert.Equal(t, tt.code, got.code)
				assert.Equal(t, tt.message, got.message, "the text is fixed")
				assert.Equal(t, tt.retry, got.retry)
				if transport != "grpc" {
					assert.Equal(t, tt.httpStatus, got.httpStatus)
					assert.NotContains(t, string(got.raw), canary)
				}
			})
		}
	}
	s.assertNoCanary(t)
	for _, span := range s.telemetry.SpanRecorder.Ended() {
		assert.NotContains(t, span.Status().Description, canary, "nor is the error's text in the collector's own traces")
	}
}

// A queue that is full has to push back, not to lose.
func TestAFullQueueOfAnExporterIsRetryable(t *testing.T) {
	blocked := make(chan struct{})
	queue := exporterhelper.NewDefaultQueueConfig()
	queue.QueueSize, queue.NumConsumers = 1, 1
	queue.Batch = configoptional.None[exporterhelper.BatchConfig]()
	exporter, err := exporterhelper.NewLogs(t.Context(), exportertest.NewNopSettings(metadata.Type), &struct{}{},
		func(context.Context, plog.Logs) error { <-blocked; return nil }, exporterhelper.WithQueue(configoptional.Some(queue)))
	require.NoError(t, err)
	require.NoError(t, exporter.Start(t.Context(), componenttest.NewNopHost()))
	defer func() {
		close(blocked)
		assert.NoError(t, exporter.Shutdown(context.Background()))
	}()

	s := newServer(t, nil)
	s.pipeline.consume = exporter.ConsumeLogs
	s.start(t, componenttest.NewNopHost())
	sender := s.grpcSender(t)
	var got answer
	for range 5 { // one is with the consumer, one is in the queue
		got = sendLogs(t, sender, events(1))
	}
	assert.Equal(t, codes.Unavailable, got.code)
	assert.Positive(t, got.retry)
}

// A sender that repeats the request would otherwise count its bad records each time.
func TestBadRecordsCountOnceTheAnswerIsFinal(t *testing.T) {
	s := newServer(t, nil)
	refuse := true
	s.pipeline.consume = func(context.Context, plog.Logs) error {
		if refuse {
			return errors.New("busy")
		}
		return nil
	}
	s.start(t, componenttest.NewNopHost())
	logs := events(2)
	record(logs, 0).SetEventName("")
	sender := s.grpcSender(t)

	require.Equal(t, codes.Unavailable, sendLogs(t, sender, logs).code)
	_, err := s.telemetry.GetMetric("otelcol_receiver_audit_refused_records")
	assert.Error(t, err, "nothing is counted yet")
	refuse = false
	require.EqualValues(t, 1, sendLogs(t, sender, logs).rejected)
	got, err := s.telemetry.GetMetric("otelcol_receiver_audit_refused_records")
	require.NoError(t, err)
	assert.Equal(t, map[string]int64{"": 1}, sums(t, got, ""))

	accepted, err := s.telemetry.GetMetric("otelcol_receiver_accepted_log_records")
	require.NoError(t, err)
	assert.Equal(t, map[string]int64{"grpc": 1}, nonZero(sums(t, accepted, "transport")))
	refused, err := s.telemetry.GetMetric("otelcol_receiver_refused_log_records")
	require.NoError(t, err)
	assert.Equal(t, map[string]int64{"grpc": 1}, nonZero(sums(t, refused, "transport")))
}

func TestAPanicInThePipelineEndsOnlyTheRequest(t *testing.T) {
	s := newServer(t, nil)
	s.pipeline.consume = func(_ context.Context, logs plog.Logs) error {
		if len(ids(logs)) == 1 {
			panic("holding " + canary)
		}
		return nil
	}
	s.start(t, componenttest.NewNopHost())
	for name, sender := range s.senders(t) {
		t.Run(name, func(t *testing.T) {
			got := sendLogs(t, sender, events(1))
			assert.Equal(t, codes.Unavailable, got.code)
			assert.Positive(t, got.retry, "whether the records were stored is not known")
			assert.Equal(t, codes.OK, sendLogs(t, sender, events(2)).code)
		})
	}
	entries := s.log.FilterMessage("panic while handing records to the pipeline").All()
	require.Len(t, entries, 3)
	assert.Equal(t, "string", entries[0].ContextMap()["type"])
	assert.Contains(t, entries[0].ContextMap()["stack"], "ConsumeLogs")
	s.assertNoCanary(t)
}

func TestAPanicInDecodingEndsOnlyTheRequest(t *testing.T) {
	s := newServer(t, nil)
	broken := *protobufEncoding
	broken.shape = func([]byte, int) *failure { panic(canary) }
	logs, fail := s.receiver.overHTTP.decode(t.Context(), &broken, admitBody(t, s.receiver.overHTTP, nil), nil)
	require.NotNil(t, fail)
	assert.Equal(t, plog.Logs{}, logs)
	assert.Equal(t, codes.InvalidArgument, fail.code)
	assert.Equal(t, "request body cannot be decoded", fail.message)
	assert.Equal(t, 1, s.log.FilterMessage("panic while decoding a request").Len())
	s.assertNoCanary(t)
}

func TestThePipelineRunsInTheContextOfTheRequest(t *testing.T) {
	s := newServer(t, nil)
	entered, left := make(chan struct{}), make(chan error)
	s.pipeline.consume = func(ctx context.Context, _ plog.Logs) error {
		entered <- struct{}{}
		<-ctx.Done()
		left <- ctx.Err()
		return ctx.Err()
	}
	s.start(t, componenttest.NewNopHost())
	for name, sender := range s.senders(t) {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			gone := make(chan struct{})
			body := encode(sender.encoding(), events(1))
			go func() {
				defer close(gone)
				disconnect(ctx, sender, body)
			}()
			<-entered
			cancel()
			select {
			case err := <-left:
				assert.ErrorIs(t, err, context.Canceled)
			case <-time.After(10 * time.Second):
				t.Fatal("the pipeline was not told that the sender went away")
			}
			<-gone
		})
	}
}

// Records that are stored are answered as stored, even if the sender stopped waiting: what the pipeline says is what counts.
func TestAnswersFollowThePipelineAndNotTheContext(t *testing.T) {
	in := newTestIntake(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	admitted := admitBody(t, in, nil)
	require.Nil(t, admitted.wait(t.Context()))
	out, fail := in.deliver(ctx, protobufEncoding, admitted, events(2))
	assert.Nil(t, fail)
	assert.Equal(t, 2, out.records)
	assert.Zero(t, out.refused.total)
}

func TestARecordKeepsItsIDOverRetries(t *testing.T) {
	s := startServer(t, nil)
	for range 2 {
		require.Equal(t, codes.OK, sendLogs(t, s.grpcSender(t), events(1)).code)
	}
	assert.Equal(t, []string{"id-1", "id-1"}, s.pipeline.records())
	_, logs := s.pipeline.last(t)
	_, ok := audit.Event{Resource: logs.ResourceLogs().At(0).Resource().Attributes(), Record: record(logs, 0)}.Int(audit.AttrReceivedTime)
	assert.True(t, ok)
}
