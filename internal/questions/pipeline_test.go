package questions

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/exporter/exportertest"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"go.opentelemetry.io/collector/processor/processortest"
	"go.opentelemetry.io/collector/receiver/receivertest"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
	"github.com/otelaudit/otelaudit/processor/auditprocessor"
	"github.com/otelaudit/otelaudit/receiver/auditreceiver"
)

// pipeline is a receiver, a processor and an exporter as the collector would connect them.
type pipeline struct {
	url        string
	components []component.Component // in the order in which they are started: what takes before what gives
}

func startPipeline(ctx context.Context, server *clickhouselocal.Server, log string) (*pipeline, error) {
	port, err := clickhouselocal.FreePort(ctx)
	if err != nil {
		return nil, err
	}
	address := fmt.Sprintf("127.0.0.1:%d", port)
	p := &pipeline{url: "http://" + address}

	exporters, processors, receivers := auditclickhouseexporter.NewFactory(), auditprocessor.NewFactory(), auditreceiver.NewFactory()
	cfg, err := configure(exporters, map[string]any{
		"endpoint": server.HTTPURL(), "username": server.User(), "database": "audit", "create_schema": true,
		"acknowledge": "database", // so that what was answered can be asked for
		"insert":      map[string]any{"max_delay": "10ms"},
		"log":         map[string]any{"directory": log},
	})
	if err != nil {
		return nil, err
	}
	exporter, err := exporters.CreateLogs(ctx, exportertest.NewNopSettings(exporters.Type()), cfg)
	if err != nil {
		return nil, err
	}
	cfg, err = configure(processors, map[string]any{
		"pseudonyms": map[string]any{"active": "k1", "keys": map[string]any{"k1": "a-key-of-the-tests-of-at-least-32-bytes"}},
		"directory":  map[string]any{"sources": []any{map[string]any{"file": map[string]any{"path": "testdata/users.yaml"}}}},
	})
	if err != nil {
		return nil, err
	}
	processor, err := processors.CreateLogs(ctx, processortest.NewNopSettings(processors.Type()), cfg, exporter)
	if err != nil {
		return nil, err
	}
	cfg, err = configure(receivers, map[string]any{"protocols": map[string]any{"http": map[string]any{"endpoint": address}}})
	if err != nil {
		return nil, err
	}
	receiver, err := receivers.CreateLogs(ctx, receivertest.NewNopSettings(receivers.Type()), cfg, processor)
	if err != nil {
		return nil, err
	}
	for _, c := range []component.Component{exporter, processor, receiver} {
		if err := c.Start(ctx, componenttest.NewNopHost()); err != nil {
			return nil, errors.Join(err, p.stop(ctx))
		}
		p.components = append(p.components, c)
	}
	return p, nil
}

// configure gives the factory's default configuration with settings over it.
func configure(factory component.Factory, settings map[string]any) (component.Config, error) {
	cfg := factory.CreateDefaultConfig()
	if err := confmap.NewFromStringMap(settings).Unmarshal(cfg); err != nil {
		return nil, err
	}
	return cfg, confmap.Validate(cfg)
}

func (p *pipeline) stop(ctx context.Context) error {
	var errs []error
	for _, c := range slices.Backward(p.components) {
		errs = append(errs, c.Shutdown(ctx))
	}
	return errors.Join(errs...)
}

// send puts events into the receiver; when it returns nil, all of them are in the database.
func (p *pipeline) send(ctx context.Context, events []event) error {
	logs := plog.NewLogs()
	for _, e := range events {
		e.appendTo(logs)
	}
	body, err := plogotlp.NewExportRequestFromLogs(logs).MarshalProto()
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url+"/v1/logs", bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-protobuf")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the receiver answers %s: %s", response.Status, answer)
	}
	result := plogotlp.NewExportResponse()
	if err := result.UnmarshalProto(answer); err != nil {
		return err
	}
	if n := result.PartialSuccess().RejectedLogRecords(); n > 0 {
		return fmt.Errorf("%d of %d events are refused: %s", n, len(events), result.PartialSuccess().ErrorMessage())
	}
	return nil
}
