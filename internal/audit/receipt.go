package audit

import (
	"context"
	"sync"
	"time"
)

// State is how far a record has come.
type State uint8

// States of a record. The first three are in the order it goes through them.
const (
	// StateRefused: not taken, because another record has its id. See [Receipt.Conflict].
	StateRefused State = iota
	// StateQueued: on disk in the exporter's log, and on its way to the database.
	StateQueued
	// StateStored: in the database.
	StateStored
	// StateSkipped: not kept, because the capture policy leaves it out. It is counted.
	StateSkipped
	// StateSampledOut: not kept, because the capture policy keeps a sample of such records. It is counted.
	StateSampledOut
)

// Receipt is what became of one record.
type Receipt struct {
	RecordID string
	State    State
	// Replay: the same record had been taken before; it is kept once, and State is the state of the one that is kept.
	Replay bool
	// Conflict: a record of the same id and other content had been taken before. This one is refused.
	Conflict bool
	// Quarantined: the record cannot become a row of `events`; it is kept in `quarantine`.
	Quarantined bool
	// Time is when the record became durable.
	Time time.Time
}

// Receipts collects what an exporter says of the records of one request. A receiver puts it into the context of the
// request, the exporter fills it before it returns; where there is none, nobody wants to know.
type Receipts struct {
	// All asks for a receipt of every record; otherwise there is one of each record that was refused.
	All bool
	// Whole asks that a request with a conflict is refused as a whole, so that nothing of it is taken.
	Whole bool

	mu   sync.Mutex
	list []Receipt
}

// Add adds a receipt.
func (r *Receipts) Add(receipt Receipt) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, receipt)
}

// List gives the receipts in the order in which they were added.
func (r *Receipts) List() []Receipt {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.list
}

type receiptsKey struct{}

// ContextWithReceipts gives a context that carries r down the pipeline.
func ContextWithReceipts(ctx context.Context, r *Receipts) context.Context {
	return context.WithValue(ctx, receiptsKey{}, r)
}

// ReceiptsFrom gives the collector of receipts of a request, nil where there is none.
func ReceiptsFrom(ctx context.Context) *Receipts {
	r, _ := ctx.Value(receiptsKey{}).(*Receipts)
	return r
}
