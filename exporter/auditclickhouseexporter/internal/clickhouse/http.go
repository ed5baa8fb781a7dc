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

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/columns"
)

// httpConn speaks the HTTP interface.
type httpConn struct{ options Options }

func newHTTP(o Options) *httpConn { return &httpConn{options: o} }

func (h *httpConn) Select(ctx context.Context, query string) ([][]string, error) {
	body, err := h.post(ctx, "select", false, url.Values{
		"param_database": {h.options.Database},
		"default_format": {"JSONCompactStringsEachRow"},
	}, []byte(query))
	if err != nil {
		return nil, err
	}
	var rows [][]string
	for decoder := json.NewDecoder(bytes.NewReader(body)); decoder.More(); {
		var row []string
		if err := decoder.Decode(&row); err != nil {
			return nil, networkError("select", err)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func (h *httpConn) Exec(ctx context.Context, statement string) error {
	_, err := h.post(ctx, "statement", false, url.Values{"param_database": {h.options.Database}}, []byte(statement))
	return err
}

func (h *httpConn) Insert(ctx context.Context, table string, block *columns.Block) error {
	query := url.Values{"query": {insertStatement(h.options.Database, table, block)}}
	for _, s := range insertSettings(block.Token) {
		query.Set(s.name, s.value)
	}
	_, err := h.post(ctx, "insert into "+table, true, query, block.Native)
	return err
}

func (h *httpConn) Close() { h.options.HTTP.CloseIdleConnections() }

// maxAnswer bounds what is read of an answer: rows of the schema's tables, or an error.
const maxAnswer = 4 << 20

// post sends one request. It returns when the request's body is no longer in use: the transport may still be reading it
// after it has given an answer or an error, and a caller reuses the memory.
func (h *httpConn) post(ctx context.Context, op string, data bool, query url.Values, body []byte) ([]byte, error) {
	sending := &watchedBody{Reader: bytes.NewReader(body), closed: make(chan struct{})}
	defer sending.wait()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, h.options.Endpoint.URL()+"?"+query.Encode(), sending)
	if err != nil {
		_ = sending.Close()
		return nil, networkError(op, err)
	}
	request.ContentLength = int64(len(body))
	request.Header.Set("X-ClickHouse-User", h.options.Username)
	if h.options.Password != "" {
		request.Header.Set("X-ClickHouse-Key", h.options.Password)
	}
	response, err := h.options.HTTP.Do(request)
	if err != nil {
		return nil, networkError(op, withoutURL(err))
	}
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	_ = response.Body.Close()
	if err != nil {
		return nil, networkError(op, err)
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
	case response.StatusCode == http.StatusOK:
		return networkError(op, errors.New("the answer to an insert is not empty"))
	}
	e := networkError(op, fmt.Errorf("the answer is HTTP status %d", response.StatusCode))
	switch response.StatusCode {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		e.Class = Throttled
		e.RetryAfter = retryAfter(response.Header.Get("Retry-After"))
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound:
		e.Class = Misconfigured
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

// watchedBody tells when the transport has let go of a request's body.
type watchedBody struct {
	*bytes.Reader
	closed chan struct{}
}

func (b *watchedBody) Close() error {
	select {
	case <-b.closed:
	default:
		close(b.closed)
	}
	return nil
}

func (b *watchedBody) wait() { <-b.closed }
