package integration

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/exporter/exportertest"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"go.opentelemetry.io/collector/processor/processortest"
	"go.opentelemetry.io/collector/receiver/receivertest"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter"
	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal/clickhousetest"
	"github.com/otelaudit/otelaudit/processor/auditprocessor"
	"github.com/otelaudit/otelaudit/receiver/auditreceiver"
)

// pipeline is the whole path in this process, so that a test can end it and start it again in a moment.
type pipeline struct {
	url   string
	parts []component.Component // in the order in which they are shut down
}

func startPipeline(t *testing.T, server *clickhouselocal.Server, logDir, policy string) *pipeline {
	t.Helper()
	ctx, host := t.Context(), componenttest.NewNopHost()
	configured := func(cfg component.Config, values map[string]any) component.Config {
		require.NoError(t, confmap.NewFromStringMap(values).Unmarshal(&cfg))
		require.NoError(t, confmap.Validate(cfg))
		return cfg
	}
	exporters := auditclickhouseexporter.NewFactory()
	exporter, err := exporters.CreateLogs(ctx, exportertest.NewNopSettings(exporters.Type()), configured(exporters.CreateDefaultConfig(), map[string]any{
		"endpoint": server.HTTPURL(), "username": server.User(), "password": server.Password(), "database": database, "create_schema": true,
		"log": map[string]any{"directory": logDir},
	}))
	require.NoError(t, err)
	processors := auditprocessor.NewFactory()
	processor, err := processors.CreateLogs(ctx, processortest.NewNopSettings(processors.Type()), configured(processors.CreateDefaultConfig(), map[string]any{
		"pseudonyms": map[string]any{"active": "k1", "keys": map[string]any{"k1": pseudonymKey}},
		"policy":     map[string]any{"file": map[string]any{"path": policy, "reload_interval": "100ms"}},
	}), exporter)
	require.NoError(t, err)
	address := "127.0.0.1:" + freePorts(t, 1)[0]
	receivers := auditreceiver.NewFactory()
	receiver, err := receivers.CreateLogs(ctx, receivertest.NewNopSettings(receivers.Type()), configured(receivers.CreateDefaultConfig(), map[string]any{
		"protocols": map[string]any{"http": map[string]any{"endpoint": address}},
	}), processor)
	require.NoError(t, err)
	for _, part := range []component.Component{exporter, processor, receiver} {
		require.NoError(t, part.Start(ctx, host))
	}
	return &pipeline{"http://" + address, []component.Component{receiver, processor, exporter}}
}

func (p *pipeline) stop(t *testing.T) {
	t.Helper()
	for _, part := range p.parts {
		require.NoError(t, part.Shutdown(context.Background()))
	}
}

// audit sends a request to /v1/audit, and gives the status of every record, and of the request.
func (p *pipeline) audit(t *testing.T, logs plog.Logs) map[string]string {
	t.Helper()
	body, err := plogotlp.NewExportRequestFromLogs(logs).MarshalProto()
	require.NoError(t, err)
	response, err := http.Post(p.url+"/v1/audit", "application/x-protobuf", bytes.NewReader(body))
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Less(t, response.StatusCode, 300, "%s", text)
	var answer struct {
		Status  string
		ID      string                    `json:"record_id"`
		Records map[string]map[string]any `json:"record_status_map"`
	}
	require.NoError(t, json.Unmarshal(text, &answer))
	out := map[string]string{"": answer.Status}
	if answer.ID != "" {
		out[answer.ID] = answer.Status
	}
	for id, record := range answer.Records {
		out[id] = record["status"].(string)
	}
	return out
}

// read gives an event that changes nothing.
func read(logs plog.Logs, id, name string) {
	e := event(logs, id)
	e.Record.SetEventName(name)
	e.Record.Attributes().PutStr(audit.AttrAction, audit.ActionRead)
	e.Record.Attributes().PutStr(audit.AttrMessage, "looked at it")
}

func writePolicy(t *testing.T, path string, version int, level string) {
	t.Helper()
	text := fmt.Sprintf(`
name: acme
version: %d
default: {level: %s, retention_days: 365}
read_only: [{action: READ}]
rules:
  - {name: probes, match: {event: health.*}, level: none}
  - {name: lists, match: {event: list}, sample: 0.000000001}
  - {name: views, match: {event: view}, level: metadata, sample: 0.999999999, retention_days: 30}
`, version, level)
	require.NoError(t, os.WriteFile(path+".tmp", []byte(text), 0o600))
	require.NoError(t, os.Rename(path+".tmp", path))
}

