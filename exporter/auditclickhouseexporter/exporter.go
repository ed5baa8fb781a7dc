package auditclickhouseexporter

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/ClickHouse/ch-go/proto"
	"github.com/cenkalti/backoff/v7"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/configcompression"
	"go.opentelemetry.io/collector/config/confighttp"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/config/configtls"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/exporterhelper"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/clickhouse"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/insert"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/metadata"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/schema"
)

// auditExporter puts the parts together: the gate brings the schema about in the background, requests wait for it and are
// written by the inserter.
type auditExporter struct {
	config    *Config
	settings  exporter.Settings
	telemetry *metadata.TelemetryBuilder

	conn     clickhouse.Conn
	gate     *schema.Gate
	inserter *insert.Inserter
	health   *health
	stop     context.CancelFunc
	running  sync.WaitGroup
}

func newExporter(config *Config, settings exporter.Settings) (*auditExporter, error) {
	telemetry, err := metadata.NewTelemetryBuilder(settings.TelemetrySettings)
	if err != nil {
		return nil, err
	}
	return &auditExporter{config: config, settings: settings, telemetry: telemetry}, nil
}

// start does no I/O but reading certificates: the server may come later.
func (e *auditExporter) start(ctx context.Context, host component.Host) error {
	options, err := e.options(ctx, host)
	if err != nil {
		return err
	}
	e.conn = clickhouse.Open(options)
	e.inserter = insert.New(e.conn, e.config.MaxPartitionsPerInsert, e.telemetry)
	e.health = newHealth(host, e.settings.Logger)
	delays := backoff.NewExponentialBackOff()
	delays.InitialInterval, delays.MaxInterval = time.Second, 10*time.Second
	e.gate = schema.NewGate(e.prepare, e.health.schema, delays)

	background, stop := context.WithCancel(context.WithoutCancel(ctx)) // ctx ends when starting does
	e.stop = stop
	e.running.Go(func() { e.gate.Run(background) })
	return nil
}

func (e *auditExporter) shutdown(context.Context) error {
	if e.stop == nil {
		return nil // was never started
	}
	e.stop()
	e.running.Wait()
	e.conn.Close()
	e.telemetry.Shutdown()
	return nil
}

// prepare is one attempt to have the schema.
func (e *auditExporter) prepare(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, e.config.Timeout)
	defer cancel()
	if e.config.CreateSchema {
		version, err := schema.Apply(ctx, e.conn, schema.Migrations())
		if err != nil {
			return err
		}
		e.telemetry.ExporterAuditClickhouseSchemaVersion.Record(ctx, int64(version))
	}
	return schema.Verify(ctx, e.conn)
}

// consume stores a request. It never gives a permanent error: what cannot be stored is in quarantine by then, and what
// could not be stored for another reason must be kept.
func (e *auditExporter) consume(ctx context.Context, logs plog.Logs) error {
	if err := e.gate.Wait(ctx); err != nil {
		return fmt.Errorf("the schema is not ready: %w", err)
	}
	err := e.inserter.Write(ctx, logs)
	e.health.insert(err)
	var failure *clickhouse.Error
	if !errors.As(err, &failure) {
		return err
	}
	if clickhouse.Is(err, proto.ErrUnknownTable, proto.ErrUnknownDatabase, proto.ErrNoSuchColumnInTable) {
		e.gate.Recheck()
	}
	if failure.Class == clickhouse.Throttled {
		return exporterhelper.NewThrottleRetry(err, max(failure.RetryAfter, minThrottle))
	}
	return err
}

// minThrottle is the least time an overloaded server is left alone.
const minThrottle = 5 * time.Second

func (e *auditExporter) options(ctx context.Context, host component.Host) (clickhouse.Options, error) {
	endpoint, err := clickhouse.ParseEndpoint(e.config.Endpoint)
	if err != nil {
		return clickhouse.Options{}, fmt.Errorf("endpoint: %w", err)
	}
	options := clickhouse.Options{
		Endpoint:    endpoint,
		Username:    e.config.Username,
		Password:    string(e.config.Password),
		Database:    e.config.Database,
		Compression: e.config.Compression,
		Timeout:     e.config.Timeout,
		MaxIdle:     maxIdle,
	}
	if endpoint.Native() {
		options.TLS, err = e.nativeTLS(ctx, endpoint)
	} else {
		options.HTTP, err = e.httpClient(ctx, host)
	}
	return options, err
}

// maxIdle is how many connections are kept open between inserts.
const maxIdle = 10

// nativeTLS gives nil where the connection is to be plain.
func (e *auditExporter) nativeTLS(ctx context.Context, endpoint clickhouse.Endpoint) (*tls.Config, error) {
	config := e.config.TLS.Get()
	if config == nil {
		if !endpoint.Secure() {
			return nil, nil
		}
		defaults := configtls.NewDefaultClientConfig()
		config = &defaults
	}
	return config.LoadTLSConfig(ctx)
}

func (e *auditExporter) httpClient(ctx context.Context, host component.Host) (*http.Client, error) {
	config := confighttp.NewDefaultClientConfig()
	keepalive := confighttp.NewDefaultKeepaliveClientConfig()
	keepalive.MaxIdleConnsPerHost = maxIdle
	config.Keepalive = configoptional.Some(keepalive)
	if tls := e.config.TLS.Get(); tls != nil {
		config.TLS = *tls
	}
	if e.config.Compression != clickhouse.CompressionNone {
		config.Compression = configcompression.Type(e.config.Compression)
	}
	return config.ToClient(ctx, host.GetExtensions(), e.settings.TelemetrySettings)
}
