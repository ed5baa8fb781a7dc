package auditclickhouseexporter

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/storage/filestorage"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/exporterhelper"
	"go.opentelemetry.io/collector/exporter/exportertest"
	"go.opentelemetry.io/collector/extension/extensiontest"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/eventtest"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/metadata"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal/clickhousetest"
)

// withQueue gives the exporter a queue on disk.
func withQueue(cfg *Config, size int64) {
	queue := exporterhelper.NewDefaultQueueConfig()
	id := component.MustNewID("file_storage")
	queue.StorageID = &id
	queue.QueueSize = size
	cfg.SendingQueue = configoptional.Some(queue)
}

// hostWithStorage is a host whose file_storage keeps its files in dir. The returned function stops it.
func hostWithStorage(t *testing.T, dir string) (host *testHost, stop func()) {
	t.Helper()
	factory := filestorage.NewFactory()
	cfg := factory.CreateDefaultConfig().(*filestorage.Config)
	cfg.Directory, cfg.CreateDirectory, cfg.FSync = filepath.Join(dir, "queue"), true, true
	cfg.DirectoryPermissions = "0700"
	require.NoError(t, cfg.Validate())
	storage, err := factory.Create(t.Context(), extensiontest.NewNopSettings(factory.Type()), cfg)
	require.NoError(t, err)
	require.NoError(t, storage.Start(t.Context(), componenttest.NewNopHost()))
	host = newHost()
	host.extensions[component.MustNewID("file_storage")] = storage
	return host, func() { assert.NoError(t, storage.Shutdown(context.Background())) }
}

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
	cfg := configFor(server)
	withQueue(cfg, 100_000)
	host, stop := hostWithStorage(t, t.TempDir())
	t.Cleanup(stop)
	e := startExporter(t, cfg, host)

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
	cfg := configFor(server)
	withQueue(cfg, 1000)
	host, stop := hostWithStorage(t, t.TempDir())
	t.Cleanup(stop)
	e := startExporter(t, cfg, host)
	for i := range 5 {
		send(t, e, eventtest.Queries(fmt.Sprint(i), 10))
	}
	assert.ErrorContains(t, host.waitFor(t, componentstatus.StatusRecoverableError).Err(), "refused")
	require.NoError(t, server.Restart(t.Context()))
	host.waitFor(t, componentstatus.StatusOK)
	waitForRows(t, server, 50)
}

// newExporterNamed makes an exporter of a certain name: the queue on disk belongs to the name.
func newExporterNamed(t *testing.T, cfg *Config, name string) exporter.Logs {
	t.Helper()
	settings := exportertest.NewNopSettings(metadata.Type)
	settings.ID = component.MustNewIDWithName("audit_clickhouse", name)
	e, err := NewFactory().CreateLogs(t.Context(), settings, cfg)
	require.NoError(t, err)
	return e
}

func TestQueuedRecordsSurviveTheCollector(t *testing.T) {
	server := clickhousetest.New(t)
	require.NoError(t, server.Kill())
	cfg := configFor(server)
	withQueue(cfg, 1000)
	dir := t.TempDir()

	host, stop := hostWithStorage(t, dir)
	first := newExporterNamed(t, cfg, "same")
	require.NoError(t, first.Start(t.Context(), host))
	for i := range 5 {
		send(t, first, eventtest.Queries(fmt.Sprint(i), 10))
	}
	require.NoError(t, first.Shutdown(t.Context()))
	stop()

	require.NoError(t, server.Restart(t.Context()))
	host, stop = hostWithStorage(t, dir)
	t.Cleanup(stop)
	second := newExporterNamed(t, cfg, "same")
	require.NoError(t, second.Start(t.Context(), host))
	t.Cleanup(func() { assert.NoError(t, second.Shutdown(context.Background())) })
	waitForRows(t, server, 50)
}

func TestFullQueueRefusesRatherThanDrops(t *testing.T) {
	server := clickhousetest.New(t)
	require.NoError(t, server.Kill())
	cfg := configFor(server)
	withQueue(cfg, 2)
	host, stop := hostWithStorage(t, t.TempDir())
	t.Cleanup(stop)
	e := startExporter(t, cfg, host)
	taken := 0
	for i := range 20 {
		if err := trySend(t, e, eventtest.Queries(fmt.Sprint(i), 1), patience); err == nil {
			taken++
		} else {
			require.ErrorIs(t, err, exporterhelper.ErrQueueIsFull)
		}
	}
	require.Less(t, taken, 20)
	require.NoError(t, server.Restart(t.Context()))
	waitForRows(t, server, taken)
}

// TestWithoutAQueueSuccessMeansStored has the request wait for the server.
func TestWithoutAQueueSuccessMeansStored(t *testing.T) {
	server := clickhousetest.New(t)
	require.NoError(t, server.Kill())
	e := startExporter(t, configFor(server), newHost())
	require.Error(t, trySend(t, e, eventtest.Queries("a", 10), time.Second))

	answered := make(chan error)
	go func() { answered <- trySend(t, e, eventtest.Queries("b", 10), patience) }()
	time.Sleep(200 * time.Millisecond)
	require.NoError(t, server.Restart(t.Context()))
	require.NoError(t, <-answered)
	waitForRows(t, server, 10)
}
