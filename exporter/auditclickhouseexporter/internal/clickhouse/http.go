package clickhouse

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/ClickHouse/ch-go/proto"
)

// httpConn speaks the HTTP interface.
type httpConn struct {
	options Options
	newer   newer
}

func newHTTP(o Options) *httpConn { return &httpConn{options: o} }

func (h *httpConn) Select(ctx context.Context, query string) ([][]string, error) {
	body, err := h.post(ctx, "select", false, url.Values{
		"param_database": {h.options.Database},
		"default_format": {"JSONCompactStringsEachRow"},
	}, newBody([]byte(query)))
	if err != nil {
		return nil, err
	}
	var rows [][]string
	for decoder := json.NewDecoder(bytes.NewReader(body)); decoder.More(); {
		var row []string
		if err := decoder.Decode(&row); err != nil {
			return nil, networkError("select", false, err)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func (h *httpConn) Exec(ctx context.Context, statement string) error {
	_, err := h.post(ctx, "statement", false, url.Values{"param_database": {h.options.Database}}, newBody([]byte(statement)))
	return err
}

func (h *httpConn) Write(ctx context.Context, batch *Batch) error {
	newer, err := h.newer.get(ctx, h)
	if err != nil {
		return err
	}
	table := batch.Table.String()
	query := url.Values{"query": {insertStatement(h.options.Database, table, batch.Columns)}, "decompress": {"1"}}
	for _, s := range append(insertSettings(batch.Token), newer...) {
		query.Set(s.name, s.value)
	}
	parts := make([][]byte, len(batch.Blocks))
	for i := range batch.Blocks {
		parts[i] = batch.Blocks[i].Data
	}
	_, err = h.post(ctx, insertOp(table), true, query, newBody(parts...))
	if Is(err, proto.ErrUnknownSetting) {
		h.newer.forget() // another version answers at this address by now
	}
	return err
}

func (h *httpConn) Close() { h.options.HTTP.CloseIdleConnections() }

// maxAnswer bounds what is read of an answer: rows of the schema's tables, or an error.
const maxAnswer = 4 << 20

// post sends one request. It returns when the body's memory is no longer in use.
func (h *httpConn) post(ctx context.Context, op string, data bool, query url.Values, body *body) ([]byte, error) {
	defer body.wait()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, h.options.Endpoint.URL()+"?"+query.Encode(), nil)
	if err != nil {
		return nil, networkError(op, data, withoutURL(err))
	}
	request.ContentLength, request.GetBody = body.size, body.reader
	request.Body, _ = body.reader()
	request.Header.Set("X-ClickHouse-User", h.options.Username)
	if h.options.Password != "" {
		request.Header.Set("X-ClickHouse-Key", h.options.Password)
	}
	response, err := h.options.HTTP.Do(request)
	if err != nil {
		return nil, networkError(op, data, withoutURL(err))
	}
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	_ = response.Body.Close()
	if err != nil {
		return nil, networkError(op, data, err)
	}
	return answer, httpError(op, data, response, string(answer))
}

// httpError reads the server's error off an answer. An insert's answer has no text, so text is an error whatever the
// status says: the server may have found it after sending the status.
func httpError(op string, data bool, response *http.Response, answer string) error {
	code, err := strconv.Atoi(response.Header.Get("X-ClickHouse-Exception-Code"))
	switch {
	case err == nil && code != 0:
		return serverError(op, code, answer, data)
	case response.StatusCode == http.StatusOK && (!data || strings.TrimSpace(answer) == ""):
		return nil
	}
	e := &Error{Op: op, Class: Retryable, Ambiguous: data, Cause: fmt.Errorf("the answer is HTTP status %d", response.StatusCode)}
	switch response.StatusCode {
	case http.StatusOK:
		e.Cause = errors.New("the answer to an insert is not empty")
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		e.Class = Throttled
		e.RetryAfter = retryAfter(response.Header.Get("Retry-After"))
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound:
		e.Class, e.Ambiguous = Misconfigured, false
	}
	return e
}

// retryAfter reads a number of seconds, 0 where there is none.
func retryAfter(header string) time.Duration {
	seconds, err := strconv.Atoi(header)
	if err != nil || seconds < 0 {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

// withoutURL takes the URL out of an error, because it holds the whole statement.
func withoutURL(err error) error {
	var e *url.Error
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}
