package auditprocessor

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/directory"
	"github.com/otelaudit/otelaudit/internal/follow"
	"github.com/otelaudit/otelaudit/internal/policy"
	"github.com/otelaudit/otelaudit/processor/auditprocessor/internal/metadata"
)

// Values of the metrics' attributes. Nothing of a record gets there.
var (
	outcomes    = []string{audit.RedactionClean, audit.RedactionRedacted, audit.RedactionCoarse, audit.RedactionWithheld}
	enrichments = []string{audit.EnrichmentHit, audit.EnrichmentMiss, audit.EnrichmentStale, audit.EnrichmentError}
	loads       = []string{"ok", "failed"}
	captures    = append(policy.Levels(), "sampled_out")
)

// telemetry holds the processor's metrics.
type telemetry struct {
	builder                      *metadata.TelemetryBuilder
	id                           attribute.KeyValue
	outcomes, enrichments, loads []metric.MeasurementOption // in the order of the values
	captures                     []metric.MeasurementOption
}

func newTelemetry(set processor.Settings) (*telemetry, error) {
	builder, err := metadata.NewTelemetryBuilder(set.TelemetrySettings)
	if err != nil {
		return nil, err
	}
	t := &telemetry{builder: builder, id: attribute.String("processor", set.ID.String())}
	t.outcomes = t.options("outcome", outcomes)
	t.enrichments = t.options("result", enrichments)
	t.loads = t.options("result", loads)
	t.captures = t.options("level", captures)
	return t, nil
}

// options gives the attributes of a measurement for every value of its label, made once.
func (t *telemetry) options(label string, values []string) (options []metric.MeasurementOption) {
	for _, v := range values {
		options = append(options, metric.WithAttributeSet(attribute.NewSet(t.id, attribute.String(label, v))))
	}
	return options
}

// observe reports on a directory until shutdown.
func (t *telemetry) observe(d directory.Directory) error {
	id := metric.WithAttributeSet(attribute.NewSet(t.id))
	err := t.builder.RegisterProcessorAuditDirectoryUsersCallback(func(_ context.Context, o metric.Int64Observer) error {
		o.Observe(int64(d.Stats().Users), id)
		return nil
	})
	if err != nil {
		return err
	}
	return t.builder.RegisterProcessorAuditDirectoryAgeCallback(func(_ context.Context, o metric.Float64Observer) error {
		o.Observe(time.Since(d.Stats().Confirmed).Seconds(), id)
		return nil
	})
}

func (t *telemetry) load(err error) {
	t.builder.ProcessorAuditDirectoryLoads.Add(context.Background(), 1, t.result(err))
}

func (t *telemetry) policyLoad(err error) {
	t.builder.ProcessorAuditPolicyLoads.Add(context.Background(), 1, t.result(err))
}

func (t *telemetry) result(err error) metric.MeasurementOption {
	if err != nil {
		return t.loads[1]
	}
	return t.loads[0]
}

// observePolicy reports on a policy in a file until shutdown.
func (t *telemetry) observePolicy(file *follow.File, rules *atomic.Pointer[ruleset]) error {
	id := metric.WithAttributeSet(attribute.NewSet(t.id))
	err := t.builder.RegisterProcessorAuditPolicyVersionCallback(func(_ context.Context, o metric.Int64Observer) error {
		o.Observe(int64(rules.Load().policy.Identity().Version), id)
		return nil
	})
	if err != nil {
		return err
	}
	return t.builder.RegisterProcessorAuditPolicyAgeCallback(func(_ context.Context, o metric.Float64Observer) error {
		o.Observe(time.Since(file.Confirmed()).Seconds(), id)
		return nil
	})
}

// tally counts the records of one call, so that metrics cost nothing a record.
type tally struct {
	outcomes, enrichments [4]int64
	captures              [sampledOut + 1]int64
}

// sampledOut is the place behind the levels.
const sampledOut = int(policy.Custom) + 1

func (n *tally) capture(i int) { n.captures[i]++ }

func (n *tally) outcome(s string) { n.outcomes[slices.Index(outcomes, s)]++ }

func (n *tally) enrichment(s string) { n.enrichments[slices.Index(enrichments, s)]++ }

func (t *telemetry) count(ctx context.Context, n tally) {
	for i, records := range n.outcomes {
		if records > 0 {
			t.builder.ProcessorAuditRedactedRecords.Add(ctx, records, t.outcomes[i])
		}
	}
	for i, records := range n.captures {
		if records > 0 {
			t.builder.ProcessorAuditCapturedRecords.Add(ctx, records, t.captures[i])
		}
	}
	for i, records := range n.enrichments {
		if records > 0 {
			t.builder.ProcessorAuditEnrichedRecords.Add(ctx, records, t.enrichments[i])
		}
	}
}
