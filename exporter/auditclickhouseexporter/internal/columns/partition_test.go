package columns

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/eventtest"
	"github.com/otelaudit/otelaudit/internal/audit"
)

func TestPartitionFollowsRetention(t *testing.T) {
	received := time.Date(2026, 11, 21, 23, 59, 59, 0, time.UTC).UnixNano()
	happened := time.Date(2261, 1, 2, 0, 0, 0, 0, time.UTC).UnixNano()
	for retention, want := range map[int64]partition{
		0:   {retention: 0, received: 202611, happened: 226101},
		1:   {retention: 1, received: 20261121, happened: 226101},
		90:  {retention: 90, received: 20261121, happened: 226101},
		91:  {retention: 91, received: 202611, happened: 226101},
		365: {retention: 365, received: 202611, happened: 226101},
	} {
		assert.Equal(t, want, partitionOf(retention, received, happened))
	}
	assert.Equal(t, partition{received: 197001, happened: 197001}, partitionOf(0, 1, int64(time.Second)))
}

// overMonths gives events of as many different months, each twice.
func overMonths(months int) []audit.Event {
	var events []audit.Event
	for i := range 2 * months {
		e := eventtest.Minimal(fmt.Sprintf("id-%d", i))
		e.Record.SetTimestamp(pcommon.NewTimestampFromTime(time.Date(1980, time.Month(1+i%months), 1, 0, 0, 0, 0, time.UTC)))
		e.Record.Attributes().PutInt(audit.AttrReceivedTime, eventtest.Received.UnixNano())
		events = append(events, e)
	}
	return events
}

func TestBlockKeepsWithinItsPartitions(t *testing.T) {
	encoder := NewEncoder(10)
	var sizes []int
	var tokens []string
	var ids []any
	encodeAll := func(events []audit.Event) {
		sizes, tokens, ids = nil, nil, nil
		for len(events) > 0 {
			out := encoder.Encode(events)
			sizes, tokens = append(sizes, len(out.Taken)), append(tokens, out.Block.Token)
			months := map[string]bool{}
			for i, row := range decode(t, out.Block) {
				assert.Equal(t, out.Taken[i].Str(audit.AttrRecordID), row["record_id"])
				ids = append(ids, row["record_id"])
				months[row["timestamp"].(time.Time).Format("200601")] = true
			}
			assert.LessOrEqual(t, len(months), 10)
			events = out.Rest
		}
	}
	encodeAll(overMonths(25))
	assert.Equal(t, []int{20, 20, 10}, sizes)
	require.Len(t, ids, 50)
	assert.Len(t, unique(ids), 50, "every event is in one block")

	first := tokens
	encodeAll(overMonths(25))
	assert.Equal(t, first, tokens, "the same events are cut into the same blocks")
}

func unique(values []any) map[any]bool {
	set := map[any]bool{}
	for _, v := range values {
		set[v] = true
	}
	return set
}
