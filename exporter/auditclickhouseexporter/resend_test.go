package auditclickhouseexporter

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/eventtest"
	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal/clickhousetest"
)

// startReconciling starts an exporter that compares the tables far more often than a configuration may ask for, and ends it with
// the test.
func startReconciling(t *testing.T, cfg *Config) exporter.Logs {
	t.Helper()
	often := *cfg
	often.Reconcile.Interval = 500 * time.Millisecond
	e := newExporter1(t, &often)
	t.Cleanup(func() { assert.NoError(t, e.Shutdown(context.Background())) })
	return e
}

// TestRecordSentAgainAfterTheReplayWindowIsFoundByReconciliation has a window that ends at once: the copy is stored, and
// counted by the rollups, until the next round deletes it and counts the rollups again.
func TestRecordSentAgainAfterTheReplayWindowIsFoundByReconciliation(t *testing.T) {
	t.Parallel()
	server := clickhousetest.New(t)
	for protocol, endpoint := range protocols {
		t.Run(protocol, func(t *testing.T) { resendAfterTheWindow(t, server, endpoint(server)) })
	}
}

func resendAfterTheWindow(t *testing.T, server *clickhouselocal.Server, endpoint string) {
	t.Helper()
	_, err := server.Query(t.Context(), "DROP DATABASE IF EXISTS audit SYNC")
	require.NoError(t, err)
	cfg := configFor(t, server)
	cfg.Endpoint = endpoint
	cfg.ReplayWindow.MaxAge = time.Millisecond
	cfg.Reconcile.Interval, cfg.Reconcile.Repair = time.Hour, true
	e := newExporter1(t, cfg)
	request := func(from, n int) []audit.Event {
		var events []audit.Event
		for i := range n {
			event := eventtest.Query(fmt.Sprint(from+i), time.Now(), from+i)
			event.Record.Attributes().PutInt(audit.AttrReceivedTime, time.Now().UnixNano())
			event.Record.SetTimestamp(pcommon.NewTimestampFromTime(time.Now().Add(-time.Second)))
			event.Record.Attributes().PutStr(audit.AttrRecordHash, fmt.Sprintf("%032d", from+i))
			events = append(events, event)
		}
		return events
	}
	first := request(0, 50)
	send(t, e, eventtest.Request(first...))
	firstBlock := one(t, server, "SELECT toString(any(block_id)) FROM audit.events")
	for i := range 2 { // half of the window is forgotten at a time
		time.Sleep(10 * time.Millisecond)
		send(t, e, eventtest.Request(request(50+i*10, 10)...))
	}
	send(t, e, eventtest.Request(request(0, 20)...))
	require.EqualValues(t, 90, one(t, server, "SELECT count() FROM audit.events"), "20 are there twice")
	require.EqualValues(t, 90, one(t, server, "SELECT sum(events) FROM audit.activity_daily"))
	require.NoError(t, e.Shutdown(t.Context()))

	startReconciling(t, cfg)
	waitForRows(t, server, 70)
	assert.Equal(t, firstBlock, one(t, server, "SELECT toString(any(block_id)) FROM audit.events WHERE record_id = '5'"), "what came first stays")
	for _, view := range []string{
		"reconcile_blocks(from = now() - INTERVAL 1 DAY, to = now() + INTERVAL 1 HOUR)",
		"reconcile_doubled(since = now() - INTERVAL 1 DAY, from = now() - INTERVAL 1 DAY, to = now() + INTERVAL 1 HOUR)",
		"reconcile_rollups(from = yesterday(), to = today())",
	} {
		assert.Eventually(t, func() bool { return one(t, server, "SELECT count() FROM audit."+view) == 0.0 }, patience, 100*time.Millisecond, view)
	}
}
