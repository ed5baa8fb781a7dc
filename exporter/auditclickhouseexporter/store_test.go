package auditclickhouseexporter

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/ch-go/compress"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/columns"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/eventtest"
	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal/clickhousetest"
)

// TestWhatIsStoredIsWhatWasEncoded reads the table back in the format it is written in: byte by byte the same.
func TestWhatIsStoredIsWhatWasEncoded(t *testing.T) {
	server := clickhousetest.New(t)
	events := []audit.Event{eventtest.Full("a-full"), eventtest.Minimal("b-minimal"), eventtest.Query("c-query", eventtest.Time, 3)}
	for _, compression := range []string{"lz4", "zstd", "none"} {
		for protocol, endpoint := range protocols {
			t.Run(protocol+" "+compression, func(t *testing.T) {
				cfg := configFor(t, server)
				cfg.Endpoint, cfg.Compression, cfg.Database = endpoint(server), compression, "audit_"+protocol+"_"+compression
				send(t, startExporter(t, cfg, newHost()), eventtest.Request(events...))

				var fields []string
				for _, c := range columns.TableEvents.Columns() {
					fields = append(fields, fmt.Sprintf("CAST(%s AS %s) AS %s", c.Name, c.Type, c.Name))
				}
				for _, event := range events {
					from := " FROM " + cfg.Database + ".events WHERE record_id = '" + event.Str(audit.AttrRecordID) + "'"
					stored, err := server.Query(t.Context(), "SELECT "+strings.Join(fields, ", ")+from+" FORMAT Native")
					require.NoError(t, err)
					assert.Equal(t, hex.Dump(native(t, event, one(t, server, "SELECT toString(block_id)"+from).(string))), hex.Dump([]byte(stored)))
				}
				assert.InDelta(t, time.Now().Unix(), one(t, server, "SELECT toUnixTimestamp(max(inserted_at)) AS t FROM "+cfg.Database+".events"), 60)
			})
		}
	}
}

// native is the block of one event, not compressed.
func native(t *testing.T, event audit.Event, block string) []byte {
	t.Helper()
	number, err := strconv.ParseUint(block, 10, 64)
	require.NoError(t, err)
	b := columns.NewBuilder(1, columns.CompressionNone)
	admission, _ := b.Add(event)
	require.Equal(t, columns.Added, admission)
	sealed := b.Seal()
	defer sealed.Release()
	sealed.Number(number)
	raw, err := io.ReadAll(compress.NewReader(bytes.NewReader(sealed.Data)))
	require.ErrorIs(t, err, io.EOF) // the reader says so in words of its own
	return raw
}

func TestRequestIsStoredOnceHoweverOftenItIsSent(t *testing.T) {
	server := clickhousetest.New(t)
	for protocol, endpoint := range protocols {
		t.Run(protocol, func(t *testing.T) {
			cfg := configFor(t, server)
			cfg.Endpoint, cfg.Database = endpoint(server), "audit_"+protocol
			e := startExporter(t, cfg, newHost())
			request := func() []audit.Event {
				return append(eventtest.Events(eventtest.Queries("q", 500)), unredacted("bad"))
			}
			for range 3 {
				send(t, e, eventtest.Request(request()...))
			}
			assert.Equal(t, []map[string]any{{"n": 500.0, "ids": 500.0}},
				query(t, server, "SELECT count() AS n, uniqExact(record_id) AS ids FROM "+cfg.Database+".events"))
			assert.EqualValues(t, 1, one(t, server, "SELECT count() FROM "+cfg.Database+".quarantine"))
			for table, measure := range map[string]string{
				"query_cost_hourly": "executions", "query_shape_daily": "executions", "actor_cost_daily": "executions",
				"activity_daily": "events",
			} {
				assert.EqualValues(t, 500, one(t, server, fmt.Sprintf("SELECT sum(%s) FROM %s.%s", measure, cfg.Database, table)), table)
			}
			assert.EqualValues(t, 1000, one(t, server, "SELECT sum(queries) FROM "+cfg.Database+".dataset_usage_daily"))
		})
	}
}

// unredacted is an event that did not pass the processor, with a secret in it.
func unredacted(id string) audit.Event {
	e := eventtest.Query(id, eventtest.Time, 1)
	e.Record.Attributes().Remove(audit.AttrRedactionOutcome)
	e.Record.Attributes().PutStr(audit.AttrQueryText, "SELECT hunter2")
	return e
}

func TestUnredactedEventGoesToQuarantineWithoutItsContent(t *testing.T) {
	server := clickhousetest.New(t)
	e := startExporter(t, configFor(t, server), newHost())
	send(t, e, eventtest.Request(unredacted("bad"), eventtest.Minimal("good")))
	assert.Equal(t, []map[string]any{{"record_id": "good"}}, query(t, server, "SELECT record_id FROM audit.events"))
	rows := query(t, server, "SELECT * EXCEPT (inserted_at, event), event FROM audit.quarantine")
	require.Len(t, rows, 1)
	assert.Equal(t, "not_redacted", rows[0]["reason"])
	assert.Equal(t, audit.AttrRedactionOutcome, rows[0]["field"])
	assert.Equal(t, "bad", rows[0]["record_id"])
	assert.Equal(t, "axiom", rows[0]["service_name"])
	text, err := json.Marshal(rows)
	require.NoError(t, err)
	assert.NotContains(t, string(text), "hunter2")
	assert.EqualValues(t, 1, one(t, server, "SELECT sum(events) FROM audit.activity_daily"), "quarantine is in no rollup")
}

