package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
)

const (
	clients        = 8
	requestRecords = 1000
)

// sequence makes record ids and actors that follow one another over all requests.
var sequence atomic.Uint64

// send sends records of all users in turn, from some clients at once, and returns when all are acknowledged.
func send(ctx context.Context, address string, users, records int) error {
	var left atomic.Int64
	left.Store(int64(records / requestRecords))
	var running sync.WaitGroup
	failed := make(chan error, clients)
	for range clients {
		running.Go(func() {
			for left.Add(-1) >= 0 {
				if err := post(ctx, "http://"+address+"/v1/logs", request(users)); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	running.Wait()
	close(failed)
	return <-failed
}

// request is a thousand queries, each by the next user.
func request(users int) []byte {
	logs := plog.NewLogs()
	rl := logs.ResourceLogs().AppendEmpty()
	rl.Resource().Attributes().PutStr("service.name", "axiom")
	list := rl.ScopeLogs().AppendEmpty().LogRecords()
	first := int(sequence.Add(requestRecords)) - requestRecords
	for i := first; i < first+requestRecords; i++ {
		record := list.AppendEmpty()
		record.SetTimestamp(pcommon.NewTimestampFromTime(time.Now()))
		record.SetEventName("runAPLQuery")
		attrs := record.Attributes()
		attrs.PutStr("audit.record.id", fmt.Sprintf("sent-%d-%d", time.Now().UnixNano(), i))
		attrs.PutStr("audit.tenant.id", "org-0")
		attrs.PutStr("audit.actor.id", fmt.Sprintf("user-%d", i%users))
		attrs.PutStr("audit.actor.type", "user")
		attrs.PutStr("user.email", fmt.Sprintf("user%d@example.com", i%users))
		attrs.PutStr("audit.action", "EXECUTE")
		attrs.PutStr("audit.outcome", "success")
		attrs.PutStr("audit.origin", "monitor")
		attrs.PutStr("audit.target.type", "monitor")
		attrs.PutStr("audit.target.id", fmt.Sprintf("monitor-%d", i%200))
		attrs.PutStr("audit.query.language", "apl")
		attrs.PutStr("db.query.text", fmt.Sprintf("['logs-%d'] | where status >= %d | summarize count() by endpoint", i%20, 400+i%100))
		attrs.PutDouble("audit.query.cost", float64(i%1000)/7)
		attrs.PutInt("audit.query.bytes_scanned", int64(i%1000)*1000)
		attrs.PutEmptySlice("audit.datasets").AppendEmpty().SetStr(fmt.Sprintf("logs-%d", i%20))
	}
	body, err := plogotlp.NewExportRequestFromLogs(logs).MarshalProto()
	if err != nil {
		panic(err) // a request that was just built
	}
	return body
}

// post sends until it is taken.
func post(ctx context.Context, url string, body []byte) error {
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
		if err != nil {
			return err
		}
		request.Header.Set("Content-Type", "application/x-protobuf")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return err
		}
		_, _ = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
		switch response.StatusCode {
		case http.StatusOK:
			return nil
		case http.StatusTooManyRequests, http.StatusServiceUnavailable:
			time.Sleep(100 * time.Millisecond)
		default:
			return fmt.Errorf("the answer is %s", response.Status)
		}
	}
}
