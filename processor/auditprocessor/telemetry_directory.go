package auditprocessor

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/otelaudit/otelaudit/internal/directory"
)

const labelDirectory = "directory"

// observe reports on directories until shutdown.
func (t *telemetry) observe(chain directory.Chain) error {
	if len(chain) == 0 {
		return nil
	}
	began := time.Now()
	ids := make([]metric.ObserveOption, len(chain))
	for i, d := range chain {
		source := attribute.String(labelDirectory, d.Name())
		ids[i] = metric.WithAttributeSet(attribute.NewSet(t.id, source))
		t.enrichments = append(t.enrichments, t.options("result", enrichments, source))
	}
	err := t.builder.RegisterProcessorAuditDirectoryUsersCallback(func(_ context.Context, o metric.Int64Observer) error {
		for i, d := range chain {
			o.Observe(int64(d.Stats().Users), ids[i])
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = t.builder.RegisterProcessorAuditDirectoryAnswersCallback(func(_ context.Context, o metric.Int64Observer) error {
		for i, d := range chain {
			if _, remote := d.(*directory.Remote); remote {
				o.Observe(int64(d.Stats().Cached), ids[i])
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return t.builder.RegisterProcessorAuditDirectoryAgeCallback(func(_ context.Context, o metric.Float64Observer) error {
		for i, d := range chain {
			stats := d.Stats()
			if !stats.Followed {
				continue
			}
			confirmed := stats.Confirmed
			if confirmed.IsZero() { // it never was
				confirmed = began
			}
			o.Observe(time.Since(confirmed).Seconds(), ids[i])
		}
		return nil
	})
}

// changes counts what was sent of a directory.
func (t *telemetry) changes(ctx context.Context, name string, n int) {
	t.builder.ProcessorAuditDirectoryChanges.Add(ctx, int64(n), metric.WithAttributeSet(attribute.NewSet(t.id, attribute.String(labelDirectory, name))))
}
