package blocklog

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"time"
)

// model is what a log must hold.
type model struct {
	waiting map[uint8][]uint64
	sizes   map[uint64]int
	tables  map[uint64]uint8
	plans   map[uint64]Plan
	lazy    map[uint64]Plan // done, and may be there again after a crash
	records map[[16]byte]Record
	notes   [][]byte
	oldest  uint64
}

func newModel() *model {
	return &model{
		waiting: map[uint8][]uint64{}, sizes: map[uint64]int{}, tables: map[uint64]uint8{}, plans: map[uint64]Plan{},
		lazy: map[uint64]Plan{}, records: map[[16]byte]Record{},
	}
}

func (m *model) clone() *model {
	c := *m
	c.waiting, c.sizes, c.tables = maps.Clone(m.waiting), maps.Clone(m.sizes), maps.Clone(m.tables)
	c.plans, c.lazy, c.records = maps.Clone(m.plans), maps.Clone(m.lazy), maps.Clone(m.records)
	c.notes = slices.Clone(m.notes)
	return &c
}

// commit adds a commit whose first block has the given number.
func (m *model) commit(c Commit, first uint64) {
	for i, b := range c.Blocks {
		n := first + uint64(i)
		m.waiting[b.Table] = append(slices.Clone(m.waiting[b.Table]), n)
		m.sizes[n], m.tables[n] = len(b.Data), b.Table
	}
	for _, r := range c.Records {
		r.Block += first
		m.records[r.ID] = r
	}
	if len(c.Notes) > 0 {
		m.notes = append(m.notes, c.Notes)
	}
}

// observe says how a log differs from the model, "" where it does not. crashed allows what a crash may leave.
func (m *model) observe(l *Log, crashed bool) string {
	plans := map[uint64]Plan{}
	for _, p := range l.Plans() {
		plans[p.ID] = p
	}
	for id, p := range m.plans {
		if got, ok := plans[id]; !ok || got.Token != p.Token || got.Table != p.Table || !slices.Equal(got.Numbers, p.Numbers) {
			return fmt.Sprintf("plan %+v is %+v", p, got)
		}
		if diff := m.readable(l, p.Numbers); diff != "" {
			return diff
		}
	}
	for id, p := range plans {
		lazy, ok := m.lazy[id]
		if _, planned := m.plans[id]; !planned && !(crashed && ok && slices.Equal(lazy.Numbers, p.Numbers)) {
			return fmt.Sprintf("plan %+v is there", p)
		}
	}
	for table := range uint8(5) {
		var numbers []uint64
		for live, err := range l.Blocks(table) {
			if err != nil || live.Table != table || string(live.Header) != fmt.Sprintf("header of %d", live.Number) {
				return fmt.Sprintf("block %+v: %v", live, err)
			}
			numbers = append(numbers, live.Number)
		}
		if !slices.Equal(numbers, m.waiting[table]) {
			return fmt.Sprintf("%d wait for table %d, want %d", numbers, table, m.waiting[table])
		}
		if diff := m.readable(l, numbers); diff != "" {
			return diff
		}
	}
	if diff := m.observeRecords(l); diff != "" {
		return diff
	}
	return m.observeNotes(l)
}

func (m *model) readable(l *Log, numbers []uint64) string {
	for _, n := range numbers {
		b, err := l.Read(n, nil)
		if err != nil || !bytes.Equal(b, block(m.tables[n], n, m.sizes[n]).Data) {
			return fmt.Sprintf("block %d: %d bytes, %v", n, len(b), err)
		}
		if l.IsStored(n) {
			return fmt.Sprintf("block %d is stored", n)
		}
	}
	return ""
}

func (m *model) observeRecords(l *Log) string {
	got := map[[16]byte]Record{}
	diff := ""
	err := l.Records(func(r Record, _ time.Time) bool {
		got[r.ID] = r
		if m.records[r.ID] != r {
			diff = fmt.Sprintf("record %+v, want %+v", r, m.records[r.ID])
		}
		return true
	})
	if err != nil {
		return err.Error()
	}
	for id, r := range m.records {
		if _, ok := got[id]; !ok && r.Block >= m.oldest {
			return fmt.Sprintf("record %+v is missing", r)
		}
	}
	return diff
}

