package auditreceiver

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// leavingOut gives a pipeline that says of each record how far it has come.
func leavingOut(states ...audit.State) func(context.Context, plog.Logs) error {
	return func(ctx context.Context, logs plog.Logs) error {
		for i, id := range ids(logs) {
			audit.ReceiptsFrom(ctx).Add(audit.Receipt{RecordID: id, State: states[i], Time: persisted})
		}
		return nil
	}
}

func TestARecordThatThePolicyLeavesOutIsAnsweredAsThat(t *testing.T) {
	s := startServer(t, nil)
	for state, status := range map[audit.State]string{audit.StateSkipped: "skipped_by_policy", audit.StateSampledOut: "sampled_out"} {
		s.pipeline.consume = leavingOut(state)
		response, answer := postAudit(t, s, jsonEncoding, encode(jsonEncoding, events(1)))
		assert.Equal(t, http.StatusOK, response.StatusCode, "there is nothing to send again")
		assert.Equal(t, map[string]any{
			"record_id": "id-1", "status": status, "integrity_hash": integrityHash(events(1), 0), "verify_status": "deferred", "reason": leftOut,
		}, answer, "no sink has it, and it became durable at no time")
	}
}

func TestABatchIsNotSaidToBeDeliveredWhereARecordIsLeftOut(t *testing.T) {
	s := startServer(t, nil)
	for _, tc := range []struct {
		states []audit.State
		code   int
		status string
	}{
		{[]audit.State{audit.StateStored, audit.StateSkipped, audit.StateSampledOut}, http.StatusOK, "skipped_by_policy"},
		{[]audit.State{audit.StateSampledOut, audit.StateStored, audit.StateStored}, http.StatusOK, "sampled_out"},
		{[]audit.State{audit.StateQueued, audit.StateStored, audit.StateSkipped}, http.StatusAccepted, "skipped_by_policy"},
	} {
		s.pipeline.consume = leavingOut(tc.states...)
		response, answer := postAudit(t, s, protobufEncoding, encode(protobufEncoding, events(3)))
		assert.Equal(t, tc.code, response.StatusCode)
		assert.Equal(t, tc.status, answer["status"])
		assert.NotContains(t, answer, "sink_status_aggregate")
		records := answer["record_status_map"].(map[string]any)
		require.Len(t, records, 3)
		for i, id := range []string{"id-1", "id-2", "id-3"} {
			record := records[id].(map[string]any)
			assert.Equal(t, integrityHash(events(3), i), record["integrity_hash"])
			want := map[audit.State]string{
				audit.StateStored: "delivered_all_sinks", audit.StateQueued: "verified_queued",
				audit.StateSkipped: "skipped_by_policy", audit.StateSampledOut: "sampled_out",
			}[tc.states[i]]
			assert.Equal(t, want, record["status"])
			kept := tc.states[i] == audit.StateStored || tc.states[i] == audit.StateQueued
			_, told := record["sink_status_map"]
			assert.Equal(t, kept, told)
			_, reason := record["reason"]
			assert.Equal(t, !kept, reason)
		}
	}
}
