package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
)

// theirConfig has contrib's exporter make its table.
const theirConfig = `
receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:%d"}}}}
exporters: {clickhouse: {endpoint: "tcp://%s", database: otel, ttl: 0}}
service:
  pipelines: {logs: {receivers: [otlp], exporters: [clickhouse]}}
  telemetry: {metrics: {level: none}, logs: {level: error}}
`

// makeTables makes both schemas: ours as a database administrator would, theirs by starting their collector.
func makeTables(ctx context.Context, server *clickhouselocal.Server, theirs, dir string) error {
	sql, err := exec.CommandContext(ctx, "go", "run", "github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/schema/cmd/auditschema").Output()
	if err != nil {
		return fmt.Errorf("print our schema: %w", err)
	}
	for statement := range strings.SplitSeq(string(sql), ";\n") {
		if strings.TrimSpace(statement) == "" {
			continue
		}
		if _, err := server.Query(ctx, statement); err != nil {
			return err
		}
	}
	port, err := clickhouselocal.FreePort(ctx)
	if err != nil {
		return err
	}
	config := filepath.Join(dir, "theirs.yaml")
	if err := os.WriteFile(config, fmt.Appendf(nil, theirConfig, port, server.NativeAddr()), 0o600); err != nil {
		return err
	}
	collector := exec.CommandContext(ctx, theirs, "--config", config)
	collector.Stderr = os.Stderr
	if err := collector.Start(); err != nil {
		return err
	}
	defer func() {
		_ = collector.Process.Signal(os.Interrupt)
		_ = collector.Wait()
	}()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if text, err := server.Query(ctx, "EXISTS TABLE otel.otel_logs"); err == nil && strings.TrimSpace(text) == "1" {
			return nil
		}
	}
	return fmt.Errorf("the collector %s did not make otel.otel_logs", theirs)
}
