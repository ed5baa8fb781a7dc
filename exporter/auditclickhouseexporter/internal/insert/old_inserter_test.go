package insert

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ClickHouse/ch-go/proto"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/metric/metricdata/metricdatatest"
	"go.uber.org/goleak"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/clickhouse"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/columns"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/eventtest"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/metadata"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/metadatatest"
	"github.com/otelaudit/otelaudit/internal/audit"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// database is a database in memory that recognises tokens, as ClickHouse does.
type database struct {
	answer func(table string, rows string) error // of an insert of these rows; nil takes them
	tokens map[string]bool
	rows   map[string][]string // by table, which record ids
	tries  []string
}

func (d *database) Insert(_ context.Context, table string, block *columns.Block) error {
	ids := recordIDs(block)
	try := table + ": " + strings.Join(ids, " ")
	d.tries = append(d.tries, try)
	if d.answer != nil {
		if err := d.answer(table, strings.Join(ids, " ")); err != nil {
			return err
		}
	}
	if !d.tokens[table+block.Token] {
		d.tokens[table+block.Token] = true
		d.rows[table] = append(d.rows[table], ids...)
	}
	return nil
}

// recordIDs reads the first column of a block.
func recordIDs(block *columns.Block) []string {
	var ids proto.ColStr
	reader := (&proto.Buffer{Buf: slices.Clone(block.Columns[0].Data)}).Reader()
	if err := ids.DecodeColumn(reader, block.Rows); err != nil {
		panic(err)
	}
	out := make([]string, block.Rows)
	for i := range out {
		out[i] = ids.Row(i)
	}
	return out
}

func newInserter(t *testing.T) (*Inserter, *database, *componenttest.Telemetry) {
	t.Helper()
	telemetry := componenttest.NewTelemetry()
	t.Cleanup(func() { assert.NoError(t, telemetry.Shutdown(context.Background())) })
	builder, err := metadata.NewTelemetryBuilder(telemetry.NewTelemetrySettings())
	require.NoError(t, err)
	db := &database{tokens: map[string]bool{}, rows: map[string][]string{}}
	return New(db, 2, builder), db, telemetry
}

// events makes events of the ids; those of "raw…" were not redacted.
func events(ids ...string) []audit.Event {
	var out []audit.Event
	for _, id := range ids {
		e := eventtest.Minimal(id)
		if strings.HasPrefix(id, "raw") {
			e.Record.Attributes().PutStr(audit.AttrQueryText, "SELECT 1")
		}
		out = append(out, e)
	}
	return out
}

var (
	rejected = &clickhouse.Error{Op: "insert", Code: int(proto.ErrViolatedConstraint), Class: clickhouse.Rejected}
	busy     = &clickhouse.Error{Op: "insert", Code: int(proto.ErrMemoryLimitExceeded), Class: clickhouse.Throttled}
)

func TestEveryEventIsStoredOrInQuarantine(t *testing.T) {
	inserter, db, _ := newInserter(t)
	require.NoError(t, inserter.Write(t.Context(), eventtest.Request(events("a", "raw-1", "b", "raw-2")...)))
	assert.Equal(t, []string{"events: a b", "quarantine: raw-1 raw-2"}, db.tries)
	require.NoError(t, inserter.Write(t.Context(), eventtest.Request()))
	assert.Len(t, db.tries, 2, "an empty request needs no insert")
}

func TestFailedRequestIsCompletedByTheNextTry(t *testing.T) {
	inserter, db, _ := newInserter(t)
	request := func() []audit.Event {
		all := events("a", "b", "c", "d", "raw")
		for i, e := range all[:4] { // four partitions, two to a block
			e.Record.Attributes().PutInt(audit.AttrRetentionDays, int64(i))
		}
		return all
	}
	for i, failing := range []string{"a b", "c d", "raw"} {
		db.answer = func(_, rows string) error {
			if rows == failing {
				return busy
			}
			return nil
		}
		err := inserter.Write(t.Context(), eventtest.Request(request()...))
		require.ErrorIs(t, err, busy, i)
	}
	db.answer = nil
	require.NoError(t, inserter.Write(t.Context(), eventtest.Request(request()...)))
	assert.Equal(t, map[string][]string{"events": {"a", "b", "c", "d"}, "quarantine": {"raw"}}, db.rows)
}

