package main

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/exporter/exportertest"
	"go.opentelemetry.io/collector/processor/processortest"
	"go.opentelemetry.io/collector/receiver/receivertest"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal/clickhousetest"
	"github.com/otelaudit/otelaudit/processor/auditprocessor"
	"github.com/otelaudit/otelaudit/receiver/auditreceiver"
)

// BenchmarkPipeline is our three components in one process with the clients, for a profile of where the time goes:
//
//	go test -run '^$' -bench Pipeline -benchtime 200x -cpuprofile cpu.out ./compare
func BenchmarkPipeline(b *testing.B) {
	server := clickhousetest.New(b)
	dir := b.TempDir()
	usersFile := filepath.Join(dir, "users.yaml")
	require.NoError(b, os.WriteFile(usersFile, []byte(users), 0o600))
	port, err := freePort()
	require.NoError(b, err)
	ctx, host := context.Background(), componenttest.NewNopHost()

	load := func(cfg any, values map[string]any) {
		require.NoError(b, confmap.NewFromStringMap(values).Unmarshal(cfg))
	}
	exporters := auditclickhouseexporter.NewFactory()
	exporterConfig := exporters.CreateDefaultConfig()
	load(exporterConfig, map[string]any{"endpoint": server.HTTPURL(), "log": map[string]any{"directory": filepath.Join(dir, "log")}})
	exporter, err := exporters.CreateLogs(ctx, exportertest.NewNopSettings(exporters.Type()), exporterConfig)
	require.NoError(b, err)
	require.NoError(b, exporter.Start(ctx, host))
	defer func() { require.NoError(b, exporter.Shutdown(ctx)) }()

	processors := auditprocessor.NewFactory()
	processorConfig := processors.CreateDefaultConfig()
	load(processorConfig, map[string]any{
		"pseudonyms": map[string]any{"active": "k1", "keys": map[string]any{"k1": "YmVuY2htYXJrLWtleS1iZW5jaG1hcmsta2V5LTEyMzQ="}},
		"directory":  map[string]any{"sources": []any{map[string]any{"file": map[string]any{"path": usersFile}}}},
	})
	processor, err := processors.CreateLogs(ctx, processortest.NewNopSettings(processors.Type()), processorConfig, exporter)
	require.NoError(b, err)
	require.NoError(b, processor.Start(ctx, host))
	defer func() { require.NoError(b, processor.Shutdown(ctx)) }()

	receivers := auditreceiver.NewFactory()
	receiverConfig := receivers.CreateDefaultConfig()
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	load(receiverConfig, map[string]any{"protocols": map[string]any{"http": map[string]any{"endpoint": address}}})
	receiver, err := receivers.CreateLogs(ctx, receivertest.NewNopSettings(receivers.Type()), receiverConfig, processor)
	require.NoError(b, err)
	require.NoError(b, receiver.Start(ctx, host))
	defer func() { require.NoError(b, receiver.Shutdown(ctx)) }()

	const batch = 1000
	b.ReportAllocs()
	b.ResetTimer()
	before := usageOf(os.Getpid()).cpu
	_, err = sendLoad(ctx, address, 8, made(batch, b.N*batch))
	require.NoError(b, err)
	b.StopTimer()
	b.ReportMetric((usageOf(os.Getpid()).cpu-before)/float64(b.N*batch)*1e6, "µs-CPU/record")
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return listener.Addr().(*net.TCPAddr).Port, listener.Close()
}
