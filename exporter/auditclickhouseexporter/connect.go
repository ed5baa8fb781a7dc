package auditclickhouseexporter

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/confighttp"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/config/configtls"
	"go.uber.org/zap"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/clickhouse"
)

// maxIdle is how many connections are kept open between inserts.
const maxIdle = 10

// connect gives one connection over all endpoints.
func (e *auditExporter) connect(options []clickhouse.Options) clickhouse.Conn {
	conns := make([]clickhouse.Conn, len(options))
	for i, o := range options {
		conns[i] = clickhouse.Open(o)
	}
	return clickhouse.Failover(func(to int) {
		e.settings.Logger.Warn("Another endpoint is used from now on.", zap.String("endpoint", options[to].Endpoint.Address))
	}, conns...)
}

// options are those of each endpoint.
func (e *auditExporter) options(ctx context.Context, host component.Host) ([]clickhouse.Options, error) {
	var all []clickhouse.Options
	for _, text := range append([]string{e.config.Endpoint}, e.config.FallbackEndpoints...) {
		endpoint, err := clickhouse.ParseEndpoint(text)
		if err != nil {
			return nil, fmt.Errorf("endpoint: %w", err)
		}
		o := clickhouse.Options{
			Endpoint:    endpoint,
			Username:    e.config.Username,
			Password:    string(e.config.Password),
			Database:    e.config.Database,
			Compression: e.config.Compression,
			Timeout:     e.config.Timeout,
			MaxIdle:     maxIdle,
		}
		if endpoint.Native() {
			o.TLS, err = e.nativeTLS(ctx, endpoint)
		} else {
			o.HTTP, err = e.httpClient(ctx, host)
		}
		if err != nil {
			return nil, err
		}
		all = append(all, o)
	}
	return all, nil
}

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

// httpClient gives a client that leaves bodies as they are: blocks are compressed already.
func (e *auditExporter) httpClient(ctx context.Context, host component.Host) (*http.Client, error) {
	config := confighttp.NewDefaultClientConfig()
	keepalive := confighttp.NewDefaultKeepaliveClientConfig()
	keepalive.MaxIdleConnsPerHost = maxIdle
	config.Keepalive = configoptional.Some(keepalive)
	if tls := e.config.TLS.Get(); tls != nil {
		config.TLS = *tls
	}
	return config.ToClient(ctx, host.GetExtensions(), e.settings.TelemetrySettings)
}
