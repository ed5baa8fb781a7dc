package questions

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// The events lie in the days before the run, because some views ask for the last days of now(). Nothing in them depends on
// the date but their times.
const days = 30

var (
	today = time.Now().UTC().Truncate(24 * time.Hour) // where the last day of events ends
	start = today.AddDate(0, 0, -days)
)

// at is a time of a day, counted from 0.
func at(day int, clock time.Duration) time.Time { return start.AddDate(0, 0, day).Add(clock) }

// events are all events that were sent.
var events = func() func() []event {
	all := slices.Concat(
		queryEvents(dice(1)),
		ingestEvents(dice(2)),
		changeEvents(dice(3)),
		loginEvents(dice(4)),
		modelEvents(dice(5)),
		xanoEvents(dice(11)),
		arizeEvents(dice(12)),
		datagrokEvents(dice(13)),
	)
	seen := map[string]bool{}
	for _, e := range all {
		if seen[e.ID] {
			panic("two events of the data set have the id " + e.ID)
		}
		seen[e.ID] = true
	}
	return func() []event { return all }
}()

// where gives the events that a condition holds for.
func where(condition func(event) bool) []event {
	var out []event
	for _, e := range events() {
		if condition(e) {
			out = append(out, e)
		}
	}
	return out
}

// within gives the events from one time to before another that a condition holds for.
func within(from, to time.Time, condition func(event) bool) []event {
	return where(func(e event) bool { return !e.Time.Before(from) && e.Time.Before(to) && condition(e) })
}

// groups puts events together that have a key in common.
func groups[K comparable](events []event, key func(event) K) map[K][]event {
	out := map[K][]event{}
	for _, e := range events {
		out[key(e)] = append(out[key(e)], e)
	}
	return out
}

// dice gives the same numbers in every run.
func dice(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 2026)) }

func pick[T any](d *rand.Rand, from ...T) T { return from[d.IntN(len(from))] }

// moment is a time of the data set, to the nanosecond.
func moment(d *rand.Rand) time.Time {
	return at(d.IntN(days), time.Duration(d.Int64N(int64(24*time.Hour))))
}

// tenants: acme has four fifths of the events.
func tenant(d *rand.Rand) string { return pick(d, "acme", "acme", "acme", "acme", "globex") }

func id(kind string, n int) string { return fmt.Sprintf("%s-%04d", kind, n) }
