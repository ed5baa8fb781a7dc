package sender

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// postSample sends a sample to a server that answers with status and text, and returns what it got and what was counted.
func postSample(t *testing.T, status int, answer string) (plogotlp.ExportRequest, Totals, error) {
	t.Helper()
	text, err := os.ReadFile("../../events/axiom.json")
	require.NoError(t, err)
	until := time.Date(2026, 12, 24, 18, 0, 0, 0, time.UTC)
	sample, err := ReadSample(text, "axiom", "run-1-", until)
	require.NoError(t, err)

	got := plogotlp.NewExportRequest()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		assert.Equal(t, "application/json", r.Header.Get("Content-Type"))
		assert.NoError(t, got.UnmarshalJSON(body))
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	}))
	defer server.Close()
	defer http.DefaultClient.CloseIdleConnections()

	var tally Tally
	err = SendSample(t.Context(), server.URL+"/v1/logs", sample, &tally)
	last := time.Time{}
	audit.Events(got.Logs(), func(e audit.Event) bool {
		assert.Regexp(t, "^run-1-axiom-[0-9]+$", e.Str(audit.AttrRecordID))
		at, _ := e.Record.Body().Map().Get("_time")
		var wrong error
		last, wrong = time.Parse(time.RFC3339Nano, at.Str())
		assert.NoError(t, wrong)
		return true
	})
	assert.Equal(t, until, last, "the last event happens at the end")
	return got, tally.Totals(), err
}

func TestSamplesAreAcknowledged(t *testing.T) {
	got, totals, err := postSample(t, http.StatusOK, `{"partialSuccess":{}}`)
	require.NoError(t, err)
	assert.Equal(t, 7, got.Logs().LogRecordCount())
	assert.Equal(t, 7, totals.Emitted)
	assert.Equal(t, 7, totals.Acknowledged)
	assert.NotZero(t, totals.Digest)
}

func TestRejectedSamplesAreCounted(t *testing.T) {
	_, totals, err := postSample(t, http.StatusOK, `{"partialSuccess":{"rejectedLogRecords":"2","errorMessage":"audit.action: required"}}`)
	require.NoError(t, err)
	assert.Equal(t, Totals{Emitted: 7, Acknowledged: 5, Rejected: 2, Reason: "audit.action: required"}, totals)
}

func TestRefusedSamplesAreAnError(t *testing.T) {
	_, totals, err := postSample(t, http.StatusServiceUnavailable, "later")
	require.ErrorContains(t, err, "503")
	assert.Equal(t, 7, totals.Failed)
}

func TestASampleThatIsNoListOfEventsIsRefused(t *testing.T) {
	_, err := ReadSample([]byte(`{"events": 7}`), "axiom", "", time.Now())
	assert.Error(t, err)
}
