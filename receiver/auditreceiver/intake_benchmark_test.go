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
	benchmarkBodies(b, func(b *testing.B, enc *encoding, body []byte) {
		b.Helper()
		in := newTestIntake(b)
		for b.Loop() {
			logs, fail := in.decode(b.Context(), enc, body)
			if fail != nil {
				b.Fatal(fail.message)
			}
			if _, fail = in.deliver(b.Context(), enc, logs); fail != nil {
				b.Fatal(fail.message)
			}
		}
	})
}

// BenchmarkUnmarshal is the part of it that pdata takes: the floor.
func BenchmarkUnmarshal(b *testing.B) {
	benchmarkBodies(b, func(b *testing.B, enc *encoding, body []byte) {
		b.Helper()
		for b.Loop() {
			if err := enc.unmarshal(plogotlp.NewExportRequest(), body); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkShape is the price of not trusting a body.
func BenchmarkShape(b *testing.B) {
	benchmarkBodies(b, func(b *testing.B, enc *encoding, body []byte) {
		b.Helper()
		for b.Loop() {
			if fail := enc.shape(body, benchmarkRecords); fail != nil {
				b.Fatal(fail.message)
			}
		}
	})
}

func benchmarkBodies(b *testing.B, run func(*testing.B, *encoding, []byte)) {
	b.Helper()
	for _, enc := range []*encoding{protobufEncoding, jsonEncoding} {
		b.Run(enc.format, func(b *testing.B) {
			body := encode(enc, typicalEvents(benchmarkRecords))
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			run(b, enc, body)
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchmarkRecords, "ns/record")
		})
	}
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
