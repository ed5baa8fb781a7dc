package integration

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal/clickhousetest"
)

// copied gives the ids of the records in a stream of examples/copies, in their order, as ClickHouse reads its objects.
func copied(t *testing.T, server *clickhouselocal.Server, s3 *s3Server, stream string) string {
	t.Helper()
	return scalar(t, server, `SELECT arrayStringConcat(arraySort(arrayFlatten(groupArray(
			extractAll(json, '"audit.record.id","value":\\{"stringValue":"([^"]*)"')))), ' ')
		FROM s3('%s/copies/%s/**.json.gz', '%s', '%s', 'JSONAsString') SETTINGS s3_throw_on_zero_files_match = 0`, s3.bucket(), stream, s3Key, s3Key)
}

// faster are the waits of the example, made short, and its queues, made so small that they overflow.
func faster(streams ...string) (args []string) {
	for _, stream := range streams {
		args = append(args, "--config", fmt.Sprintf("yaml:{exporters: {awss3/%s: {s3uploader: {retry_mode: nop}, "+
			"retry_on_failure: {initial_interval: 200ms, max_interval: 200ms}, "+
			"sending_queue: {queue_size: 20000, batch: {flush_timeout: 100ms}}}}}", stream))
	}
	return args
}

// startCopies runs examples/copies with more arguments, and sends six events that belong to different streams.
func startCopies(t *testing.T, server *clickhouselocal.Server, args []string, env ...string) *collector {
	t.Helper()
	key := filepath.Join(t.TempDir(), "key")
	require.NoError(t, os.WriteFile(key, []byte(pseudonymKey), 0o600))
	args = append([]string{"--config", "../../examples/copies/collector.yaml"}, args...)
	env = append([]string{"CLICKHOUSE_ENDPOINT=" + server.HTTPURL(), "PSEUDONYM_KEY_FILE=" + key}, env...)
	c := startCollectorWith(t, server, "http", args, env...)

	logs := plog.NewLogs()
	event(logs, "change")
	event(logs, "failed-change").Record.Attributes().PutStr(audit.AttrOutcome, audit.OutcomeFailure)
	event(logs, "read").Record.Attributes().PutStr(audit.AttrAction, audit.ActionRead)
	loud := event(logs, "read-info").Record
	loud.Attributes().PutStr(audit.AttrAction, audit.ActionRead)
	loud.SetSeverityNumber(plog.SeverityNumberInfo)
	quiet := event(logs, "read-debug").Record
	quiet.Attributes().PutStr(audit.AttrAction, audit.ActionRead)
	quiet.SetSeverityNumber(plog.SeverityNumberDebug)
	mustSend(t, c, logs)
	mustSend(t, c, hostile("secret"))
	return c
}

// assertStreams waits until every stream has the ids of its events among the six.
func assertStreams(t *testing.T, ids func(stream string) string) {
	t.Helper()
	require.EventuallyWithT(t, func(t2 *assert.CollectT) {
		for stream, want := range map[string]string{"errors": "failed-change", "reads": "read read-info", "changes": "change secret"} {
			assert.Equal(t2, want, ids(stream), stream)
		}
	}, 30*time.Second, 200*time.Millisecond)
}

// TestCopiesGoToTheirStreamsAndTheirFailureHarmsNothing runs examples/copies against an S3 server that goes away and comes back.
func TestCopiesGoToTheirStreamsAndTheirFailureHarmsNothing(t *testing.T) {
	t.Parallel()
	s3 := startS3(t)
	server := clickhousetest.New(t)
	c := startCopies(t, server, faster("errors", "reads", "changes"),
		"S3_ENDPOINT=http://"+s3.addr, "S3_PATH_STYLE=true", "AWS_ACCESS_KEY_ID="+s3Key, "AWS_SECRET_ACCESS_KEY="+s3Key)
	want := 6
	awaitRows(t, server, want, time.Minute)
	assertStreams(t, func(stream string) string { return copied(t, server, s3, stream) })
	assert.NotContains(t, scalar(t, server, "SELECT * FROM s3('%s/copies/**.json.gz', '%s', '%s', 'JSONAsString')", s3.bucket(), s3Key, s3Key), canary)

	s3.stop()
	for i := 0; c.metric(t, "otelcol_connector_audit_copy_lost_records") == 0; i++ {
		require.Less(t, i, 100, "no copy was lost")
		mustSend(t, c, batch(fmt.Sprintf("away-%d", i), 20))
		want += 20
	}
	awaitRows(t, server, want, time.Minute)

	s3.start(t)
	require.Eventually(t, func() bool {
		before := c.metric(t, "otelcol_connector_audit_copy_handed_on_records")
		mustSend(t, c, batch(fmt.Sprintf("back-%d", want), 1))
		want++
		return c.metric(t, "otelcol_connector_audit_copy_handed_on_records") > before &&
			strings.Contains(copied(t, server, s3, "changes"), "back-")
	}, 30*time.Second, 200*time.Millisecond, "copies are not taken again")
	awaitRows(t, server, want, time.Minute)
	assert.Contains(t, copied(t, server, s3, "changes"), "away-0-0000", "what waited when the server went away")
	c.stop(t)
	assertNoCanary(t, c.log.Name())

	// The rows of today are those of yesterday, for the archive. The collector, which would miss them, is stopped.
	_, err := server.Query(t.Context(), "INSERT INTO "+database+".events SELECT * REPLACE (received_at - INTERVAL 1 DAY AS received_at) FROM "+database+".events")
	require.NoError(t, err)
	assertArchive(t, server, s3)
}

// assertArchive runs the command of docs/operations.md twice, and reads back what it wrote.
func assertArchive(t *testing.T, server *clickhouselocal.Server, s3 *s3Server) {
	t.Helper()
	text, err := os.ReadFile("../../docs/operations.md")
	require.NoError(t, err)
	documented := func(pattern string) string {
		query := regexp.MustCompile(pattern).FindString(string(text))
		const bucket, keys = "'https://bucket.example.com/audit/", "'KEY', 'SECRET'"
		require.Contains(t, query, bucket)
		require.Contains(t, query, keys)
		return strings.NewReplacer(bucket, "'"+s3.bucket()+"/", keys, fmt.Sprintf("'%s', '%s'", s3Key, s3Key)).Replace(query)
	}
	write, read := documented(`INSERT INTO FUNCTION s3\([^;]*`), documented(`SELECT toDate\(received_at\) AS day, count\(\) FROM s3\(.*`)

	const summary = "SELECT count(), uniqExact(record_id), sum(cityHash64(record_id, event_name, action, actor_id, toUnixTimestamp64Nano(received_at)))"
	day := scalar(t, server, "SELECT yesterday()")
	want := scalar(t, server, summary+" FROM %s.events WHERE toDate(received_at) = '%s'", database, day)
	n, _, _ := strings.Cut(want, "\t")
	require.NotEqual(t, "0", n, "there is a closed day")
	for range 2 {
		_, err := server.Query(t.Context(), write)
		require.NoError(t, err)
		assert.Equal(t, want, scalar(t, server, summary+" FROM s3('%s/day=%s.parquet', '%s', '%s')", s3.bucket(), day, s3Key, s3Key))
		assert.Equal(t, day+"\t"+n, scalar(t, server, "%s", read), "and no other day")
	}
}
