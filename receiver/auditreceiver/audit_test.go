package auditreceiver

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// persisted is when the sink of these tests made records durable.
var persisted = time.Unix(1_700_000_000, 5)

// sinkIn gives a pipeline whose end has records in a state, and finds conflicts on some ids.
func sinkIn(state audit.State, conflicts ...string) func(context.Context, plog.Logs) error {
	return func(ctx context.Context, logs plog.Logs) error {
		receipts := audit.ReceiptsFrom(ctx)
		for _, id := range conflicts {
			receipts.Add(audit.Receipt{RecordID: id, Conflict: true})
		}
		if len(conflicts) > 0 && receipts.Whole {
			return nil
		}
		for _, id := range ids(logs) {
			receipts.Add(audit.Receipt{RecordID: id, State: state, Time: persisted})
		}
		return nil
	}
}

// postAudit sends a body to /v1/audit and gives status, headers and the answer as JSON.
func postAudit(t *testing.T, s *server, enc *encoding, body []byte) (*http.Response, map[string]any) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+s.httpAddr+auditPath, bytes.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("Content-Type", enc.mediaType)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	assert.Equal(t, "application/json", response.Header.Get("Content-Type"))
	var answer map[string]any
	require.NoError(t, json.NewDecoder(response.Body).Decode(&answer))
	return response, answer
}

// integrityHash is what the receipt of a record must hold.
func integrityHash(logs plog.Logs, i int) string {
	event := audit.Event{Resource: logs.ResourceLogs().At(0).Resource().Attributes(), Record: record(logs, i)}
	sum := sha256.Sum256(event.AppendCanonical(nil))
	return hex.EncodeToString(sum[:])
}

func TestASingleRecordIsAnsweredWithItsReceipt(t *testing.T) {
	s := startServer(t, nil)
	for _, enc := range []*encoding{protobufEncoding, jsonEncoding} {
		for state, want := range map[audit.State]struct {
			code             int
			status, delivery string
		}{
			audit.StateQueued: {http.StatusAccepted, "verified_queued", "unknown"},
			audit.StateStored: {http.StatusOK, "delivered_all_sinks", "success"},
		} {
			s.pipeline.consume = sinkIn(state)
			response, answer := postAudit(t, s, enc, encode(enc, events(1)))
			assert.Equal(t, want.code, response.StatusCode)
			assert.Equal(t, map[string]any{
				"record_id": "id-1", "status": want.status, "integrity_hash": integrityHash(events(1), 0),
				"sink_timestamp": "1700000000000000005", "verify_status": "deferred",
				"sink_status_map": map[string]any{"clickhouse": map[string]any{
					"exporter_name": "audit_clickhouse", "sink_type": "clickhouse", "delivery_status": want.delivery,
				}},
			}, answer)
		}
	}
}

func TestABatchIsAnsweredWithEveryReceipt(t *testing.T) {
	s := startServer(t, nil)
	s.pipeline.consume = sinkIn(audit.StateQueued)
	response, answer := postAudit(t, s, jsonEncoding, encode(jsonEncoding, events(3)))
	assert.Equal(t, http.StatusAccepted, response.StatusCode)
	assert.NotEmpty(t, answer["batch_id"])
	assert.Equal(t, "verified_queued", answer["status"])
	records := answer["record_status_map"].(map[string]any)
	require.Len(t, records, 3)
	for i, id := range []string{"id-1", "id-2", "id-3"} {
		record := records[id].(map[string]any)
		assert.Equal(t, "verified_queued", record["status"])
		assert.Equal(t, integrityHash(events(3), i), record["integrity_hash"])
	}
	assert.Contains(t, answer, "sink_status_aggregate")
}

func TestOneBadRecordRefusesTheRequest(t *testing.T) {
	s := startServer(t, nil)
	for name, spoil := range map[string]func(plog.LogRecord){
		"audit.record.id: is required on /v1/audit": func(lr plog.LogRecord) { lr.Attributes().Remove(audit.AttrRecordID) },
		"audit.action": func(lr plog.LogRecord) { lr.Attributes().Remove(audit.AttrAction) },
	} {
		logs := events(3)
		spoil(record(logs, 1))
		response, answer := postAudit(t, s, protobufEncoding, encode(protobufEncoding, logs))
		assert.Equal(t, http.StatusBadRequest, response.StatusCode)
		assert.Equal(t, "rejected_schema_invalid", answer["status"])
		assert.Contains(t, answer["reason"], "1 of 3 records refused; first: record 2: "+name)
		assert.Len(t, answer["record_status_map"], 1)
	}
	assert.Empty(t, s.pipeline.records(), "the draft knows no partial success")
}

func TestAConflictRefusesTheRequest(t *testing.T) {
	s := startServer(t, nil)
	s.pipeline.consume = sinkIn(audit.StateQueued, "id-2")
	response, answer := postAudit(t, s, protobufEncoding, encode(protobufEncoding, events(3)))
	assert.Equal(t, http.StatusConflict, response.StatusCode)
	assert.Equal(t, "rejected_schema_invalid", answer["status"])
	assert.Equal(t, map[string]any{"id-2": map[string]any{
		"status": "rejected_schema_invalid",
		"reason": "audit.record.id: another record with this id and other content was taken before",
	}}, answer["record_status_map"])
}

func TestAPipelineThatIsFullAsksToComeAgain(t *testing.T) {
	s := startServer(t, nil)
	s.pipeline.consume = func(context.Context, plog.Logs) error { return errPanic }
	response, answer := postAudit(t, s, protobufEncoding, encode(protobufEncoding, events(1)))
	assert.Equal(t, http.StatusServiceUnavailable, response.StatusCode)
	assert.Equal(t, "1", response.Header.Get("Retry-After"))
	assert.Equal(t, "failed_internal", answer["status"])
	assert.EqualValues(t, 1, answer["retry_after"])
}

func TestWhatIsNoRequestIsRefusedInTheFormOfTheDraft(t *testing.T) {
	s := startServer(t, nil)
	for name, body := range map[string]string{"not JSON": "{", "no records": "{}"} {
		t.Run(name, func(t *testing.T) {
			response, answer := postAudit(t, s, jsonEncoding, []byte(body))
			assert.Equal(t, http.StatusBadRequest, response.StatusCode)
			assert.Equal(t, "rejected_schema_invalid", answer["status"])
			assert.NotEmpty(t, answer["reason"])
		})
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, "http://"+s.httpAddr+auditPath, strings.NewReader(""))
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	_ = response.Body.Close()
	assert.Equal(t, http.StatusMethodNotAllowed, response.StatusCode)
}

func TestWithoutASinkThatGivesReceiptsTheRecordsAreQueued(t *testing.T) {
	s := startServer(t, nil)
	response, answer := postAudit(t, s, jsonEncoding, encode(jsonEncoding, events(1)))
	assert.Equal(t, http.StatusAccepted, response.StatusCode)
	assert.Equal(t, "verified_queued", answer["status"])
	assert.NotEmpty(t, answer["sink_timestamp"])
}
