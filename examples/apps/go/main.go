// An application that writes its audit log: with OpenTelemetry's SDK, and by POST /v1/audit where it must know that one event
// is kept before it goes on.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploggrpc"
	"go.opentelemetry.io/otel/log"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/resource"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
)

const service = "shop-go"

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	ann := []attribute.KeyValue{attribute.String("audit.actor.id", "u-17"), attribute.String("audit.actor.type", "user"), attribute.String("user.email", "ann@example.com")}
	if err := overOTLP(ctx, ann); err != nil {
		return err
	}
	// This one is on disk, with a receipt for it, before the account is gone.
	url := cmp.Or(os.Getenv("AUDIT_ENDPOINT"), "http://127.0.0.1:4318") + "/v1/audit"
	receipt, err := auditNow(ctx, url, service, "deleteAccount", map[string]string{
		"audit.record.id": newID(), "audit.actor.id": "u-17", "audit.actor.type": "user",
		"audit.action": "DELETE", "audit.outcome": "success", "audit.target.type": "account", "audit.target.id": "u-18",
	})
	if err != nil {
		return err
	}
	fmt.Println("audited:", receipt.Status, receipt.RecordID)
	return nil
}

// overOTLP sends events through the SDK. It takes OTEL_EXPORTER_OTLP_ENDPOINT and the other variables of OpenTelemetry.
func overOTLP(ctx context.Context, ann []attribute.KeyValue) error {
	options := []otlploggrpc.Option{otlploggrpc.WithInsecure()} // the collector is on this machine; elsewhere use TLS
	if token := os.Getenv("AUDIT_TOKEN"); token != "" {
		options = append(options, otlploggrpc.WithHeaders(map[string]string{"Authorization": "Bearer " + token}))
	}
	exporter, err := otlploggrpc.New(ctx, options...)
	if err != nil {
		return err
	}
	noticed := &noticeLosses{Exporter: exporter}
	provider := sdklog.NewLoggerProvider(
		sdklog.WithResource(resource.NewWithAttributes(semconv.SchemaURL, semconv.ServiceName(service), semconv.ServiceVersion("1.0.0"))),
		sdklog.WithProcessor(sdklog.NewBatchProcessor(noticed)),
	)
	logger := provider.Logger("audit")

	emit(ctx, logger, "user.login", "LOGIN", "success", append(ann, attribute.String("client.address", "192.0.2.17"))...)
	emit(ctx, logger, "runReport", "EXECUTE", "success", append(ann,
		attribute.String("audit.target.type", "report"), attribute.String("audit.target.id", "r-9"),
		attribute.String("db.query.text", "SELECT total FROM orders WHERE customer = 'bob@example.com'"), attribute.String("audit.query.language", "sql"))...)
	emit(ctx, logger, "deleteOrder", "DELETE", "failure", append(ann,
		attribute.String("audit.target.type", "order"), attribute.String("audit.target.id", "4711"), attribute.String("error.type", "permission_denied"))...)
	return errors.Join(provider.Shutdown(ctx), noticed.err) // sends what is left
}

// emit says who did what, and how it ended.
func emit(ctx context.Context, logger log.Logger, event, action, outcome string, more ...attribute.KeyValue) {
	var record log.Record
	record.SetTimestamp(time.Now())
	record.SetEventName(event)
	record.AddAttributes(
		attribute.String("audit.record.id", newID()), // makes it safe to send an event twice
		attribute.String("audit.action", action),
		attribute.String("audit.outcome", outcome),
	)
	record.AddAttributes(more...)
	logger.Emit(ctx, record)
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }

// noticeLosses keeps the error of events that the SDK gave up to send, or that were refused: an audit log has to notice that.
type noticeLosses struct {
	sdklog.Exporter
	err error
}

func (n *noticeLosses) Export(ctx context.Context, records []sdklog.Record) error {
	err := n.Exporter.Export(ctx, records)
	n.err = errors.Join(n.err, err)
	return err
}
