//go:build unix

package clickhouse_test

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/internal/clickhouselocal/clickhousetest"
)

// BenchmarkWrite measures what it costs this process, in CPU, to send 100 blocks of 1,000 rows as one insert.
func BenchmarkWrite(b *testing.B) {
	server := clickhousetest.New(b)
	sealed := blocks(b, "id", 100, 1000)
	bytes := 0
	for i := range sealed {
		bytes += sealed[i].RawBytes
	}
	for protocol, address := range protocols {
		b.Run(protocol, func(b *testing.B) {
			conn := connect(b, address(server), server.User(), "", "bench")
			columns := ""
			for i, c := range sealed[0].Table.Columns() {
				if i > 0 {
					columns += ", "
				}
				columns += c.Name + " " + c.Type
			}
			query(b, server, "CREATE DATABASE IF NOT EXISTS bench")
			query(b, server, "CREATE TABLE IF NOT EXISTS bench.events (%s) ENGINE = Null", columns)
			b.SetBytes(int64(bytes))
			b.ReportAllocs()
			before, n := cpu(), 0
			for b.Loop() {
				n++
				require.NoError(b, conn.Write(b.Context(), batch(fmt.Sprintf("%s-%d", protocol, n), sealed...)))
			}
			b.ReportMetric(float64((cpu()-before).Nanoseconds())/float64(n*100_000), "cpu-ns/row")
		})
	}
}

// cpu is what this process has used so far.
func cpu() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
