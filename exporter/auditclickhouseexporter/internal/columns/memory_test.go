package columns

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/eventtest"
	"github.com/otelaudit/otelaudit/internal/audit"
)

const benchRows = 1000

func benchEvents() map[string][]audit.Event {
	full, enriched := make([]audit.Event, benchRows), make([]audit.Event, benchRows)
	for i := range full {
		full[i] = eventtest.Full("0190f5a0-7c3e-7d4e-8f00-0123456789ab")
		enriched[i] = eventtest.Enriched(fmt.Sprintf("0190f5a0-7c3e-7d4e-8f00-%012x", i*7919), eventtest.Time, i)
	}
	events := map[string][]audit.Event{
		"query": eventtest.Events(eventtest.Queries("q", benchRows)), "enriched": enriched, "full": full,
	}
	for name, list := range events { // as a receiver leaves them in memory
		wire, err := (&plog.ProtoMarshaler{}).MarshalLogs(eventtest.Request(list...))
		if err != nil {
			panic(err)
		}
		logs, err := (&plog.ProtoUnmarshaler{}).UnmarshalLogs(wire)
		if err != nil {
			panic(err)
		}
		events[name] = eventtest.Events(logs)
	}
	return events
}

func addAll(tb testing.TB, b *Builder, events []audit.Event) {
	tb.Helper()
	for _, event := range events {
		if admission, _ := b.Add(event); admission != Added {
			tb.Fatal("not every event is a row")
		}
	}
}

func TestRowsTakeNoAllocation(t *testing.T) {
	for name, events := range benchEvents() {
		t.Run(name, func(t *testing.T) {
			builder := NewBuilder(20, CompressionLZ4)
			perBlock := testing.AllocsPerRun(20, func() {
				addAll(t, builder, events)
				sealed := builder.Seal()
				sealed.Number(1)
				sealed.Release()
			})
			// A garbage collection in between empties the pools, so a block may cost a few; a row must not.
			assert.Less(t, perBlock/benchRows, 0.05)
		})
	}
}

func TestSizeIsThatOfTheBlock(t *testing.T) {
	for name, events := range benchEvents() {
		builder := NewBuilder(20, CompressionLZ4)
		addAll(t, builder, events)
		size := builder.Size()
		sealed := builder.Seal()
		require.Equal(t, benchRows, sealed.Rows)
		assert.InEpsilon(t, sealed.RawBytes, size, 0.05, name)
	}
}
