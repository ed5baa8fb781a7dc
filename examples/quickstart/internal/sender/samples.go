package sender

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"time"

	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// Sample is a payload of events written by hand in their product's own shape, which the receiver's profiles map.
type Sample struct {
	logs plog.Logs
	ids  []string
}

// ReadSample reads a product's own events: a JSON list, or one list a kind. The events move in time so that the last one happens
// at until, and get record ids of their own with a prefix, so that each run sends events of its own.
func ReadSample(text []byte, product, prefix string, until time.Time) (Sample, error) {
	events, err := readEvents(text)
	if err != nil {
		return Sample{}, fmt.Errorf("read events: %w", err)
	}
	var last time.Time
	for _, event := range events {
		eachTime(event, func(_ string, t time.Time) {
			if t.After(last) {
				last = t
			}
		})
	}
	s := Sample{logs: plog.NewLogs()}
	rl := s.logs.ResourceLogs().AppendEmpty()
	rl.Resource().Attributes().PutStr(audit.AttrServiceName, product)
	records := rl.ScopeLogs().AppendEmpty().LogRecords()
	for i, event := range events {
		eachTime(event, func(key string, t time.Time) { event[key] = t.Add(until.Sub(last)).Format(time.RFC3339Nano) })
		id := fmt.Sprintf("%s%s-%d", prefix, product, i+1)
		lr := records.AppendEmpty()
		lr.Attributes().PutStr(audit.AttrRecordID, id)
		if err := lr.Body().SetEmptyMap().FromRaw(event); err != nil {
			return Sample{}, fmt.Errorf("event %d: %w", i+1, err)
		}
		s.ids = append(s.ids, id)
	}
	return s, nil
}

func readEvents(text []byte) ([]map[string]any, error) {
	var events []map[string]any
	if json.Unmarshal(text, &events) == nil {
		return events, nil
	}
	var kinds map[string][]map[string]any
	if err := json.Unmarshal(text, &kinds); err != nil {
		return nil, err
	}
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		events = append(events, kinds[kind]...)
	}
	return events, nil
}

// eachTime calls f with every time that stands at the top of an event.
func eachTime(event map[string]any, f func(key string, t time.Time)) {
	for key, value := range event {
		text, _ := value.(string)
		if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
			f(key, t)
		}
	}
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
