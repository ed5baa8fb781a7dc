package auditclickhouseexporter

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel/metric"
)

// observeLog reports the state of the block log whenever metrics are read.
func (e *auditExporter) observeLog() error {
	t := e.telemetry
	count := func(value func() int64) metric.Int64Callback {
		return func(_ context.Context, o metric.Int64Observer) error {
			o.Observe(value())
			return nil
		}
	}
	return errors.Join(
		t.RegisterExporterAuditClickhouseLogBlocksCallback(count(func() int64 { return int64(e.log.Stats().Undone) })),
		t.RegisterExporterAuditClickhouseLogDamageCallback(count(func() int64 { return int64(e.log.Stats().Damage) })),
		t.RegisterExporterAuditClickhouseLogLimitCallback(count(func() int64 { return e.log.Stats().MaxBytes })),
		t.RegisterExporterAuditClickhouseLogPlansCallback(count(func() int64 { return int64(e.log.Stats().Plans) })),
		t.RegisterExporterAuditClickhouseLogSizeCallback(count(func() int64 { return e.log.Stats().Bytes })),
		t.RegisterExporterAuditClickhouseLastInsertAgeCallback(func(_ context.Context, o metric.Float64Observer) error {
			o.Observe(time.Since(time.Unix(0, e.inserts.Load())).Seconds())
			return nil
		}),
		t.RegisterExporterAuditClickhouseLogOldestBlockAgeCallback(func(_ context.Context, o metric.Float64Observer) error {
			if oldest := e.log.Stats().Oldest; !oldest.IsZero() {
				o.Observe(time.Since(oldest).Seconds())
			} else {
				o.Observe(0)
			}
			return nil
		}),
	)
}
