package auditreceiver

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/confighttp"
	"go.opentelemetry.io/collector/pdata/plog"
)

// logsPath is where OTLP/HTTP takes logs.
const logsPath = "/v1/logs"

// newHTTPServer makes a server of OTLP/HTTP and of the draft for audit logging.
func newHTTPServer(ctx context.Context, cfg *confighttp.ServerConfig, host component.Host, telemetry component.TelemetrySettings, in *intake) (*http.Server, error) {
	served := *cfg
	if served.CompressionAlgorithms == nil {
		served.CompressionAlgorithms = defaultCompressions
	}
	h := &httpHandler{in: in, maxBody: served.MaxRequestBodySize, compressions: served.CompressionAlgorithms}
	options := []confighttp.ToServerOption{confighttp.WithErrorHandler(h.serverError)}
	if slices.Contains(h.compressions, "zstd") {
		options = append(options, confighttp.WithDecoder("zstd", func(body io.ReadCloser) (io.ReadCloser, error) { return newZstdReader(body) }))
	}
	mux := http.NewServeMux()
	mux.HandleFunc(logsPath, h.logs)
	mux.HandleFunc(auditPath, h.audit)
	mux.HandleFunc("/", h.notFound)
	return served.ToServer(ctx, host.GetExtensions(), telemetry, mux, options...)
}

// defaultCompressions are the content encodings taken where the configuration names none: all that confighttp has. "" is
// a body that is not compressed.
var defaultCompressions = []string{"", "gzip", "zstd", "zlib", "snappy", "deflate", "lz4", "x-snappy-framed"}

// httpHandler speaks OTLP/HTTP. Every answer is in the encoding of its request, JSON where that is not known.
type httpHandler struct {
	in           *intake
	maxBody      int64
	compressions []string
}

func (h *httpHandler) logs(w http.ResponseWriter, r *http.Request) {
	enc, admitted, logs, fail := h.read(w, r)
	if fail != nil {
		writeFailure(w, answerEncoding(r), fail)
		return
	}
	defer admitted.leave()
	out, fail := h.in.deliver(r.Context(), enc, admitted, logs)
	if fail != nil {
		writeFailure(w, enc, fail)
		return
	}
	answer := enc.accepted
	if response, ok := out.response(); ok {
		var err error
		if answer, err = enc.response(response); err != nil {
			answer = enc.accepted // cannot happen to a number and a text, and the records are taken
		}
	}
	write(w, enc, http.StatusOK, answer)
}

// read reads the records of a request, which has to leave then, and counts it where that fails.
func (h *httpHandler) read(w http.ResponseWriter, r *http.Request) (*encoding, *admission, plog.Logs, *failure) {
	enc, fail := h.check(w, r)
	if fail != nil {
		h.in.countRequest(r.Context(), fail.reason)
		return nil, nil, plog.Logs{}, fail
	}
	admitted, fail := h.in.admit(r.Context())
	if fail != nil {
		return nil, nil, plog.Logs{}, fail
	}
	logs, fail := h.body(w, r, enc, admitted)
	if fail != nil {
		admitted.leave()
		return nil, nil, plog.Logs{}, fail
	}
	return enc, admitted, logs, nil
}

// check looks at what stands before the body.
func (h *httpHandler) check(w http.ResponseWriter, r *http.Request) (*encoding, *failure) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return nil, unsupported(http.StatusMethodNotAllowed, "method must be POST")
	}
	enc := encodingOf(r.Header.Get("Content-Type"))
	if enc == nil {
		return nil, unsupported(http.StatusUnsupportedMediaType, "Content-Type must be application/x-protobuf or application/json")
	}
	return enc, nil
}

// body reads and decodes the body of a request that was let in.
func (h *httpHandler) body(w http.ResponseWriter, r *http.Request, enc *encoding, admitted *admission) (plog.Logs, *failure) {
	body := takeBody()
	defer giveBack(body) // the records are copies, and the pipeline may take its time
	source := &metered{body: r.Body, admitted: admitted}
	if err := body.readFrom(source); err != nil {
		fail := source.full
		if fail == nil {
			fail = h.unreadable(err)
		}
		h.in.countRequest(r.Context(), fail.reason)
		return plog.Logs{}, fail
	}
	noReadDeadline(w)
	return h.in.decode(r.Context(), enc, admitted, body.bytes())
}

func (h *httpHandler) notFound(w http.ResponseWriter, r *http.Request) {
	h.refuse(w, r, unsupported(http.StatusNotFound, "path must be "+logsPath+" or "+auditPath))
}

// unreadable sorts the error of reading a body.
func (h *httpHandler) unreadable(err error) *failure {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return bodyTooLarge(h.maxBody)
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return bodyTooSlow()
	}
	return malformed("request body breaks off or is not compressed as its Content-Encoding says")
}

// serverError answers what the server refuses before the request gets here: its authentication and its compression.
func (h *httpHandler) serverError(w http.ResponseWriter, r *http.Request, _ string, httpStatus int) {
	switch {
	case httpStatus == http.StatusUnauthorized:
		h.answerFailure(w, r, unauthenticated())
	case !slices.Contains(h.compressions, r.Header.Get("Content-Encoding")):
		names := slices.DeleteFunc(slices.Clone(h.compressions), func(name string) bool { return name == "" })
		h.refuse(w, r, unsupported(http.StatusUnsupportedMediaType, "Content-Encoding must be one of "+strings.Join(names, ", ")))
	default:
		h.refuse(w, r, malformed("request body is not compressed as its Content-Encoding says, or is over "+
			"protocols.http.max_request_body_size ("+strconv.FormatInt(h.maxBody, 10)+" bytes) when decompressed"))
	}
}

// refuse answers a request that did not get as far as the intake.
func (h *httpHandler) refuse(w http.ResponseWriter, r *http.Request, fail *failure) {
	h.in.countRequest(r.Context(), fail.reason)
	h.answerFailure(w, r, fail)
}

// answerFailure answers in the form of the path.
func (h *httpHandler) answerFailure(w http.ResponseWriter, r *http.Request, fail *failure) {
	if r.URL.Path != auditPath {
		writeFailure(w, answerEncoding(r), fail)
		return
	}
	h.answerAudit(w, audited{status: domainStatus(fail), fail: fail}, 0)
}

func answerEncoding(r *http.Request) *encoding {
	if enc := encodingOf(r.Header.Get("Content-Type")); enc != nil {
		return enc
	}
	return jsonEncoding
}

func writeFailure(w http.ResponseWriter, enc *encoding, fail *failure) {
	if fail.retryable() {
		w.Header().Set("Retry-After", strconv.FormatInt(fail.retrySeconds(), 10))
	}
	answer, err := enc.status(fail.status().Proto())
	if err != nil {
		answer = nil // the HTTP status says the most important part
	}
	write(w, enc, fail.httpStatus, answer)
}

func write(w http.ResponseWriter, enc *encoding, httpStatus int, answer []byte) {
	w.Header().Set("Content-Type", enc.mediaType)
	w.WriteHeader(httpStatus)
	_, _ = w.Write(answer) // a sender that went away gets no answer
}
