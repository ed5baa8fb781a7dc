package auditclickhouseexporter

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"golang.org/x/sys/unix"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/eventtest"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal/clickhousetest"
)

// smallDisk mounts a file system of so many megabytes.
func smallDisk(t *testing.T, megabytes int) string {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%dm", megabytes)); err != nil {
		t.Skipf("a file system of a few megabytes cannot be mounted here, which takes root (%v)", err)
	}
	t.Cleanup(func() { require.NoError(t, unix.Unmount(dir, unix.MNT_DETACH)) })
	return dir
}

// fill writes a file until the disk is full, and gives what removes it.
func fill(t *testing.T, dir string) (remove func()) {
	t.Helper()
	name := filepath.Join(dir, "filler")
	file, err := os.Create(name)
	require.NoError(t, err)
	_, err = io.Copy(file, zeros{})
	require.ErrorIs(t, err, unix.ENOSPC)
	require.NoError(t, file.Close())
	return func() { require.NoError(t, os.Remove(name)) }
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// TestFullDiskOfTheDatabase fills ClickHouse's disk under load: the log takes what comes, the status says why nothing is
// inserted, and when there is room again everything is stored, once.
func TestFullDiskOfTheDatabase(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t, 200)
	server := clickhousetest.New(t, func(o *clickhouselocal.Options) { o.DataDir = filepath.Join(disk, "data") })
	host := newHost()
	cfg := configFor(t, server)
	cfg.Acknowledge = acknowledgeLog
	e := startExporter(t, cfg, host)
	send(t, e, eventtest.Queries("before", 100))
	waitForRows(t, server, 100)
	sent := 100
	for round := range 2 {
		remove := fill(t, disk)
		for i := range 10 {
			send(t, e, eventtest.Queries(fmt.Sprintf("during-%d-%d", round, i), 300))
			sent += 300
		}
		assert.ErrorContains(t, host.waitFor(t, componentstatus.StatusRecoverableError).Err(), "the server's disk may be full")
		remove()
		host.waitFor(t, componentstatus.StatusOK)
		waitForRows(t, server, sent)
	}
	assert.EqualValues(t, 0, one(t, server, "SELECT count() FROM audit.quarantine"))
}

// TestFullDiskOfTheLog fills the log's disk while ClickHouse is away: requests are refused and may be sent again, what was
// taken is stored, and when it is, the log takes again.
func TestFullDiskOfTheLog(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t, 12)
	server := clickhousetest.New(t)
	require.NoError(t, server.Kill())
	cfg := configFor(t, server)
	cfg.Acknowledge, cfg.Log.Directory, cfg.Compression = acknowledgeLog, filepath.Join(disk, "log"), "none"
	e := startExporter(t, cfg, newHost())
	taken := 0
	var err error
	for i := 0; err == nil; i++ {
		if err = trySend(t, e, eventtest.Queries(fmt.Sprint(i), 1000), patience); err == nil {
			taken += 1000
		}
		require.Less(t, taken, 200_000)
	}
	require.ErrorContains(t, err, "no space left on device")
	require.False(t, consumererror.IsPermanent(err), "it can be sent again")
	require.Positive(t, taken)
	require.NoError(t, server.Restart(t.Context()))
	waitForRows(t, server, taken)
	require.Eventually(t, func() bool {
		return trySend(t, e, eventtest.Queries("after", 10), patience) == nil
	}, patience, 100*time.Millisecond)
	waitForRows(t, server, taken+10)
}
