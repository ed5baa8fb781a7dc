package blocklog

import (
	"encoding/binary"
	"errors"
	"math"
)

// The control section of a frame is a list of changes of state. What they say adds up whatever their order, so a change may
// be written again in a later segment before the one that holds it is deleted.
const (
	opPlan   = 1 // a plan was made
	opDone   = 2 // blocks are done, and the plan with the id, if there is one
	opTaken  = 3 // notes of frames that begin before a position are taken
	opClosed = 4 // the log was closed after this frame: no write was under way
)

// span is a run of consecutive numbers.
type span struct{ first, count uint64 }

func (s span) end() uint64 { return s.first + s.count }

// spansOf finds the runs in ascending numbers.
func spansOf(numbers []uint64) []span {
	var spans []span
	for _, n := range numbers {
		if last := len(spans) - 1; last >= 0 && spans[last].end() == n {
			spans[last].count++
			continue
		}
		spans = append(spans, span{n, 1})
	}
	return spans
}

// position is a place in the log: a segment's sequence, and an offset in it.
type position struct {
	sequence uint64
	offset   int64
}

func (p position) before(q position) bool {
	return p.sequence < q.sequence || p.sequence == q.sequence && p.offset < q.offset
}

// change is one operation of a control section. Which fields are used depends on op.
type change struct {
	op    uint8
	id    uint64
	table uint8
	token string
	spans []span
	taken position
}

func (c *change) append(to []byte) []byte {
	to = append(to, c.op)
	switch c.op {
	case opPlan:
		to = binary.AppendUvarint(to, c.id)
		to = append(to, c.table)
		to = binary.AppendUvarint(to, uint64(len(c.token)))
		to = append(to, c.token...)
		to = appendSpans(to, c.spans)
	case opDone:
		to = binary.AppendUvarint(to, c.id)
		to = appendSpans(to, c.spans)
	case opTaken:
		to = binary.AppendUvarint(to, c.taken.sequence)
		to = binary.AppendUvarint(to, uint64(c.taken.offset))
	}
	return to
}

func appendSpans(to []byte, spans []span) []byte {
	to = binary.AppendUvarint(to, uint64(len(spans)))
	last := uint64(0)
	for _, s := range spans {
		to = binary.AppendUvarint(to, s.first-last)
		to = binary.AppendUvarint(to, s.count)
		last = s.end()
	}
	return to
}

var errControl = errors.New("control section makes no sense")

// readControl reads all changes of a section.
func readControl(b []byte) ([]change, error) {
	r := controlReader{b: b}
	var changes []change
	for len(r.b) > 0 && !r.bad {
		c := change{op: r.byte()}
		switch c.op {
		case opPlan:
			c.id, c.table, c.token = r.number(), r.byte(), r.text()
			c.spans = r.spans()
		case opDone:
			c.id, c.spans = r.number(), r.spans()
		case opTaken:
			c.taken = position{r.number(), int64(min(r.number(), math.MaxInt64))}
		case opClosed:
		default:
			r.bad = true
		}
		changes = append(changes, c)
	}
	if r.bad {
		return nil, errControl
	}
	return changes, nil
}

// controlReader reads values until one does not fit, and zeros from there on.
type controlReader struct {
	b   []byte
	bad bool
}

func (r *controlReader) byte() uint8 {
	if len(r.b) == 0 {
		r.bad = true
		return 0
	}
	v := r.b[0]
	r.b = r.b[1:]
	return v
}

func (r *controlReader) number() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *controlReader) text() string {
	n := r.number()
	if n > uint64(len(r.b)) {
		r.bad, r.b = true, nil
		return ""
	}
	v := string(r.b[:n])
	r.b = r.b[n:]
	return v
}

// spans are ascending and end before the greatest number.
func (r *controlReader) spans() []span {
	n := r.number()
	if n > uint64(len(r.b))/2 {
		r.bad = true
		return nil
	}
	spans, last := make([]span, 0, n), uint64(0)
	for range n {
		gap, count := r.number(), r.number()
		if r.bad || count == 0 || gap > math.MaxUint64-last || count > math.MaxUint64-last-gap {
			r.bad = true
			return nil
		}
		s := span{last + gap, count}
		spans, last = append(spans, s), s.end()
	}
	return spans
}
