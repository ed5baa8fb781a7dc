package auditprocessor

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/config/configopaque"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/collector/processor/processortest"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/pseudonym"
	"github.com/otelaudit/otelaudit/processor/auditprocessor/internal/metadata"
	"github.com/otelaudit/otelaudit/processor/auditprocessor/internal/metadatatest"
)

const secret = "0123456789abcdef0123456789abcdef"

// hash gives the pseudonym that the processors of these tests make.
func hash(tb testing.TB, value string) string {
	tb.Helper()
	keys, err := pseudonym.New("k1", map[string][]byte{"k1": []byte(secret)})
	require.NoError(tb, err)
	return keys.Value(pseudonym.Text, value)
}

func newConfig(rules ...AttributeRule) *Config {
	cfg := createDefaultConfig().(*Config)
	cfg.Pseudonyms = Pseudonyms{Active: "k1", Keys: map[string]configopaque.String{"k1": secret}}
	cfg.Attributes = rules
	return cfg
}

func withDirectory(cfg *Config, path string) *Config {
	file := DirectoryFile{Path: path, ReloadInterval: minReloadInterval, MaxBytes: defaultMaxBytes}
	source := defaultSource()
	source.File = configoptional.Some(file)
	cfg.Directory = configoptional.Some(Directory{Sources: []DirectorySource{source}})
	return cfg
}

// running is a started processor with what can be seen of it from outside.
type running struct {
	processor.Logs
	out       *plog.Logs // what it last passed on
	logs      *observer.ObservedLogs
	telemetry *componenttest.Telemetry
}

func newRunning(tb testing.TB, cfg *Config) running {
	tb.Helper()
	require.NoError(tb, cfg.Validate())
	core, logs := observer.New(zapcore.DebugLevel)
	r := running{out: new(plog.Logs), logs: logs, telemetry: componenttest.NewTelemetry()}
	set := metadatatest.NewSettings(r.telemetry)
	set.Logger = zap.New(core)
	next, err := consumer.NewLogs(func(_ context.Context, ld plog.Logs) error {
		if !generated(ld) { // which comes from a goroutine of its own
			*r.out = ld
		}
		return nil
	})
	require.NoError(tb, err)
	r.Logs, err = NewFactory().CreateLogs(context.Background(), set, cfg, next)
	require.NoError(tb, err)
	return r
}

// generated reports whether a payload holds what the processor tells of itself.
func generated(ld plog.Logs) bool {
	return ld.ResourceLogs().Len() > 0 &&
		audit.Event{Resource: ld.ResourceLogs().At(0).Resource().Attributes()}.Str(audit.AttrServiceName) == generatedSource
}

func start(tb testing.TB, cfg *Config) running {
	tb.Helper()
	r := newRunning(tb, cfg)
	require.NoError(tb, r.Start(context.Background(), componenttest.NewNopHost()))
	tb.Cleanup(func() {
		require.NoError(tb, r.Shutdown(context.Background()))
		require.NoError(tb, r.telemetry.Shutdown(context.Background()))
	})
	return r
}

// metrics gives every metric with its attributes as text.
func (r running) metrics(tb testing.TB) []byte {
	tb.Helper()
	var all metricdata.ResourceMetrics
	require.NoError(tb, r.telemetry.Reader.Collect(context.Background(), &all))
	text, err := json.Marshal(all)
	require.NoError(tb, err)
	require.Contains(tb, string(text), "otelcol_processor_audit_redacted_records")
	return text
}

// process gives the only record of a payload as a map, after the processor.
func (r running) process(tb testing.TB, ld plog.Logs) map[string]any {
	tb.Helper()
	require.NoError(tb, r.ConsumeLogs(context.Background(), ld))
	return r.out.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0).Attributes().AsRaw()
}

// one gives a payload with one event of actor u-1 and the event.
func one() (plog.Logs, audit.Event) {
	ld := plog.NewLogs()
	rl := ld.ResourceLogs().AppendEmpty()
	rl.Resource().Attributes().PutStr(audit.AttrServiceName, "shop")
	lr := rl.ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
	lr.SetTimestamp(1_763_757_540_000_000_000)
	lr.SetEventName("user.login")
	a := lr.Attributes()
	a.PutStr(audit.AttrRecordID, "01890a5d-ac96-774b-bcce-b302099a8057")
	a.PutStr(audit.AttrAction, audit.ActionLogin)
	a.PutStr(audit.AttrOutcome, audit.OutcomeSuccess)
	a.PutStr(audit.AttrActorID, "u-1")
	a.PutStr(audit.AttrActorType, audit.ActorUser)
	return ld, audit.Event{Resource: rl.Resource().Attributes(), Record: lr}
}

func processorSettings(tb testing.TB) processor.Settings {
	tb.Helper()
	return processortest.NewNopSettings(metadata.Type)
}
