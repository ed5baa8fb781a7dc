package columns

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/eventtest"
)

// FuzzAdd takes any payload: nothing panics, every event is a row or refused, blocks can be read back, and the same
// payload gives the same blocks.
func FuzzAdd(f *testing.F) {
	for _, logs := range []plog.Logs{
		eventtest.Request(eventtest.Full("a"), eventtest.Minimal("b")), eventtest.Queries("q", 3), eventtest.Request(),
	} {
		wire, err := (&plog.ProtoMarshaler{}).MarshalLogs(logs)
		require.NoError(f, err)
		f.Add(wire)
	}
	f.Fuzz(func(t *testing.T, wire []byte) {
		logs, err := (&plog.ProtoUnmarshaler{}).UnmarshalLogs(wire)
		if err != nil {
			return
		}
		first := sealAll(t, logs)
		assert.Equal(t, first, sealAll(t, logs))
	})
}

// sealAll gives the hashes of the blocks of a payload.
func sealAll(t *testing.T, logs plog.Logs) (hashes [][16]byte) {
	t.Helper()
	events, quarantine := NewBuilder(2, CompressionLZ4), NewQuarantineBuilder(CompressionLZ4)
	seen, stored := 0, 0
	keep := func(sealed Sealed) {
		defer sealed.Release()
		sealed.Number(blockNumber)
		stored += len(decode(t, sealed))
		hashes = append(hashes, sealed.Hash)
	}
	for _, event := range eventtest.Events(logs) {
		seen++
		admission, refusal := events.Add(event)
		if admission == Full {
			keep(events.Seal())
			admission, refusal = events.Add(event)
		}
		require.NotEqual(t, Full, admission)
		if admission == Refused {
			quarantine.Add(refusal)
		}
	}
	if events.Rows() > 0 {
		keep(events.Seal())
	}
	if quarantine.Rows() > 0 {
		keep(quarantine.Seal())
	}
	require.Equal(t, seen, stored)
	return hashes
}
