package auditreceiver

import (
	"bytes"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
)

const mebi = 1 << 20

// smallBodies lets either transport take 1 MiB.
func smallBodies(cfg *Config) {
	cfg.Protocols.HTTP.Get().MaxRequestBodySize = mebi
	cfg.Protocols.GRPC.Get().MaxRecvMsgSizeMiB = 1
}

func TestAnHTTPBodyOverTheLimitIsRefused(t *testing.T) {
	s := startServer(t, smallBodies)
	body := encode(protobufEncoding, typicalEvents(2500))
	require.Greater(t, len(body), mebi)
	// snappy says its size in front, and confighttp looks there before the body is read.
	texts := map[string]string{"snappy": "request body is not compressed as its Content-Encoding says, or is over protocols.http.max_request_body_size (1048576 bytes) when decompressed"}
	for _, compression := range defaultCompressions {
		t.Run("compressed with "+compression, func(t *testing.T) {
			sender := s.httpSender(t, protobufEncoding)
			sender.compression = compression
			got := sender.send(t.Context(), t, body)
			assert.Equal(t, codes.InvalidArgument, got.code)
			assert.Zero(t, got.retry)
			if want, ok := texts[compression]; ok {
				assert.Equal(t, http.StatusBadRequest, got.httpStatus)
				assert.Equal(t, want, got.message)
				return
			}
			assert.Equal(t, http.StatusRequestEntityTooLarge, got.httpStatus)
			assert.Equal(t, "request body is over protocols.http.max_request_body_size (1048576 bytes)", got.message)
		})
	}
	assert.Empty(t, s.pipeline.records())
}

// The text is that of the server library, which refuses the message before this receiver is asked.
func TestAGRPCMessageOverTheLimitIsRefused(t *testing.T) {
	s := startServer(t, smallBodies)
	body := encode(protobufEncoding, typicalEvents(2500))
	for _, compression := range []string{"", "gzip", "zstd", "snappy"} {
		t.Run("compressed with "+compression, func(t *testing.T) {
			sender := s.grpcSender(t)
			sender.compression = compression
			got := sender.send(t.Context(), t, body)
			assert.Equal(t, codes.ResourceExhausted, got.code)
			assert.Zero(t, got.retry, "without RetryInfo it is not sent again")
			assert.Contains(t, got.message, "larger than max")
			assert.Contains(t, got.message, "1048576")
		})
	}
	assert.Empty(t, s.pipeline.records())
}

func TestTooManyRecordsAreRefusedBeforeTheyAreDecoded(t *testing.T) {
	s := startServer(t, func(cfg *Config) { cfg.MaxRecordsPerRequest = 10 })
	many := map[string]func() []byte{}
	for _, enc := range []*encoding{protobufEncoding, jsonEncoding} {
		many["log records "+enc.format] = func() []byte { return encode(enc, events(11)) }
		many["scopes "+enc.format] = func() []byte {
			logs := events(1)
			for range 10 {
				logs.ResourceLogs().At(0).ScopeLogs().AppendEmpty()
			}
			return encode(enc, logs)
		}
		many["resources "+enc.format] = func() []byte {
			logs := events(1)
			for range 10 {
				logs.ResourceLogs().AppendEmpty()
			}
			return encode(enc, logs)
		}
	}
	for name, sender := range s.senders(t) {
		for _, what := range []string{"log records", "scopes", "resources"} {
			t.Run(name+"/"+what, func(t *testing.T) {
				got := sender.send(t.Context(), t, many[what+" "+sender.encoding().format]())
				assert.Equal(t, codes.InvalidArgument, got.code)
				assert.Equal(t, "request carries more "+what+" than max_records_per_request (10) allows", got.message)
				if name != "grpc" {
					assert.Equal(t, http.StatusRequestEntityTooLarge, got.httpStatus)
				}
			})
		}
		t.Run(name+"/as many as allowed", func(t *testing.T) {
			assert.Equal(t, codes.OK, sendLogs(t, sender, events(10)).code)
		})
	}
}

func TestARecordIsMeasuredWithItsResource(t *testing.T) {
	s := startServer(t, func(cfg *Config) { cfg.MaxRecordBytes = 2048 })
	for name, sender := range s.senders(t) {
		t.Run(name, func(t *testing.T) {
			logs := events(2)
			resource := logs.ResourceLogs().At(0).Resource().Attributes()
			resource.PutStr("host.name", strings.Repeat("h", 1500))
			require.Equal(t, codes.OK, sendLogs(t, sender, logs).code)

			record(logs, 1).Body().SetStr(strings.Repeat("b", 500))
			got := sendLogs(t, sender, logs)
			assert.Equal(t, "1 of 2 records refused; first: record 2: size: is over max_record_bytes (2048 bytes) together with its resource", got.message)

			resource.PutStr("host.name", strings.Repeat("h", 3000))
			assert.Equal(t, codes.InvalidArgument, sendLogs(t, sender, logs).code)
		})
	}
}

// A frame of 10 bytes may ask for a window of 512 MB, which the servers' own decoders allocate.
func TestZstdMayNotAskForALargeWindow(t *testing.T) {
	s := startServer(t, nil)
	// RFC 8878: magic number, a frame header of nothing but a window of 512 MB, and one last raw block of a byte.
	frame := []byte{0x28, 0xb5, 0x2f, 0xfd, 0x00, 19 << 3, 0x09, 0x00, 0x00, 'x'}
	roomy, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1))
	require.NoError(t, err)
	require.NoError(t, roomy.Reset(bytes.NewReader(frame)))
	plain, err := io.ReadAll(roomy)
	require.NoError(t, err, "the frame is sound")
	require.Equal(t, "x", string(plain))
	roomy.Close()

	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	request := s.httpSender(t, protobufEncoding)
	post, err := http.NewRequestWithContext(t.Context(), http.MethodPost, request.url+logsPath, bytes.NewReader(frame))
	require.NoError(t, err)
	post.Header.Set("Content-Type", "application/x-protobuf")
	post.Header.Set("Content-Encoding", "zstd")
	got := request.do(t, post)
	assert.Equal(t, http.StatusBadRequest, got.httpStatus)
	assert.Equal(t, "request body breaks off or is not compressed as its Content-Encoding says", got.message)

	_, err = zstdDecompressor{maxBytes: 20 * mebi}.Do(bytes.NewReader(frame))
	assert.ErrorIs(t, err, zstd.ErrWindowSizeExceeded)
	runtime.ReadMemStats(&after)
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(64*mebi))
}

func TestEmptyRecordsDoNotFillTheMemory(t *testing.T) {
	in := newTestIntake(t)
	bodies := map[*encoding][]byte{
		protobufEncoding: wrap(bytes.Repeat([]byte{0x12, 0}, 10*mebi), 2, 1),
		jsonEncoding:     []byte(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[` + strings.Repeat("{},", 7*mebi) + `{}]}]}]}`),
	}
	for enc, body := range bodies {
		t.Run(enc.format, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, fail := in.decode(t.Context(), enc, admitBody(t, in, nil), body)
			runtime.ReadMemStats(&after)
			require.NotNil(t, fail)
			assert.Equal(t, "request carries more log records than max_records_per_request (100000) allows", fail.message)
			assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(mebi))
		})
	}
}
