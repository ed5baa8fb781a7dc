package blocklog

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// moment is how far the disk was when a step had returned, and what was acknowledged then.
type moment struct {
	operations int
	before     *model // the step
	after      *model
}

// recordHistory runs a random history and keeps every operation of the disk.
func recordHistory(t *testing.T, seed uint64, steps int) ([]operation, []moment) {
	t.Helper()
	d := newMemDisk()
	d.tracks = true
	h := &history{r: rand.New(rand.NewPCG(seed, 1)), m: newModel()}
	l, _, err := Open("log", crashOptions(d))
	require.NoError(t, err)
	moments := []moment{{len(d.trace), newModel(), newModel()}}
	for i := range steps {
		if i > 0 && i%25 == 0 {
			if i%50 == 0 {
				require.NoError(t, l.Close())
			} else {
				d.locked = false // killed: everything written is there
				l.closeFiles()
			}
			var report Report
			l, report, err = Open("log", crashOptions(d))
			require.NoError(t, err)
			require.Empty(t, report.Damage)
			require.Empty(t, report.Torn)
			h.m = h.m.clone()
			h.m.lazy = map[uint64]Plan{}
			moments = append(moments, moment{len(d.trace), h.m, h.m})
		}
		before := h.m
		after, err := h.step(l)
		require.NoError(t, err)
		require.Empty(t, h.m.observe(l, false), "seed %d, step %d", seed, i)
		moments = append(moments, moment{len(d.trace), before, after})
	}
	return d.trace, moments
}

func crashOptions(d disk) Options { return Options{disk: d, SegmentBytes: 4 << 10, reserve: 512} }

func TestAfterAPowerCutAtAnyMomentWhatWasAcknowledgedIsThereAndNothingIsThereInPart(t *testing.T) {
	seeds := uint64(3)
	if testing.Short() {
		seeds = 1
	}
	for seed := range seeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			trace, moments := recordHistory(t, seed, 80)
			r := rand.New(rand.NewPCG(seed, 2))
			at, d := 0, newMemDisk()
			for n, o := range trace {
				if n < moments[0].operations { // there is no log yet
					d.apply(o)
					continue
				}
				for at+1 < len(moments) && moments[at+1].operations <= n {
					at++
				}
				acknowledged := moments[at].after
				underWay := acknowledged
				if at+1 < len(moments) {
					underWay = moments[at+1].after
				}
				for range 2 {
					cutAndCheck(t, d, r, acknowledged, underWay)
				}
				d.apply(o)
			}
		})
	}
}

// cutAndCheck cuts the power, perhaps again while the log is recovered, and looks.
func cutAndCheck(t *testing.T, d *memDisk, r *rand.Rand, acknowledged, underWay *model) {
	t.Helper()
	after := d.cut(r)
	if r.IntN(2) == 0 {
		after.fault = diesAfter(r.IntN(8))
		if l, _, err := Open("log", crashOptions(after)); err == nil {
			l.closeFiles()
		}
		after.fault = nil
		after = after.cut(r)
	}
	l, report, err := Open("log", crashOptions(after))
	require.NoError(t, err)
	require.Empty(t, report.Damage)
	goesOn(t, l, oneOf(t, l, acknowledged, underWay), r)
	require.NoError(t, l.Close())
}

// oneOf finds what a log holds after a crash: what was acknowledged, or all of what else may be there.
func oneOf(t *testing.T, l *Log, acknowledged *model, others ...*model) *model {
	t.Helper()
	diff := acknowledged.observe(l, true)
	if diff == "" {
		return acknowledged
	}
	diff = "not what was acknowledged: " + diff
	for _, m := range others {
		m = m.clone()
		for id, p := range acknowledged.lazy {
			m.lazy[id] = p
		}
		other := m.observe(l, true)
		if other == "" {
			return m
		}
		diff += "\nnor what was under way: " + other
	}
	require.Fail(t, diff)
	return nil
}

// goesOn shows that a recovered log takes what comes.
func goesOn(t *testing.T, l *Log, m *model, r *rand.Rand) {
	t.Helper()
	h := &history{r: r, m: m.clone()}
	for id := range m.lazy { // those that are there again are part of the model now
		for _, p := range l.Plans() {
			if p.ID == id {
				h.m.plans[id] = p
			}
		}
	}
	for range 3 {
		_, err := h.step(l)
		require.NoError(t, err)
		require.Empty(t, h.m.observe(l, false))
	}
}

// diesAfter lets everything fail after n operations.
func diesAfter(n int) func(operation) (int, error) {
	return func(o operation) (int, error) {
		if n--; n < 0 {
			return len(o.data) / 2, errPower
		}
		return 0, nil
	}
}

var errPower = fmt.Errorf("the power is off")
