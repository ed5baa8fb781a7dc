package auditreceiver

import (
	"encoding/json"
	"errors"
	"fmt"
	"mime"

	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/otelaudit/otelaudit/receiver/auditreceiver/internal/otlp"
)

// encoding is one of the encodings of OTLP: how a request is read and an answer is written.
type encoding struct {
	format    string // for the collector's own traces
	mediaType string

	// shape gives what makes a body unsafe to decode.
	shape func(body []byte, maxRecords int) *failure
	// ordinary decodes a body that has a safe shape, faster than unmarshal, which has to be asked where ok is false. nil for
	// an encoding that has no such decoder.
	ordinary func(body []byte) (logs plog.Logs, ok bool)
	// unmarshal decodes a body that has a safe shape. Its error quotes the body.
	unmarshal func(request plogotlp.ExportRequest, body []byte) error
	// explain says why unmarshal refused a body without quoting it.
	explain func(body []byte) string

	// accepted is the answer to a request that was taken as a whole: the specification wants partial_success left unset.
	accepted []byte
	response func(plogotlp.ExportResponse) ([]byte, error)
	status   func(*spb.Status) ([]byte, error)
}

const malformedProto = "request body is not an OTLP ExportLogsServiceRequest in protobuf"

var protobufEncoding = &encoding{
	format:    "protobuf",
	mediaType: "application/x-protobuf",
	shape:     checkProtoShape,
	ordinary:  otlp.Decode,
	unmarshal: plogotlp.ExportRequest.UnmarshalProto,
	explain:   func([]byte) string { return malformedProto },
	response:  plogotlp.ExportResponse.MarshalProto,
	status:    func(st *spb.Status) ([]byte, error) { return proto.Marshal(st) },
}

var jsonEncoding = &encoding{
	format:    "json",
	mediaType: "application/json",
	shape:     checkJSONShape,
	unmarshal: plogotlp.ExportRequest.UnmarshalJSON,
	explain:   explainJSON,
	accepted:  []byte("{}"),
	response:  plogotlp.ExportResponse.MarshalJSON,
	status:    func(st *spb.Status) ([]byte, error) { return protojson.Marshal(st) },
}

// encodingOf finds the encoding that a Content-Type names, nil where there is none of that name.
func encodingOf(contentType string) *encoding {
	mediaType, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return nil
	}
	for _, enc := range []*encoding{protobufEncoding, jsonEncoding} {
		if enc.mediaType == mediaType {
			return enc
		}
	}
	return nil
}

// explainJSON finds the place of a syntax error: the decoder only shows the text around it.
func explainJSON(body []byte) string {
	var syntax *json.SyntaxError
	if err := json.Unmarshal(body, &json.RawMessage{}); errors.As(err, &syntax) {
		return fmt.Sprintf("request body is not JSON: syntax error at byte %d", syntax.Offset)
	}
	return "request body is JSON, but not an OTLP ExportLogsServiceRequest: a field is of another type there"
}
