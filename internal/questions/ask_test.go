package questions

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// params are the values of a query's {name:Type}: text, numbers, and times of UTC.
type params map[string]any

// ask gives the rows of a query, each a struct whose fields' `json` names are the columns: all of them, and no other. It asks
// as docs/views.md says: over HTTP, with parameters in the URL.
func ask[T any](t *testing.T, sql string, p params) []T {
	t.Helper()
	rows := []T{}
	decoder := json.NewDecoder(strings.NewReader(answer(t, sql+" FORMAT JSONEachRow", p)))
	decoder.DisallowUnknownFields()
	for decoder.More() {
		var row T
		require.NoError(t, decoder.Decode(&row))
		rows = append(rows, row)
	}
	return rows
}

// answer gives what ClickHouse says to a query, in TabSeparated unless it has a FORMAT.
func answer(t *testing.T, sql string, p params) string {
	t.Helper()
	status, body := post(t, sql, p)
	require.Equal(t, http.StatusOK, status, "%s\n%s", sql, body)
	return body
}

// refusal gives the error that ClickHouse answers a query with.
func refusal(t *testing.T, sql string, p params) string {
	t.Helper()
	status, body := post(t, sql, p)
	require.NotEqual(t, http.StatusOK, status, "%s\n%s", sql, body)
	return body
}

func post(t *testing.T, sql string, p params) (status int, body string) {
	t.Helper()
	values := url.Values{
		"default_format":                          {"TabSeparatedRaw"},
		"wait_end_of_query":                       {"1"},
		"date_time_output_format":                 {"iso"}, // as time.Time reads it
		"output_format_json_quote_64bit_integers": {"0"},
	}
	for name, value := range p {
		if at, ok := value.(time.Time); ok {
			value = at.UTC().Format("2006-01-02 15:04:05.000000000")
		}
		values.Set("param_"+name, fmt.Sprint(value))
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.HTTPURL()+"/?"+values.Encode(), strings.NewReader(sql))
	require.NoError(t, err)
	request.Header.Set("X-ClickHouse-User", server.User())
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, string(bytes.TrimSpace(text))
}
