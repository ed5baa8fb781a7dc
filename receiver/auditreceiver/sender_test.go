package auditreceiver

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/golang/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	_ "google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// answer is what a sender is told, alike for every transport.
type answer struct {
	code     codes.Code
	rejected int64
	message  string // of the partial success or of the error
	bad      string // field of google.rpc.BadRequest
	retry    time.Duration

	// Of HTTP only.
	httpStatus  int
	header      http.Header
	raw         []byte
	contentType string
}

// sender sends a body and gives the answer.
type sender interface {
	send(ctx context.Context, t *testing.T, body []byte) answer
	encoding() *encoding
}

// sendLogs sends a payload.
func sendLogs(t *testing.T, s sender, logs plog.Logs) answer {
	t.Helper()
	return s.send(t.Context(), t, encode(s.encoding(), logs))
}

func (a *answer) readStatus(st *status.Status) {
	a.code, a.message = st.Code(), st.Message()
	for _, detail := range st.Details() {
		switch d := detail.(type) {
		case *errdetails.RetryInfo:
			a.retry = d.GetRetryDelay().AsDuration()
		case *errdetails.BadRequest:
			a.bad = d.GetFieldViolations()[0].GetField()
		}
	}
}

func (a *answer) readResponse(response plogotlp.ExportResponse) {
	a.rejected = response.PartialSuccess().RejectedLogRecords()
	a.message = response.PartialSuccess().ErrorMessage()
}

// overHTTP sends OTLP/HTTP.
type overHTTP struct {
	url         string
	enc         *encoding
	client      *http.Client
	compression string
	token       string
}

func (s *overHTTP) encoding() *encoding { return s.enc }

func (s *overHTTP) send(ctx context.Context, t *testing.T, body []byte) answer {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+logsPath, bytes.NewReader(compress(t, s.compression, body)))
	require.NoError(t, err)
	request.Header.Set("Content-Type", s.enc.mediaType)
	if s.compression != "" {
		request.Header.Set("Content-Encoding", s.compression)
	}
	if s.token != "" {
		request.Header.Set("Authorization", "Bearer "+s.token)
	}
	return s.do(t, request)
}

// do sends a request and checks what holds for every answer.
func (s *overHTTP) do(t *testing.T, request *http.Request) answer {
	t.Helper()
	response, err := s.client.Do(request)
	require.NoError(t, err)
	raw, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	a := answer{httpStatus: response.StatusCode, header: response.Header, raw: raw, contentType: response.Header.Get("Content-Type")}

	enc := encodingOf(a.contentType)
	require.NotNil(t, enc, "every answer is in an encoding of OTLP: %q", a.contentType)
	if response.StatusCode == http.StatusOK {
		exported := plogotlp.NewExportResponse()
		unmarshal := exported.UnmarshalProto
		if enc == jsonEncoding {
			unmarshal = exported.UnmarshalJSON
		}
		require.NoError(t, unmarshal(raw))
		a.readResponse(exported)
		return a
	}
	st := &spb.Status{}
	if enc == jsonEncoding {
		require.NoError(t, protojson.Unmarshal(raw, st))
	} else {
		require.NoError(t, proto.Unmarshal(raw, st))
	}
	a.readStatus(status.FromProto(st))
	if a.retry > 0 {
		assert.Equal(t, strconv.Itoa(int(a.retry.Seconds())), a.header.Get("Retry-After"))
	} else {
		assert.Empty(t, a.header.Get("Retry-After"))
	}
	return a
}

// overGRPC sends OTLP/gRPC.
type overGRPC struct {
	conn        *grpc.ClientConn
	compression string
	token       string
}

func (*overGRPC) encoding() *encoding { return protobufEncoding }

func (s *overGRPC) send(ctx context.Context, t *testing.T, body []byte) answer {
	t.Helper()
	options := []grpc.CallOption{grpc.ForceCodecV2(bodyCodec{})}
	if s.compression != "" {
		options = append(options, grpc.UseCompressor(s.compression))
	}
	if s.token != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+s.token)
	}
	reply := &grpcBody{}
	err := s.conn.Invoke(ctx, "/"+logsServiceName+"/"+exportMethodName, body, reply, options...)
	var a answer
	if err != nil {
		a.readStatus(status.Convert(err))
		return a
	}
	defer reply.free()
	exported := plogotlp.NewExportResponse()
	require.NoError(t, exported.UnmarshalProto(reply.bytes()))
	a.readResponse(exported)
	return a
}

func compress(t *testing.T, name string, body []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	var w io.WriteCloser
	switch name {
	case "":
		return body
	case "gzip":
		w = gzip.NewWriter(&out)
	case "zstd":
		var err error
		w, err = zstd.NewWriter(&out)
		require.NoError(t, err)
	case "deflate", "zlib":
		w = zlib.NewWriter(&out)
	case "snappy":
		return snappy.Encode(nil, body)
	case "x-snappy-framed":
		w = snappy.NewBufferedWriter(&out)
	case "lz4":
		w = lz4.NewWriter(&out)
	}
	_, err := w.Write(body)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return out.Bytes()
}

// httpSender gives a sender that leaves no connections behind.
func (s *server) httpSender(t *testing.T, enc *encoding) *overHTTP {
	t.Helper()
	transport := &http.Transport{DisableCompression: true}
	url := "http://" + s.httpAddr
	if s.clientTLS != nil {
		transport.TLSClientConfig = s.clientTLS
		url = strings.Replace(url, "http", "https", 1)
	}
	t.Cleanup(transport.CloseIdleConnections)
	return &overHTTP{url: url, enc: enc, client: &http.Client{Transport: transport}}
}

func (s *server) grpcSender(t *testing.T) *overGRPC {
	t.Helper()
	creds := insecure.NewCredentials()
	if s.clientTLS != nil {
		creds = credentials.NewTLS(s.clientTLS)
	}
	conn, err := grpc.NewClient("passthrough:///"+s.grpcAddr, grpc.WithTransportCredentials(creds))
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, conn.Close()) })
	return &overGRPC{conn: conn}
}

// senders gives one for every transport and encoding.
func (s *server) senders(t *testing.T) map[string]sender {
	t.Helper()
	return map[string]sender{
		"grpc":          s.grpcSender(t),
		"http protobuf": s.httpSender(t, protobufEncoding),
		"http json":     s.httpSender(t, jsonEncoding),
	}
}
