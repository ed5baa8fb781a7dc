package insert

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"sync"
	"time"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/blocklog"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/columns"
	"github.com/otelaudit/otelaudit/internal/offheap"
)

// lane carries the blocks of one table. Tables have lanes of their own, so that trouble with one does not hold up another.
type lane struct {
	*Carrier
	table   columns.Table
	left    []blocklog.Plan // plans from before
	slots   chan *slot
	changed chan struct{}
}

// slot is what one insert at a time needs: memory for its blocks, outside of Go's heap, of which an insert takes what it
// needs from the beginning.
type slot struct {
	memory []byte
	used   int
}

// slotBytes is what the blocks of an ordinary insert fit into. What is beyond is on the heap.
const slotBytes = 16 << 20

// room gives what is left of the memory.
func (s *slot) room() []byte {
	if s.memory == nil {
		s.memory = offheap.Alloc(slotBytes)
	}
	return s.memory[s.used:s.used]
}

// take keeps data that was put into the room from being overwritten by what follows.
func (s *slot) take(data []byte) {
	if len(data) <= len(s.memory)-s.used {
		s.used += len(data)
	}
}

func (s *slot) free() {
	offheap.Free(s.memory)
	*s = slot{}
}

func newLane(c *Carrier, table columns.Table, slots int) *lane {
	l := &lane{Carrier: c, table: table, slots: make(chan *slot, slots), changed: make(chan struct{}, 1)}
	for range slots {
		l.slots <- &slot{}
	}
	return l
}

// run carries out plans, as many at once as there are slots, until ctx ends. A plan is made when there is a slot for it, so
// that all that has come by then is part of it.
func (l *lane) run(ctx context.Context) {
	var running sync.WaitGroup
	defer func() {
		running.Wait()
		for len(l.slots) > 0 {
			(<-l.slots).free()
		}
	}()
	for {
		var s *slot
		select {
		case <-ctx.Done():
			return
		case s = <-l.slots:
		}
		plan, before, ok := l.next(ctx)
		if !ok {
			l.slots <- s
			return
		}
		running.Go(func() {
			l.carry(ctx, l.table, plan, before, s)
			s.used = 0
			l.slots <- s
		})
	}
}

// next gives the next plan, and whether it is one from before, which may have been carried out.
func (l *lane) next(ctx context.Context) (p planned, before, ok bool) {
	if len(l.left) > 0 {
		p.Plan, l.left = l.left[0], l.left[1:]
		return p, true, true
	}
	for waits := l.waits(); ; {
		run, due, err := l.gather(time.Now())
		if err == nil && run.ready {
			if p, err = l.plan(run); err == nil {
				l.telemetry.Planned(l.table.String())
				return p, false, true
			}
		}
		if err != nil {
			l.report(l.table, err)
			if !waits.pause(ctx, 0) {
				return p, false, false
			}
			continue
		}
		waits = l.waits()
		if !l.await(ctx, due) {
			return p, false, false
		}
	}
}

// minLook is the least time between two looks at what is waiting: commits come every few milliseconds.
const minLook = 20 * time.Millisecond

// await waits for what has waited long enough to become an insert, or for a change. It reports whether ctx lasted.
func (l *lane) await(ctx context.Context, due time.Time) bool {
	var timer <-chan time.Time
	if !due.IsZero() {
		t := time.NewTimer(time.Until(due))
		defer t.Stop()
		timer = t.C
	}
	select {
	case <-ctx.Done():
		return false
	case <-timer:
		return true
	case <-l.changed:
		return sleep(ctx, minLook)
	}
}

// run is blocks that would make one insert.
type run struct {
	numbers    []uint64
	headers    []columns.Header // in the order of numbers; the zero header where the block is damaged
	rows       int
	bytes      int
	partitions []uint64
	columns    uint64
	ready      bool
}

// Bounds of an insert beside those of the configuration.
const (
	maxBytes  = 128 << 20 // that the server holds in memory, before compression
	maxBlocks = 2000      // after a long time without a server, with many small ones
)

// gather takes the blocks from the front of what is waiting that fit into one insert. Where it is not ready, because more may
// come, due is when it will be; the zero time where nothing waits.
func (l *lane) gather(now time.Time) (r run, due time.Time, err error) {
	target, delay := l.pace.target()
	for live, err := range l.log.Blocks(uint8(l.table)) {
		if err != nil {
			return r, due, err
		}
		if len(r.numbers) == 0 {
			due = live.Committed.Add(delay)
		}
		var header columns.Header // a damaged block is part of the plan without one, so that it does not wait for ever
		if !live.Damaged {
			if header, err = columns.ReadHeader(live.Header); err != nil {
				if r.ready = len(r.numbers) > 0; !r.ready {
					return r, due, err // it stays where it is, and says so, until a release runs that can read it
				}
				break
			}
			if r.ready = !r.fits(header, target, l.options.MaxPartitions); r.ready {
				break
			}
		}
		r.add(live.Number, header)
		if r.ready = r.rows >= target || len(r.numbers) >= maxBlocks; r.ready {
			break
		}
	}
	r.ready = r.ready || len(r.numbers) > 0 && !now.Before(due)
	return r, due, nil
}

// fits reports whether another block may be part of the run.
func (r *run) fits(h columns.Header, target, maxPartitions int) bool {
	if r.rows == 0 {
		return true
	}
	partitions := len(r.partitions)
	for _, p := range h.Partitions {
		if !slices.Contains(r.partitions, p) {
			partitions++
		}
	}
	return h.Columns == r.columns && r.rows+h.Rows <= target && r.bytes+h.RawBytes <= maxBytes && partitions <= maxPartitions
}

func (r *run) add(number uint64, h columns.Header) {
	r.numbers, r.headers = append(r.numbers, number), append(r.headers, h)
	if h.Table == 0 {
		return
	}
	r.rows, r.bytes, r.columns = r.rows+h.Rows, r.bytes+h.RawBytes, h.Columns
	for _, p := range h.Partitions {
		if !slices.Contains(r.partitions, p) {
			r.partitions = append(r.partitions, p)
		}
	}
}

// plan keeps the run as a plan in the log.
func (l *lane) plan(r run) (planned, error) {
	p := planned{headers: r.headers}
	p.Plan = blocklog.Plan{Table: uint8(l.table), Numbers: r.numbers, Token: l.token(r)}
	return p, l.log.Plan(&p.Plan)
}

// token stands for the blocks. Their numbers are part of it, because two blocks of counts may have the same bytes and be
// different counts all the same.
func (l *lane) token(r run) string {
	text := append([]byte(l.log.Name()), uint8(l.table))
	for i, number := range r.numbers {
		text = binary.LittleEndian.AppendUint64(text, number)
		text = append(text, r.headers[i].Hash[:]...)
	}
	return hashed(text)
}

func hashed(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16])
}
