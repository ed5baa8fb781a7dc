package sender

import (
	"sync"

	"github.com/cespare/xxhash/v2"
)

// Tally counts what became of the events that were sent. It is safe for use by several goroutines.
type Tally struct {
	mu sync.Mutex
	t  Totals
}

// Totals are the numbers of a [Tally] at one moment.
type Totals struct {
	Emitted      int // given to the SDK
	Acknowledged int // taken by the collector
	Rejected     int // refused by the collector, each with a reason
	Failed       int // not taken, after all tries
	// Digest is the exclusive or of the xxHash64 of the record id of every acknowledged event, what ClickHouse calls
	// groupBitXor(xxHash64(record_id)). It means nothing where events were rejected, because nobody says which.
	Digest uint64
	// Reason is what the collector said to the last rejection, or the error of the last failure.
	Reason string
}

// Totals returns the numbers of now.
func (t *Tally) Totals() Totals {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.t
}

func (t *Tally) emit() { t.update(func(n *Totals) { n.Emitted++ }) }

func (t *Tally) acknowledge(recordID string) {
	digest := xxhash.Sum64String(recordID)
	t.update(func(n *Totals) { n.Acknowledged++; n.Digest ^= digest })
}

func (t *Tally) refuse(accepted, rejected int, reason string) {
	t.update(func(n *Totals) { n.Acknowledged += accepted; n.Rejected += rejected; n.Reason = reason })
}

func (t *Tally) fail(records int, err error) {
	t.update(func(n *Totals) { n.Failed += records; n.Reason = err.Error() })
}

func (t *Tally) update(change func(*Totals)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	change(&t.t)
}
