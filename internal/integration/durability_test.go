package integration

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal/clickhousetest"
)

// outage is how long ClickHouse stays away while events flow.
const outage = time.Minute

var schemes = []string{"clickhouse", "http"}

// ownProcess asks for a ClickHouse that the test may kill, even where another one is configured.
func ownProcess(o *clickhouselocal.Options) { o.OwnProcess = true }

// flow sends batches from several senders until stop is closed and counts the records that were acknowledged. A batch that
// was not acknowledged is not sent again: its ids are never used, so that the count is exact.
func flow(c *collector, senders, size int, pause time.Duration, stop <-chan struct{}) (acknowledged *atomic.Int64, wait func()) {
	acknowledged = &atomic.Int64{}
	var group sync.WaitGroup
	for s := range senders {
		group.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				case <-time.After(pause):
				}
				ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
				if c.send(ctx, batch(fmt.Sprintf("s%d-%05d", s, i), size)) == nil {
					acknowledged.Add(int64(size))
				}
				cancel()
			}
		})
	}
	return acknowledged, group.Wait
}

func TestEveryAcknowledgedEventIsStoredOnceThoughClickHouseWasAway(t *testing.T) {
	for _, scheme := range schemes {
		t.Run(scheme, func(t *testing.T) {
			t.Parallel()
			server := clickhousetest.New(t, ownProcess)
			c := startCollector(t, server, scheme)
			stop := make(chan struct{})
			acknowledged, wait := flow(c, 2, 200, 500*time.Millisecond, stop)
			time.Sleep(2 * time.Second)
			require.NoError(t, server.Kill())
			before := acknowledged.Load()
			time.Sleep(outage)
			require.Greater(t, acknowledged.Load(), before, "events are taken while ClickHouse is away")
			require.NoError(t, server.Restart(context.Background()))
			time.Sleep(2 * time.Second)
			close(stop)
			wait()
			awaitRows(t, server, int(acknowledged.Load()), 3*time.Minute)
		})
	}
}

func TestCollectorStartsBeforeClickHouseAndCatchesUp(t *testing.T) {
	t.Parallel()
	server := clickhousetest.New(t, ownProcess)
	require.NoError(t, server.Kill())
	c := startCollector(t, server, "clickhouse")
	mustSend(t, c, batch("early", 100))
	require.NoError(t, server.Restart(context.Background()))
	awaitRows(t, server, 100, time.Minute)
}

func TestWhatWasAcknowledgedSurvivesAKillOfTheCollector(t *testing.T) {
	t.Parallel()
	server := clickhousetest.New(t, ownProcess)
	c := startCollector(t, server, "clickhouse")
	mustSend(t, c, batch("first", 10))
	awaitRows(t, server, 10, time.Minute)
	require.NoError(t, server.Kill())
	for i := range 20 {
		mustSend(t, c, batch(fmt.Sprintf("queued-%d", i), 50))
	}
	c.kill()
	c.start(t)
	require.NoError(t, server.Restart(context.Background()))
	awaitRows(t, server, 1010, time.Minute)
}
