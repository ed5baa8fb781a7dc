package reconcile

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/schema"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal/clickhousetest"
)

// TestClusterOfTwoShards has no Keeper, so the schema is applied to each server and locks are those of the first.
func TestClusterOfTwoShards(t *testing.T) {
	w := &world{t: t, layout: schema.Layout{Database: "audit", Cluster: "two"}, now: time.Now().UTC().Truncate(time.Second)}
	var shards []Conn
	for _, server := range clickhousetest.NewCluster(t, "two", 2) {
		conn := connect(t, server)
		w.migrate(conn)
		shards = append(shards, conn)
		if w.conn == nil {
			w.conn = conn
		}
	}
	r := New(w.conn, shards, w.layout, Options{Repair: true})
	round := func() Report {
		report, err := r.Run(t.Context())
		require.NoError(t, err)
		return report
	}
	events := w.events("k", 60)
	for i := range events {
		events[i].tenant = "tenant " + strconv.Itoa(i%12)
	}
	f := w.insert(events, 10, 11)
	verdict, err := r.Verify(t.Context(), f)
	require.NoError(t, err)
	assert.Equal(t, All, verdict)
	w.manifest(f)
	for _, shard := range shards {
		rows, err := shard.Select(t.Context(), "SELECT toString(count()) FROM audit.events_local")
		require.NoError(t, err)
		assert.NotEqual(t, "0", rows[0][0])
	}
	report := round()
	assert.Equal(t, Report{From: report.From, To: report.To}, report)

	w.insert(events, 10, 11)
	report = round()
	assert.Equal(t, 60, report.Removed)
	assert.True(t, report.Rebuilt)
	var on []int
	for _, d := range report.Differing {
		on = append(on, d.Shard)
	}
	assert.Subset(t, on, []int{0, 1})
	report = round()
	assert.Equal(t, Report{From: report.From, To: report.To}, report)
	assert.Equal(t, "60", w.one("SELECT toString(count()) FROM audit.events"))
	assert.Equal(t, "60", w.one("SELECT toString(sum(events)) FROM audit.activity_daily"))
}
