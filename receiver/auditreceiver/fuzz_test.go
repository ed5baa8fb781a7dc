package auditreceiver

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/status"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// fuzzed is an intake whose pipeline and log are looked at after every input.
type fuzzed struct {
	*intake
	pipeline *pipeline
	log      *observer.ObservedLogs
}

func newFuzzed(f *testing.F) *fuzzed {
	f.Helper()
	core, log := observer.New(zapcore.InfoLevel)
	out := &fuzzed{intake: newTestIntake(f), pipeline: &pipeline{}, log: log}
	out.logger, out.next = zap.New(core), out.pipeline
	out.limits = limits{recordBytes: 4096, recordsPerRequest: 100}
	out.now = func() time.Time { return sentAt }
	return out
}

// check looks at what was taken: no more than was refused is missing, and all of it is sound and stamped.
func (z *fuzzed) check(t *testing.T, body []byte, enc *encoding, rejected int64) {
	t.Helper()
	taken := z.pipeline.taken
	z.pipeline.taken, z.pipeline.contexts = nil, nil
	require.Zero(t, z.log.Len(), "a panic was logged")

	request := plogotlp.NewExportRequest()
	require.NoError(t, enc.unmarshal(request, body))
	kept := 0
	for _, logs := range taken {
		kept += logs.LogRecordCount()
		audit.Events(logs, func(e audit.Event) bool {
			assert.Nil(t, e.Validate())
			assert.NotEmpty(t, e.Str(audit.AttrRecordID))
			received, ok := e.Int(audit.AttrReceivedTime)
			assert.True(t, ok)
			assert.Positive(t, received)
			assert.NotZero(t, e.Record.ObservedTimestamp())
			assert.LessOrEqual(t, (&plog.ProtoMarshaler{}).LogRecordSize(e.Record), 4096+200, "but for the stamps")
			return true
		})
	}
	assert.EqualValues(t, request.Logs().LogRecordCount(), int64(kept)+rejected, "no record vanishes")
}

func FuzzHTTP(f *testing.F) {
	contentTypes := []string{"application/x-protobuf", "application/json", "text/plain"}
	for i, enc := range []*encoding{protobufEncoding, jsonEncoding} {
		for _, bad := range badRecords {
			logs := events(2)
			bad.spoil(record(logs, 0))
			if body := encode(enc, logs); len(body) < 10_000 {
				f.Add(uint8(i), uint8(0), body)
			}
		}
		f.Add(uint8(i), uint8(0), encode(enc, typicalEvents(2)))
		f.Add(uint8(i), uint8(1), encode(enc, events(1)))
	}
	f.Add(uint8(1), uint8(0), []byte(`{"":1,"resourceLogs":[null,{"scopeLogs":[{"logRecords":[null,{}]}]}]} `))
	f.Add(uint8(0), uint8(0), nest(50, 1, 5))

	z := newFuzzed(f)
	cfg := createDefaultConfig().(*Config).Protocols.HTTP.GetOrInsertDefault()
	server, err := newHTTPServer(f.Context(), cfg, componenttest.NewNopHost(), componenttest.NewNopTelemetrySettings(), z.intake)
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, contentType, compression uint8, body []byte) {
		request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, logsPath, bytes.NewReader(body))
		request.Header.Set("Content-Type", contentTypes[int(contentType)%len(contentTypes)])
		encodings := append([]string{"", "br"}, defaultCompressions...)
		encodingName := encodings[int(compression)%len(encodings)]
		request.Header.Set("Content-Encoding", encodingName)
		response := httptest.NewRecorder()
		server.Handler.ServeHTTP(response, request)

		enc := encodingOf(response.Header().Get("Content-Type"))
		require.NotNil(t, enc)
		switch response.Code {
		case http.StatusOK:
			if encodingName != "" {
				z.pipeline.taken, z.pipeline.contexts = nil, nil
				return
			}
			exported := plogotlp.NewExportResponse()
			if enc == jsonEncoding {
				require.NoError(t, exported.UnmarshalJSON(response.Body.Bytes()))
			} else {
				require.NoError(t, exported.UnmarshalProto(response.Body.Bytes()))
			}
			z.check(t, body, enc, exported.PartialSuccess().RejectedLogRecords())
		case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType:
			require.Empty(t, z.pipeline.taken)
			require.Zero(t, z.log.Len(), "a panic was logged")
		default:
			t.Fatalf("status %d", response.Code)
		}
	})
}

func FuzzGRPC(f *testing.F) {
	for _, bad := range badRecords {
		logs := events(2)
		bad.spoil(record(logs, 0))
		if body := encode(protobufEncoding, logs); len(body) < 10_000 {
			f.Add(body)
		}
	}
	f.Add(encode(protobufEncoding, typicalEvents(2)))
	f.Add(nest(50, 2, 1, 6))
	z := newFuzzed(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		admitted := admitBody(t, z.intake, nil)
		defer admitted.leave()
		raw, err := z.export(t.Context(), admitted, &grpcBody{buffer: mem.SliceBuffer(body)})
		if err != nil {
			require.Equal(t, codes.InvalidArgument, status.Code(err))
			require.Empty(t, z.pipeline.taken)
			require.Zero(t, z.log.Len(), "a panic was logged")
			return
		}
		exported := plogotlp.NewExportResponse()
		require.NoError(t, exported.UnmarshalProto(raw))
		z.check(t, body, protobufEncoding, exported.PartialSuccess().RejectedLogRecords())
	})
}

// FuzzJSONShape holds the scanner against the decoder: what is nested, and where it ends.
func FuzzJSONShape(f *testing.F) {
	f.Add([]byte(`{"a":[{"b":"\"\\"}],"c":{}} `))
	f.Add([]byte(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[{},{}]}]}]}`))
	f.Add([]byte("{" + strings.Repeat(`"a":{`, 40)))
	f.Fuzz(func(t *testing.T, body []byte) {
		fail := checkJSONShape(body, 1)
		request := plogotlp.NewExportRequest()
		if err := request.UnmarshalJSON(body); err != nil || fail == nil && request.Logs().LogRecordCount() <= 1 {
			return
		}
		require.NotNil(t, fail, "two records or more")
	})
}
