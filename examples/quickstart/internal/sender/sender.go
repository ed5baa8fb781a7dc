package sender

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploggrpc"
	"go.opentelemetry.io/otel/log"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/resource"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"google.golang.org/grpc"

	"github.com/otelaudit/otelaudit/examples/quickstart/internal/month"
)

// Sizes of one application's batch processor.
const (
	queueSize = 16384 // records; the bound of the gate too, so that the queue cannot overflow
	batchSize = 4096  // records in a request, some 3 MB: ClickHouse's work is by the insert rather than by the row
)

// flushAfter is how long a batch may take to fill: a replay has no hurry, and full batches are cheaper for everybody.
const flushAfter = 5 * time.Second

// giveUp is how long a request is tried before its events count as failed.
const giveUp = 5 * time.Minute

// Sender is a set of applications, each with an SDK of its own.
type Sender struct {
	tally   *Tally
	apps    []app
	reached atomic.Int64 // when the last event given to an SDK happened, in nanoseconds since 1970
}

// Reached is when the last event happened that was given to an SDK.
func (s *Sender) Reached() time.Time { return time.Unix(0, s.reached.Load()) }

// app is one application as the SDK sees it: a resource, a logger, a batch processor, an exporter.
type app struct {
	provider *sdklog.LoggerProvider
	logger   log.Logger
	gate     gate
}

// New returns a sender to the OTLP/gRPC endpoint host:port, without TLS: it is on this machine.
func New(ctx context.Context, endpoint string, services []month.Service, tally *Tally) (*Sender, error) {
	s := &Sender{tally: tally}
	for _, service := range services {
		exporter, err := otlploggrpc.New(ctx,
			otlploggrpc.WithEndpoint(endpoint),
			otlploggrpc.WithInsecure(),
			otlploggrpc.WithDialOption(grpc.WithUnaryInterceptor(readAnswer)),
			otlploggrpc.WithTimeout(giveUp), // of the request with all its retries
			otlploggrpc.WithRetry(otlploggrpc.RetryConfig{
				Enabled: true, InitialInterval: 100 * time.Millisecond, MaxInterval: 5 * time.Second, MaxElapsedTime: giveUp,
			}),
		)
		if err != nil {
			return nil, fmt.Errorf("set up the exporter of %s: %w", service.Name, err)
		}
		s.apps = append(s.apps, newApp(service, exporter, tally))
	}
	return s, nil
}

func newApp(service month.Service, exporter sdklog.Exporter, tally *Tally) app {
	gate := newGate(queueSize)
	provider := sdklog.NewLoggerProvider(
		sdklog.WithResource(resource.NewWithAttributes(semconv.SchemaURL,
			semconv.ServiceName(service.Name),
			semconv.ServiceVersion(service.Version),
			semconv.DeploymentEnvironmentNameProduction,
		)),
		sdklog.WithProcessor(sdklog.NewBatchProcessor(acknowledger{Exporter: exporter, tally: tally, gate: gate},
			sdklog.WithMaxQueueSize(queueSize),
			sdklog.WithExportMaxBatchSize(batchSize),
			sdklog.WithExportInterval(flushAfter),
			sdklog.WithExportTimeout(giveUp),
		)),
	)
	return app{provider: provider, logger: provider.Logger("audit"), gate: gate}
}

// Send gives every event to its application's SDK, in order, and waits whenever too many are without an answer.
func (s *Sender) Send(ctx context.Context, events iter.Seq[month.Event]) error {
	for e := range events {
		a := s.apps[e.Service]
		if err := a.gate.enter(ctx); err != nil {
			return err
		}
		s.tally.emit()
		a.logger.Emit(ctx, e.Record)
		s.reached.Store(e.Record.Timestamp().UnixNano())
	}
	return nil
}

// Close sends what is still in the SDK and ends its goroutines. It returns when every event is counted in the tally, or
// when the context ends: one that has ended already leaves the goroutines.
func (s *Sender) Close(ctx context.Context) error {
	done := make(chan error, len(s.apps))
	for _, a := range s.apps {
		go func() { done <- a.provider.Shutdown(ctx) }()
	}
	var errs []error
	for range s.apps {
		errs = append(errs, <-done)
	}
	return errors.Join(errs...)
}
