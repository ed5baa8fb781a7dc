package auditreceiver

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"go.opentelemetry.io/collector/receiver/receivertest"

	"github.com/otelaudit/otelaudit/internal/integrity"
	"github.com/otelaudit/otelaudit/receiver/auditreceiver/internal/metadata"
)

const benchmarkRecords = 1000

// BenchmarkIntake takes a request of 1,000 records from its body to the pipeline.
func BenchmarkIntake(b *testing.B) {
	benchmarkBodies(b, func(b *testing.B, enc *encoding, body []byte) {
		b.Helper()
		in := newTestIntake(b)
		for b.Loop() {
			admitted := admitBody(b, in, body)
			logs, fail := in.decode(b.Context(), enc, admitted, body)
			if fail != nil {
				b.Fatal(fail.message)
			}
			if _, fail = in.deliver(b.Context(), enc, admitted, logs); fail != nil {
				b.Fatal(fail.message)
			}
			admitted.leave()
		}
	})
}

// BenchmarkAudit is the same on /v1/audit, with a receipt of every record.
func BenchmarkAudit(b *testing.B) {
	benchmarkBodies(b, func(b *testing.B, enc *encoding, body []byte) {
		b.Helper()
		in := newTestIntake(b)
		h := &httpHandler{in: in}
		for b.Loop() {
			admitted := admitBody(b, in, body)
			logs, fail := in.decode(b.Context(), enc, admitted, body)
			if fail != nil {
				b.Fatal(fail.message)
			}
			h.answerAudit(nowhere{}, in.deliverAudit(b.Context(), enc, admitted, logs), benchmarkRecords)
			admitted.leave()
		}
	})
}

type nowhere struct{}

func (nowhere) Header() http.Header         { return http.Header{} }
func (nowhere) Write(p []byte) (int, error) { return len(p), nil }
func (nowhere) WriteHeader(int)             {}

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
	cfg := createDefaultConfig().(*Config)
	common := &shared{gate: newGate(cfg), chains: integrity.NewChains(cfg.Sequence.MaxStreams, cfg.Sequence.Window), keys: integrity.NewKeys()}
	common.profiles, err = cfg.Profiles.Load()
	require.NoError(tb, err)
	in, err := newIntake("http", set, cfg, telemetry, common, consumertest.NewNop())
	require.NoError(tb, err)
	return in
}

// admitBody lets a body in, which has to leave again.
func admitBody(tb testing.TB, in *intake, body []byte) *admission {
	tb.Helper()
	admitted, fail := in.admit(tb.Context())
	require.Nil(tb, fail)
	require.Nil(tb, admitted.take(len(body)))
	return admitted
}
