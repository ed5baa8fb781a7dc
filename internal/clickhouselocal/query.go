package clickhouselocal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// QueryError is ClickHouse's refusal of a statement.
type QueryError struct {
	Code    int // ClickHouse's error code, such as 497 for ACCESS_DENIED; 0 when the answer names none
	Message string
}

func (e *QueryError) Error() string { return e.Message }

// client keeps no connection: a test can check for leaked goroutines whenever it likes.
var client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

// Query runs one statement over HTTP as the user with all rights and returns the answer, in TabSeparated unless the
// statement has a FORMAT. It returns a [QueryError] when ClickHouse refuses. It is for tests and demonstrations: the whole
// answer is in memory.
func (s *Server) Query(ctx context.Context, sql string) (string, error) {
	return s.QueryAs(ctx, s.User(), s.Password(), sql)
}

// QueryAs is [Server.Query] as another user.
func (s *Server) QueryAs(ctx context.Context, user, password, sql string) (string, error) {
	if s.HTTPURL() == "" {
		return "", errors.New("the HTTP interface of this ClickHouse is not known: set " + EnvHTTPEndpoint)
	}
	// The server waits with its answer for the end of the statement, so that a late error still has a status of its own.
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.HTTPURL()+"/?wait_end_of_query=1", strings.NewReader(sql))
	if err != nil {
		return "", err
	}
	request.Header.Set("X-ClickHouse-User", user)
	request.Header.Set("X-ClickHouse-Key", password)
	response, err := client.Do(request)
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return "", fmt.Errorf("read ClickHouse's answer: %w", err)
	}
	if response.StatusCode != http.StatusOK {
		code, _ := strconv.Atoi(response.Header.Get("X-ClickHouse-Exception-Code"))
		return "", &QueryError{Code: code, Message: strings.TrimSpace(string(body))}
	}
	return string(body), nil
}
