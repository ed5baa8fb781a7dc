package sender

import (
	"context"
	"errors"
	"iter"
	"net"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"go.opentelemetry.io/otel"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/otelaudit/otelaudit/examples/quickstart/internal/month"
	"github.com/otelaudit/otelaudit/internal/audit"
)

func TestMain(m *testing.M) {
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(error) {})) // failures are made on purpose here
	goleak.VerifyTestMain(m)
}

// events are the events of the smallest month.
func events(t *testing.T) iter.Seq[month.Event] {
	t.Helper()
	text, err := os.ReadFile("../../users.yaml")
	require.NoError(t, err)
	people, err := month.ParsePeople(text)
	require.NoError(t, err)
	seq, err := month.Events(month.Config{
		Seed: 1, Until: time.Date(2026, 11, 20, 15, 42, 7, 0, time.UTC), Events: month.MinEvents, People: people,
	})
	require.NoError(t, err)
	return seq
}

// take is the first n of a sequence.
func take[T any](seq iter.Seq[T], n int) iter.Seq[T] {
	return func(yield func(T) bool) {
		i := 0
		for v := range seq {
			if i++; i > n || !yield(v) {
				return
			}
		}
	}
}

// receiver is an OTLP receiver that answers as a test wants.
type receiver struct {
	plogotlp.UnimplementedGRPCServer
	answer func(call int, request plogotlp.ExportRequest) (plogotlp.ExportResponse, error)

	mu    sync.Mutex
	calls int
}

func (c *receiver) Export(_ context.Context, request plogotlp.ExportRequest) (plogotlp.ExportResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls++
	return c.answer(c.calls, request)
}

// send sends events through the real SDK to a collector and returns what became of them.
func send(t *testing.T, answer func(int, plogotlp.ExportRequest) (plogotlp.ExportResponse, error), list iter.Seq[month.Event]) Totals {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := grpc.NewServer()
	plogotlp.RegisterGRPCServer(server, &receiver{answer: answer})
	go func() { _ = server.Serve(listener) }()
	defer server.Stop()

	var tally Tally
	s, err := New(t.Context(), listener.Addr().String(), month.Services(), &tally)
	require.NoError(t, err)
	require.NoError(t, s.Send(t.Context(), list))
	_ = s.Close(t.Context()) // failed exports are an error of the SDK too
	totals := tally.Totals()
	assert.Equal(t, totals.Emitted, totals.Acknowledged+totals.Rejected+totals.Failed, "nothing is lost without a trace")
	return totals
}

func accept(int, plogotlp.ExportRequest) (plogotlp.ExportResponse, error) {
	return plogotlp.NewExportResponse(), nil
}

func TestEveryEventReachesTheWireSoundAndIsCounted(t *testing.T) {
	seen := map[string]int{}
	var digest uint64
	totals := send(t, func(_ int, request plogotlp.ExportRequest) (plogotlp.ExportResponse, error) {
		audit.Events(request.Logs(), func(e audit.Event) bool {
			if err := e.Validate(); err != nil {
				t.Errorf("%s: %s", e.Record.EventName(), err)
			}
			for _, name := range []string{audit.AttrServiceName, audit.AttrServiceVersion, audit.AttrEnvironment} {
				assert.NotEmpty(t, e.Str(name), name)
			}
			for name := range e.Record.Attributes().All() {
				if audit.Derived(name) {
					t.Errorf("%s: an application may not send %s", e.Record.EventName(), name)
				}
			}
			id := e.Str(audit.AttrRecordID)
			seen[id]++
			digest ^= xxhash.Sum64String(id)
			return true
		})
		return plogotlp.NewExportResponse(), nil
	}, events(t))

	assert.Greater(t, totals.Emitted, month.MinEvents*9/10)
	assert.Equal(t, totals.Emitted, totals.Acknowledged)
	assert.Len(t, seen, totals.Emitted)
	for id, n := range seen {
		require.Equal(t, 1, n, id)
	}
	assert.Equal(t, digest, totals.Digest)
}

