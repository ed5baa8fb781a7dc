package integration

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"

	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal/clickhousetest"
)

// Each kind of bad input, sent to the built collector as a stranger would.
func TestBadInputIsAnsweredWithTheFieldOrLimit(t *testing.T) {
	t.Parallel()
	server := clickhousetest.New(t)
	c := startCollector(t, server, "clickhouse")
	protobuf := func(change func(audit.Event)) []byte {
		logs := plog.NewLogs()
		change(event(logs, "bad"))
		body, err := plogotlp.NewExportRequestFromLogs(logs).MarshalProto()
		require.NoError(t, err)
		return body
	}
	attribute := func(name, value string) []byte {
		return protobuf(func(e audit.Event) { e.Record.Attributes().PutStr(name, value) })
	}
	const pb, js = "application/x-protobuf", "application/json"
	for name, tt := range map[string]struct {
		contentType, token string
		body               []byte
		status             int
		says               string
	}{
		"malformed protobuf":  {pb, token, []byte("\x0a\xff\xff" + canary), http.StatusBadRequest, "protobuf"},
		"malformed JSON":      {js, token, []byte(`{"resourceLogs": [` + canary), http.StatusBadRequest, "JSON"},
		"empty request":       {pb, token, nil, http.StatusOK, "no log records"},
		"no audit.action":     {pb, token, protobuf(func(e audit.Event) { e.Record.Attributes().Remove(audit.AttrAction) }), http.StatusBadRequest, "audit.action: required"},
		"5 MB record":         {pb, token, attribute("x", strings.Repeat(canary, 500_000)), http.StatusBadRequest, "max_record_bytes"},
		"body over the limit": {pb, token, attribute("x", strings.Repeat(canary, 2_500_000)), http.StatusRequestEntityTooLarge, "max_request_body_size"},
		"wrong token":         {pb, "wrong" + canary, attribute("x", "y"), http.StatusUnauthorized, ""},
		"invalid UTF-8":       {pb, token, attribute(audit.AttrTargetName, canary+"\xff"), http.StatusBadRequest, "audit.target.name: must be valid UTF-8"},
		"timestamp of 0":      {pb, token, protobuf(func(e audit.Event) { e.Record.SetTimestamp(0) }), http.StatusBadRequest, "timestamp: required"},
		"the year 2300": {pb, token, protobuf(func(e audit.Event) {
			e.Record.SetTimestamp(pcommon.NewTimestampFromTime(time.Unix(0, 0)) + 10_413_792_000_000_000_000)
		}), http.StatusBadRequest, "timestamp: must be before 2262"},
	} {
		t.Run(name, func(t *testing.T) {
			status, _, answer, err := c.post(t.Context(), tt.contentType, tt.token, tt.body)
			require.NoError(t, err)
			assert.Equal(t, tt.status, status)
			assert.Contains(t, string(answer), tt.says)
			assert.NotContains(t, string(answer), canary)
		})
	}
	mustSend(t, c, batch("good", 1))
	awaitRows(t, server, 1, time.Minute)
	assertNoCanary(t, c.log.Name())
}
