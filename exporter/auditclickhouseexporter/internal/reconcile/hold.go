package reconcile

import (
	"context"
	"fmt"
	"time"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/schema/lease"
)

// holdDuration is how long inserts stay held when the one that holds them dies.
const holdDuration = 30 * time.Second

// Held tells an inserter, before it plans or repeats an insert into `events`, whether somebody holds the inserts: who, and
// for how long at most unless it is prolonged. It may go on where the time is 0. It costs one look at a small table.
func Held(ctx context.Context, conn Conn) (owner string, remaining time.Duration, err error) {
	owner, remaining, err = lease.Holder(ctx, conn, lease.Inserts)
	if err != nil {
		return "", 0, fmt.Errorf("ask whether inserts are held: %w", err)
	}
	return owner, remaining, nil
}

// hold keeps collectors from beginning inserts, waits for those that run, and calls work, whose context ends when the hold
// does.
func (r *Reconciler) hold(ctx context.Context, work func(context.Context) error) (err error) {
	ctx, cancel := context.WithTimeout(ctx, r.options.HoldTimeout)
	defer cancel()
	under, held, err := lease.Acquire(ctx, r.conn, lease.Inserts, lease.NewOwner(r.options.Owner), holdDuration)
	if err != nil {
		return err
	}
	defer func() {
		if e := held.Release(context.WithoutCancel(ctx)); err == nil {
			err = e
		}
	}()
	if err := r.waitForInserts(under); err != nil {
		return err
	}
	return work(under)
}

// waitForInserts waits until no insert into `events` runs, whoever sent it.
func (r *Reconciler) waitForInserts(ctx context.Context) error {
	return r.waitFor(ctx, "match(query, '(?i)^\\\\s*INSERT\\\\s+INTO\\\\s+[^(]*events')")
}