func TestRejectedRowsAreFoundAndQuarantined(t *testing.T) {
	for _, bad := range [][]string{{"0"}, {"4", "5"}, {"0", "9"}, {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}} {
		t.Run(strings.Join(bad, ""), func(t *testing.T) {
			inserter, db, telemetry := newInserter(t)
			db.answer = func(table, rows string) error {
				if table == TableEvents && strings.ContainsAny(rows, strings.Join(bad, "")) {
					return rejected
				}
				return nil
			}
			var all, good []string
			for i := range 10 {
				id := fmt.Sprint(i)
				all = append(all, id)
				if !slices.Contains(bad, id) {
					good = append(good, id)
				}
			}
			for range 2 {
				require.NoError(t, inserter.Write(t.Context(), eventtest.Request(events(all...)...)))
			}
			assert.Equal(t, good, db.rows[TableEvents])
			assert.Equal(t, bad, db.rows[TableQuarantine])
			metadatatest.AssertEqualExporterAuditClickhouseQuarantinedEvents(t, telemetry, []metricdata.DataPoint[int64]{{
				Value: int64(2 * len(bad)),
				Attributes: attribute.NewSet(attribute.String("reason", "rejected_by_database"),
					attribute.String("field", "VIOLATED_CONSTRAINT")),
			}}, metricdatatest.IgnoreTimestamp())
		})
	}
}

func TestRejectedQuarantineIsTriedAgain(t *testing.T) {
	inserter, db, _ := newInserter(t)
	db.answer = func(table, _ string) error {
		if table == TableQuarantine {
			return rejected
		}
		return nil
	}
	require.ErrorIs(t, inserter.Write(t.Context(), eventtest.Request(events("a", "raw")...)), rejected)
	db.answer = nil
	require.NoError(t, inserter.Write(t.Context(), eventtest.Request(events("a", "raw")...)))
	assert.Equal(t, map[string][]string{"events": {"a"}, "quarantine": {"raw"}}, db.rows)
}

func TestInsertsAreCounted(t *testing.T) {
	inserter, db, telemetry := newInserter(t)
	require.NoError(t, inserter.Write(t.Context(), eventtest.Request(events("a", "b", "raw")...)))
	db.answer = func(string, string) error { return busy }
	require.Error(t, inserter.Write(t.Context(), eventtest.Request(events("a")...)))
	db.answer = func(string, string) error { return errors.New("not one of ClickHouse's") }
	require.Error(t, inserter.Write(t.Context(), eventtest.Request(events("a")...)))

	table := func(name string) attribute.Set { return attribute.NewSet(attribute.String("table", name)) }
	metadatatest.AssertEqualExporterAuditClickhouseRows(t, telemetry, []metricdata.DataPoint[int64]{
		{Value: 2, Attributes: table("events")}, {Value: 1, Attributes: table("quarantine")},
	}, metricdatatest.IgnoreTimestamp())
	metadatatest.AssertEqualExporterAuditClickhouseInserts(t, telemetry, []metricdata.DataPoint[int64]{
		{Value: 1, Attributes: table("events")}, {Value: 1, Attributes: table("quarantine")},
	}, metricdatatest.IgnoreTimestamp())
	metadatatest.AssertEqualExporterAuditClickhouseInsertErrors(t, telemetry, []metricdata.DataPoint[int64]{{
		Value: 1,
		Attributes: attribute.NewSet(attribute.String("table", "events"), attribute.Int("code", 241),
			attribute.String("class", "throttled")),
	}}, metricdatatest.IgnoreTimestamp())
	metadatatest.AssertEqualExporterAuditClickhouseQuarantinedEvents(t, telemetry, []metricdata.DataPoint[int64]{{
		Value:      1,
		Attributes: attribute.NewSet(attribute.String("reason", "raw_value"), attribute.String("field", audit.AttrQueryText)),
	}}, metricdatatest.IgnoreTimestamp())
}
