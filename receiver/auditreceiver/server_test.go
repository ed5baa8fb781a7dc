package auditreceiver

import (
	"context"
	"crypto/tls"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/otelaudit/otelaudit/receiver/auditreceiver/internal/metadatatest"
)

// server is a receiver under test with a pipeline behind it.
type server struct {
	receiver           *auditReceiver
	pipeline           *pipeline
	telemetry          *componenttest.Telemetry
	log                *observer.ObservedLogs
	httpAddr, grpcAddr string
	clientTLS          *tls.Config
}

// pipeline stands for what comes after the receiver.
type pipeline struct {
	consume func(context.Context, plog.Logs) error // nil takes everything

	mu       sync.Mutex
	contexts []context.Context
	taken    []plog.Logs
}

func (*pipeline) Capabilities() consumer.Capabilities {
	return consumer.Capabilities{MutatesData: true}
}

func (p *pipeline) ConsumeLogs(ctx context.Context, logs plog.Logs) error {
	if p.consume != nil {
		if err := p.consume(ctx, logs); err != nil {
			return err
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.contexts = append(p.contexts, ctx)
	p.taken = append(p.taken, logs)
	return nil
}

// records gives the ids of all records that were taken.
func (p *pipeline) records() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []string
	for _, logs := range p.taken {
		out = append(out, ids(logs)...)
	}
	return out
}

// last gives the last payload and its context.
func (p *pipeline) last(t *testing.T) (context.Context, plog.Logs) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	require.NotEmpty(t, p.taken)
	return p.contexts[len(p.contexts)-1], p.taken[len(p.taken)-1]
}

// newServer makes a receiver that serves both protocols on free ports, without starting it.
func newServer(t *testing.T, change func(*Config)) *server {
	t.Helper()
	cfg := createDefaultConfig().(*Config)
	cfg.Protocols.GRPC.GetOrInsertDefault().NetAddr.Endpoint = "127.0.0.1:0"
	cfg.Protocols.HTTP.GetOrInsertDefault().NetAddr.Endpoint = "127.0.0.1:0"
	if change != nil {
		change(cfg)
	}
	require.NoError(t, cfg.Validate())

	s := &server{pipeline: &pipeline{}, telemetry: componenttest.NewTelemetry()}
	set := metadatatest.NewSettings(s.telemetry)
	core, log := observer.New(zapcore.InfoLevel)
	set.Logger, s.log = zap.New(core), log
	created, err := NewFactory().CreateLogs(t.Context(), set, cfg, s.pipeline)
	require.NoError(t, err)
	s.receiver = created.(*auditReceiver)
	t.Cleanup(func() { assert.NoError(t, s.telemetry.Shutdown(context.Background())) })
	return s
}

// start starts a receiver and shuts it down when the test ends.
func (s *server) start(t *testing.T, host component.Host) *server {
	t.Helper()
	require.NoError(t, s.receiver.Start(t.Context(), host))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		assert.NoError(t, s.receiver.Shutdown(ctx))
	})
	for _, entry := range s.log.FilterMessage("taking audit events").All() {
		fields := entry.ContextMap()
		switch fields["protocol"] {
		case "grpc":
			s.grpcAddr = fields["endpoint"].(string)
		case "http":
			s.httpAddr = fields["endpoint"].(string)
		}
	}
	return s
}

// startServer starts a receiver that serves both protocols.
func startServer(t *testing.T, change func(*Config)) *server {
	t.Helper()
	return newServer(t, change).start(t, componenttest.NewNopHost())
}

// assertNoCanary fails where content got into the log.
func (s *server) assertNoCanary(t *testing.T) {
	t.Helper()
	for _, entry := range s.log.All() {
		text := entry.Message
		for _, value := range entry.ContextMap() {
			if s, ok := value.(string); ok {
				text += s
			}
			if b, ok := value.([]byte); ok {
				text += string(b)
			}
		}
		assert.NotContains(t, text, canary)
	}
}
