package reconcile

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/schema/lease"
)

// Report is what a round found and did.
type Report struct {
	From, To time.Time // what was received from..to was gone over; zero where another collector's round runs
	// Removed is the number of copies that were deleted.
	Removed int
	// Incomplete are the inserts of which rows are lost, or there twice and not repaired.
	Incomplete []Incomplete
	// Conflicts are record ids with several contents.
	Conflicts []Conflict
	// Differing are the days on which a rollup was wrong while no insert ran; Rebuilt says that they are right now.
	Differing []Difference
	Rebuilt   bool
	// PutOff are days that could not be compared yet: inserts of their events are not done. They are compared next time.
	PutOff []string
	// Unjudged are days of which retention has dropped events, or that are older than is looked back.
	Unjudged []string
}

// roundLease is the name of the lease that one collector's round holds.
const roundLease = "reconcile"

// roundDuration is how long a collector that dies in a round keeps the next round waiting.
const roundDuration = 5 * time.Minute

// errUnsettled says that inserts are not done.
var errUnsettled = errors.New("inserts are not done")

// Run goes over what was received in the window. Where another collector does that already, the report is empty. Rounds of one
// owner must not overlap.
func (r *Reconciler) Run(ctx context.Context) (report Report, err error) {
	under, held, err := lease.Acquire(ctx, r.conn, roundLease, lease.NewOwner(r.options.Owner), roundDuration)
	var other *lease.Held
	if errors.As(err, &other) && r.own(other.Owner) {
		if err = lease.End(ctx, r.conn, other); err == nil {
			under, held, err = lease.Acquire(ctx, r.conn, roundLease, lease.NewOwner(r.options.Owner), roundDuration)
		}
	}
	if errors.As(err, &other) {
		return Report{}, nil
	}
	if err != nil {
		return Report{}, err
	}
	defer func() {
		if e := held.Release(context.WithoutCancel(ctx)); err == nil {
			err = e
		}
	}()
	return r.round(under)
}

// own tells whether a holder was an earlier round of this owner's, which could not say that it has ended because the server had.
func (r *Reconciler) own(holder string) bool {
	return r.options.Owner != "" && strings.HasPrefix(holder, r.options.Owner+"-")
}

func (r *Reconciler) round(ctx context.Context) (report Report, err error) {
	if report.To, err = now(ctx, r.conn); err != nil {
		return report, err
	}
	report.From = report.To.Add(-r.options.Window)
	oldest := report.To.Add(-r.options.Lookback)
	if r.options.Repair {
		if report.Removed, err = r.RemoveCopies(ctx, oldest, report.From, report.To); err != nil {
			return report, err
		}
	}
	if report.Conflicts, err = r.conflicts(ctx, oldest, report.From, report.To); err != nil {
		return report, err
	}
	if report.Incomplete, err = r.incomplete(ctx, report.From, report.To); err != nil {
		return report, err
	}
	return report, r.rollups(ctx, &report, oldest)
}

// rollups compares, and with Repair rebuilds, the days of the events that were received in the window.
func (r *Reconciler) rollups(ctx context.Context, report *Report, oldest time.Time) error {
	touched, err := r.days(ctx, report.From, report.To)
	if err != nil {
		return err
	}
	days, err := r.judgeable(ctx, report, touched, oldest)
	if err != nil {
		return err
	}
	found, err := r.differences(ctx, days)
	if err != nil || len(found) == 0 {
		return err
	}
	// Rows that arrive make a difference too: only without them it is one.
	suspects := daysIn(found)
	err = r.hold(ctx, func(ctx context.Context) error { return r.mend(ctx, report, suspects) })
	var other *lease.Held
	if errors.Is(err, errUnsettled) || errors.As(err, &other) {
		report.PutOff = suspects
		return nil
	}
	return err
}

// rebuildRounds bounds how often a rebuild is begun again because an insert came in between.
const rebuildRounds = 5

// mend compares the days while inserts are held, and rebuilds what differs until nothing does.
func (r *Reconciler) mend(ctx context.Context, report *Report, days []string) error {
	for round := range rebuildRounds {
		if err := r.waitForInserts(ctx); err != nil {
			return err
		}
		if n, err := r.unsettled(ctx, days); err != nil {
			return err
		} else if n > 0 {
			return errUnsettled
		}
		found, err := r.differences(ctx, days)
		switch {
		case err != nil:
			return err
		case len(found) == 0:
			report.Rebuilt = round > 0
			return nil
		case round == 0:
			report.Differing = found
		}
		if !r.options.Repair {
			return nil
		}
		if err := r.rebuild(ctx, found); err != nil {
			return err
		}
	}
	return fmt.Errorf("rollups differ from events on %v even after they were rebuilt: something inserts without asking for the hold", days)
}
