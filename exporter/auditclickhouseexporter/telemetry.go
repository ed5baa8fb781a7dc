package auditclickhouseexporter

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/metadata"
)

// insertTelemetry counts inserts as metadata.yaml names them.
type insertTelemetry struct{ *metadata.TelemetryBuilder }

func attributes(kv ...attribute.KeyValue) metric.MeasurementOption {
	return metric.WithAttributes(kv...)
}

func table(name string) attribute.KeyValue { return attribute.String("table", name) }

func (t insertTelemetry) Inserted(to string, rows, bytes, blocks int, took time.Duration) {
	ctx, at := context.Background(), attributes(table(to))
	t.ExporterAuditClickhouseInserts.Add(ctx, 1, at)
	t.ExporterAuditClickhouseRows.Add(ctx, int64(rows), at)
	t.ExporterAuditClickhouseBytes.Add(ctx, int64(bytes), at)
	t.ExporterAuditClickhouseInsertedBlocks.Add(ctx, int64(blocks), at)
	t.ExporterAuditClickhouseInsertDuration.Record(ctx, took.Seconds(), at)
}

func (t insertTelemetry) Failed(to string, code int, class string, took time.Duration) {
	ctx := context.Background()
	t.ExporterAuditClickhouseInsertErrors.Add(ctx, 1, attributes(table(to), attribute.Int("code", code), attribute.String("class", class)))
	t.ExporterAuditClickhouseInsertDuration.Record(ctx, took.Seconds(), attributes(table(to)))
}

func (t insertTelemetry) Quarantined(reason, field string, rows int) {
	t.ExporterAuditClickhouseQuarantinedEvents.Add(context.Background(), int64(rows),
		attributes(attribute.String("reason", reason), attribute.String("field", field)))
}

func (t insertTelemetry) Damaged(to string, blocks int) {
	t.ExporterAuditClickhouseDamagedBlocks.Add(context.Background(), int64(blocks), attributes(table(to)))
}

func (t insertTelemetry) Verified(to, verdict string) {
	t.ExporterAuditClickhouseVerifications.Add(context.Background(), 1, attributes(table(to), attribute.String("verdict", verdict)))
}

func (t insertTelemetry) Repaired(to string, rows int) {
	t.ExporterAuditClickhouseRepairedRows.Add(context.Background(), int64(rows), attributes(table(to)))
}

func (t insertTelemetry) Planned(to string) {
	t.ExporterAuditClickhousePlannedInserts.Add(context.Background(), 1, attributes(table(to)))
}

func (t insertTelemetry) Paused(delay time.Duration) {
	t.ExporterAuditClickhouseInsertPause.Record(context.Background(), delay.Seconds())
}
