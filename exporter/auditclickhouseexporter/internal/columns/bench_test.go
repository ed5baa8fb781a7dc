//go:build unix

package columns

import (
	"syscall"
	"testing"
)

// BenchmarkBlock measures blocks of 1,000 rows, from events to compressed and numbered bytes; divide by that for a row.
func BenchmarkBlock(b *testing.B) {
	for name, events := range benchEvents() {
		for _, compression := range []string{CompressionNone, CompressionLZ4, CompressionZSTD} {
			b.Run(name+"/"+compression, func(b *testing.B) {
				builder := NewBuilder(20, compression)
				b.ReportAllocs()
				before, n := cpu(), 0
				for ; b.Loop(); n++ {
					addAll(b, builder, events)
					sealed := builder.Seal()
					sealed.Number(uint64(n))
					b.SetBytes(int64(sealed.RawBytes))
					sealed.Release()
				}
				b.ReportMetric(float64(cpu()-before)/float64(n*benchRows), "cpu-ns/row")
			})
		}
	}
}

// cpu is how many nanoseconds of CPU this process has used: what else runs on the machine does not count.
func cpu() int64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return usage.Utime.Nano() + usage.Stime.Nano()
}

// BenchmarkAdd measures what it takes to add 1,000 rows, without sealing.
func BenchmarkAdd(b *testing.B) {
	for name, events := range benchEvents() {
		b.Run(name, func(b *testing.B) {
			builder := NewBuilder(20, CompressionNone)
			addAll(b, builder, events)
			b.SetBytes(int64(builder.Size()))
			b.ReportAllocs()
			for b.Loop() {
				builder.reset()
				addAll(b, builder, events)
			}
		})
	}
}
