package auditclickhouseexporter

import (
	"context"
	"time"

	"github.com/ClickHouse/ch-go/proto"
	"go.opentelemetry.io/otel/attribute"
	"go.uber.org/zap"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/clickhouse"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/columns"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/insert"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/reconcile"
)

// newCarrier makes what brings blocks from the log to the database.
func (e *auditExporter) newCarrier() *insert.Carrier {
	return insert.NewCarrier(e.log, e.conn, insert.Options{
		MaxRows:       e.config.Insert.MaxRows,
		MaxDelay:      e.config.Insert.MaxDelay,
		InFlight:      e.config.Insert.InFlight,
		MaxPartitions: e.config.Insert.MaxPartitions,
		Timeout:       e.config.Timeout,
		Compression:   e.config.Compression,
		Ready:         e.ready,
		Verifier:      e.reconciler,
		Suspect:       func(insert.Facts) { e.suspect() },
		Report:        e.inserted,
		Telemetry:     insertTelemetry{e.telemetry},
	})
}

// heldInterval is how often an insert that may not be sent asks whether it may.
const heldInterval = 250 * time.Millisecond

// ready waits as long as somebody holds the inserts. Its error is that of the schema or of the server.
func (e *auditExporter) ready(ctx context.Context, table string) error {
	for {
		if err := e.gate.Wait(ctx); err != nil || table != columns.TableEvents.String() {
			return err
		}
		held, err := e.held(ctx)
		switch {
		case clickhouse.Is(err, proto.ErrAccessDenied):
			return nil // a user that may insert and nothing else: whoever rebuilds rollups has to stop such collectors
		case err != nil || held == 0:
			return err
		}
		if !sleep(ctx, heldInterval) {
			return ctx.Err()
		}
	}
}

// held gives for how long inserts are held. A server that does not answer must not keep an insert waiting for ever: the next
// try may find another one.
func (e *auditExporter) held(ctx context.Context) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, e.config.Timeout)
	defer cancel()
	_, remaining, err := reconcile.Held(ctx, e.conn)
	return remaining, err
}

// inserted hears how each try of an insert ended.
func (e *auditExporter) inserted(_ string, err error) {
	e.health.update(err)
	if err == nil {
		e.inserts.Store(time.Now().UnixNano())
	}
	if clickhouse.Is(err, proto.ErrUnknownTable, proto.ErrUnknownDatabase, proto.ErrNoSuchColumnInTable) {
		e.gate.Recheck()
	}
}

// suspect asks for a reconciliation soon.
func (e *auditExporter) suspect() {
	select {
	case e.suspected <- struct{}{}:
	default:
	}
}

// settleTime is how long after an insert whose outcome was open the tables are compared.
const settleTime = 5 * time.Second

// roundAgain is how long after a comparison that failed, did not come about or left days out another one is made.
const roundAgain = time.Minute

// reconcile compares the tables with what was inserted, at intervals and after inserts whose outcome was open.
func (e *auditExporter) reconcile(ctx context.Context) {
	var tick <-chan time.Time
	if interval := e.config.Reconcile.Interval; interval > 0 {
		ticker := time.NewTicker(interval)
		defer ticker.Stop()
		tick = ticker.C
	}
	var again <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick:
		case <-again:
		case <-e.suspected:
			if !sleep(ctx, settleTime) {
				return
			}
		}
		again = nil
		if e.gate.Wait(ctx) != nil {
			again = time.After(roundAgain) // the schema's own trouble is reported
			continue
		}
		report, err := e.round(ctx)
		if ctx.Err() != nil {
			return
		}
		if err == nil && report.To.IsZero() { // another collector's round, which began before whatever is suspected here
			again = time.After(roundAgain)
			continue
		}
		if err != nil || len(report.PutOff) > 0 {
			again = time.After(roundAgain)
		}
		e.reconciled(ctx, report, err)
	}
}

func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// reconciled says what a comparison found. Record ids are content, so there are only numbers.
func (e *auditExporter) reconciled(ctx context.Context, report reconcile.Report, err error) {
	logger := e.settings.Logger
	fields := []zap.Field{
		zap.Int("copies_removed", report.Removed), zap.Int("inserts_incomplete", len(report.Incomplete)),
		zap.Int("record_ids_with_two_contents", len(report.Conflicts)), zap.Int("rollups_differing", len(report.Differing)),
		zap.Bool("rebuilt", report.Rebuilt), zap.Int("days_put_off", len(report.PutOff)),
	}
	result := resultOf(report, err)
	switch result {
	case resultFailed:
		logger.Error("The tables could not be compared with what was inserted. It is tried again.", append(fields, zap.Error(err))...)
	case resultDifferent:
		logger.Error("The tables are not what was inserted. The views reconcile_blocks, reconcile_doubled and reconcile_rollups say more.", fields...)
	case resultRepaired:
		logger.Warn("The tables were not what was inserted, and are now.", fields...)
	case resultEqual:
		logger.Debug("The tables are what was inserted.", fields...)
	}
	e.telemetry.ExporterAuditClickhouseReconciliations.Add(ctx, 1, attributes(attribute.String("result", result)))
}

// Results of a reconciliation, as the metric names them.
const (
	resultEqual     = "equal"
	resultRepaired  = "repaired"
	resultDifferent = "different"
	resultFailed    = "failed"
)

func resultOf(report reconcile.Report, err error) string {
	switch {
	case err != nil:
		return resultFailed
	case len(report.Incomplete) > 0 || len(report.Conflicts) > 0 || len(report.Differing) > 0 && !report.Rebuilt:
		return resultDifferent
	case report.Removed > 0 || report.Rebuilt:
		return resultRepaired
	default:
		return resultEqual
	}
}
