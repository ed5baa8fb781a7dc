package auditreceiver

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/metric/metricdata/metricdatatest"
	"google.golang.org/grpc/codes"

	"github.com/otelaudit/otelaudit/receiver/auditreceiver/internal/metadatatest"
)

func TestOtherHTTPRequestsAreToldWhatIsWrong(t *testing.T) {
	s := startServer(t, nil)
	tests := []struct {
		name, method, path, contentType, contentEncoding string
		httpStatus                                       int
		code                                             codes.Code
		message, answeredAs                              string
	}{
		{"wrong path", "POST", "/v1/traces", "application/x-protobuf", "", 404, codes.Unimplemented, "path must be /v1/logs or /v1/audit", "application/x-protobuf"},
		{"root", "GET", "/", "", "", 404, codes.Unimplemented, "path must be /v1/logs or /v1/audit", "application/json"},
		{"path below", "POST", "/v1/logs/x", "application/json", "", 404, codes.Unimplemented, "path must be /v1/logs or /v1/audit", "application/json"},
		{"GET", "GET", "/v1/logs", "", "", 405, codes.Unimplemented, "method must be POST", "application/json"},
		{"PUT", "PUT", "/v1/logs", "application/x-protobuf", "", 405, codes.Unimplemented, "method must be POST", "application/x-protobuf"},
		{
			"no content type", "POST", "/v1/logs", "", "", 415, codes.InvalidArgument,
			"Content-Type must be application/x-protobuf or application/json", "application/json",
		},
		{
			"text", "POST", "/v1/logs", "text/plain", "", 415, codes.InvalidArgument,
			"Content-Type must be application/x-protobuf or application/json", "application/json",
		},
		{
			"broken content type", "POST", "/v1/logs", "application/json; =" + canary, "", 415, codes.InvalidArgument,
			"Content-Type must be application/x-protobuf or application/json", "application/json",
		},
		{
			"unknown compression", "POST", "/v1/logs", "application/x-protobuf", canary, 415, codes.InvalidArgument,
			"Content-Encoding must be one of gzip, zstd, zlib, snappy, deflate, lz4, x-snappy-framed", "application/x-protobuf",
		},
		{
			"not gzip", "POST", "/v1/logs", "application/x-protobuf", "gzip", 400, codes.InvalidArgument,
			"request body is not compressed as its Content-Encoding says, or is over protocols.http.max_request_body_size (20971520 bytes) when decompressed",
			"application/x-protobuf",
		},
		{
			"not zstd", "POST", "/v1/logs", "application/json", "zstd", 400, codes.InvalidArgument,
			"request body breaks off or is not compressed as its Content-Encoding says", "application/json",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			sender := s.httpSender(t, jsonEncoding)
			request, err := http.NewRequestWithContext(t.Context(), tt.method, sender.url+tt.path, strings.NewReader(canary))
			require.NoError(t, err)
			request.Header.Set("Content-Type", tt.contentType)
			if tt.contentEncoding != "" {
				request.Header.Set("Content-Encoding", tt.contentEncoding)
			}
			got := sender.do(t, request)
			assert.Equal(t, tt.httpStatus, got.httpStatus)
			assert.Equal(t, tt.code, got.code)
			assert.Equal(t, tt.message, got.message)
			assert.Equal(t, tt.answeredAs, got.contentType)
			assert.NotContains(t, string(got.raw), canary)
			if tt.httpStatus == 405 {
				assert.Equal(t, "POST", got.header.Get("Allow"))
			}
		})
	}
	s.assertNoCanary(t)
	point := func(reason string, n int64) metricdata.DataPoint[int64] {
		return metricdata.DataPoint[int64]{Value: n, Attributes: attribute.NewSet(
			attribute.String("receiver", "audit"), attribute.String("transport", "http"), attribute.String("reason", reason))}
	}
	metadatatest.AssertEqualReceiverAuditRefusedRequests(t, s.telemetry,
		[]metricdata.DataPoint[int64]{point("unsupported", 9), point("malformed", 2)}, metricdatatest.IgnoreTimestamp(), metricdatatest.IgnoreExemplars())
}

func TestAContentTypeMayHaveParameters(t *testing.T) {
	s := startServer(t, nil)
	sender := s.httpSender(t, jsonEncoding)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, sender.url+logsPath, strings.NewReader(string(encode(jsonEncoding, events(1)))))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "Application/JSON; charset=utf-8")
	assert.Equal(t, http.StatusOK, sender.do(t, request).httpStatus)
}

func TestConfiguredCompressionsReplaceTheDefaults(t *testing.T) {
	s := startServer(t, func(cfg *Config) { cfg.Protocols.HTTP.Get().CompressionAlgorithms = []string{"gzip"} })
	for compression, want := range map[string]int{"gzip": 200, "zstd": 415, "": 415} {
		sender := s.httpSender(t, protobufEncoding)
		sender.compression = compression
		got := sendLogs(t, sender, events(1))
		assert.Equal(t, want, got.httpStatus, compression)
		if want != 200 {
			assert.Equal(t, "Content-Encoding must be one of gzip", got.message)
		}
	}
}

// A slow line is not the fault of the records.
func TestABodyThatArrivesTooSlowlyMayComeAgain(t *testing.T) {
	s := startServer(t, func(cfg *Config) { cfg.Protocols.HTTP.Get().ReadTimeout = 100 * time.Millisecond })
	sender := s.httpSender(t, protobufEncoding)
	body, w := io.Pipe()
	defer func() { assert.NoError(t, w.Close()) }()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, sender.url+logsPath, body)
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/x-protobuf")
	go func() { _, _ = w.Write([]byte{0x0a}) }()
	got := sender.do(t, request)
	assert.Equal(t, http.StatusServiceUnavailable, got.httpStatus)
	assert.Equal(t, "request body did not arrive within protocols.http.read_timeout; send the request again", got.message)
	assert.Equal(t, time.Second, got.retry)
}

func TestTheReadTimeoutDoesNotEndWhatThePipelineDoes(t *testing.T) {
	s := newServer(t, func(cfg *Config) { cfg.Protocols.HTTP.Get().ReadTimeout = 200 * time.Millisecond })
	s.pipeline.consume = func(ctx context.Context, _ plog.Logs) error {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(600 * time.Millisecond):
			return nil
		}
	}
	s.start(t, componenttest.NewNopHost())
	assert.Equal(t, http.StatusOK, sendLogs(t, s.httpSender(t, protobufEncoding), events(1)).httpStatus)
}
