package integration

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"

	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal/clickhousetest"
)

// fates are what the clients of the draft were told of each record, by its id.
type fates struct {
	mu       sync.Mutex
	taken    map[string]string // id → actor of the record that was taken
	refused  map[string]string // id → reason
	conflict map[string]string // id of a record that was taken → reason why another one of that id was not
	again    int
}

// answer is what a client of the draft reads of an answer.
type answer struct {
	Status string `json:"status"`
	Reason string `json:"reason"`
	Batch  map[string]struct {
		Status string `json:"status"`
		Reason string `json:"reason"`
		Hash   string `json:"integrity_hash"`
	} `json:"record_status_map"`
	Hash string `json:"integrity_hash"`
}

// submit sends a request as the draft has it: the same bytes until there is an answer that is final. Lost connections, 429 and
// 503 are not; after these it waits for what the server asks, though for no longer than a test has time.
func (c *collector) submit(logs plog.Logs) (status int, final answer, again int, err error) {
	body, err := plogotlp.NewExportRequestFromLogs(logs).MarshalProto()
	if err != nil {
		return 0, final, 0, err
	}
	for ; ; again++ {
		status, retryAfter, text, err := c.postAudit(body)
		switch {
		case err != nil:
			time.Sleep(50 * time.Millisecond)
		case status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable:
			seconds, _ := strconv.Atoi(retryAfter)
			time.Sleep(min(time.Duration(seconds)*time.Second, 200*time.Millisecond))
		default:
			return status, final, again, json.Unmarshal(text, &final)
		}
	}
}

func (c *collector) postAudit(body []byte) (status int, retryAfter string, text []byte, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+c.http+"/v1/audit", bytes.NewReader(body))
	if err != nil {
		return 0, "", nil, err
	}
	request.Header.Set("Content-Type", "application/x-protobuf")
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, "", nil, err
	}
	defer func() { _ = response.Body.Close() }()
	text, err = io.ReadAll(response.Body)
	return response.StatusCode, response.Header.Get("Retry-After"), text, err
}

// run sends requests of one client until stop is closed: sound ones, and now and then one with a bad record, or one with an
// id that was used before for something else.
func (f *fates) run(t *testing.T, c *collector, client int, stop <-chan struct{}) {
	t.Helper()
	random := rand.New(rand.NewPCG(3, uint64(client)))
	var mine []string // ids that were taken
	for i := 0; ; i++ {
		select {
		case <-stop:
			return
		case <-time.After(10 * time.Millisecond):
		}
		logs := plog.NewLogs()
		ids := make([]string, 1+random.IntN(15))
		for r := range ids {
			ids[r] = fmt.Sprintf("draft-%d-%05d-%02d", client, i, r)
			event(logs, ids[r]).Record.Attributes().PutStr(audit.AttrActorID, fmt.Sprintf("actor-%d", client))
		}
		bad, used := "", ""
		records := logs.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords()
		switch kind := random.IntN(6); {
		case kind == 0:
			bad = ids[random.IntN(len(ids))]
			records.At(slices.Index(ids, bad)).Attributes().Remove(audit.AttrAction)
		case kind == 1 && len(mine) > 0:
			used = mine[random.IntN(len(mine))]
			event(logs, used).Record.Attributes().PutStr(audit.AttrActorID, "another")
		}
		status, final, again, err := c.submit(logs)
		if !assert.NoError(t, err) {
			return
		}
		f.mu.Lock()
		f.again += again
		switch {
		case bad != "":
			assert.Equal(t, http.StatusBadRequest, status)
			assert.Contains(t, final.reason(bad), "audit.action: required")
			for _, id := range ids {
				f.refused[id] = final.reason(bad)
			}
		case used != "":
			assert.Equal(t, http.StatusConflict, status)
			assert.NotEmpty(t, final.reason(used))
			f.conflict[used] = final.reason(used)
			for _, id := range ids {
				f.refused[id] = final.Reason
			}
		default:
			assert.Contains(t, []int{http.StatusOK, http.StatusAccepted}, status, "%+v", final)
			for _, id := range ids {
				assert.NotEmpty(t, final.hash(id), "receipt of %s", id)
				f.taken[id] = fmt.Sprintf("actor-%d", client)
			}
			mine = append(mine, ids...)
		}
		f.mu.Unlock()
	}
}

func (a *answer) reason(id string) string {
	if r, ok := a.Batch[id]; ok {
		return r.Reason
	}
	return a.Reason
}

func (a *answer) hash(id string) string {
	if r, ok := a.Batch[id]; ok {
		return r.Hash
	}
	return a.Hash
}

// TestEveryRecordOfTheDraftIsStoredOnceOrRefusedWithAReason kills the collector under load of clients that do what OTEP 0267 asks
// of them, and compares the database with what each of them was told, record by record.
func TestEveryRecordOfTheDraftIsStoredOnceOrRefusedWithAReason(t *testing.T) {
	t.Parallel()
	server := clickhousetest.New(t, ownProcess)
	c := startCollector(t, server, "http", "MAX_DELAY=100ms")
	f := &fates{taken: map[string]string{}, refused: map[string]string{}, conflict: map[string]string{}}
	stop := make(chan struct{})
	var clients sync.WaitGroup
	for client := range 4 {
		clients.Go(func() { f.run(t, c, client, stop) })
	}
	random := rand.New(rand.NewPCG(1, 3))
	for range kills {
		time.Sleep(time.Duration(random.IntN(700)) * time.Millisecond)
		c.kill()
		c.start(t)
	}
	time.Sleep(500 * time.Millisecond)
	close(stop)
	clients.Wait()
	require.NotEmpty(t, f.refused)
	require.NotEmpty(t, f.conflict)
	t.Logf("%d records taken, %d refused, %d ids used again and refused, %d requests sent again", len(f.taken), len(f.refused), len(f.conflict), f.again)
	awaitRows(t, server, len(f.taken), 2*time.Minute)
	stored := storedActors(t, server)
	require.Equal(t, f.taken, stored, "each record that was taken is there, as it came first, and no other")
	for id := range maps.Keys(f.refused) {
		assert.NotContains(t, stored, id)
	}
	assert.Equal(t, "0", scalar(t, server, "SELECT count() FROM %s.quarantine", database), "whoever sent a record was told")
	requireRollupsAndLedger(t, server, len(f.taken))
}

// storedActors gives the actor of every stored record by its id.
func storedActors(t *testing.T, server *clickhouselocal.Server) map[string]string {
	t.Helper()
	stored := map[string]string{}
	for line := range strings.Lines(scalar(t, server, "SELECT record_id, actor_id FROM %s.events FORMAT TSV", database)) {
		id, actor, _ := strings.Cut(strings.TrimSpace(line), "\t")
		stored[id] = actor
	}
	return stored
}
