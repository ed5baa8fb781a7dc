package sender

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// Sample is a payload of events written by hand, as OTLP/JSON.
type Sample struct {
	logs plog.Logs
	ids  []string
}

// ReadSample reads OTLP/JSON. The events move in time so that the last one happens at until, and their record ids get a
// prefix, so that each run sends events of its own.
func ReadSample(text []byte, prefix string, until time.Time) (Sample, error) {
	logs, err := (&plog.JSONUnmarshaler{}).UnmarshalLogs(text)
	if err != nil {
		return Sample{}, fmt.Errorf("read OTLP/JSON: %w", err)
	}
	var last time.Time
	audit.Events(logs, func(e audit.Event) bool {
		if e.Time().After(last) {
			last = e.Time()
		}
		return true
	})
	s := Sample{logs: logs}
	shift := until.Sub(last)
	audit.Events(logs, func(e audit.Event) bool {
		id := prefix + e.Str(audit.AttrRecordID)
		e.Record.Attributes().PutStr(audit.AttrRecordID, id)
		e.Record.SetTimestamp(pcommon.NewTimestampFromTime(e.Time().Add(shift)))
		s.ids = append(s.ids, id)
		return true
	})
	return s, nil
}

// SendSample posts a sample to the OTLP/HTTP endpoint, such as http://127.0.0.1:4318/v1/logs, and counts the answer.
func SendSample(ctx context.Context, endpoint string, s Sample, tally *Tally) error {
	body, err := (&plog.JSONMarshaler{}).MarshalLogs(s.logs)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	for range s.ids {
		tally.emit()
	}
	response, err := post(request)
	if err != nil {
		tally.fail(len(s.ids), err)
		return err
	}
	if rejected := int(response.PartialSuccess().RejectedLogRecords()); rejected > 0 {
		tally.refuse(len(s.ids)-rejected, rejected, response.PartialSuccess().ErrorMessage())
		return nil
	}
	for _, id := range s.ids {
		tally.acknowledge(id)
	}
	return nil
}

func post(request *http.Request) (plogotlp.ExportResponse, error) {
	answer := plogotlp.NewExportResponse()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return answer, err
	}
	text, err := io.ReadAll(response.Body)
	_ = response.Body.Close() // all of it has been read
	if err != nil {
		return answer, err
	}
	if response.StatusCode != http.StatusOK {
		return answer, fmt.Errorf("%s answers %s: %s", request.URL, response.Status, text)
	}
	return answer, answer.UnmarshalJSON(text)
}
