package auditclickhouseexporter

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/exportertest"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/eventtest"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/metadata"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal/clickhousetest"
)

// waitForRows waits until the table and its rollups hold the events, and checks that they hold none twice. Rollups come a
// little after the table, and an insert is complete when they have.
func waitForRows(t *testing.T, server *clickhouselocal.Server, want int) {
	t.Helper()
	counts := func() string {
		answer, err := server.Query(t.Context(), "SELECT (SELECT uniqExact(record_id) FROM audit.events), "+
			"(SELECT count() FROM audit.events), (SELECT sum(events) FROM audit.activity_daily), "+
			"(SELECT sum(executions) FROM audit.query_cost_hourly)")
		if err != nil {
			return err.Error()
		}
		return strings.TrimSpace(answer)
	}
	complete := strings.TrimSuffix(strings.Repeat(fmt.Sprintf("%d\t", want), 4), "\t")
	for end := time.Now().Add(5 * patience); counts() != complete && time.Now().Before(end); {
		time.Sleep(100 * time.Millisecond)
	}
	require.Equal(t, complete, counts(), "ids and rows of the table, and what its rollups count")
}

// TestServerIsKilledUnderLoad sends from three clients at once and kills the server twice meanwhile.
func TestServerIsKilledUnderLoad(t *testing.T) {
	server := clickhousetest.New(t)
	cfg := configFor(t, server)
	cfg.Acknowledge = acknowledgeLog
	e := startExporter(t, cfg, newHost())

	const perRequest = 50
	var acknowledged atomic.Int64
	done := make(chan struct{})
	var clients sync.WaitGroup
	for client := range 3 {
		clients.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-done:
					return
				case <-time.After(100 * time.Millisecond):
				}
				if e.ConsumeLogs(t.Context(), eventtest.Queries(fmt.Sprintf("c%d-%d", client, i), perRequest)) == nil {
					acknowledged.Add(perRequest)
				}
			}
		})
	}
	for range 2 {
		time.Sleep(2 * time.Second)
		require.NoError(t, server.Kill())
		time.Sleep(500 * time.Millisecond)
		require.NoError(t, server.Restart(t.Context()))
	}
	time.Sleep(time.Second)
	close(done)
	clients.Wait()
	require.Positive(t, acknowledged.Load())
	waitForRows(t, server, int(acknowledged.Load()))
}

func TestServerComesAfterTheCollector(t *testing.T) {
	server := clickhousetest.New(t)
	require.NoError(t, server.Kill())
	cfg := configFor(t, server)
	cfg.Acknowledge = acknowledgeLog
	host := newHost()
	e := startExporter(t, cfg, host)
	for i := range 5 {
		send(t, e, eventtest.Queries(fmt.Sprint(i), 10))
	}
	assert.ErrorContains(t, host.waitFor(t, componentstatus.StatusRecoverableError).Err(), "refused")
	require.NoError(t, server.Restart(t.Context()))
	host.waitFor(t, componentstatus.StatusOK)
	waitForRows(t, server, 50)
}

func TestLoggedRecordsSurviveTheCollector(t *testing.T) {
	server := clickhousetest.New(t)
	require.NoError(t, server.Kill())
	cfg := configFor(t, server)
	cfg.Acknowledge = acknowledgeLog
	first := newExporter1(t, cfg)
	for i := range 5 {
		send(t, first, eventtest.Queries(fmt.Sprint(i), 10))
	}
	require.NoError(t, first.Shutdown(t.Context()))

	require.NoError(t, server.Restart(t.Context()))
	second := startExporter(t, cfg, newHost())
	waitForRows(t, server, 50)
	for i := range 5 {
		send(t, second, eventtest.Queries(fmt.Sprint(i), 10))
	}
	time.Sleep(time.Second)
	waitForRows(t, server, 50) // what was taken before the restart is recognised
}

// newExporter1 starts an exporter that the test stops itself.
func newExporter1(t *testing.T, cfg *Config) exporter.Logs {
	t.Helper()
	e, err := NewFactory().CreateLogs(t.Context(), exportertest.NewNopSettings(metadata.Type), cfg)
	require.NoError(t, err)
	require.NoError(t, e.Start(t.Context(), newHost()))
	return e
}

func TestALogBelongsToOneExporter(t *testing.T) {
	server := clickhousetest.New(t)
	cfg := configFor(t, server)
	startExporter(t, cfg, newHost())
	second, err := NewFactory().CreateLogs(t.Context(), exportertest.NewNopSettings(metadata.Type), cfg)
	require.NoError(t, err)
	require.ErrorContains(t, second.Start(t.Context(), newHost()), "in use by another process")
	require.NoError(t, second.Shutdown(t.Context()))
}

func TestFullLogRefusesRatherThanDrops(t *testing.T) {
	server := clickhousetest.New(t)
	require.NoError(t, server.Kill())
	cfg := configFor(t, server)
	cfg.Acknowledge, cfg.Log.MaxBytes, cfg.Compression = acknowledgeLog, minLogBytes, "none"
	e := startExporter(t, cfg, newHost())
	taken := 0
	for i := range 100 {
		err := trySend(t, e, eventtest.Queries(fmt.Sprint(i), 1000), patience)
		if err != nil {
			require.ErrorContains(t, err, "block log is full")
			require.False(t, consumererror.IsPermanent(err))
			break
		}
		taken += 1000
	}
	require.Less(t, taken, 100_000)
	require.NoError(t, server.Restart(t.Context()))
	waitForRows(t, server, taken)
	send(t, e, eventtest.Queries("after", 10))
}

// TestDatabaseAcknowledgementMeansStored has the request wait for the server.
func TestDatabaseAcknowledgementMeansStored(t *testing.T) {
	server := clickhousetest.New(t)
	require.NoError(t, server.Kill())
	e := startExporter(t, configFor(t, server), newHost())
	require.Error(t, trySend(t, e, eventtest.Queries("a", 10), time.Second))

	answered := make(chan error)
	go func() { answered <- trySend(t, e, eventtest.Queries("b", 10), patience) }()
	time.Sleep(200 * time.Millisecond)
	require.NoError(t, server.Restart(t.Context()))
	require.NoError(t, <-answered)
	waitForRows(t, server, 20) // what was not acknowledged in time is in the log all the same
}
