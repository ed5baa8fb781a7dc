package querylog

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// Reader asks a server over its HTTP interface.
type Reader struct {
	Client   *http.Client
	Endpoint string // http:// or https://, host and port
	Username string
	Password string
	// Database is the one whose queries are asked for.
	Database string
	// Cluster is the name of a cluster whose servers are all asked; empty for the one.
	Cluster string
	// Exclude are users whose queries are none of anybody's doing: the collector's own.
	Exclude []string
}

// maxLine bounds a row: ClickHouse cuts queries in its log at 100,000 bytes, and JSON writes some bytes as six.
const maxLine = 1 << 20

// Read gives the rows behind a place, the oldest first and at most a page, and whether there may be more. Errors name ClickHouse's code,
// and nothing of what it says: that may quote a query.
func (r *Reader) Read(ctx context.Context, behind Place) (rows []Row, more bool, err error) {
	users := make([]string, len(r.Exclude))
	for i, user := range r.Exclude {
		users[i] = "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(user) + "'"
	}
	query := url.Values{
		"param_time": {strconv.FormatInt(behind.Time, 10)}, "param_host": {behind.Host}, "param_id": {behind.QueryID},
		"param_database": {r.Database}, "param_users": {"[" + strings.Join(users, ",") + "]"},
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, r.Endpoint+"/?"+query.Encode(), strings.NewReader(statement(r.Cluster)))
	if err != nil {
		return nil, false, errors.New("the request cannot be made: is the endpoint an address?")
	}
	request.Header.Set("X-ClickHouse-User", r.Username)
	request.Header.Set("X-ClickHouse-Key", r.Password)
	response, err := r.Client.Do(request)
	if err != nil {
		var address *url.Error
		if errors.As(err, &address) {
			err = address.Err // without the address, which has parameters
		}
		return nil, false, fmt.Errorf("cannot reach ClickHouse: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, maxLine))
		return nil, false, fmt.Errorf("ClickHouse answers %d, code %s", response.StatusCode, response.Header.Get("X-ClickHouse-Exception-Code"))
	}
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		var row Row
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			return nil, false, errors.New("ClickHouse's answer is not rows of its query log")
		}
		rows = append(rows, row)
	}
	if lines.Err() != nil {
		return nil, false, errors.New("ClickHouse's answer broke off")
	}
	return rows, len(rows) == pageRows, nil
}
