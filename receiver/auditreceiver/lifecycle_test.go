package auditreceiver

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/config/configgrpc"
	"go.opentelemetry.io/collector/config/confighttp"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/pdata/plog"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
)

// disconnect sends a body and does not care for the answer: the sender goes away with ctx.
func disconnect(ctx context.Context, s sender, body []byte) {
	switch s := s.(type) {
	case *overGRPC:
		_ = s.conn.Invoke(ctx, "/"+logsServiceName+"/"+exportMethodName, body, &grpcBody{}, grpc.ForceCodecV2(bodyCodec{}))
	case *overHTTP:
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+logsPath, bytes.NewReader(body))
		if err != nil {
			return
		}
		request.Header.Set("Content-Type", s.enc.mediaType)
		if response, err := s.client.Do(request); err == nil {
			_ = response.Body.Close()
		}
	}
}

func TestRequestsInFlightAreAnsweredBeforeTheServersEnd(t *testing.T) {
	s := newServer(t, nil)
	entered, release := make(chan struct{}, 3), make(chan struct{})
	s.pipeline.consume = func(ctx context.Context, _ plog.Logs) error {
		entered <- struct{}{}
		<-release
		return ctx.Err()
	}
	s.start(t, componenttest.NewNopHost())
	answers := make(chan answer, 3)
	for _, sender := range s.senders(t) {
		go func() { answers <- sendLogs(t, sender, events(1)) }()
	}
	for range 3 {
		<-entered
	}

	stopped := make(chan error, 1)
	go func() { stopped <- s.receiver.Shutdown(context.Background()) }()
	assert.Eventually(t, func() bool { return refusesConnections(s.httpAddr) && refusesConnections(s.grpcAddr) },
		5*time.Second, 10*time.Millisecond, "new requests are not taken")
	assert.Empty(t, stopped, "requests are in flight")
	close(release)
	for range 3 {
		assert.Equal(t, codes.OK, (<-answers).code)
	}
	assert.NoError(t, <-stopped)
	assert.Len(t, s.pipeline.records(), 3)
}

func refusesConnections(addr string) bool {
	conn, err := net.DialTimeout("tcp", addr, time.Second)
	if err == nil {
		_ = conn.Close()
	}
	return err != nil
}

func TestAShutdownThatMayNotWaitEndsTheRequests(t *testing.T) {
	s := newServer(t, nil)
	entered, left := make(chan struct{}, 2), make(chan error, 2)
	s.pipeline.consume = func(ctx context.Context, _ plog.Logs) error {
		entered <- struct{}{}
		<-ctx.Done()
		left <- ctx.Err()
		return ctx.Err()
	}
	s.start(t, componenttest.NewNopHost())
	gone := make(chan struct{}, 2)
	for _, sender := range []sender{s.grpcSender(t), s.httpSender(t, jsonEncoding)} {
		body := encode(sender.encoding(), events(1))
		go func() {
			disconnect(context.Background(), sender, body)
			gone <- struct{}{}
		}()
		<-entered
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	assert.ErrorIs(t, s.receiver.Shutdown(ctx), context.DeadlineExceeded)
	for range 2 {
		assert.ErrorIs(t, <-left, context.Canceled)
		<-gone
	}
}

func TestAShutdownWithoutAStartDoesNothing(t *testing.T) {
	s := newServer(t, nil)
	assert.NoError(t, s.receiver.Shutdown(t.Context()))
	assert.NoError(t, s.receiver.Shutdown(t.Context()))
}

func TestAReceiverThatCannotStartLeavesNothingRunning(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { assert.NoError(t, taken.Close()) }()
	changes := map[string]func(*Config){
		"gRPC port is taken": func(cfg *Config) { cfg.Protocols.GRPC.Get().NetAddr.Endpoint = taken.Addr().String() },
		"HTTP port is taken": func(cfg *Config) { cfg.Protocols.HTTP.Get().NetAddr.Endpoint = taken.Addr().String() },
		"no authenticator":   withAuth,
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, change)
			require.Error(t, s.receiver.Start(t.Context(), componenttest.NewNopHost()))
			for _, entry := range s.log.FilterMessage("taking audit events").All() {
				assert.True(t, refusesConnections(entry.ContextMap()["endpoint"].(string)))
			}
		})
	}
}

func TestOnlyTheNamedProtocolsAreServed(t *testing.T) {
	s := startServer(t, func(cfg *Config) { cfg.Protocols.GRPC = configoptional.None[configgrpc.ServerConfig]() })
	assert.Empty(t, s.grpcAddr)
	assert.Equal(t, codes.OK, sendLogs(t, s.httpSender(t, jsonEncoding), events(1)).code)

	s = startServer(t, func(cfg *Config) { cfg.Protocols.HTTP = configoptional.None[confighttp.ServerConfig]() })
	assert.Empty(t, s.httpAddr)
	assert.Equal(t, codes.OK, sendLogs(t, s.grpcSender(t), events(1)).code)
}
