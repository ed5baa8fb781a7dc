package auditclickhouseexporter

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v7"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.uber.org/zap"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/blocklog"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/clickhouse"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/commit"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/insert"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/metadata"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/reconcile"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/replay"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/schema"
)

// auditExporter puts the parts together: the committer takes requests into the log, the inserter brings what is in the log
// to ClickHouse, the gate brings the schema about before it does, and the reconciler compares what is there with what was
// inserted.
type auditExporter struct {
	config    *Config
	settings  exporter.Settings
	telemetry *metadata.TelemetryBuilder

	log        *blocklog.Log
	window     *replay.Window
	committer  *commit.Committer
	conn       clickhouse.Conn
	gate       *schema.Gate
	carrier    *insert.Carrier
	reconciler *reconcile.Reconciler
	suspected  chan struct{} // holds one where an insert asked for a reconciliation
	inserts    atomic.Int64  // when the last insert was acknowledged, Unix ns
	health     *health

	stops []func() // end what runs and wait for it, in the order in which it is to end
}

func newExporter(config *Config, settings exporter.Settings) (*auditExporter, error) {
	telemetry, err := metadata.NewTelemetryBuilder(settings.TelemetrySettings)
	if err != nil {
		return nil, err
	}
	return &auditExporter{config: config, settings: settings, telemetry: telemetry, suspected: make(chan struct{}, 1)}, nil
}

// start opens the log, which must be there, and does not wait for the server, which may come later.
func (e *auditExporter) start(ctx context.Context, host component.Host) error {
	options, err := e.options(ctx, host)
	if err != nil {
		return err
	}
	if err := e.openLog(); err != nil {
		return err
	}
	e.health = newHealth(host, e.settings.Logger)
	e.conn = e.connect(options)
	delays := backoff.NewExponentialBackOff()
	delays.InitialInterval, delays.MaxInterval = time.Second, 10*time.Second
	e.gate = schema.NewGate(e.prepare, e.health.schema, delays)
	e.committer = commit.New(e.log, e.window, e.telemetry, commit.Options{
		Stored: e.config.Acknowledge == acknowledgeDatabase, MaxPartitions: e.config.Insert.MaxPartitions, Compression: e.config.Compression,
	})
	e.reconciler = reconcile.New(e.conn, nil, e.layout(), reconcile.Options{
		// On a cluster a round that mends has its own, with connections to the shards.
		Repair: e.config.Reconcile.Repair && e.config.Cluster == "", Owner: e.log.Name(),
	})
	e.carrier = e.newCarrier()
	e.inserts.Store(time.Now().UnixNano())
	if err := e.observeLog(); err != nil {
		e.window.Close()
		return errors.Join(err, e.log.Close())
	}
	e.run(ctx, e.gate.Run, e.carrier.Run, e.reconcile)
	e.run(ctx, e.committer.Run)
	return nil
}

// run starts what belongs together, to be stopped after what was started before.
func (e *auditExporter) run(ctx context.Context, parts ...func(context.Context)) {
	var running sync.WaitGroup
	background, stop := context.WithCancel(context.WithoutCancel(ctx)) // ctx ends when starting does
	e.stops = append(e.stops, func() {
		stop()
		running.Wait()
	})
	for _, part := range parts {
		running.Go(func() { part(background) })
	}
}

// openLog opens the block log, says what it found, and makes the window of the records that it remembers.
func (e *auditExporter) openLog() error {
	log, report, err := blocklog.Open(e.config.Log.Directory, blocklog.Options{MaxBytes: e.config.Log.MaxBytes})
	if err != nil {
		return fmt.Errorf("log: directory: %w", err)
	}
	logger := e.settings.Logger
	logger.Info("The block log is open.", zap.String("collector", report.Name), zap.Int64("bytes", report.Bytes),
		zap.Int("blocks", report.Blocks+report.Plans), zap.Int("records", report.Records))
	for _, torn := range report.Torn {
		logger.Info("An entry of the block log that nobody was told of was cut off.", zap.Stringer("entry", torn))
	}
	for _, damage := range report.Damage {
		logger.Error("The block log is damaged. What can be read is not affected.", zap.Stringer("damage", damage))
	}
	for _, file := range report.KeptAside {
		logger.Warn("A damaged file of the block log is kept aside for somebody to look at.", zap.String("file", file))
	}
	window := replay.NewWindow(e.config.ReplayWindow.MaxRecords, e.config.ReplayWindow.MaxAge)
	err = log.Records(func(r blocklog.Record, committed time.Time) bool {
		window.Load(r.ID, r.Content, r.Block, committed)
		return true
	})
	if err != nil {
		window.Close()
		return errors.Join(fmt.Errorf("read the replay records: %w", err), log.Close())
	}
	e.log, e.window = log, window
	return nil
}

// shutdown ends the inserts, makes durable what came last, and closes the log. What is in it is inserted after the next
// start.
func (e *auditExporter) shutdown(context.Context) error {
	for _, stop := range e.stops {
		stop()
	}
	e.stops = nil
	e.telemetry.Shutdown()
	if e.log == nil {
		return nil // was never started
	}
	e.conn.Close()
	e.window.Close()
	return e.log.Close()
}

// prepare is one attempt to have the schema.
func (e *auditExporter) prepare(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, e.config.Timeout)
	defer cancel()
	if e.config.CreateSchema {
		version, err := schema.Apply(ctx, e.conn, e.layout().Migrations())
		if err != nil {
			return err
		}
		e.telemetry.ExporterAuditClickhouseSchemaVersion.Record(ctx, int64(version))
	}
	return schema.Verify(ctx, e.conn)
}

func (e *auditExporter) layout() schema.Layout {
	return schema.NewLayout(e.config.Database, e.config.Cluster)
}

// consume takes a request: when it returns nil, its records are durable.
func (e *auditExporter) consume(ctx context.Context, logs plog.Logs) error {
	return e.committer.Take(ctx, logs)
}
