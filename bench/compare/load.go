package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
)

// marker begins a record id; digits follow, which every request replaces by its own.
const (
	marker = "record-"
	digits = 25
)

// sequence makes record ids that no run repeats.
var sequence atomic.Uint64

// payload is an encoded request, and where its record ids are.
type payload struct {
	body []byte
	ids  []int
}

func newPayload(records int) payload {
	logs := plog.NewLogs()
	rl := logs.ResourceLogs().AppendEmpty()
	rl.Resource().Attributes().PutStr("service.name", "axiom")
	rl.Resource().Attributes().PutStr("service.version", "1.4.2")
	rl.Resource().Attributes().PutStr("deployment.environment.name", "production")
	list := rl.ScopeLogs().AppendEmpty().LogRecords()
	for i := range records {
		event(list.AppendEmpty(), i)
	}
	body, err := plogotlp.NewExportRequestFromLogs(logs).MarshalProto()
	if err != nil {
		panic(err) // a request that was just built
	}
	p := payload{body: body}
	for at := 0; ; {
		next := bytes.Index(body[at:], []byte(marker))
		if next < 0 {
			return p
		}
		at += next + len(marker)
		p.ids = append(p.ids, at)
	}
}

// event is a query of Axiom's audit log, about 640 bytes.
func event(record plog.LogRecord, i int) {
	record.SetTimestamp(pcommon.NewTimestampFromTime(time.Now().Add(-time.Duration(i) * time.Millisecond)))
	record.SetEventName("runAPLQuery")
	attrs := record.Attributes()
	attrs.PutStr("audit.record.id", marker+strings.Repeat("0", digits))
	attrs.PutStr("audit.tenant.id", fmt.Sprintf("org-%d", i%5))
	attrs.PutStr("audit.actor.id", fmt.Sprintf("user-%d", i%500))
	attrs.PutStr("audit.actor.type", "user")
	attrs.PutStr("user.email", fmt.Sprintf("user%d@example.com", i%500))
	attrs.PutStr("audit.action", "EXECUTE")
	attrs.PutStr("audit.outcome", "success")
	attrs.PutStr("audit.origin", []string{"monitor", "dashboard", "direct"}[i%3])
	attrs.PutStr("audit.target.type", "monitor")
	attrs.PutStr("audit.target.id", fmt.Sprintf("monitor-%d", i%200))
	attrs.PutStr("audit.query.language", "apl")
	attrs.PutStr("db.query.text", fmt.Sprintf("['logs-%d'] | where status >= %d and user_email == 'user%d@example.com' | summarize count() by bin_auto(_time), endpoint",
		i%20, 400+i%100, i))
	attrs.PutDouble("audit.query.cost", float64(i)/7)
	attrs.PutInt("audit.query.bytes_scanned", int64(i)*1000)
	attrs.PutDouble("audit.duration", float64(i%100)/10)
	attrs.PutStr("client.address", fmt.Sprintf("10.0.%d.%d", i%200, i%250))
	attrs.PutEmptySlice("audit.datasets").AppendEmpty().SetStr(fmt.Sprintf("logs-%d", i%20))
}

// stamp gives the records ids of their own.
func (p *payload) stamp() {
	id := sequence.Add(uint64(len(p.ids)))
	for _, at := range p.ids {
		id--
		copy(p.body[at:], fmt.Sprintf("%0*d", digits, scatter(id)))
	}
}

// scatter gives every number another one (the finalizer of SplitMix64, which loses nothing), so that ids compress no better
// than random ones do.
func scatter(n uint64) uint64 {
	n = (n ^ n>>30) * 0xbf58476d1ce4e5b9
	n = (n ^ n>>27) * 0x94d049bb133111eb
	return n ^ n>>31
}

// bodies gives one client's requests, one after the other, and nil when there are no more.
type bodies func() []byte

// made gives every client requests that no other has, records in all.
func made(batch, records int) func() bodies {
	var left atomic.Int64
	left.Store(int64(records / batch))
	return func() bodies {
		p := newPayload(batch)
		return func() []byte {
			if left.Add(-1) < 0 {
				return nil
			}
			p.stamp()
			return p.body
		}
	}
}

// shared gives every request to one of the clients.
func (r recorded) shared() func() bodies {
	var next atomic.Int64
	return func() bodies {
		return func() []byte {
			if i := int(next.Add(1)) - 1; i < len(r.bodies) {
				return r.bodies[i]
			}
			return nil
		}
	}
}

// sendLoad sends from clients at once, each sending again what was not taken, and gives how long each answer took.
func sendLoad(ctx context.Context, address string, clients int, load func() bodies) ([]time.Duration, error) {
	var mu sync.Mutex
	var all []time.Duration
	var failed error
	var running sync.WaitGroup
	transport := &http.Transport{MaxIdleConnsPerHost: clients, MaxConnsPerHost: clients}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	for range clients {
		running.Go(func() {
			next := load()
			var own []time.Duration
			var err error
			for body := next(); err == nil && body != nil; body = next() {
				start := time.Now()
				err = post(ctx, client, "http://"+address+"/v1/logs", body)
				own = append(own, time.Since(start))
			}
			mu.Lock()
			defer mu.Unlock()
			all = append(all, own...)
			if err != nil {
				failed = err
			}
		})
	}
	running.Wait()
	return all, failed
}

// post sends until it is taken.
func post(ctx context.Context, client *http.Client, url string, body []byte) error {
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
		if err != nil {
			return err
		}
		request.Header.Set("Content-Type", "application/x-protobuf")
		response, err := client.Do(request)
		if err != nil {
			return err
		}
		answer, _ := io.ReadAll(response.Body)
		_ = response.Body.Close()
		switch response.StatusCode {
		case http.StatusOK:
			return nil
		case http.StatusTooManyRequests, http.StatusServiceUnavailable:
			time.Sleep(100 * time.Millisecond)
		default:
			return fmt.Errorf("the answer is %s: %s", response.Status, answer)
		}
	}
}

func quantile(latencies []time.Duration, q float64) float64 {
	if len(latencies) == 0 {
		return 0
	}
	slices.Sort(latencies)
	return latencies[int(q*float64(len(latencies)-1))].Seconds() * 1000
}