func (m *model) observeNotes(l *Log) string {
	l.mu.Lock()
	refs := l.notes
	l.mu.Unlock()
	got, err := l.readNotes(refs) // TakeNotes would begin a new segment where the last one was left
	if err != nil {
		return err.Error()
	}
	if !slices.EqualFunc(got, m.notes, bytes.Equal) {
		return fmt.Sprintf("notes %q, want %q", got, m.notes)
	}
	return ""
}

// history does random things to a log and to its model.
type history struct {
	r     *rand.Rand
	m     *model
	steps int
	// failed is what would be there had a step worked that failed, of those since the last one that made anything durable:
	// after a loss of power such a step may turn out to have worked after all, as a whole.
	failed []*model
}

func (h *history) someCommit(first uint64, blocks int) Commit {
	var c Commit
	for i := range blocks {
		n := first + uint64(i)
		size := h.r.IntN(1200)
		if h.r.IntN(10) == 0 {
			size = 0
		}
		c.Blocks = append(c.Blocks, block(uint8(1+h.r.IntN(3)), n, size))
		for j := range h.r.IntN(4) {
			c.Records = append(c.Records, record(n, j, i))
		}
	}
	if h.r.IntN(2) == 0 {
		c.Notes = fmt.Appendf(nil, "note %d", h.steps)
	}
	return c
}

// step does one thing. What the model is when that has worked is in after, also when it has not.
func (h *history) step(l *Log) (after *model, err error) {
	h.steps++
	after = h.m.clone()
	synced := true
	switch x := h.r.IntN(20); {
	case x < 9:
		err = l.Commit(func(first uint64) (Commit, error) {
			c := h.someCommit(first, 1+h.r.IntN(3))
			after.commit(c, first)
			return c, nil
		})
	case x < 13:
		synced, err = h.plan(l, after)
	case x < 17:
		synced, err = h.done(l, after)
	case x < 19:
		synced = len(h.m.notes) > 0
		err = l.TakeNotes(func(first uint64, notes [][]byte) (Commit, error) {
			after.notes = nil
			c := h.someCommit(first, h.r.IntN(2))
			after.commit(c, first)
			return c, nil
		})
	default:
		synced = false
		if known := slices.Sorted(maps.Keys(h.m.sizes)); len(known) > 0 {
			after.oldest = max(after.oldest, known[h.r.IntN(len(known))])
			err = l.Forget(after.oldest)
			h.m = after // is so whether files could be deleted or not
		}
	}
	if synced {
		after.lazy = map[uint64]Plan{}
	}
	switch {
	case err != nil:
		h.failed = append(h.failed, after)
		return after, err
	case synced:
		h.failed = nil
	}
	h.m = after
	return after, nil
}

func (h *history) plan(l *Log, after *model) (synced bool, err error) {
	table := uint8(1 + h.r.IntN(3))
	waiting := h.m.waiting[table]
	if len(waiting) == 0 {
		return false, nil
	}
	n := 1 + h.r.IntN(len(waiting))
	p := Plan{Table: table, Numbers: slices.Clone(waiting[:n]), Token: fmt.Sprint("token ", h.steps)}
	l.writer.Lock()
	id := l.nextPlan
	l.writer.Unlock()
	after.waiting[table] = waiting[n:]
	want := p
	want.ID = id
	after.plans[id] = want
	return true, l.Plan(&p)
}

func (h *history) done(l *Log, after *model) (synced bool, err error) {
	ids := slices.Sorted(maps.Keys(h.m.plans))
	if len(ids) == 0 {
		return false, nil
	}
	id := ids[h.r.IntN(len(ids))]
	delete(after.plans, id)
	after.lazy = maps.Clone(after.lazy)
	after.lazy[id] = h.m.plans[id]
	if h.r.IntN(3) > 0 {
		return false, l.Done(id, nil)
	}
	return true, l.Done(id, func(first uint64) (Commit, error) {
		c := h.someCommit(first, 1)
		after.commit(c, first)
		return c, nil
	})
}
