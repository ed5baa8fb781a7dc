package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
)

// runs is how often a view is asked on warm caches.
const runs = 5

// call is a query of a view.
type call struct{ view, sql string }

var callOf = regexp.MustCompile(`(?s)\{database:Identifier\}\.(\w+)`)

// readCalls gives the calls of testdata/views.sql.
func readCalls() ([]call, error) {
	text, err := os.ReadFile(testdata + "views.sql")
	if err != nil {
		return nil, err
	}
	comment := regexp.MustCompile(`(?m)^--.*$`)
	var calls []call
	for statement := range strings.SplitSeq(comment.ReplaceAllString(string(text), ""), ";\n") {
		if found := callOf.FindStringSubmatch(statement); found != nil {
			calls = append(calls, call{found[1], strings.TrimSpace(strings.ReplaceAll(statement, "{database:Identifier}", "audit"))})
		}
	}
	return calls, nil
}

// result is what a call took.
type result struct {
	cold, warm time.Duration
	cpu        time.Duration // of all threads, on warm caches
	rows       int
}

func (r result) String() string {
	return fmt.Sprintf("%d | %d | %d | %d", r.cold.Milliseconds(), r.warm.Milliseconds(), r.cpu.Milliseconds(), r.rows)
}

// measure asks once with the server's caches empty and reads that go around the operating system's, and then with warm ones.
func measure(ctx context.Context, server *clickhouselocal.Server, sql string, from, to time.Time) (r result, err error) {
	for _, cache := range []string{"MARK", "UNCOMPRESSED", "QUERY CONDITION", "INDEX MARK", "PRIMARY INDEX"} {
		if _, err := server.Query(ctx, "SYSTEM DROP "+cache+" CACHE"); err != nil {
			return r, err
		}
	}
	params := map[string]string{"from": literal(from), "to": literal(to)}
	asked := "views-" + rand.Text()
	sql += " FORMAT Null SETTINGS use_query_condition_cache = 0"
	if r.cold, r.rows, err = ask(ctx, server, sql+", min_bytes_to_use_direct_io = 1", params); err != nil {
		return r, err
	}
	var times []time.Duration
	for range runs {
		took, _, err := ask(ctx, server, sql+", log_comment = '"+asked+"'", params)
		if err != nil {
			return r, err
		}
		times = append(times, took)
	}
	slices.Sort(times)
	r.warm = times[runs/2]
	r.cpu, err = cpuOf(ctx, server, asked)
	return r, err
}

// cpuOf is the median CPU time of the queries with a comment. It hardly depends on what else the machine does.
func cpuOf(ctx context.Context, server *clickhouselocal.Server, comment string) (time.Duration, error) {
	if _, err := server.Query(ctx, "SYSTEM FLUSH LOGS query_log"); err != nil {
		return 0, err
	}
	text, err := server.Query(ctx, "SELECT toUInt64(median(ProfileEvents['UserTimeMicroseconds'] + ProfileEvents['SystemTimeMicroseconds'])) "+
		"FROM system.query_log WHERE log_comment = '"+comment+"' AND type = 'QueryFinish'")
	if err != nil {
		return 0, err
	}
	microseconds, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	return time.Duration(microseconds) * time.Microsecond, err
}

// ask runs a statement and gives the server's own time and the rows it read.
func ask(ctx context.Context, server *clickhouselocal.Server, sql string, params map[string]string) (took time.Duration, rows int, err error) {
	values := url.Values{"wait_end_of_query": {"1"}}
	for name, value := range params {
		values.Set("param_"+name, value)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, server.HTTPURL()+"/?"+values.Encode(), strings.NewReader(sql))
	if err != nil {
		return 0, 0, err
	}
	request.Header.Set("X-ClickHouse-User", server.User())
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, 0, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, 0, err
	}
	if response.StatusCode != http.StatusOK {
		return 0, 0, errors.New(strings.TrimSpace(string(body)))
	}
	var summary struct {
		Rows    string `json:"read_rows"`
		Elapsed string `json:"elapsed_ns"`
	}
	if err := json.Unmarshal([]byte(response.Header.Get("X-ClickHouse-Summary")), &summary); err != nil {
		return 0, 0, fmt.Errorf("X-ClickHouse-Summary: %w", err)
	}
	elapsed, err := strconv.ParseInt(summary.Elapsed, 10, 64)
	if err != nil {
		return 0, 0, err
	}
	rows, err = strconv.Atoi(summary.Rows)
	return time.Duration(elapsed), rows, err
}
