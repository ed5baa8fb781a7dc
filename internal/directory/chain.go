package directory

import (
	"context"
	"errors"
)

// Chain asks directories one after the other: the first one that knows a user answers for him.
type Chain []Directory

// Lookup gives the answer of the first directory that knows the user. Where none does, one that could not be asked makes the
// answer not fresh.
func (c Chain) Lookup(q Query) Answer {
	last := Answer{Fresh: true}
	for i, d := range c {
		a := d.Lookup(q)
		a.Source = i
		if a.User != nil {
			return a
		}
		if last.Fresh {
			last = a
		}
	}
	return last
}

// Start starts all, or none.
func (c Chain) Start(ctx context.Context) error {
	for i, d := range c {
		if err := d.Start(ctx); err != nil {
			return errors.Join(err, c[:i].Shutdown(ctx))
		}
	}
	return nil
}

// Shutdown ends all.
func (c Chain) Shutdown(ctx context.Context) error {
	var errs []error
	for _, d := range c {
		errs = append(errs, d.Shutdown(ctx))
	}
	return errors.Join(errs...)
}
