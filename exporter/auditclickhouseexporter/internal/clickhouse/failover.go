package clickhouse

import (
	"context"
	"errors"
	"sync/atomic"
)

// failover is several servers of one cluster as one connection: one is used until it cannot be reached.
type failover struct {
	conns []Conn
	moved func(to int)
	at    atomic.Int64 // the one in use
}

// Failover gives a connection that uses one of several, at first the first, and moves to the next one when the network says that
// it cannot be reached. What was certainly not sent is tried at all of them in turn; after a connection that broke in the
// middle the error is passed on, because whether the work was done is not known, and the next call goes to the next server.
// Errors that a server gives move nothing. The function moved, where it is not nil, hears the index of each new one.
func Failover(moved func(to int), conns ...Conn) Conn {
	if len(conns) == 1 {
		return conns[0]
	}
	return &failover{conns: conns, moved: moved}
}

func (f *failover) Select(ctx context.Context, query string) (rows [][]string, err error) {
	err = f.try(ctx, func(c Conn) error {
		rows, err = c.Select(ctx, query)
		return err
	})
	return rows, err
}

func (f *failover) Exec(ctx context.Context, statement string) error {
	return f.try(ctx, func(c Conn) error { return c.Exec(ctx, statement) })
}

func (f *failover) Write(ctx context.Context, batch *Batch) error {
	return f.try(ctx, func(c Conn) error { return c.Write(ctx, batch) })
}

func (f *failover) Close() {
	for _, c := range f.conns {
		c.Close()
	}
}

func (f *failover) try(ctx context.Context, do func(Conn) error) error {
	var err error
	for range f.conns {
		at := f.at.Load()
		err = do(f.conns[at])
		var e *Error
		if !errors.As(err, &e) || !e.Network || errors.Is(ctx.Err(), context.Canceled) {
			return err
		}
		f.move(at)
		if e.sent || ctx.Err() != nil {
			return err
		}
	}
	return err
}

// move goes on to the next connection, unless somebody else did already.
func (f *failover) move(from int64) {
	to := (from + 1) % int64(len(f.conns))
	if f.at.CompareAndSwap(from, to) && f.moved != nil {
		f.moved(int(to))
	}
}