func TestPartialSuccessIsCounted(t *testing.T) {
	totals := send(t, func(_ int, _ plogotlp.ExportRequest) (plogotlp.ExportResponse, error) {
		response := plogotlp.NewExportResponse()
		response.PartialSuccess().SetRejectedLogRecords(3)
		response.PartialSuccess().SetErrorMessage("audit.action: required")
		return response, nil
	}, take(events(t), 1000))
	assert.Positive(t, totals.Rejected)
	assert.Zero(t, totals.Rejected%3)
	assert.Equal(t, 1000-totals.Rejected, totals.Acknowledged)
	assert.Equal(t, "audit.action: required", totals.Reason)
}

func TestARequestThatMayBeTriedAgainIs(t *testing.T) {
	totals := send(t, func(call int, _ plogotlp.ExportRequest) (plogotlp.ExportResponse, error) {
		if call%2 == 1 {
			return plogotlp.NewExportResponse(), status.Error(codes.Unavailable, "busy")
		}
		return plogotlp.NewExportResponse(), nil
	}, take(events(t), 2000))
	assert.Equal(t, 2000, totals.Acknowledged)
}

func TestARefusedRequestIsCountedAsFailed(t *testing.T) {
	totals := send(t, func(int, plogotlp.ExportRequest) (plogotlp.ExportResponse, error) {
		return plogotlp.NewExportResponse(), status.Error(codes.InvalidArgument, "no")
	}, take(events(t), 500))
	assert.Equal(t, 500, totals.Failed)
	assert.Zero(t, totals.Acknowledged)
	assert.Contains(t, totals.Reason, "no")
}

func TestASlowCollectorSlowsTheSenderAndDropsNothing(t *testing.T) {
	// More than fits into the queue of one application, and every request waits.
	var axioms iter.Seq[month.Event] = func(yield func(month.Event) bool) {
		for e := range events(t) {
			e.Service = 0
			if !yield(e) {
				return
			}
		}
	}
	totals := send(t, func(call int, r plogotlp.ExportRequest) (plogotlp.ExportResponse, error) {
		time.Sleep(100 * time.Millisecond)
		return accept(call, r)
	}, axioms)
	assert.Greater(t, totals.Emitted, queueSize)
	assert.Equal(t, totals.Emitted, totals.Acknowledged)
}

func TestSendingEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var tally Tally
	s, err := New(ctx, "127.0.0.1:1", month.Services(), &tally)
	require.NoError(t, err)
	require.ErrorIs(t, s.Send(ctx, events(t)), context.Canceled)
	require.NoError(t, s.Close(t.Context()), "nothing was emitted")
	goleak.VerifyNone(t)
}

// exporter answers what a test wants.
type exporter struct{ err error }

func (e exporter) Export(context.Context, []sdklog.Record) error { return e.err }
func (exporter) Shutdown(context.Context) error                  { return nil }
func (exporter) ForceFlush(context.Context) error                { return nil }

func TestTheWrapperPassesErrorsOnAndFreesTheGate(t *testing.T) {
	var tally Tally
	failure := errors.New("broken")
	a := acknowledger{Exporter: exporter{failure}, tally: &tally, gate: newGate(2)}
	for range 3 { // more rounds than the gate is wide
		require.NoError(t, a.gate.enter(t.Context()))
		require.NoError(t, a.gate.enter(t.Context()))
		require.ErrorIs(t, a.Export(t.Context(), make([]sdklog.Record, 2)), failure)
	}
	assert.Equal(t, Totals{Failed: 6, Reason: "broken"}, tally.Totals())

	a.Exporter = exporter{}
	require.NoError(t, a.gate.enter(t.Context()))
	require.NoError(t, a.Export(t.Context(), make([]sdklog.Record, 1)))
	assert.Equal(t, 1, tally.Totals().Acknowledged)
}
