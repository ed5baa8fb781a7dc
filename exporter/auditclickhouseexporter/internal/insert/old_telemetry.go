package insert

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/clickhouse"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/columns"
)

// insert sends a block and counts how it went.
func (i *Inserter) insert(ctx context.Context, table string, block *columns.Block) error {
	start := time.Now()
	err := i.conn.Insert(ctx, table, block)
	to := metric.WithAttributes(attribute.String("table", table))
	i.telemetry.ExporterAuditClickhouseInsertDuration.Record(ctx, time.Since(start).Seconds(), to)
	if err != nil {
		var e *clickhouse.Error
		if errors.As(err, &e) {
			i.telemetry.ExporterAuditClickhouseInsertErrors.Add(ctx, 1, metric.WithAttributes(
				attribute.String("table", table), attribute.Int("code", e.Code), attribute.String("class", e.Class.String())))
		}
		return err
	}
	i.telemetry.ExporterAuditClickhouseInserts.Add(ctx, 1, to)
	i.telemetry.ExporterAuditClickhouseRows.Add(ctx, int64(block.Rows), to)
	i.telemetry.ExporterAuditClickhouseBytes.Add(ctx, int64(len(block.Native)), to)
	return nil
}

// countQuarantined counts by reason and field: both are words of the conventions or of this bundle, never content.
func (i *Inserter) countQuarantined(ctx context.Context, refused []columns.Refusal) {
	for _, r := range refused {
		i.telemetry.ExporterAuditClickhouseQuarantinedEvents.Add(ctx, 1, metric.WithAttributes(
			attribute.String("reason", string(r.Reason)), attribute.String("field", r.Field)))
	}
}
