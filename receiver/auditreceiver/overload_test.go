package auditreceiver

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/pdata/plog"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
)

// smallRoom lets a body have 1 MiB, and all bodies together four.
func smallRoom(cfg *Config) {
	smallBodies(cfg)
	cfg.MaxInFlightBytes = 4 * mebi
}

// empty checks that all room was given back.
func (s *server) empty(t *testing.T) {
	t.Helper()
	room := s.receiver.common.gate
	assert.Eventually(t, func() bool {
		if !room.room.TryAcquire(room.size) {
			return false
		}
		room.room.Release(room.size)
		return true
	}, 10*time.Second, 10*time.Millisecond, "the room that requests took was given back")
}

// heapWhile gives the most bytes that were in use on the heap while f ran, beyond those before.
func heapWhile(f func()) uint64 {
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	var most atomic.Uint64
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
			}
			var now runtime.MemStats
			runtime.ReadMemStats(&now)
			most.Store(max(most.Load(), now.HeapInuse))
		}
	}()
	f()
	close(stop)
	<-stopped
	return most.Load() - min(most.Load(), before.HeapInuse)
}

// Ten times as much as may be in flight: what is over is refused and told to come back, and memory stays in proportion to
// what may be in flight and not to what was sent.
func TestOverloadIsRefusedAndDoesNotGrow(t *testing.T) {
	const senders, each = 64, 4 // about 40 MiB at a time where 4 MiB may be
	for name, send := range map[string]func(*server) sender{
		"grpc": func(s *server) sender { return s.grpcSender(t) },
		"http": func(s *server) sender { return s.httpSender(t, protobufEncoding) },
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, smallRoom)
			var inFlight, most atomic.Int64
			s.pipeline.consume = func(_ context.Context, logs plog.Logs) error {
				most.Store(max(most.Load(), inFlight.Add(1)))
				time.Sleep(50 * time.Millisecond)
				inFlight.Add(-1)
				logs.ResourceLogs().RemoveIf(func(plog.ResourceLogs) bool { return true }) // the test keeps nothing
				return nil
			}
			s.start(t, componenttest.NewNopHost())
			body := encode(protobufEncoding, typicalEvents(900))
			var taken, refused, other atomic.Int64
			sender := send(s)
			grown := heapWhile(func() {
				var wg sync.WaitGroup
				for range senders {
					wg.Go(func() {
						for range each {
							switch got := sender.send(t.Context(), t, body); {
							case got.code == codes.OK:
								taken.Add(1)
							case got.code == codes.Unavailable && got.retry == time.Second &&
								got.message == "requests in flight have taken max_in_flight_bytes (4194304 bytes); send the request again later":
								refused.Add(1)
							default:
								other.Add(1)
							}
						}
					})
				}
				wg.Wait()
			})
			t.Logf("%d taken, %d refused, at most %d in the pipeline, heap grew by %d KiB", taken.Load(), refused.Load(), most.Load(), grown>>10)
			assert.Zero(t, other.Load())
			assert.Positive(t, refused.Load())
			assert.Positive(t, taken.Load())
			assert.LessOrEqual(t, most.Load(), int64(4*mebi/len(body)), "no more are in the pipeline than have room")
			assert.Less(t, grown, uint64(160*mebi))
			s.empty(t)
			assert.Equal(t, codes.OK, sender.send(t.Context(), t, body).code, "and then everything is as before")
			sum, err := s.telemetry.GetMetric("otelcol_receiver_audit_refused_requests")
			require.NoError(t, err)
			assert.Equal(t, refused.Load(), sums(t, sum, "reason")["no_room"])
		})
	}
}

// dial opens a connection to the HTTP server and writes to it.
func (s *server) dial(t *testing.T, text string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", s.httpAddr)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	_, err = io.WriteString(conn, text)
	require.NoError(t, err)
	return conn
}

const headers = "POST /v1/logs HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\n"

// What a sender announces takes no room, only what it sends.
func TestSlowSendersDoNotTakeTheRoomOfOthers(t *testing.T) {
	s := startServer(t, smallRoom)
	for range 100 {
		s.dial(t, headers+fmt.Sprintf("Content-Length: %d\r\n\r\nx", mebi))
		s.dial(t, headers[:40]) // and these are still at their headers
	}
	for name, sender := range s.senders(t) {
		assert.Equal(t, codes.OK, sendLogs(t, sender, typicalEvents(300)).code, name)
	}
}

