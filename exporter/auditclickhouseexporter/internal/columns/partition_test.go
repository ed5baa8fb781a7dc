package columns

import (
	"fmt"
	"math"
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
	b := NewBuilder(10, CompressionLZ4)
	var sizes []int
	ids := map[any]bool{}
	sealOne := func() {
		sealed := b.Seal()
		sealed.Number(blockNumber)
		sizes = append(sizes, sealed.Rows)
		months := map[string]bool{}
		for _, row := range decode(t, sealed) {
			ids[row["record_id"]] = true
			months[row["timestamp"].(time.Time).Format("200601")] = true
		}
		assert.Len(t, sealed.Partitions, len(months))
	}
	for _, event := range overMonths(25) {
		admission, _ := b.Add(event)
		if admission == Full {
			sealOne()
			admission, _ = b.Add(event)
		}
		require.Equal(t, Added, admission)
	}
	sealOne()
	assert.Equal(t, []int{10, 10, 10, 10, 10}, sizes)
	assert.Len(t, ids, 50, "every event is in one block")
}

func TestPartitionsHaveHashesOfTheirOwn(t *testing.T) {
	hashes := map[uint64]partition{}
	for _, retention := range []int64{0, 1, 90, 91, maxRetentionDays} {
		for _, received := range []int64{0, 1e17, 1e18, math.MaxInt64} {
			for _, happened := range []int64{1, 1e17, 1e18, math.MaxInt64} {
				p := partitionOf(retention, received, happened)
				before, known := hashes[p.hash()]
				assert.True(t, !known || before == p)
				hashes[p.hash()] = p
			}
		}
	}
}