func TestRequestOverManyPartitionsIsStoredOnce(t *testing.T) {
	server := clickhousetest.New(t)
	e := startExporter(t, configFor(t, server), newHost())
	var events []audit.Event
	for i := range 200 {
		// 200 days in 7 months, and 4 retentions: more than one insert may touch.
		event := eventtest.Query(fmt.Sprintf("id-%d", i), time.Date(2000, time.January, 1+i, 0, 0, 0, 0, time.UTC), i)
		event.Record.Attributes().PutInt(audit.AttrRetentionDays, int64(i%4)*40)
		events = append(events, event)
	}
	for range 2 {
		send(t, e, eventtest.Request(events...))
	}
	assert.EqualValues(t, 200, one(t, server, "SELECT count() FROM audit.events"))
	assert.EqualValues(t, 200, one(t, server, "SELECT sum(executions) FROM audit.query_cost_hourly"))
	assert.EqualValues(t, 200, one(t, server, "SELECT sum(events) FROM audit.activity_daily"))
	assert.Equal(t, "(0,202611) (120,202611) (40,20261121) (80,20261121)", one(t, server, "SELECT arrayStringConcat("+
		"arraySort(groupUniqArray(partition)), ' ') FROM system.parts WHERE database = 'audit' AND table = 'events' AND active"))
}

func TestFirstAndLastTimesAreStored(t *testing.T) {
	server := clickhousetest.New(t)
	e := startExporter(t, configFor(t, server), newHost())
	first := eventtest.Query("first", time.Unix(1, 0), 1)
	last := eventtest.Query("last", time.Date(2261, 12, 31, 23, 59, 59, 0, time.UTC), 1)
	for _, event := range []audit.Event{first, last} {
		event.Record.Attributes().PutInt(audit.AttrIngestBytes, 5)
	}
	send(t, e, eventtest.Request(first, last))
	assert.Equal(t, []map[string]any{
		{"record_id": "first", "t": "1970-01-01 00:00:01.000000000"}, {"record_id": "last", "t": "2261-12-31 23:59:59.000000000"},
	}, query(t, server, "SELECT record_id, toString(timestamp) AS t FROM audit.events ORDER BY timestamp"))
	for _, table := range []string{"query_cost_hourly", "ingest_hourly"} {
		assert.Equal(t, []map[string]any{{"h": "1970-01-01 00:00:00"}, {"h": "2261-12-31 23:00:00"}},
			query(t, server, "SELECT toString(hour) AS h FROM audit."+table+" ORDER BY hour"), table)
	}
	for _, table := range []string{"query_shape_daily", "actor_cost_daily", "activity_daily"} {
		assert.Equal(t, []map[string]any{{"d": "1970-01-01"}, {"d": "2261-12-31"}},
			query(t, server, "SELECT toString(day) AS d FROM audit."+table+" ORDER BY day"), table)
	}
}

// TestRetentionCountsFromReceipt has rows of one old and one new receipt, each with and without a retention.
func TestRetentionCountsFromReceipt(t *testing.T) {
	server := clickhousetest.New(t)
	e := startExporter(t, configFor(t, server), newHost())
	var events []audit.Event
	for id, received := range map[string]time.Time{"old": time.Now().AddDate(0, 0, -10), "new": time.Now()} {
		for _, retention := range []int64{0, 5, 365} {
			event := eventtest.Minimal(fmt.Sprintf("%s-%d", id, retention))
			event.Record.SetTimestamp(pcommon.NewTimestampFromTime(time.Unix(1, 0))) // says nothing about retention
			event.Record.Attributes().PutInt(audit.AttrReceivedTime, received.UnixNano())
			event.Record.Attributes().PutInt(audit.AttrRetentionDays, retention)
			events = append(events, event)
		}
	}
	send(t, e, eventtest.Request(events...))
	_, err := server.Query(t.Context(), "OPTIMIZE TABLE audit.events FINAL")
	require.NoError(t, err)
	assert.Eventually(t, func() bool {
		left := one(t, server, "SELECT arrayStringConcat(arraySort(groupArray(record_id)), ' ') FROM audit.events")
		return left == "new-0 new-365 new-5 old-0 old-365"
	}, patience, 100*time.Millisecond)
}

// TestRowThatTheDatabaseRejectsIsTheOnlyOneQuarantined has a constraint that a user put on the table.
func TestRowThatTheDatabaseRejectsIsTheOnlyOneQuarantined(t *testing.T) {
	server := clickhousetest.New(t)
	for protocol, endpoint := range protocols {
		t.Run(protocol, func(t *testing.T) {
			cfg := configFor(t, server)
			cfg.Endpoint, cfg.Database = endpoint(server), "audit_"+protocol
			e := startExporter(t, cfg, newHost())
			send(t, e, eventtest.Request(eventtest.Minimal("first")))
			_, err := server.Query(t.Context(), "ALTER TABLE "+cfg.Database+".events ADD CONSTRAINT c CHECK actor_id != 'actor-5'")
			require.NoError(t, err)
			for range 2 {
				send(t, e, eventtest.Queries("q", 20)) // actors 5, 12 and 19 of 7 are actor-5
			}
			assert.Equal(t, []map[string]any{{"n": 18.0, "ids": 18.0}},
				query(t, server, "SELECT count() AS n, uniqExact(record_id) AS ids FROM "+cfg.Database+".events"), "17 of 20 and the first")
			assert.EqualValues(t, 18, one(t, server, "SELECT sum(events) FROM "+cfg.Database+".activity_daily"))
			assert.Eventually(t, func() bool { // they go to the log again, as rows of another table
				return one(t, server, "SELECT arrayStringConcat(arraySort(groupArray(record_id)), ',') FROM "+cfg.Database+
					".quarantine WHERE reason = 'rejected_by_database' AND field = 'VIOLATED_CONSTRAINT'") == "q-12,q-19,q-5"
			}, patience, 50*time.Millisecond)
		})
	}
}
