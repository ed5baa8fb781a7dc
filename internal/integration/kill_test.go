package integration

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"

	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal/clickhousetest"
)

// kills is how often each process is killed.
const kills = 20

// faithful sends batches as the draft for audit logging asks of a client: each again, with the same ids, until it is taken. It
// counts the records that were.
func faithful(c *collector, path string, senders, size int, stop <-chan struct{}) (taken, repeated *atomic.Int64, wait func()) {
	taken, repeated = &atomic.Int64{}, &atomic.Int64{}
	var group sync.WaitGroup
	for s := range senders {
		group.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				case <-time.After(20 * time.Millisecond):
				}
				logs := batch(fmt.Sprintf("%s-%d-%05d", path[len("/v1/"):], s, i), size)
				body, err := plogotlp.NewExportRequestFromLogs(logs).MarshalProto()
				if err != nil {
					panic(err)
				}
				for try := 0; !c.takes(path, body); try++ {
					repeated.Add(1)
					time.Sleep(50 * time.Millisecond)
				}
				taken.Add(int64(size))
			}
		})
	}
	return taken, repeated, group.Wait
}

// takes reports whether a body was taken.
func (c *collector) takes(path string, body []byte) bool {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+c.http+path, bytes.NewReader(body))
	if err != nil {
		return false
	}
	request.Header.Set("Content-Type", "application/x-protobuf")
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	return response.StatusCode/100 == 2
}

func TestNothingIsLostOrDoubledThoughBothAreKilled(t *testing.T) {
	for name, victims := range map[string]struct{ collector, server bool }{
		"collector": {collector: true}, "ClickHouse": {server: true}, "both": {collector: true, server: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := clickhousetest.New(t, ownProcess)
			c := startCollector(t, server, "http")
			stop := make(chan struct{})
			otlp, again, waitOTLP := faithful(c, "/v1/logs", 2, 100, stop)
			draft, againDraft, waitDraft := faithful(c, "/v1/audit", 2, 20, stop)
			random := rand.New(rand.NewPCG(1, uint64(len(name))))
			for range kills {
				time.Sleep(time.Duration(random.IntN(1000)) * time.Millisecond)
				if victims.collector {
					c.kill()
				}
				if victims.server {
					require.NoError(t, server.Kill())
					require.NoError(t, server.Restart(context.Background()))
				}
				if victims.collector {
					c.start(t)
				}
			}
			time.Sleep(time.Second)
			close(stop)
			waitOTLP()
			waitDraft()
			total := int(otlp.Load() + draft.Load())
			t.Logf("%d records taken, %d requests sent again", total, again.Load()+againDraft.Load())
			awaitRows(t, server, total, 2*time.Minute)
			requireRollupsAndLedger(t, server, total)
		})
	}
}

// requireRollupsAndLedger waits until every rollup, the manifest and the ledger say what the table says.
func requireRollupsAndLedger(t *testing.T, server *clickhouselocal.Server, total int) {
	t.Helper()
	var mu sync.Mutex
	var found map[string]any
	ok := assert.Eventually(t, func() bool {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		out, err := server.Query(ctx, "SELECT "+
			"(SELECT sum(events) FROM "+database+".activity_daily) AS activity, "+
			"(SELECT sum(rows) FROM "+database+".blocks WHERE table = 'events') AS manifest, "+
			"(SELECT sumIf(events, kind = 'accepted') FROM "+database+".ledger) AS accepted, "+
			"(SELECT toInt64(sumIf(events, kind = 'received' OR kind = 'generated' AND reason != 'directory_change')) - toInt64(sumIf(events, kind NOT IN ('received', 'generated', 'warning'))) FROM "+database+".ledger) AS unexplained "+
			"FORMAT JSONEachRow SETTINGS output_format_json_quote_64bit_integers = 0")
		var answer map[string]any
		if err != nil || json.Unmarshal([]byte(out), &answer) != nil {
			return false
		}
		mu.Lock()
		defer mu.Unlock()
		found = answer
		n := float64(total)
		return found["activity"] == n && found["manifest"] == n && found["accepted"] == n && found["unexplained"] == 0.0
	}, time.Minute, 200*time.Millisecond)
	mu.Lock()
	defer mu.Unlock()
	require.True(t, ok, "%d records; found: %v", total, found)
}
