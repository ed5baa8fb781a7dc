package auditprocessor

import (
	"context"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/otelaudit/otelaudit/internal/follow"
)

// policyLoad counts an attempt to take new content of the policy's file.
func (t *telemetry) policyLoad(err error) {
	result := "ok"
	if err != nil {
		result = "failed"
	}
	t.builder.ProcessorAuditPolicyLoads.Add(context.Background(), 1, metric.WithAttributeSet(attribute.NewSet(t.id, attribute.String("result", result))))
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
