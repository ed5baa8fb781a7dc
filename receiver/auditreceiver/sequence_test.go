package auditreceiver

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"
	"google.golang.org/grpc/codes"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// chained gives events with the numbers from one to another, each naming the one before as its predecessor.
func chained(from, to int64) plog.Logs {
	logs := events(int(to))
	prev := "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	for i := range int(to) {
		record(logs, i).Attributes().PutInt(audit.AttrSequenceNumber, int64(i+1))
		record(logs, i).Attributes().PutStr(audit.AttrSequencePrevHash, prev)
		prev = integrityHash(logs, i)
	}
	n := int64(0)
	logs.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().RemoveIf(func(plog.LogRecord) bool { n++; return n < from })
	return logs
}

// warned gives the warnings of the records that were taken last.
func (s *server) warned(t *testing.T) []string {
	t.Helper()
	_, taken := s.pipeline.last(t)
	var out []string
	audit.Events(taken, func(e audit.Event) bool {
		out = append(out, e.Str(audit.AttrSequenceWarning))
		return true
	})
	return out
}

func TestBreaksInASequenceAreToldAndTheRecordsKept(t *testing.T) {
	s, l := startLedger(t)
	send := func(logs plog.Logs) []string {
		require.Equal(t, codes.OK, sendLogs(t, s.grpcSender(t), logs).code)
		return s.warned(t)
	}
	assert.Equal(t, []string{"", "", ""}, send(chained(1, 3)))
	assert.Equal(t, []string{"", "", ""}, send(chained(1, 3)), "sent again")
	assert.Equal(t, []string{"gap", ""}, send(chained(5, 6)))
	wrong := chained(7, 7)
	record(wrong, 0).Attributes().PutStr(audit.AttrSequencePrevHash, integrityHash(wrong, 0))
	assert.Equal(t, []string{"prev_hash"}, send(wrong))
	other := chained(2, 2)
	record(other, 0).SetEventName("other")
	assert.Equal(t, []string{"repeat"}, send(other))
	assert.Equal(t, []string{"order"}, send(chained(4, 4)))
	begun := chained(1, 1)
	record(begun, 0).SetEventName("begun again")
	assert.Equal(t, []string{"restart"}, send(begun))
	assert.Len(t, s.pipeline.records(), 12)

	sum, err := s.telemetry.GetMetric("otelcol_receiver_audit_sequence_warnings")
	require.NoError(t, err)
	want := map[string]int64{"gap": 1, "prev_hash": 1, "repeat": 1, "order": 1, "restart": 1}
	assert.Equal(t, want, sums(t, sum, "reason"))
	for reason, n := range want {
		assert.EqualValues(t, n, l.counts[audit.CountKey{Source: "shop", Kind: audit.KindWarning, Reason: reason}], reason)
	}
	assert.Equal(t, 5, s.log.FilterMessage("records break the sequence of their stream").Len())
	s.assertNoCanary(t)
}

func TestABreakIsInTheAnswerOfTheDraft(t *testing.T) {
	s := startServer(t, nil)
	for _, logs := range []plog.Logs{chained(1, 2), chained(4, 5)} {
		response, answer := postAudit(t, s, jsonEncoding, encode(jsonEncoding, logs))
		require.Equal(t, http.StatusAccepted, response.StatusCode)
		var got []any
		for _, id := range ids(logs) {
			record := answer["record_status_map"].(map[string]any)[id].(map[string]any)
			got = append(got, record["sink_status_map"].(map[string]any)["clickhouse"].(map[string]any)["chain_warning"])
		}
		all := answer["sink_status_aggregate"].(map[string]any)["clickhouse"].(map[string]any)["chain_warning"]
		if ids(logs)[0] == "id-1" {
			assert.Equal(t, []any{nil, nil}, got)
			assert.Nil(t, all)
		} else {
			assert.Equal(t, []any{"gap", nil}, got)
			assert.Equal(t, "gap", all)
		}
	}
}

// The receipt's hash is what the next record names.
func TestAProducerCanFollowItsReceipts(t *testing.T) {
	s := startServer(t, nil)
	prev := ""
	for n := range int64(3) {
		logs := events(1)
		record(logs, 0).Attributes().PutStr(audit.AttrRecordID, fmt.Sprint(n))
		record(logs, 0).Attributes().PutInt(audit.AttrSequenceNumber, n+1)
		record(logs, 0).Attributes().PutStr(audit.AttrSequencePrevHash, prev)
		_, answer := postAudit(t, s, protobufEncoding, encode(protobufEncoding, logs))
		prev = answer["integrity_hash"].(string)
		assert.Equal(t, []string{""}, s.warned(t))
	}
}

func TestRecordsThatWereNotTakenAreMissed(t *testing.T) {
	s := startServer(t, nil)
	sender := s.grpcSender(t)
	require.Equal(t, codes.OK, sendLogs(t, sender, chained(1, 3)).code)
	s.pipeline.consume = ledgerOf(errPanic).consume
	require.Equal(t, codes.Unavailable, sendLogs(t, sender, chained(4, 6)).code)
	s.pipeline.consume = nil
	require.Equal(t, codes.OK, sendLogs(t, sender, chained(7, 7)).code)
	assert.Equal(t, []string{"gap"}, s.warned(t))

	bad := chained(8, 9)
	record(bad, 0).SetTimestamp(0)
	response, _ := postAudit(t, s, jsonEncoding, encode(jsonEncoding, bad))
	require.Equal(t, http.StatusBadRequest, response.StatusCode)
	require.Equal(t, codes.OK, sendLogs(t, sender, chained(8, 9)).code)
	assert.Equal(t, []string{"", ""}, s.warned(t), "of a request that was refused as a whole, nothing counts")
}

func ledgerOf(err error) *ledger { return &ledger{counts: map[audit.CountKey]uint64{}, fail: err} }

func TestStreamsOfOtherInstancesAreApart(t *testing.T) {
	s := startServer(t, nil)
	for name, change := range map[string]func(plog.Logs){
		"the first": func(plog.Logs) {},
		"instance":  func(l plog.Logs) { l.ResourceLogs().At(0).Resource().Attributes().PutStr("service.instance.id", "2") },
		"namespace": func(l plog.Logs) { l.ResourceLogs().At(0).Resource().Attributes().PutStr("service.namespace", "eu") },
		"service": func(l plog.Logs) {
			l.ResourceLogs().At(0).Resource().Attributes().PutStr(audit.AttrServiceName, "till")
		},
		"tenant":        func(l plog.Logs) { record(l, 0).Attributes().PutStr(audit.AttrTenantID, "acme") },
		"sent by scope": func(l plog.Logs) { l.ResourceLogs().At(0).ScopeLogs().At(0).Scope().SetName("audit") },
	} {
		logs := chained(1, 1)
		record(logs, 0).SetEventName("first of " + name)
		change(logs)
		require.Equal(t, codes.OK, sendLogs(t, s.grpcSender(t), logs).code)
	}
	sum, err := s.telemetry.GetMetric("otelcol_receiver_audit_sequence_warnings")
	require.NoError(t, err)
	assert.Equal(t, map[string]int64{"restart": 1}, sums(t, sum, "reason"), "the draft forbids to look at the scope")
}
