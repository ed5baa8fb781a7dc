package integration

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal/clickhousetest"
)

// cloudWatch answers as CloudWatch Logs does (API version 2014-03-28, JSON 1.1), as far as its exporter asks.
type cloudWatch struct {
	mu      sync.Mutex
	away    bool
	streams map[string][]string // messages, by group and stream; those that were made
	groups  map[string]int      // days of retention
}

func (c *cloudWatch) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var ask struct {
		LogGroupName, LogStreamName string
		RetentionInDays             int
		LogEvents                   []struct{ Message string }
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	if err := json.NewDecoder(r.Body).Decode(&ask); err != nil || c.away {
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = fmt.Fprint(w, `{"__type":"ServiceUnavailableException"}`)
		return
	}
	stream := ask.LogGroupName + ":" + ask.LogStreamName
	_, group := c.groups[ask.LogGroupName]
	_, made := c.streams[stream]
	missing := false
	switch _, action, _ := strings.Cut(r.Header.Get("X-Amz-Target"), "."); action {
	case "CreateLogGroup":
		c.groups[ask.LogGroupName] = 0
	case "PutRetentionPolicy":
		c.groups[ask.LogGroupName] = ask.RetentionInDays
	case "CreateLogStream":
		if missing = !group; group && !made {
			c.streams[stream] = nil
		}
	case "PutLogEvents":
		if missing = !made; made {
			for _, e := range ask.LogEvents {
				c.streams[stream] = append(c.streams[stream], e.Message)
			}
		}
	}
	if missing {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprint(w, `{"__type":"ResourceNotFoundException"}`)
		return
	}
	_, _ = fmt.Fprint(w, `{}`)
}

var recordIDs = regexp.MustCompile(`"audit\.record\.id":"([^"]*)"`)

// ids gives the ids of the records in a stream, in their order.
func (c *cloudWatch) ids(stream string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var ids []string
	for _, message := range c.streams[stream] {
		for _, found := range recordIDs.FindAllStringSubmatch(message, -1) {
			ids = append(ids, found[1])
		}
	}
	slices.Sort(ids)
	return strings.Join(slices.Compact(ids), " ") // what was sent again may be there twice
}

// goAway has it refuse everything, or answer again.
func (c *cloudWatch) goAway(away bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.away = away
}

// TestCopiesGoToCloudWatch runs examples/copies with its second file against what answers like CloudWatch Logs, and goes away.
func TestCopiesGoToCloudWatch(t *testing.T) {
	t.Parallel()
	watch := &cloudWatch{streams: map[string][]string{}, groups: map[string]int{}}
	api := httptest.NewServer(watch)
	t.Cleanup(api.Close)
	server := clickhousetest.New(t)
	key := filepath.Join(t.TempDir(), "key")
	require.NoError(t, os.WriteFile(key, []byte(pseudonymKey), 0o600))
	args := []string{"--config", "../../examples/copies/collector.yaml", "--config", "../../examples/copies/cloudwatch.yaml"}
	for _, stream := range []string{"errors", "reads", "changes"} {
		args = append(args, "--config", "yaml:{exporters: {awscloudwatchlogs/"+stream+": {retry_on_failure: {initial_interval: 200ms, max_interval: 200ms}}}}")
	}
	c := startCollectorWith(t, server, "http", args, "CLICKHOUSE_ENDPOINT="+server.HTTPURL(), "PSEUDONYM_KEY_FILE="+key,
		"CLOUDWATCH_ENDPOINT="+api.URL, "AWS_REGION=eu-central-1", "AWS_ACCESS_KEY_ID=key", "AWS_SECRET_ACCESS_KEY=secret", "AWS_EC2_METADATA_DISABLED=true")

	logs := plog.NewLogs()
	event(logs, "change")
	event(logs, "failed-change").Record.Attributes().PutStr(audit.AttrOutcome, audit.OutcomeFailure)
	event(logs, "read").Record.Attributes().PutStr(audit.AttrAction, audit.ActionRead)
	quiet := event(logs, "read-debug").Record
	quiet.Attributes().PutStr(audit.AttrAction, audit.ActionRead)
	quiet.SetSeverityNumber(plog.SeverityNumberDebug)
	mustSend(t, c, recent(logs))
	old := plog.NewLogs()
	event(old, "old").Record.SetTimestamp(pcommon.NewTimestampFromTime(time.Now().AddDate(0, 0, -20)))
	mustSend(t, c, old)
	mustSend(t, c, recent(hostile("secret")))
	group := ""
	assertStreams := func(streams map[string]string) {
		t.Helper()
		require.EventuallyWithT(t, func(t2 *assert.CollectT) {
			for stream, want := range streams {
				found := ""
				for _, name := range watch.names() {
					if strings.HasSuffix(name, ":"+stream) {
						found, group = watch.ids(name), strings.TrimSuffix(name, ":"+stream)
					}
				}
				assert.Equal(t2, want, found, stream)
			}
		}, 30*time.Second, 100*time.Millisecond)
	}
	assertStreams(map[string]string{"errors": "failed-change", "reads": "read", "changes": "change secret"})
	assert.Contains(t, group, "/audit/")
	assert.Equal(t, 365, watch.retention(group))

	watch.goAway(true)
	late := plog.NewLogs()
	event(late, "while-away")
	mustSend(t, c, recent(late)) // and is answered by what ClickHouse's exporter says
	awaitRows(t, server, 7, time.Minute)
	watch.goAway(false)
	assertStreams(map[string]string{"changes": "change secret while-away"})
	c.stop(t)
	assertNoCanary(t, c.log.Name())
	for name, messages := range watch.streams {
		assert.NotContains(t, strings.Join(messages, "\n"), canary, name)
	}
}

func (c *cloudWatch) retention(group string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.groups[group]
}

// names gives the streams that were made.
func (c *cloudWatch) names() (names []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for name := range c.streams {
		names = append(names, name)
	}
	return names
}

// recent has the events be of now: CloudWatch takes none that are more than 14 days old.
func recent(logs plog.Logs) plog.Logs {
	for _, rl := range logs.ResourceLogs().All() {
		for _, sl := range rl.ScopeLogs().All() {
			for _, lr := range sl.LogRecords().All() {
				lr.SetTimestamp(pcommon.NewTimestampFromTime(time.Now()))
			}
		}
	}
	return logs
}
