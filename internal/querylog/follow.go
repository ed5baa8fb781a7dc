package querylog

import (
	"context"
	"time"
)

// settle is for how long a row may come into the log behind others that ended later: servers write their logs every few seconds.
const settle = 30 * time.Second

// Follower reads the log again and again, and remembers what it has handed on.
type Follower struct {
	// Read gives rows behind a place, see [Reader.Read].
	Read func(ctx context.Context, behind Place) (rows []Row, more bool, err error)
	// Take takes rows that are new. Until it returns nil they are handed to it again.
	Take func(ctx context.Context, rows []Row) error

	from int64          // rows that ended before are done with, Unix microseconds
	done map[Place]bool // rows since from that were taken
}

// NewFollower starts from a time: rows that ended before it are not asked for.
func NewFollower(from time.Time) *Follower {
	return &Follower{from: from.UnixMicro(), done: map[Place]bool{}}
}

// Poll hands on what is new, page by page.
func (f *Follower) Poll(ctx context.Context) error {
	behind := Place{Time: f.from}
	for more := true; more; {
		var rows, fresh []Row
		var err error
		if rows, more, err = f.Read(ctx, behind); err != nil {
			return err
		}
		for _, row := range rows {
			if !f.done[row.place()] {
				fresh = append(fresh, row)
			}
		}
		if len(fresh) > 0 {
			if err := f.Take(ctx, fresh); err != nil {
				return err
			}
		}
		for _, row := range fresh {
			f.done[row.place()] = true
		}
		if len(rows) > 0 {
			behind = rows[len(rows)-1].place()
		}
	}
	f.settle(behind.Time)
	return nil
}

// settle forgets rows that are too old to come again.
func (f *Follower) settle(latest int64) {
	f.from = max(f.from, latest-settle.Microseconds())
	for place := range f.done {
		if place.Time < f.from {
			delete(f.done, place)
		}
	}
}
