package sqlsource

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"go.opentelemetry.io/collector/component"

	"github.com/otelaudit/otelaudit/internal/directory"
)

// clickhouse is a ClickHouse database, asked over HTTP.
type clickhouse struct {
	cfg    *ClickHouse
	client *http.Client
}

func openClickHouse(ctx context.Context, cfg *ClickHouse, host component.Host, telemetry component.TelemetrySettings) (database, error) {
	client, err := cfg.HTTP.ToClient(ctx, host.GetExtensions(), telemetry)
	if err != nil {
		return nil, err
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &clickhouse{cfg, client}, nil
}

func (c *clickhouse) close() error {
	c.client.CloseIdleConnections()
	return nil
}

func (c *clickhouse) query(ctx context.Context, text string, parameters []string, columns func([]string) error, row func([]any) error) error {
	settings := url.Values{
		"database": {c.cfg.Database}, "default_format": {"JSONCompactEachRowWithNames"},
		"date_time_output_format": {"iso"}, "output_format_json_quote_64bit_integers": {"1"}, "readonly": {"2"},
		// Errors come in front of the first row, or break the connection off.
		"wait_end_of_query": {"0"}, "http_write_exception_in_output_format": {"0"},
	}
	if parameters != nil {
		settings.Set("param_id", escape(parameters[0]))
		settings.Set("param_email", escape(parameters[1]))
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(c.cfg.HTTP.Endpoint, "/")+"/?"+settings.Encode(), strings.NewReader(text))
	if err != nil {
		return directory.Failuref("the request cannot be made")
	}
	request.Header.Set("X-ClickHouse-User", c.cfg.Username)
	if c.cfg.Password != "" {
		request.Header.Set("X-ClickHouse-Key", string(c.cfg.Password))
	}
	response, err := c.client.Do(request)
	if err != nil {
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err // the URL has the parameters
		}
		return directory.Failuref("the database cannot be reached: %v", err)
	}
	defer func() { _ = response.Body.Close() }() // only read
	if code := response.Header.Get("X-ClickHouse-Exception-Code"); code != "" || response.StatusCode != http.StatusOK {
		return directory.Failuref("the database answered %d%s", response.StatusCode, exception(code))
	}
	return readRows(response.Body, columns, row)
}

func exception(code string) string {
	if code == "" {
		return ""
	}
	return ", exception " + code
}

// escape gives a parameter as the server reads it: as a field of TabSeparated.
func escape(s string) string {
	return strings.NewReplacer(`\`, `\\`, "\t", `\t`, "\n", `\n`, "\r", `\r`, "\x00", `\0`).Replace(s)
}

var errAnswer = directory.Failuref("the database's answer broke off, or is not what was asked for")

// readRows reads an array of names and then one array a row.
func readRows(body io.Reader, columns func([]string) error, row func([]any) error) error {
	decoder := json.NewDecoder(bufio.NewReaderSize(body, 64<<10))
	decoder.UseNumber()
	var names []string
	if err := decoder.Decode(&names); err != nil {
		return errAnswer
	}
	if err := columns(names); err != nil {
		return err
	}
	for {
		var values []any
		switch err := decoder.Decode(&values); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil || len(values) != len(names):
			return errAnswer
		}
		for i := range values {
			v, ok := flatten(values[i])
			if !ok {
				return directory.Failuref("column %s: must be a text, a number, a boolean, a time or an array of texts", names[i])
			}
			values[i] = v
		}
		if err := row(values); err != nil {
			return err
		}
	}
}

// flatten gives a JSON value as package sqlsource has it.
func flatten(value any) (any, bool) {
	switch v := value.(type) {
	case nil, string, bool:
		return v, true
	case json.Number:
		return v.String(), true
	case []any:
		list := make([]string, 0, len(v))
		for _, item := range v {
			s, ok := item.(string)
			if !ok {
				return nil, false
			}
			list = append(list, s)
		}
		return list, true
	default:
		return nil, false
	}
}
