package audit

import (
	"context"
	"sync"
)

// Kind says what happened to counted events. Every event that was received is in one of the other kinds, or in the
// table `events`: see "Nothing vanishes" in docs/conventions.md.
type Kind string

// Kinds of counts.
const (
	// KindReceived counts the records of requests that could be read.
	KindReceived Kind = "received"
	// KindRejected counts records that the sender was told are refused. It has a reason.
	KindRejected Kind = "rejected"
	// KindAccepted counts records that are kept as events.
	KindAccepted Kind = "accepted"
	// KindDuplicate counts records that were kept already.
	KindDuplicate Kind = "duplicate"
	// KindConflict counts records refused because another one has their id.
	KindConflict Kind = "conflict"
	// KindQuarantined counts records that are kept in quarantine. It has a reason.
	KindQuarantined Kind = "quarantined"
	// KindSkipped counts records that the capture policy leaves out.
	KindSkipped Kind = "skipped"
	// KindSampledOut counts records that sampling leaves out.
	KindSampledOut Kind = "sampled_out"
	// KindWarning counts records whose place in their stream is not what it should be, with a reason: see
	// [AttrSequenceWarning]. Each is counted under another kind too.
	KindWarning Kind = "warning"
	// KindGenerated counts events that the bundle made itself. They are not among those received, and are counted under another kind
	// as well; but what directories say anew, with [ReasonDirectoryChange], is no event and is counted here alone.
	KindGenerated Kind = "generated"
)

// ReasonDirectoryChange is the reason of [KindGenerated] for what directories say anew.
const ReasonDirectoryChange = "directory_change"

// CountKey is what events are counted by.
type CountKey struct {
	Tenant string // audit.tenant.id
	Source string // service.name
	Kind   Kind
	Reason string // a fixed code, empty where the kind has none
}

// Tally counts what components in front of the exporter did with the events of one request. It travels in the context,
// so that the counts become durable together with the events that are left, or not at all. Counting is safe for
// concurrent use.
type Tally struct {
	mu     sync.Mutex
	counts map[CountKey]uint64
}

// Add counts n events.
func (t *Tally) Add(key CountKey, n uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.counts == nil {
		t.counts = map[CountKey]uint64{}
	}
	t.counts[key] += n
}

// Each calls f with every count.
func (t *Tally) Each(f func(CountKey, uint64)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for key, n := range t.counts {
		f(key, n)
	}
}

type tallyKey struct{}

// ContextWithTally gives a context that carries t down the pipeline.
func ContextWithTally(ctx context.Context, t *Tally) context.Context {
	return context.WithValue(ctx, tallyKey{}, t)
}

// TallyFrom gives the counts of a request, nil where nobody keeps any.
func TallyFrom(ctx context.Context) *Tally {
	t, _ := ctx.Value(tallyKey{}).(*Tally)
	return t
}
