package integration

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// event appends a sound audit event with the given id to a payload that may already have some.
func event(logs plog.Logs, id string) audit.Event {
	if logs.ResourceLogs().Len() == 0 {
		rl := logs.ResourceLogs().AppendEmpty()
		rl.Resource().Attributes().PutStr(audit.AttrServiceName, "integration")
		rl.ScopeLogs().AppendEmpty()
	}
	rl := logs.ResourceLogs().At(0)
	lr := rl.ScopeLogs().At(0).LogRecords().AppendEmpty()
	lr.SetTimestamp(pcommon.NewTimestampFromTime(time.Now()))
	lr.SetEventName("updateDashboard")
	a := lr.Attributes()
	a.PutStr(audit.AttrRecordID, id)
	a.PutStr(audit.AttrAction, audit.ActionUpdate)
	a.PutStr(audit.AttrOutcome, audit.OutcomeSuccess)
	a.PutStr(audit.AttrActorID, "u-1")
	a.PutStr(audit.AttrActorType, audit.ActorUser)
	a.PutStr(audit.AttrTargetType, "dashboard")
	a.PutStr(audit.AttrTargetID, "dash-7")
	return audit.Event{Resource: rl.Resource().Attributes(), Record: lr}
}

// batch gives n sound events whose ids start with prefix.
func batch(prefix string, n int) plog.Logs {
	logs := plog.NewLogs()
	for i := range n {
		event(logs, fmt.Sprintf("%s-%04d", prefix, i))
	}
	return logs
}

// post sends a body to the collector's /v1/logs.
func (c *collector) post(ctx context.Context, contentType, bearer string, body []byte) (status int, header http.Header, answer []byte, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+c.http+"/v1/logs", bytes.NewReader(body))
	if err != nil {
		return 0, nil, nil, err
	}
	request.Header.Set("Content-Type", contentType)
	request.Header.Set("Authorization", "Bearer "+bearer)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, nil, nil, err
	}
	defer func() { _ = response.Body.Close() }()
	answer, err = io.ReadAll(response.Body)
	return response.StatusCode, response.Header, answer, err
}

// send sends a payload as protobuf and reports whether all of it was acknowledged.
func (c *collector) send(ctx context.Context, logs plog.Logs) error {
	body, err := plogotlp.NewExportRequestFromLogs(logs).MarshalProto()
	if err != nil {
		return err
	}
	status, _, answer, err := c.post(ctx, "application/x-protobuf", token, body)
	if err != nil {
		return err
	}
	if status != http.StatusOK {
		return fmt.Errorf("status %d", status)
	}
	response := plogotlp.NewExportResponse()
	if err := response.UnmarshalProto(answer); err != nil {
		return err
	}
	if n := response.PartialSuccess().RejectedLogRecords(); n > 0 {
		return fmt.Errorf("%d refused: %s", n, response.PartialSuccess().ErrorMessage())
	}
	return nil
}

func mustSend(t *testing.T, c *collector, logs plog.Logs) {
	t.Helper()
	require.NoError(t, c.send(t.Context(), logs))
}
