package blocklog

import (
	"cmp"
	"fmt"
	"slices"
)

// Plan is a set of blocks that are to be inserted together, under a token, as often as it takes.
type Plan struct {
	ID      uint64
	Table   uint8
	Numbers []uint64 // ascending
	Token   string
}

func (p Plan) clone() Plan {
	p.Numbers = slices.Clone(p.Numbers)
	return p
}

// Plan keeps p: it is durable when Plan returns, its blocks no longer wait, and p has an ID. Blocks that do not wait, or are
// of another table, are [ErrUnknown].
func (l *Log) Plan(p *Plan) error {
	l.writer.Lock()
	defer l.writer.Unlock()
	if _, err := l.ready(true); err != nil {
		return err
	}
	if err := l.plannable(p); err != nil {
		return err
	}
	planned := p.clone()
	planned.ID = l.nextPlan
	made := change{op: opPlan, id: planned.ID, table: p.Table, token: p.Token, spans: spansOf(p.Numbers)}
	if err := l.append([]change{made}, Commit{}, writing{drains: true}); err != nil {
		return err
	}
	p.ID = planned.ID
	l.nextPlan++
	l.mu.Lock()
	defer l.mu.Unlock()
	l.plans[planned.ID] = planned
	for _, n := range planned.Numbers {
		l.segmentOf(n).plan(n)
	}
	return nil
}

func (l *Log) plannable(p *Plan) error {
	if len(p.Numbers) == 0 {
		return fmt.Errorf("%w: a plan without blocks", ErrUnknown)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, n := range p.Numbers {
		if i > 0 && n <= p.Numbers[i-1] {
			return fmt.Errorf("block log: numbers of a plan are not ascending: %d follows %d", n, p.Numbers[i-1])
		}
		s := l.segmentOf(n)
		if s == nil {
			return fmt.Errorf("%w: block %d", ErrUnknown, n)
		}
		if state := s.states[n-s.base]; state.table != p.Table || state.flags&(flagPlanned|flagDone) != 0 {
			return fmt.Errorf("%w: block %d does not wait for table %d", ErrUnknown, n, p.Table)
		}
	}
	return nil
}

// Plans gives the plans that are not done, the oldest first. Those that are there after Open may have been carried out
// in part, wholly, or not at all.
func (l *Log) Plans() []Plan {
	l.mu.Lock()
	defer l.mu.Unlock()
	plans := make([]Plan, 0, len(l.plans))
	for _, p := range l.plans {
		plans = append(plans, p.clone())
	}
	slices.SortFunc(plans, func(a, b Plan) int { return cmp.Compare(a.ID, b.ID) })
	return plans
}

// Done ends a plan and its blocks, and commits what then gives in the same frame; then may be nil. Without a commit it
// need not be durable at once: a plan that is there again after a crash is carried out again, under its token.
func (l *Log) Done(id uint64, then Build) error {
	if err := l.finish(id, then); err != nil {
		return err
	}
	l.retire()
	return nil
}

func (l *Log) finish(id uint64, then Build) error {
	l.writer.Lock()
	defer l.writer.Unlock()
	first, err := l.ready(true)
	if err != nil {
		return err
	}
	l.mu.Lock()
	p, ok := l.plans[id]
	l.mu.Unlock()
	if !ok {
		return fmt.Errorf("%w: plan %d", ErrUnknown, id)
	}
	var c Commit
	if then != nil {
		if c, err = then(first); err != nil {
			return err
		}
	}
	done := change{op: opDone, id: id, spans: spansOf(p.Numbers)}
	if err := l.append([]change{done}, c, writing{drains: true, lazy: c.empty()}); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.plans, id)
	for _, n := range p.Numbers {
		if s := l.segmentOf(n); s != nil {
			s.done(n)
		}
	}
	close(l.stored)
	l.stored = make(chan struct{})
	return nil
}

// segmentOf gives the segment that holds a block, nil where none does. Called with mu held.
func (l *Log) segmentOf(number uint64) *segment {
	i, ok := slices.BinarySearchFunc(l.segments, number, func(s *segment, n uint64) int {
		switch {
		case n < s.base:
			return 1
		case n >= s.end():
			return -1
		default:
			return 0
		}
	})
	if !ok {
		return nil
	}
	return l.segments[i]
}