// ledgerSays waits until the ledger has these counts, by kind and reason.
func ledgerSays(t *testing.T, server *clickhouselocal.Server, want ...string) {
	t.Helper()
	got := ""
	require.Eventually(t, func() bool {
		out, err := server.Query(context.Background(), "SELECT kind, reason, sum(events) FROM "+database+".ledger GROUP BY ALL ORDER BY ALL FORMAT TSV")
		got = strings.TrimSpace(out)
		return err == nil && got == strings.Join(want, "\n")
	}, time.Minute, 50*time.Millisecond, "want %q", want)
}

func TestWhatThePolicyLeavesOutIsInTheLedger(t *testing.T) {
	t.Parallel()
	server := clickhousetest.New(t)
	logDir, policy := t.TempDir(), filepath.Join(t.TempDir(), "policy.yaml")
	writePolicy(t, policy, 1, "standard")
	p := startPipeline(t, server, logDir, policy)

	logs := plog.NewLogs()
	read(logs, "r-probe", "health.check")
	read(logs, "r-list", "list")
	read(logs, "r-view", "view")
	event(logs, "r-update").Record.SetEventName("health.update") // as probes are called, but it is no read: skipped all the same
	event(logs, "r-kept")
	answered := p.audit(t, logs)
	for id, want := range map[string]string{"": "skipped_by_policy", "r-probe": "skipped_by_policy", "r-update": "skipped_by_policy", "r-list": "sampled_out"} {
		assert.Equal(t, want, answered[id], id)
	}
	for _, id := range []string{"r-view", "r-kept"} {
		assert.Contains(t, []string{"verified_queued", "delivered_all_sinks"}, answered[id], id)
	}
	gone := plog.NewLogs()
	read(gone, "r-probe-2", "health.check")
	assert.Equal(t, map[string]string{"": "skipped_by_policy", "r-probe-2": "skipped_by_policy"}, p.audit(t, gone), "a request of which nothing is left")

	awaitRows(t, server, 3, time.Minute)
	assert.Regexp(t, `^r-kept	standard	1	365	acme@1\+[0-9a-f]{12}	
r-view	metadata	0.999999999	30	acme@1\+[0-9a-f]{12}	$`,
		scalar(t, server, "SELECT record_id, capture_level, sample_rate, retention_days, redaction_policy, message FROM %s.events WHERE startsWith(record_id, 'r-') ORDER BY record_id FORMAT TSV", database)+"\t")
	ledgerSays(t, server, "accepted\t\t3", "generated\t\t1", "received\t\t6", "sampled_out\tlists\t1", "skipped\tprobes\t3")

	// A new version, and the same one again after a restart: each is told once.
	writePolicy(t, policy, 2, "metadata")
	awaitRows(t, server, 4, time.Minute)
	p.stop(t)
	p = startPipeline(t, server, logDir, policy)
	assert.Contains(t, []string{"verified_queued", "delivered_all_sinks"}, p.audit(t, batch("again", 1))["again-0000"])
	ledgerSays(t, server, "accepted\t\t5", "duplicate\t\t1", "generated\t\t3", "received\t\t7", "sampled_out\tlists\t1", "skipped\tprobes\t3")
	awaitRows(t, server, 5, time.Minute)
	p.stop(t)
	assert.Regexp(t, `^acme	acme@1\+[0-9a-f]{12}	UPDATE	system	standard
acme	acme@2\+[0-9a-f]{12}	UPDATE	system	metadata$`,
		scalar(t, server, "SELECT target_id, target_name, action, actor_type, JSONExtractString(change_after, 'default_level') FROM %s.events WHERE target_type = 'audit_policy' ORDER BY timestamp FORMAT TSV", database))
	assert.Equal(t, "0", scalar(t, server, `SELECT toInt64(sumIf(events, kind IN ('received', 'generated'))) - toInt64(sumIf(events, kind NOT IN ('received', 'generated', 'warning'))) FROM %s.ledger`, database))
}
