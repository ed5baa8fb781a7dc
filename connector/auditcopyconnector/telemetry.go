package auditcopyconnector

import (
	"context"
	"sync/atomic"

	"go.opentelemetry.io/collector/connector"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.uber.org/zap"

	"github.com/otelaudit/otelaudit/connector/auditcopyconnector/internal/metadata"
)

// reason says why a copy was lost.
type reason int

// The reasons, as in metadata.yaml.
const (
	noRoom reason = iota
	refused
	timedOut
	shutdown
)

var reasons = [...]string{noRoom: "no_room", refused: "refused", timedOut: "timed_out", shutdown: "shutdown"}

// telemetry holds the connector's metrics, and logs when copies begin to be lost and when that is over.
type telemetry struct {
	log     *zap.Logger
	builder *metadata.TelemetryBuilder
	id      metric.MeasurementOption
	reasons [len(reasons)]metric.MeasurementOption
	losing  atomic.Bool
}

func newTelemetry(set connector.Settings) (*telemetry, error) {
	builder, err := metadata.NewTelemetryBuilder(set.TelemetrySettings)
	if err != nil {
		return nil, err
	}
	id := attribute.String("connector", set.ID.String())
	t := &telemetry{log: set.Logger, builder: builder, id: metric.WithAttributeSet(attribute.NewSet(id))}
	for i, name := range reasons {
		t.reasons[i] = metric.WithAttributeSet(attribute.NewSet(id, attribute.String("reason", name)))
	}
	return t, nil
}

// observe reports on the queue until shutdown.
func (t *telemetry) observe(q *queue) error {
	return t.builder.RegisterConnectorAuditCopyQueueSizeCallback(func(_ context.Context, o metric.Int64Observer) error {
		o.Observe(int64(q.size()), t.id.(metric.ObserveOption))
		return nil
	})
}

func (t *telemetry) handedOn(ctx context.Context, records int) {
	t.builder.ConnectorAuditCopyHandedOnRecords.Add(ctx, int64(records), t.id)
	if t.losing.CompareAndSwap(true, false) {
		t.log.Info("Copies are taken again.")
	}
}

// lost counts records whose copies are gone. What the pipelines behind said is not logged: it may quote a record, and their
// exporters have logged it in their way.
func (t *telemetry) lost(ctx context.Context, records int, why reason) {
	t.builder.ConnectorAuditCopyLostRecords.Add(ctx, int64(records), t.reasons[why])
	if t.losing.CompareAndSwap(false, true) {
		t.log.Warn("Copies are lost. What they are copies of is not affected.", zap.String("reason", reasons[why]))
	}
}
