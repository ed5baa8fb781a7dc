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
	builder     *metadata.TelemetryBuilder
	id          attribute.KeyValue
	outcomes    []metric.MeasurementOption   // in the order of the values
	enrichments [][]metric.MeasurementOption // of each directory, in the order of the values
	loads       []metric.MeasurementOption   // of the policy
	captures    []metric.MeasurementOption
}

func newTelemetry(set processor.Settings) (*telemetry, error) {
	builder, err := metadata.NewTelemetryBuilder(set.TelemetrySettings)
	if err != nil {
		return nil, err
	}
	t := &telemetry{builder: builder, id: attribute.String("processor", set.ID.String())}
	t.outcomes = t.options("outcome", outcomes)
	t.loads = t.options("result", loads)
	t.captures = t.options("level", captures)
	return t, nil
}

// options gives the attributes of a measurement for every value of its label, made once.
func (t *telemetry) options(label string, values []string, more ...attribute.KeyValue) (options []metric.MeasurementOption) {
	for _, v := range values {
		attrs := append([]attribute.KeyValue{t.id, attribute.String(label, v)}, more...)
		options = append(options, metric.WithAttributeSet(attribute.NewSet(attrs...)))
	}
	return options
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
	outcomes    [4]int64
	enrichments [maxSources][4]int64
	captures    [sampledOut + 1]int64
	wait        directory.Wait // what is left for look-ups
}

// sampledOut is the place behind the levels.
const sampledOut = int(policy.Custom) + 1

func (n *tally) capture(i int) { n.captures[i]++ }

func (n *tally) outcome(s string) { n.outcomes[slices.Index(outcomes, s)]++ }

func (n *tally) enrichment(source int, s string) {
	n.enrichments[source][slices.Index(enrichments, s)]++
}

func (t *telemetry) count(ctx context.Context, n *tally) {
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
	for source, options := range t.enrichments {
		for i, records := range n.enrichments[source] {
			if records > 0 {
				t.builder.ProcessorAuditEnrichedRecords.Add(ctx, records, options[i])
			}
		}
	}
}
