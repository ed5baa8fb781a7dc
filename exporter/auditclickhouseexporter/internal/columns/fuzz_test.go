package columns

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/eventtest"
)

// FuzzEncode takes any payload: nothing panics, every event is a row or refused, blocks can be read back, and the same
// payload gives the same blocks.
func FuzzEncode(f *testing.F) {
	for _, logs := range []plog.Logs{
		eventtest.Request(eventtest.Full("a"), eventtest.Minimal("b")), eventtest.Queries("q", 3), eventtest.Request(),
	} {
		wire, err := (&plog.ProtoMarshaler{}).MarshalLogs(logs)
		require.NoError(f, err)
		f.Add(wire)
	}
	encoder, quarantine := NewEncoder(2), NewQuarantine()
	f.Fuzz(func(t *testing.T, wire []byte) {
		logs, err := (&plog.ProtoUnmarshaler{}).UnmarshalLogs(wire)
		if err != nil {
			return
		}
		first := encodeTokens(t, encoder, quarantine, logs)
		assert.Equal(t, first, encodeTokens(t, encoder, quarantine, logs))
	})
}

func encodeTokens(t *testing.T, encoder *Encoder, quarantine *Quarantine, logs plog.Logs) (tokens []string) {
	t.Helper()
	events := eventtest.Events(logs)
	total, seen := len(events), 0
	for len(events) > 0 {
		out := encoder.Encode(events)
		seen += len(out.Taken) + len(out.Refused)
		require.Positive(t, len(out.Taken)+len(out.Refused), "every call gets further")
		if out.Block != nil {
			require.Len(t, decode(t, out.Block), len(out.Taken))
			tokens = append(tokens, out.Block.Token)
		}
		if len(out.Refused) > 0 {
			block := quarantine.Encode(out.Refused)
			require.Len(t, decode(t, block), len(out.Refused))
			tokens = append(tokens, block.Token)
		}
		events = out.Rest
	}
	require.Equal(t, total, seen)
	return tokens
}
