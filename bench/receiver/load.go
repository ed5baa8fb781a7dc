package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

const (
	clients = 8
	records = 1000
)

// request is the body of a request of n records, each of what an application usually says.
func request(n int) []byte {
	logs := plog.NewLogs()
	rl := logs.ResourceLogs().AppendEmpty()
	rl.Resource().Attributes().PutStr("service.name", "shop")
	all := rl.ScopeLogs().AppendEmpty().LogRecords()
	for i := range n {
		lr := all.AppendEmpty()
		lr.SetTimestamp(pcommon.NewTimestampFromTime(time.Date(2026, 11, 21, 12, 0, 0, i, time.UTC)))
		lr.SetEventName("runQuery")
		a := lr.Attributes()
		a.PutStr("audit.record.id", fmt.Sprintf("0193f1c2-7a51-7c3e-9b1a-%012d", i))
		a.PutStr("audit.tenant.id", "acme")
		a.PutStr("audit.actor.id", fmt.Sprintf("user-%d", i%100))
		a.PutStr("audit.actor.type", "user")
		a.PutStr("audit.action", "EXECUTE")
		a.PutStr("audit.outcome", "success")
		a.PutStr("user.email", "ada@example.com")
		a.PutStr("audit.target.id", fmt.Sprintf("dash-%d", i))
		a.PutStr("audit.target.type", "dashboard")
		a.PutStr("audit.target.name", "Orders of the last quarter")
		a.PutStr("client.address", "192.0.2.17")
		a.PutStr("session.id", "5f1c3a9e8b7d4c2f")
		a.PutStr("db.query.text", "['orders'] | where status == 500 and region == 'eu' | summarize count() by bin(_time, 1h)")
		a.PutStr("audit.query.language", "apl")
		a.PutStr("user_agent.original", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101")
		a.PutDouble("audit.query.cost", 12.5)
		// Records differ in how much they say, and so in what it costs to add to them.
		for _, name := range []string{"session.id", "audit.target.name", "user.email", "client.address"}[:i%5] {
			a.Remove(name)
		}
	}
	body, err := plogotlp.NewExportRequestFromLogs(logs).MarshalProto()
	if err != nil {
		panic(err)
	}
	return body
}

// requestOfProduct is the body of a request of n records that hold Axiom's own event, which a profile of ours maps.
func requestOfProduct(n int) []byte {
	logs := plog.NewLogs()
	rl := logs.ResourceLogs().AppendEmpty()
	rl.Resource().Attributes().PutStr("service.name", "axiom")
	all := rl.ScopeLogs().AppendEmpty().LogRecords()
	for i := range n {
		lr := all.AppendEmpty()
		lr.SetObservedTimestamp(pcommon.NewTimestampFromTime(time.Date(2026, 11, 21, 12, 0, 0, i, time.UTC)))
		err := lr.Body().SetEmptyMap().FromRaw(map[string]any{
			"id": fmt.Sprintf("0193f1c2-7a51-7c3e-9b1a-%012d", i), "_time": "2026-11-21T12:00:00.118Z", "action": "runAPLQuery", "source": "dashboard",
			"actor":    map[string]any{"id": fmt.Sprintf("user-%d", i%100), "name": "Ada Example", "email": "ada@example.com", "type": "user"},
			"resource": map[string]any{"id": fmt.Sprintf("dash-%d", i), "name": "Orders of the last quarter", "type": "dashboard"},
			"properties": map[string]any{
				"query_id": "5f1c3a9e8b7d4c2f", "datasets": []any{"orders"}, "client": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0)",
				"query": "['orders'] | where status == 500 and region == 'eu' | summarize count() by bin(_time, 1h)",
			},
		})
		if err != nil {
			panic(err)
		}
	}
	body, err := plogotlp.NewExportRequestFromLogs(logs).MarshalProto()
	if err != nil {
		panic(err)
	}
	return body
}

// sender sends one request, and fails where it is not taken as a whole.
type sender func(body []byte) error

func overHTTP(address, path string) sender {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}}
	return func(body []byte) error {
		response, err := client.Post("http://"+address+path, "application/x-protobuf", bytes.NewReader(body))
		if err != nil {
			return err
		}
		defer func() { _ = response.Body.Close() }()
		answer, err := io.ReadAll(response.Body)
		if err != nil {
			return err
		}
		if response.StatusCode/100 != 2 || path == "/v1/logs" && partial(answer) {
			return fmt.Errorf("status %d: %.200s", response.StatusCode, answer)
		}
		return nil
	}
}

func overGRPC(address string) sender {
	conn, err := grpc.NewClient("passthrough:///"+address, grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithDefaultCallOptions(grpc.ForceCodec(raw{})))
	if err != nil {
		panic(err)
	}
	return func(body []byte) error {
		var answer []byte
		err := conn.Invoke(context.Background(), "/opentelemetry.proto.collector.logs.v1.LogsService/Export", body, &answer)
		if err == nil && partial(answer) {
			return errors.New("partial success")
		}
		return err
	}
}

// partial reports whether an answer says that something was refused; core's answer always has the field, empty.
func partial(answer []byte) bool { return len(answer) > 2 }

// raw passes messages through, so that clients cost as little as they can.
type raw struct{}

func (raw) Name() string { return "proto" }

func (raw) Marshal(v any) ([]byte, error) { return v.([]byte), nil }

func (raw) Unmarshal(data []byte, v any) error {
	*v.(*[]byte) = bytes.Clone(data)
	return nil
}

// sendAll lets every client send so many requests, one after the other.
func sendAll(send sender, body []byte, requests int) error {
	var wg sync.WaitGroup
	errs := make([]error, clients)
	for i := range clients {
		wg.Go(func() {
			for range requests {
				if errs[i] = send(body); errs[i] != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}
