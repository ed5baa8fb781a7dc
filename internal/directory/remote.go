package directory

import (
	"context"
	"iter"
	"sync"
	"sync/atomic"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/singleflight"
)

// RemoteOptions configure a [Remote].
type RemoteOptions struct {
	Name string // of the source

	// SyncInterval is how often the source is asked what has changed; 0 for never, so that users are only looked up.
	SyncInterval time.Duration
	// FullSyncInterval is how often all users are read, where the source can tell what has changed.
	FullSyncInterval time.Duration
	// SyncTimeout bounds one reading.
	SyncTimeout time.Duration
	// MaxUsers is how many users are held. A source that has more is not read.
	MaxUsers int

	// Lookup asks the source for users that are not held.
	Lookup bool
	// LookupTimeout bounds one such question. It goes on when nobody waits for it any more.
	LookupTimeout time.Duration
	// TTL and NegativeTTL are how long an answer counts that there is such a user, and that there is none.
	TTL, NegativeTTL time.Duration
	// MaxAnswers is how many answers are held, MaxConcurrent how many questions may be under way.
	MaxAnswers, MaxConcurrent int

	// Keep is how long it is known what users were like before a change.
	Keep time.Duration
	// Observer is told what happens. May be nil.
	Observer Observer
	// OnChange is told what has changed. May be nil.
	OnChange OnChange
}

// Observer is told what a [Remote] does. Errors hold nothing of the users.
type Observer interface {
	// Synced is told of every reading: the users that were skipped because they have no id or too long a text, and those whose
	// lists were cut, are counted.
	Synced(s Sync)
	// Asked is told of every question: how it ended, and how long it took.
	Asked(outcome AskOutcome, took time.Duration, err error)
}

// Sync is one reading of a source.
type Sync struct {
	Full                  bool
	Users                 int // how many are held now
	Changed, Skipped, Cut int
	Took                  time.Duration
	Err                   error
}

// AskOutcome is how a question to a source ended.
type AskOutcome string

// Outcomes of questions.
const (
	AskFound  AskOutcome = "found"
	AskNone   AskOutcome = "none"
	AskFailed AskOutcome = "failed"
	AskBusy   AskOutcome = "busy" // was not asked, because too many questions are under way
)

// Remote is a [Directory] on a server. It holds the users that it read from there, asks for those it does not hold, and
// remembers the answers. Where the server cannot be asked, what is held goes on to be answered, as not fresh.
type Remote struct {
	source  Source
	options RemoteOptions

	mu    sync.RWMutex // of the table's content and the pointer to it
	table *table

	answers *lru.Cache[asked, answer]
	flights singleflight.Group
	slots   chan struct{} // as many as questions may be under way

	synced    atomic.Bool  // the last reading succeeded
	confirmed atomic.Int64 // when, Unix ns
	rest      rest         // of the questions after failures

	readAt  time.Time          // when all users were last read
	changes []iter.Seq[Change] // that nobody was told of yet

	background context.Context
	cancel     context.CancelFunc
	done       sync.WaitGroup
	shut       sync.Once
}

// NewRemote makes a directory of a source, which it closes in the end. Nothing is asked before Start.
func NewRemote(source Source, options RemoteOptions) *Remote {
	answers, err := lru.New[asked, answer](max(options.MaxAnswers, 1))
	if err != nil {
		panic(err) // the size is positive
	}
	if options.Observer == nil {
		options.Observer = nobody{}
	}
	ctx, cancel := context.WithCancel(context.Background())
	return &Remote{
		source: source, options: options, table: newTable(), answers: answers,
		slots: make(chan struct{}, max(options.MaxConcurrent, 1)), background: ctx, cancel: cancel,
	}
}

type nobody struct{}

func (nobody) Synced(Sync)                            {}
func (nobody) Asked(AskOutcome, time.Duration, error) {}

// Name implements [Directory].
func (r *Remote) Name() string { return r.options.Name }

// Lookup implements [Directory].
func (r *Remote) Lookup(q Query) Answer {
	r.mu.RLock()
	u := r.table.find(&q)
	r.mu.RUnlock()
	if u == nil && r.options.Lookup && (q.ID != "" || q.Email != "") {
		return r.ask(&q)
	}
	return Answer{User: u, Fresh: r.synced.Load()}
}

// Stats implements [Directory].
func (r *Remote) Stats() Stats {
	r.mu.RLock()
	users := r.table.users()
	r.mu.RUnlock()
	s := Stats{Users: users, Cached: r.answers.Len(), Followed: r.options.SyncInterval > 0}
	if ns := r.confirmed.Load(); ns != 0 {
		s.Confirmed = time.Unix(0, ns)
	}
	return s
}

// Start implements [Directory]. It does not wait for the source.
func (r *Remote) Start(context.Context) error {
	if r.options.SyncInterval > 0 {
		r.done.Go(func() { r.follow(r.background) })
	}
	return nil
}

// Shutdown implements [Directory].
func (r *Remote) Shutdown(context.Context) error {
	var err error
	r.shut.Do(func() {
		r.cancel()
		r.done.Wait()
		for range cap(r.slots) { // no question is under way then, and none will be
			r.slots <- struct{}{}
		}
		err = r.source.Close()
	})
	return err
}
