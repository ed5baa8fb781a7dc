package columns

import (
	"math"
	"testing"

	"github.com/cespare/xxhash/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/eventtest"
	"github.com/otelaudit/otelaudit/internal/audit"
)

func TestHeaderTellsWhatIsInTheBlock(t *testing.T) {
	early, late := eventtest.Minimal("a"), eventtest.Minimal("b")
	early.Record.Attributes().PutInt(audit.AttrReceivedTime, 100)
	late.Record.Attributes().PutInt(audit.AttrReceivedTime, 200)
	sealed := seal(t, NewBuilder(2, CompressionLZ4), late, early, late)
	assert.Equal(t, TableEvents, sealed.Table)
	assert.Equal(t, 3, sealed.Rows)
	assert.EqualValues(t, 100, sealed.First)
	assert.EqualValues(t, 200, sealed.Last)
	b := xxhash.Sum64String("b")
	assert.Equal(t, xxhash.Sum64String("a")+b+b, sealed.Digest)
	assert.Equal(t, HashOf(TableEvents.Columns()), sealed.Columns)
	assert.Len(t, sealed.Partitions, 1)
	assert.NotZero(t, sealed.Hash)
}

func TestHeaderIsReadAsItWasWritten(t *testing.T) {
	for _, h := range []Header{
		{Table: TableEvents},
		{
			Table: TableBlocks, Rows: 100000, RawBytes: 1 << 30, Columns: math.MaxUint64, Partitions: []uint64{1, math.MaxUint64},
			First: math.MinInt64, Last: math.MaxInt64, Digest: 1 << 63, Hash: [16]byte{1, 15: 2},
		},
	} {
		text := h.Append([]byte("before"))
		got, err := ReadHeader(text[6:])
		require.NoError(t, err)
		assert.Equal(t, h, got)
		for n := range len(text) - 6 {
			if _, err := ReadHeader(text[6 : 6+n]); n < len(text)-6-8*len(h.Partitions) {
				assert.Error(t, err, n)
			}
		}
	}
}

func TestHeaderThatCannotBeReadIsExplained(t *testing.T) {
	_, err := ReadHeader([]byte{2, 1, 0, 0})
	assert.ErrorContains(t, err, "version 2 is not known to this collector")
	_, err = ReadHeader([]byte{1, 9, 0, 0})
	assert.ErrorContains(t, err, "no table has number 9")
	_, err = ReadHeader(append([]byte{1, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}, make([]byte, 100)...))
	assert.ErrorContains(t, err, "out of range")
}

func FuzzReadHeader(f *testing.F) {
	h := Header{Table: TableEvents, Rows: 3, Partitions: []uint64{1}}
	f.Add(h.Append(nil))
	f.Fuzz(func(t *testing.T, text []byte) {
		h, err := ReadHeader(text)
		if err != nil {
			return
		}
		again, err := ReadHeader(h.Append(nil))
		require.NoError(t, err)
		assert.Equal(t, h, again)
	})
}