func TestHalfABodyGivesItsRoomBack(t *testing.T) {
	s := startServer(t, smallRoom)
	half := encode(protobufEncoding, typicalEvents(600))
	for range 20 {
		conn := s.dial(t, headers+fmt.Sprintf("Content-Length: %d\r\n\r\n", 2*len(half)))
		_, err := conn.Write(half)
		require.NoError(t, err)
		require.NoError(t, conn.Close())
	}
	s.empty(t)
	assert.Empty(t, s.pipeline.records(), "nothing of half a body is taken")
	for name, sender := range s.senders(t) {
		assert.Equal(t, codes.OK, sendLogs(t, sender, events(1)).code, name)
	}
}

// A sender that goes away over gRPC in the middle of its message.
func TestHalfAMessageGivesItsRoomBack(t *testing.T) {
	s := startServer(t, smallRoom)
	body := encode(protobufEncoding, typicalEvents(900))
	for range 20 {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Millisecond, cancel)
		disconnect(ctx, s.grpcSender(t), body)
	}
	s.empty(t)
	assert.Equal(t, codes.OK, sendLogs(t, s.grpcSender(t), events(1)).code)
}

func TestHugeHeadersAreRefused(t *testing.T) {
	s := startServer(t, nil)
	huge := strings.Repeat("h", 2*mebi)
	conn := s.dial(t, headers)
	go func() { _, _ = io.WriteString(conn, "X-Huge: "+huge+"\r\n\r\n") }()
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	assert.Equal(t, http.StatusRequestHeaderFieldsTooLarge, response.StatusCode)
	_ = response.Body.Close()

	ctx := metadata.AppendToOutgoingContext(t.Context(), "x-huge", strings.Repeat("h", 17*mebi))
	got := s.grpcSender(t).send(ctx, t, encode(protobufEncoding, events(1)))
	assert.NotEqual(t, codes.OK, got.code)
	assert.Empty(t, s.pipeline.records())
	for name, sender := range s.senders(t) {
		assert.Equal(t, codes.OK, sendLogs(t, sender, events(1)).code, name)
	}
}

func TestThousandsOfIdleConnectionsLeaveTheOthersServed(t *testing.T) {
	const idle = 2000
	s := startServer(t, nil)
	grown := heapWhile(func() {
		for i := range idle {
			addr := s.httpAddr
			if i%2 == 1 {
				addr = s.grpcAddr
			}
			conn, err := net.Dial("tcp", addr)
			require.NoError(t, err)
			defer func() { _ = conn.Close() }()
		}
		for name, sender := range s.senders(t) {
			for range 3 {
				assert.Equal(t, codes.OK, sendLogs(t, sender, typicalEvents(100)).code, name)
			}
		}
	})
	t.Logf("%d idle connections, heap grew by %d KiB", idle, grown>>10)
	assert.Less(t, grown, uint64(idle*128<<10))
}

// A body that its compression makes large takes room as it is decompressed.
func TestACompressedBodyTakesTheRoomOfItsContent(t *testing.T) {
	s := newServer(t, smallRoom)
	release := make(chan struct{})
	s.pipeline.consume = func(context.Context, plog.Logs) error {
		<-release
		return nil
	}
	s.start(t, componenttest.NewNopHost())
	held := &admission{gate: s.receiver.common.gate}
	require.Nil(t, held.take(4*mebi-1000))
	sender := s.httpSender(t, protobufEncoding)
	sender.compression = "gzip"
	logs := events(1)
	record(logs, 0).Body().SetStr(string(bytes.Repeat([]byte("a"), 100_000)))
	body := encode(protobufEncoding, logs)
	require.Less(t, len(compress(t, "gzip", body)), 1000)
	assert.Equal(t, http.StatusServiceUnavailable, sender.send(t.Context(), t, body).httpStatus)
	held.leave()
	close(release)
	assert.Equal(t, http.StatusOK, sender.send(t.Context(), t, body).httpStatus)
	s.empty(t)
}
