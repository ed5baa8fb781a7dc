package replay

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/internal/offheap"
)

func reserve(w *Window, d *Draft, id ID, content uint64) (Verdict, *Draft) {
	s := w.Begin(d)
	defer s.End()
	return s.Reserve(id, content)
}

// end ends a draft as its commit does.
func end(d *Draft, blocks ...uint64) {
	d.Blocks = blocks
	close(d.Done)
}

func id(n int) ID {
	var id ID
	binary.LittleEndian.PutUint64(id[:], uint64(n)*0x9e3779b97f4a7c15)
	id[15] = byte(n)
	return id
}

// clocked makes a window whose time is at *now.
func clocked(records int, age time.Duration) (w *Window, now *time.Time) {
	at := time.Unix(1000, 0)
	w = NewWindow(records, age)
	w.now = func() time.Time { return at }
	w.current.began = at
	return w, &at
}

func TestRecordIsNewAndThenAReplay(t *testing.T) {
	w, _ := clocked(10, time.Hour)
	first, second := w.NewDraft(), w.NewDraft()
	verdict, _ := reserve(w, first, id(1), 7)
	assert.Equal(t, New, verdict)
	for range 2 { // on its way, and when it is there
		verdict, held := reserve(w, second, id(1), 7)
		assert.Equal(t, Replay, verdict)
		assert.Same(t, first, held)
		verdict, _ = reserve(w, second, id(1), 8)
		assert.Equal(t, Conflict, verdict)
		if first.Blocks == nil {
			end(first, 42)
		}
	}
	verdict, held := reserve(w, second, id(2), 7)
	assert.Equal(t, New, verdict)
	assert.Same(t, second, held)
}

func TestRecordOfAFailedDraftIsNewAgain(t *testing.T) {
	w, _ := clocked(10, time.Hour)
	failed, next := w.NewDraft(), w.NewDraft()
	reserve(w, failed, id(1), 7)
	reserve(w, next, id(2), 7)
	w.GiveUp(failed, slices.Values([]ID{id(1), id(2)}))
	end(failed)
	verdict, held := reserve(w, next, id(1), 8)
	assert.Equal(t, New, verdict, "whatever its content is now")
	assert.Same(t, next, held)
	verdict, _ = reserve(w, next, id(2), 7)
	assert.Equal(t, Replay, verdict, "it is not the failed draft's")
}

func TestWindowIsBoundedInNumber(t *testing.T) {
	const limit = 100
	w, _ := clocked(limit, time.Hour)
	for n := range 1000 {
		d := w.NewDraft()
		reserve(w, d, id(n), 1)
		end(d, uint64(n+1))
		require.LessOrEqual(t, w.Len(), limit)
		require.GreaterOrEqual(t, w.Len(), min(n+1, limit/2))
		require.LessOrEqual(t, len(w.drafts), limit)
		horizon, ok := w.Horizon()
		require.True(t, ok)
		oldest := int(horizon) - 1
		require.NotNil(t, find(w, id(oldest)), "the oldest that is remembered")
		require.Nil(t, find(w, id(oldest-1)))
		require.NotNil(t, w.drafts[find(w, id(oldest)).draft])
	}
}

// TestDraftsOfSeveralLanesOutliveAGeneration has two drafts open while generations change.
func TestDraftsOfSeveralLanesOutliveAGeneration(t *testing.T) {
	w, _ := clocked(8, time.Hour)
	a, b := w.NewDraft(), w.NewDraft()
	for n := range 40 {
		verdict, _ := reserve(w, []*Draft{a, b}[n%2], id(n), 1)
		require.Equal(t, New, verdict)
		for known := max(0, n-3); known <= n; known++ {
			verdict, held := reserve(w, a, id(known), 1)
			require.Equal(t, Replay, verdict)
			require.Same(t, []*Draft{a, b}[known%2], held)
		}
	}
}

func find(w *Window, id ID) *slot {
	for _, t := range []*table{w.current.records, w.previous.records} {
		if s, ok := t.find(&id); ok {
			return &s
		}
	}
	return nil
}

func TestWindowIsBoundedInTime(t *testing.T) {
	w, now := clocked(1000, time.Hour)
	a, b := w.NewDraft(), w.NewDraft()
	reserve(w, a, id(1), 1)
	end(a, 5)
	*now = now.Add(31 * time.Minute)
	horizon, _ := w.Horizon()
	assert.EqualValues(t, 5, horizon)
	reserve(w, b, id(2), 1)
	end(b, 6)
	assert.Equal(t, 2, w.Len())
	*now = now.Add(31 * time.Minute)
	horizon, _ = w.Horizon()
	assert.EqualValues(t, 6, horizon)
	assert.Equal(t, 1, w.Len())
	*now = now.Add(2 * time.Hour)
	w.Horizon()
	*now = now.Add(2 * time.Hour)
	w.Horizon()
	assert.Zero(t, w.Len())
	assert.Empty(t, w.drafts)
}

