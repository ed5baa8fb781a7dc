package ledger

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/internal/audit"
)

func delta(hour int64, tenant string, kind audit.Kind, n uint64) Delta {
	return Delta{Hour: hour, CountKey: audit.CountKey{Tenant: tenant, Source: "shop", Kind: kind, Reason: "because"}, Events: n}
}

var insert = Insert{
	Token: "t", Table: "events", Rows: 3, Digest: 1 << 63, FirstBlock: 7, LastBlock: 9, FirstReceived: -1, LastReceived: 5,
}

func TestNotesAreReadAsTheyWereWritten(t *testing.T) {
	a, b := delta(3600, "a", audit.KindAccepted, 3), delta(-3600, "", audit.KindRejected, 1<<63)
	first := AppendInsert(AppendDelta(nil, a), insert)
	second := AppendDelta(nil, b)
	deltas, inserts, err := Read([][]byte{first, nil, second})
	require.NoError(t, err)
	assert.Equal(t, []Delta{a, b}, deltas)
	assert.Equal(t, []Insert{insert}, inserts)
}

func TestDamagedNoteGivesWhatStandsBefore(t *testing.T) {
	a := delta(3600, "a", audit.KindAccepted, 3)
	whole := AppendInsert(AppendDelta(nil, a), insert)
	one := len(AppendDelta(nil, a))
	for size := one + 1; size < len(whole); size++ {
		deltas, inserts, err := Read([][]byte{whole[:size]})
		require.ErrorIs(t, err, ErrNote, size)
		assert.Equal(t, []Delta{a}, deltas)
		assert.Empty(t, inserts)
	}
	_, _, err := Read([][]byte{{9}})
	require.ErrorIs(t, err, ErrNote)
}

func TestSumDoesNotDependOnTheOrder(t *testing.T) {
	a1, a2, b := delta(0, "a", audit.KindAccepted, 1), delta(0, "a", audit.KindAccepted, 2), delta(0, "a", audit.KindDuplicate, 4)
	want := []Delta{delta(0, "a", audit.KindAccepted, 3), b}
	assert.Equal(t, want, Sum([]Delta{a1, a2, b}))
	assert.Equal(t, want, Sum([]Delta{b, a2, a1}))
	assert.Empty(t, Sum(nil))
}

func FuzzRead(f *testing.F) {
	f.Add(AppendInsert(AppendDelta(nil, delta(1, "t", audit.KindAccepted, 1)), insert))
	f.Fuzz(func(_ *testing.T, note []byte) { _, _, _ = Read([][]byte{note}) })
}
