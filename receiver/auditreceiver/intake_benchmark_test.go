package auditreceiver

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"go.opentelemetry.io/collector/receiver/receivertest"

	"github.com/otelaudit/otelaudit/receiver/auditreceiver/internal/metadata"
)

const benchmarkRecords = 1000

// BenchmarkIntake takes a request of 1,000 records from its body to the pipeline.
func BenchmarkIntake(b *testing.B) {
	for _, enc := range []*encoding{protobufEncoding, jsonEncoding} {
		body := encode(enc, typicalEvents(benchmarkRecords))
		b.Run(enc.format, func(b *testing.B) {
			in := newTestIntake(b)
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				logs, fail := in.decode(b.Context(), enc, body)
				if fail != nil {
					b.Fatal(fail.message)
				}
				if _, fail = in.deliver(b.Context(), enc, logs); fail != nil {
					b.Fatal(fail.message)
				}
			}
			perRecord(b)
		})
		// What decoding alone costs: the difference is the price of not trusting the body.
		b.Run(enc.format+"/only decode", func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				if err := enc.unmarshal(plogotlp.NewExportRequest(), body); err != nil {
					b.Fatal(err)
				}
			}
			perRecord(b)
		})
		b.Run(enc.format+"/only shape", func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				if fail := enc.shape(body, benchmarkRecords); fail != nil {
					b.Fatal(fail.message)
				}
			}
			perRecord(b)
		})
	}
}

func perRecord(b *testing.B) {
	b.Helper()
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchmarkRecords, "ns/record")
}

func newTestIntake(tb testing.TB) *intake {
	tb.Helper()
	set := receivertest.NewNopSettings(metadata.Type)
	telemetry, err := metadata.NewTelemetryBuilder(set.TelemetrySettings)
	require.NoError(tb, err)
	in, err := newIntake("http", set, createDefaultConfig().(*Config), telemetry, consumertest.NewNop())
	require.NoError(tb, err)
	return in
}
