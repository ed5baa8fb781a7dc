package integration

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
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
	args := []string{"--config", "../../examples/copies/cloudwatch.yaml"}
	for _, stream := range []string{"errors", "reads", "changes"} {
		args = append(args, "--config", "yaml:{exporters: {awscloudwatchlogs/"+stream+": {retry_on_failure: {initial_interval: 200ms, max_interval: 200ms}}}}")
	}
	c := startCopies(t, server, args, "CLOUDWATCH_ENDPOINT="+api.URL, "AWS_REGION=eu-central-1",
		"AWS_ACCESS_KEY_ID=key", "AWS_SECRET_ACCESS_KEY=secret", "AWS_EC2_METADATA_DISABLED=true")
	const group = "/audit/integration"
	ids := func(stream string) string { return watch.ids(group + ":" + stream) }
	// CloudWatch takes no event that is more than 14 days old.
	old := plog.NewLogs()
	event(old, "old").Record.SetTimestamp(pcommon.NewTimestampFromTime(time.Now().AddDate(0, 0, -20)))
	mustSend(t, c, old)
	assertStreams(t, ids)
	assert.Equal(t, 365, watch.retention(group))

	watch.goAway(true)
	mustSend(t, c, batch("while-away", 1)) // and is answered by what ClickHouse's exporter says
	awaitRows(t, server, 8, time.Minute)
	watch.goAway(false)
	require.Eventually(t, func() bool { return ids("changes") == "change secret while-away-0000" }, 30*time.Second, 100*time.Millisecond)
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
