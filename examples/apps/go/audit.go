package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strconv"
	"time"
)

// receipt is what POST /v1/audit of OpenTelemetry's draft for audit logging (OTEP 0267) answers.
type receipt struct {
	RecordID string `json:"record_id"`
	Status   string `json:"status"`
	Hash     string `json:"integrity_hash"`
	Reason   string `json:"reason"`
}

// Records in OTLP/JSON. Members stand in the order of their names, so that the form that is sent is the one that is hashed.
type (
	attributes struct {
		Attributes []keyValue `json:"attributes"`
	}
	keyValue struct {
		Key   string `json:"key"`
		Value value  `json:"value"`
	}
	value struct {
		String string `json:"stringValue"`
	}
	logRecord struct {
		Attributes []keyValue  `json:"attributes"`
		EventName  string      `json:"eventName"`
		Resource   *attributes `json:"resource,omitempty"` // in the canonical form only
		Time       string      `json:"timeUnixNano"`
	}
)

func keyValues(m map[string]string) (out []keyValue) {
	for _, key := range slices.Sorted(maps.Keys(m)) {
		out = append(out, keyValue{key, value{m[key]}})
	}
	return out
}

// auditNow returns when the collector has the event, and an error when it has not. It is sent again while the collector says that it
// cannot take it now.
func auditNow(ctx context.Context, url, service, event string, attrs map[string]string) (receipt, error) {
	resource := attributes{keyValues(map[string]string{"service.name": service})}
	record := logRecord{Attributes: keyValues(attrs), EventName: event, Time: strconv.FormatInt(time.Now().UnixNano(), 10)}
	body := encode(map[string]any{"resourceLogs": []any{map[string]any{
		"resource": resource, "scopeLogs": []any{map[string]any{"logRecords": []any{record}}},
	}}})
	for {
		got, wait, err := post(ctx, url, body)
		switch {
		case err != nil:
			return receipt{}, err
		case wait > 0:
			select {
			case <-time.After(wait):
				continue
			case <-ctx.Done():
				return receipt{}, ctx.Err()
			}
		}
		// What was taken is what was sent: the hash covers RFC 8785's form of the record, here with texts only.
		record.Resource = &resource
		hash := sha256.Sum256(encode(record))
		if got.RecordID != attrs["audit.record.id"] || got.Hash != hex.EncodeToString(hash[:]) {
			return receipt{}, errors.New("the receipt is of another event")
		}
		return got, nil
	}
}

// post gives the receipt, or when to send again.
func post(ctx context.Context, url string, body []byte) (receipt, time.Duration, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body)) //nolint:gosec // the user's own choice of a collector
	if err != nil {
		return receipt{}, 0, err
	}
	request.Header.Set("Content-Type", "application/json")
	if token := os.Getenv("AUDIT_TOKEN"); token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := http.DefaultClient.Do(request) //nolint:gosec // the user's own choice of a collector
	if err != nil {
		return receipt{}, 0, err
	}
	defer func() { _ = response.Body.Close() }()
	var got receipt
	if err := json.NewDecoder(response.Body).Decode(&got); err != nil {
		return receipt{}, 0, err
	}
	switch response.StatusCode {
	case http.StatusOK, http.StatusAccepted:
		return got, 0, nil
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		seconds, _ := strconv.Atoi(response.Header.Get("Retry-After"))
		return receipt{}, time.Duration(max(seconds, 1)) * time.Second, nil
	default:
		return receipt{}, 0, fmt.Errorf("audit: %s: %s", response.Status, got.Reason)
	}
}

// encode writes JSON as RFC 8785 has it, which escapes no HTML.
func encode(v any) []byte {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		panic(err) // texts can always be encoded
	}
	return bytes.TrimSpace(out.Bytes())
}
