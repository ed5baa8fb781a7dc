package auditreceiver

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/encoding/protowire"
)

// wrap puts a message into fields, the innermost first.
func wrap(message []byte, fields ...protowire.Number) []byte {
	for _, field := range fields {
		message = protowire.AppendBytes(protowire.AppendTag(nil, field, protowire.BytesType), message)
	}
	return message
}

// nest gives a value nested in itself: levels times through the given fields, the innermost first.
func nest(levels int, fields ...protowire.Number) []byte {
	// Built from the inside out, and so back to front: wrapping step by step would copy it at every step.
	var reversed []byte
	for range levels {
		for _, field := range fields {
			head := protowire.AppendVarint(protowire.AppendTag(nil, field, protowire.BytesType), uint64(len(reversed)))
			slices.Reverse(head)
			reversed = append(reversed, head...)
		}
	}
	slices.Reverse(reversed)
	return reversed
}

func TestMalformedBodiesAreRefusedWithoutBeingQuoted(t *testing.T) {
	s := startServer(t, nil)
	sound := encode(protobufEncoding, events(1))
	const (
		notProto = "request body is not an OTLP ExportLogsServiceRequest in protobuf"
		notOTLP  = "request body is JSON, but not an OTLP ExportLogsServiceRequest: a field is of another type there"
		unended  = "request body ends before its JSON object does"
	)
	tests := []struct {
		name, body, want string
		enc              *encoding
	}{
		{"cut off", string(sound[:len(sound)-3]), notProto, protobufEncoding},
		{"text", canary, notProto, protobufEncoding},
		{"wrong wire type", "\x08\x01", notProto, protobufEncoding},
		{"length over the end", "\x0a\xff\xff\xff\xff\x07" + canary, notProto, protobufEncoding},
		{"length over int", "\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01" + canary, notProto, protobufEncoding},
		{"endless varint", "\x0a" + strings.Repeat("\xff", 20), notProto, protobufEncoding},
		{"field 0", "\x02\x00", notProto, protobufEncoding},
		{"end of no group", "\x0c", notProto, protobufEncoding},
		{"JSON as protobuf", string(encode(jsonEncoding, events(1))), notProto, protobufEncoding},
		{"trace id of 3 bytes", string(wrap([]byte("abc"), 9, 2, 2, 1)), notProto, protobufEncoding},

		{"nothing", "", "request body is not a JSON object", jsonEncoding},
		{"null", "null", "request body is not a JSON object", jsonEncoding},
		{"list", `["` + canary + `"]`, "request body is not a JSON object", jsonEncoding},
		{"text", `"` + canary + `"`, "request body is not a JSON object", jsonEncoding},
		{"protobuf as JSON", string(sound), "request body is not a JSON object", jsonEncoding},
		{"byte order mark", "\xef\xbb\xbf{}", "request body is not a JSON object", jsonEncoding},
		{"cut off", `{"resourceLogs":[{"scopeLogs":[{`, unended, jsonEncoding},
		{"cut off in a string", `{"resourceLogs":"` + canary + `\"`, unended, jsonEncoding},
		{"trailing comma", `{"resourceLogs":[],}`, "request body is not JSON: syntax error at byte 20", jsonEncoding},
		{"no value", `{"` + canary + `":}`, "request body is not JSON: syntax error at byte 15", jsonEncoding},
		{"not a word", `{"a":` + canary + `}`, "request body is not JSON: syntax error at byte 6", jsonEncoding},
		{"wrong type", `{"resourceLogs":"` + canary + `"}`, notOTLP, jsonEncoding},
		{"time as text", `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"` + canary + `"}]}]}]}`, notOTLP, jsonEncoding},
		{"time of 65 bits", `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"18446744073709551616"}]}]}]}`, notOTLP, jsonEncoding},
		{"trace id not hex", `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"traceId":"` + canary + `"}]}]}]}`, notOTLP, jsonEncoding},
		{"bytes not base64", `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"bytesValue":"` + canary + `!"}}]}]}]}`, notOTLP, jsonEncoding},

		// The decoder would stop before the records and report nothing.
		{"two objects", "{}\n" + string(encode(jsonEncoding, events(1))), "request body has something after its JSON object", jsonEncoding},
		{"text after the object", `{} ` + canary, "request body has something after its JSON object", jsonEncoding},
		{"empty key", `{"":1,` + string(encode(jsonEncoding, events(1)))[1:], "request body has an empty key", jsonEncoding},
	}
	for _, tt := range tests {
		t.Run(tt.enc.format+"/"+tt.name, func(t *testing.T) {
			got := s.httpSender(t, tt.enc).send(t.Context(), t, []byte(tt.body))
			assert.Equal(t, http.StatusBadRequest, got.httpStatus)
			assert.Equal(t, codes.InvalidArgument, got.code)
			assert.Equal(t, tt.want, got.message)
			assert.Equal(t, "body", got.bad)
			assert.NotContains(t, string(got.raw), canary)
			if tt.enc == protobufEncoding {
				got := s.grpcSender(t).send(t.Context(), t, []byte(tt.body))
				assert.Equal(t, codes.InvalidArgument, got.code)
				assert.Equal(t, tt.want, got.message)
			}
		})
	}
	assert.Empty(t, s.pipeline.records())
	s.assertNoCanary(t)
}

