package reconcile

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/schema"
)

// Conn is what is needed of a connection to a server, see package clickhouse. Selected columns are of type String.
type Conn interface {
	Select(ctx context.Context, query string) ([][]string, error)
	Exec(ctx context.Context, statement string) error
}

// Options say what is gone over and how long things may take. The zero value is the default of each.
type Options struct {
	// Window is how far back a round looks at what was received. 0 is a day, the shortest retention there is.
	Window time.Duration
	// Lookback is how far back a copy of an event of the window is looked for, and a day's rows are counted. 0 is 31 days.
	Lookback time.Duration
	// ClockSkew is how far a sender's clock may be ahead: an event is not expected to be received longer before its own time.
	// 0 is an hour.
	ClockSkew time.Duration
	// HoldTimeout bounds how long inserts are held for a round. 0 is a minute.
	HoldTimeout time.Duration
	// Repair mends what can be mended; without it a round only reports.
	Repair bool
	// Owner is who holds the inserts: a name that no other collector has, or empty.
	Owner string
}

// Reconciler counts and mends. It is safe for concurrent use but for rounds; of all collectors' rounds one runs at a time.
type Reconciler struct {
	conn    Conn
	shards  []Conn
	layout  schema.Layout
	options Options
}

// New makes a reconciler for the database of conn. shards are connections to one server of each shard of a cluster; nil
// for a single server.
func New(conn Conn, shards []Conn, layout schema.Layout, options Options) *Reconciler {
	if len(shards) == 0 {
		shards = []Conn{conn}
	}
	defaults := []struct {
		value *time.Duration
		of    time.Duration
	}{
		{&options.Window, 24 * time.Hour},
		{&options.Lookback, 31 * 24 * time.Hour},
		{&options.ClockSkew, time.Hour},
		{&options.HoldTimeout, time.Minute},
	}
	for _, d := range defaults {
		if *d.value == 0 {
			*d.value = d.of
		}
	}
	return &Reconciler{conn: conn, shards: shards, layout: layout, options: options}
}

func literal(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(text) + "'"
}

// instant is a point in time as the views take it.
func instant(t time.Time) string { return literal(t.UTC().Format("2006-01-02 15:04:05.000000000")) }

func numbers(row []string) ([]uint64, error) {
	out := make([]uint64, len(row))
	for i, text := range row {
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("read an answer: %w", err)
		}
		out[i] = n
	}
	return out, nil
}

// now is the server's time.
func now(ctx context.Context, conn Conn) (time.Time, error) {
	rows, err := conn.Select(ctx, "SELECT toString(toUnixTimestamp64Nano(now64(9)))")
	if err != nil {
		return time.Time{}, err
	}
	ns, err := numbers(rows[0])
	if err != nil {
		return time.Time{}, err
	}
	return time.Unix(0, int64(ns[0])).UTC(), nil
}

// pause tells whether ctx lasted.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
