package lease

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// Names of leases.
const (
	Schema  = "schema"  // the holder runs migrations
	Inserts = "inserts" // collectors begin no insert into `events`
)

// Table holds the leases.
const Table = "locks"

// ErrLost is the cause of a lease's context when somebody else has the lease, or could have it by now.
var ErrLost = errors.New("the lease is lost")

// Conn is what a lease needs of a connection, see package clickhouse.
type Conn interface {
	Select(ctx context.Context, query string) ([][]string, error)
	Exec(ctx context.Context, statement string) error
}

// Held is the error of [Acquire] while another holds the lease.
type Held struct {
	Name, Owner string
	For         time.Duration // until it runs out unless it is prolonged
}

func (h *Held) Error() string {
	return fmt.Sprintf("%s holds the lock %q of the database; without a sign of life it ends in %s", h.Owner, h.Name, h.For.Round(time.Second))
}

// Lease is held from [Acquire] to [Lease.Release].
type Lease struct {
	conn     Conn
	name     string
	owner    string
	duration time.Duration

	generation uint64 // of the row that holds it; used by the goroutine that renews, until it has ended
	lost       bool   // the same
	stop       context.CancelCauseFunc
	renewing   chan struct{} // closed when renewing has ended
}

// NewOwner gives a name that no other holder has. who is for people, such as a host's name.
func NewOwner(who string) string {
	var id [6]byte
	_, _ = rand.Read(id[:]) // never fails
	return who + "-" + hex.EncodeToString(id[:])
}

// answerTimeout bounds how long a server that does not answer keeps whoever begins or ends a lease waiting. The lease ends by
// itself.
const answerTimeout = 30 * time.Second

// Acquire takes a lease and prolongs it until it is released or ctx ends. duration is how long a holder that dies keeps the
// others waiting; it must be well over the time of a few statements. The error is of type [*Held] while another has it.
//
// The context that it gives is for what is done under the lease. It ends with [ErrLost] when the lease may be another's. A
// statement that the server runs at that moment goes on, so what is done under a lease must bear to be begun twice.
func Acquire(ctx context.Context, conn Conn, name, owner string, duration time.Duration) (context.Context, *Lease, error) {
	begin, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	now, err := read(begin, conn, name)
	if err != nil {
		return nil, nil, err
	}
	if now.remaining > 0 {
		return nil, nil, &Held{Name: name, Owner: now.owner, For: now.remaining}
	}
	l := &Lease{conn: conn, name: name, owner: owner, duration: duration, renewing: make(chan struct{})}
	started := time.Now()
	if err := l.take(begin, now.generation+1, duration); err != nil {
		return nil, nil, err
	}
	ctx, l.stop = context.WithCancelCause(ctx)
	go l.renew(ctx, started)
	return ctx, l, nil
}

// Release ends the lease, so that the next one need not wait for its time to run out.
func (l *Lease) Release(ctx context.Context) error {
	l.stop(context.Canceled)
	<-l.renewing
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	if l.lost {
		return nil
	}
	for {
		if err := l.take(ctx, l.generation+1, 0); err != nil {
			return err
		}
		// A prolongation that was cut off may have reached the server: then that row is ours too, and the next one ends it.
		now, err := read(ctx, l.conn, l.name)
		if err != nil || now.owner != l.owner || now.remaining == 0 {
			return err
		}
	}
}

// End ends a lease of a holder that is known to be dead, unless another has it by now.
func End(ctx context.Context, conn Conn, held *Held) error {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	now, err := read(ctx, conn, held.Name)
	if err != nil || now.owner != held.Owner || now.remaining == 0 {
		return err
	}
	l := &Lease{conn: conn, name: held.Name, owner: held.Owner, duration: answerTimeout}
	return l.take(ctx, now.generation+1, 0)
}

// renew prolongs the lease three times in its duration.
func (l *Lease) renew(ctx context.Context, since time.Time) {
	defer close(l.renewing)
	tick := time.NewTicker(l.duration / 3)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		started := time.Now()
		attempt, cancel := context.WithTimeout(ctx, l.duration/3)
		err := l.take(attempt, l.generation+1, l.duration)
		cancel()
		var held *Held
		switch {
		case err == nil:
			since = started
		case errors.As(err, &held) || time.Since(since) > l.duration*2/3:
			l.lost = true
			l.stop(ErrLost)
			return
		}
	}
}

// take inserts the row of a generation and tells whether it is ours: nil, or [*Held].
func (l *Lease) take(ctx context.Context, generation uint64, duration time.Duration) error {
	deadline := time.Now().Add(l.duration)
	for {
		if err := l.conn.Exec(ctx, l.insertion(generation, duration)); err != nil {
			return fmt.Errorf("take the lock %q: %w", l.name, err)
		}
		now, err := l.readBack(ctx, generation, deadline)
		switch {
		case err != nil:
			return err
		case now == nil: // the server took the token and lost the row
			generation++
		case now.owner != l.owner:
			return &Held{Name: l.name, Owner: now.owner, For: now.remaining}
		default:
			l.generation = now.generation
			return nil
		}
	}
}

func (l *Lease) insertion(generation uint64, duration time.Duration) string {
	return fmt.Sprintf("INSERT INTO {database:Identifier}.%s (name, generation, owner, until) "+
		"SETTINGS insert_deduplicate = 1, insert_deduplication_token = %s, async_insert = 0 "+
		"SELECT %s, %d, %s, now64(3) + toIntervalMillisecond(%d)",
		Table, literal(l.name+"-"+strconv.FormatUint(generation, 10)), literal(l.name), generation, literal(l.owner), duration.Milliseconds())
}

const pollInterval = 100 * time.Millisecond

// readBack waits for a generation to appear, nil where it does not until the deadline.
func (l *Lease) readBack(ctx context.Context, generation uint64, deadline time.Time) (*row, error) {
	for {
		now, err := readGeneration(ctx, l.conn, l.name, generation)
		if err != nil || now != nil || time.Now().After(deadline) {
			return now, err
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(pollInterval):
		}
	}
}