func TestHorizonIsUnknownWhileADraftIsOnItsWay(t *testing.T) {
	w, _ := clocked(10, time.Hour)
	_, ok := w.Horizon()
	assert.False(t, ok, "nothing is known")
	d := w.NewDraft()
	reserve(w, d, id(1), 1)
	_, ok = w.Horizon()
	assert.False(t, ok)
	end(d, 3)
	_, ok = w.Horizon()
	assert.True(t, ok)
}

func TestLoadedRecordsAreKnownAndOldOnesAreNot(t *testing.T) {
	w, now := clocked(1000, time.Hour)
	w.Load(id(1), 1, 1, now.Add(-2*time.Hour))
	w.Load(id(2), 1, 2, now.Add(-50*time.Minute))
	w.Load(id(3), 1, 2, now.Add(-50*time.Minute))
	w.Load(id(4), 1, 3, now.Add(-10*time.Minute))
	w.Load(id(4), 1, 3, now.Add(-10*time.Minute)) // the log may have it twice
	assert.Equal(t, 3, w.Len())
	horizon, _ := w.Horizon()
	assert.EqualValues(t, 2, horizon)
	d := w.NewDraft()
	verdict, held := reserve(w, d, id(3), 1)
	assert.Equal(t, Replay, verdict)
	assert.Equal(t, []uint64{2}, held.Blocks)
	verdict, _ = reserve(w, d, id(1), 1)
	assert.Equal(t, New, verdict)
}

func TestIDsOfTenantsDoNotMeet(t *testing.T) {
	assert.NotEqual(t, IDOf("a", "bc"), IDOf("ab", "c"))
	assert.NotEqual(t, IDOf("", "a"), IDOf("a", ""))
	again := IDOf("a", "b")
	assert.Equal(t, IDOf("a", "b"), again)
	assert.Zero(t, testing.AllocsPerRun(100, func() { IDOf("tenant", "0190c5a4-7d3c-7b3a-9f1e-3d3c7b3a9f1e") }))
}

// TestTableIsAMap compares the table with a Go map, on ids that collide much.
func TestTableIsAMap(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var tab table
	before := offheap.Taken()
	model := map[ID]uint32{}
	for range 6000 {
		var id ID // of two parts, and of few homes in these
		id[0], id[7], id[9] = byte(random.UintN(2)), byte(random.UintN(8)*37), byte(random.UintN(40))
		switch s, ok := tab.find(&id); {
		case ok:
			require.Equal(t, model[id], s.draft)
			if random.UintN(2) == 0 {
				tab.remove(&id, s.draft+1) // another draft's
				tab.remove(&id, s.draft)
				delete(model, id)
			}
		default:
			require.NotContains(t, model, id)
			model[id] = random.Uint32()>>1 + 1
			tab.insert(slot{id: id, draft: model[id]})
		}
		require.Equal(t, len(model), tab.used)
	}
	for id, draft := range model {
		s, ok := tab.find(&id)
		require.True(t, ok)
		require.Equal(t, slot{id: id, draft: draft}, s)
	}
	tab.reset()
	for id := range model {
		_, ok := tab.find(&id)
		require.False(t, ok)
	}
	tab.free()
	assert.Equal(t, before, offheap.Taken())
}

func TestWindowGivesItsMemoryBack(t *testing.T) {
	before := offheap.Taken()
	w, _ := clocked(80_000, time.Hour)
	d := w.NewDraft()
	s := w.Begin(d)
	for n := range 40_000 {
		s.Reserve(IDOf("tenant", strconv.Itoa(n)), uint64(n))
	}
	s.End()
	end(d, 1)
	assert.Less(t, float64(offheap.Taken()-before)/40_000, 45.0, "bytes a record")
	for n := range 40_000 {
		verdict, _ := reserve(w, d, IDOf("tenant", strconv.Itoa(n)), uint64(n))
		require.Equal(t, Replay, verdict)
	}
	w.Close()
	assert.Equal(t, before, offheap.Taken())
	assert.Zero(t, w.Len())
}

func BenchmarkReserve(b *testing.B) {
	w := NewWindow(1_000_000, time.Hour)
	b.ReportAllocs()
	records := 0
	for b.Loop() {
		d := w.NewDraft()
		s := w.Begin(d)
		for range 1000 {
			records++
			var record [36]byte
			binary.LittleEndian.PutUint64(record[:], uint64(records))
			s.Reserve(IDOf("tenant", string(record[:])), 1)
		}
		s.End()
		end(d, uint64(records))
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(records), "ns/record")
}