// Decoding such a body of 19 MB ends the process, which no recover can prevent.
func TestBodiesNestedTooDeepAreRefused(t *testing.T) {
	const levels = 300_000
	list, maps := nest(levels, 1, 5), nest(levels, 2, 1, 6)
	tests := map[string]struct {
		body []byte
		enc  *encoding
	}{
		"list in the body":          {wrap(list, 5, 2, 2, 1), protobufEncoding},
		"list in an attribute":      {wrap(list, 2, 6, 2, 2, 1), protobufEncoding},
		"maps in an attribute":      {wrap(maps, 2, 6, 2, 2, 1), protobufEncoding},
		"list in a resource":        {wrap(list, 2, 1, 1, 1), protobufEncoding},
		"list in a scope":           {wrap(list, 2, 3, 1, 2, 1), protobufEncoding},
		"list in the former scopes": {wrap(list, 5, 2, 1000, 1), protobufEncoding},
		"JSON list": {
			[]byte(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":` + strings.Repeat(`{"arrayValue":{"values":[`, 50_000)), jsonEncoding,
		},
		"JSON in an unknown field": {[]byte(`{"x":` + strings.Repeat("[", 10*mebi)), jsonEncoding},
	}
	s := startServer(t, func(cfg *Config) {
		cfg.Protocols.HTTP.Get().MaxRequestBodySize = 64 * mebi
		cfg.Protocols.GRPC.Get().MaxRecvMsgSizeMiB = 64
	})
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := s.httpSender(t, tt.enc).send(t.Context(), t, tt.body)
			assert.Equal(t, http.StatusBadRequest, got.httpStatus)
			assert.Equal(t, "request body is nested deeper than 10000 levels", got.message)
			if tt.enc == protobufEncoding {
				assert.Equal(t, codes.InvalidArgument, s.grpcSender(t).send(t.Context(), t, tt.body).code)
			}
		})
	}
}

// What the shape lets through is refused record by record.
func TestARecordNestedBelowTheLimitOfBodiesCostsOnlyItself(t *testing.T) {
	s := startServer(t, nil)
	logs := events(1)
	deep := wrap(nest(4000, 1, 5), 5, 2, 2, 1)
	body := append(encode(protobufEncoding, logs), deep...)
	got := s.httpSender(t, protobufEncoding).send(t.Context(), t, body)
	assert.EqualValues(t, 1, got.rejected)
	assert.Equal(t, []string{"id-1"}, s.pipeline.records())
}

func TestSoundBodiesHaveASoundShape(t *testing.T) {
	large := typicalEvents(100)
	record(large, 7).Attributes().PutEmptyMap("audit.details").PutStr("text", strings.Repeat(`"\\{[`, 10_000))
	for _, enc := range []*encoding{protobufEncoding, jsonEncoding} {
		assert.Nil(t, enc.shape(encode(enc, large), 100))
	}
	spaced := " \n{ \"resourceLogs\" : [ { \"scopeLogs\" : [ ] , \"x\" : \"\" } ] } \r\t\n"
	assert.Nil(t, checkJSONShape([]byte(spaced), 1))
	assert.Nil(t, checkJSONShape([]byte(`{"x":""}`), 1), "an empty value is no empty key")
}

// Bodies are kept in buffers that are used again.
func TestRecordsDoNotPointIntoTheBody(t *testing.T) {
	for _, enc := range []*encoding{protobufEncoding, jsonEncoding} {
		logs := typicalEvents(3)
		record(logs, 0).Body().SetEmptyBytes().FromRaw(bytes.Repeat([]byte{7}, 100))
		want := encode(protobufEncoding, logs)
		body := encode(enc, logs)
		request := plogotlp.NewExportRequest()
		require.NoError(t, enc.unmarshal(request, body))
		clear(body)
		assert.Equal(t, want, encode(protobufEncoding, request.Logs()))
	}
}
