package columns

import (
	"testing"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/eventtest"
	"github.com/otelaudit/otelaudit/internal/audit"
)

// BenchmarkEncode measures requests of 1,000 events; divide by that for a row.
func BenchmarkEncode(b *testing.B) {
	const rows = 1000
	full := make([]audit.Event, rows)
	for i := range full {
		full[i] = eventtest.Full("0190f5a0-7c3e-7d4e-8f00-0123456789ab")
	}
	for name, events := range map[string][]audit.Event{"query": eventtest.Events(eventtest.Queries("q", rows)), "full": full} {
		b.Run(name, func(b *testing.B) {
			encoder := NewEncoder(20)
			b.SetBytes(int64(len(encoder.Encode(events).Block.Native)))
			b.ReportAllocs()
			for b.Loop() {
				if out := encoder.Encode(events); len(out.Taken) != rows {
					b.Fatal("not every event is a row")
				}
			}
		})
	}
}

func BenchmarkToken(b *testing.B) {
	encoder := NewEncoder(20)
	encoder.Encode(eventtest.Events(eventtest.Queries("q", 1000)))
	b.SetBytes(int64(len(encoder.block.Native)))
	b.ReportAllocs()
	for b.Loop() {
		encoder.finish()
	}
}
