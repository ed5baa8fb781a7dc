package auditprocessor

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/metric/metricdata/metricdatatest"

	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/processor/auditprocessor/internal/metadatatest"
)

func point(n int64, label, value string, more ...attribute.KeyValue) metricdata.DataPoint[int64] {
	attrs := append([]attribute.KeyValue{attribute.String("processor", "audit")}, more...)
	if label != "" {
		attrs = append(attrs, attribute.String(label, value))
	}
	return metricdata.DataPoint[int64]{Attributes: attribute.NewSet(attrs...), Value: n}
}

// ofFile is the label of the directory in most tests.
var ofFile = attribute.String(labelDirectory, "file")

func TestRecordsAreCountedByOutcomeAndEnrichment(t *testing.T) {
	r := start(t, withDirectory(newConfig(), "testdata/users.yaml"))
	ld, _ := one()
	r.process(t, ld)
	ld, event := one()
	event.Record.Attributes().PutStr(audit.AttrActorID, "nobody")
	event.Record.Attributes().PutStr("acme.canary", "canary")
	r.process(t, ld)
	metadatatest.AssertEqualProcessorAuditRedactedRecords(t, r.telemetry,
		[]metricdata.DataPoint[int64]{point(1, "outcome", "clean"), point(1, "outcome", "withheld")}, metricdatatest.IgnoreTimestamp())
	metadatatest.AssertEqualProcessorAuditEnrichedRecords(t, r.telemetry,
		[]metricdata.DataPoint[int64]{point(1, "result", "hit", ofFile), point(1, "result", "miss", ofFile)}, metricdatatest.IgnoreTimestamp())
	metadatatest.AssertEqualProcessorAuditDirectoryUsers(t, r.telemetry, []metricdata.DataPoint[int64]{point(3, "", "", ofFile)}, metricdatatest.IgnoreTimestamp())
	metadatatest.AssertEqualProcessorAuditDirectoryLoads(t, r.telemetry, []metricdata.DataPoint[int64]{point(1, "result", "ok", ofFile)}, metricdatatest.IgnoreTimestamp())
}

// age gives the age of the directory as it is reported.
func age(t *testing.T, r running) float64 {
	t.Helper()
	m, err := r.telemetry.GetMetric("otelcol_processor_audit_directory_age")
	require.NoError(t, err)
	return m.Data.(metricdata.Gauge[float64]).DataPoints[0].Value
}

func TestTheDirectoryReportsFailuresAndItsAge(t *testing.T) {
	path := filepath.Join(t.TempDir(), "users.csv")
	require.NoError(t, os.WriteFile(path, []byte("id\nu-1\n"), 0o600))
	r := start(t, withDirectory(newConfig(), path))
	assert.Less(t, age(t, r), 30.0)
	replace(t, path, "id\nu-1\nu-1\n")
	require.Eventually(t, func() bool {
		m, err := r.telemetry.GetMetric("otelcol_processor_audit_directory_loads")
		return err == nil && len(m.Data.(metricdata.Sum[int64]).DataPoints) == 2
	}, 20*time.Second, 20*time.Millisecond)
	metadatatest.AssertEqualProcessorAuditDirectoryLoads(t, r.telemetry,
		[]metricdata.DataPoint[int64]{point(1, "result", "ok", ofFile), point(1, "result", "failed", ofFile)}, metricdatatest.IgnoreTimestamp())
	first := age(t, r)
	time.Sleep(3 * minReloadInterval)
	assert.Greater(t, age(t, r), first, "it grows while the file is broken")
}

func TestWithoutADirectoryNothingIsReportedOfOne(t *testing.T) {
	r := start(t, newConfig())
	ld, _ := one()
	assert.NotContains(t, r.process(t, ld), audit.AttrActorEnrichment)
	for _, name := range []string{"directory_age", "directory_users", "directory_loads", "enriched_records"} {
		_, err := r.telemetry.GetMetric("otelcol_processor_audit_" + name)
		assert.Error(t, err, name)
	}
}
