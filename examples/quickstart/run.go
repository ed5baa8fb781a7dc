package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"time"

	"github.com/otelaudit/otelaudit/examples/quickstart/internal/report"
	"github.com/otelaudit/otelaudit/examples/quickstart/internal/statement"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
)

// run is the quickstart from start to end. What it started is gone when it returns: the collector first, then ClickHouse.
func run(ctx context.Context, o options, out io.Writer) (err error) {
	began := time.Now()
	if err := o.ports.check(ctx); err != nil {
		return err
	}
	s := state{o.stateDir}
	unlock, err := s.lock()
	if err != nil {
		return err
	}
	defer unlock()
	if err := s.prepare(o.leftovers()); err != nil {
		return err
	}
	db, err := startClickHouse(ctx, s, out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stopClickHouse(ctx, db)) }()
	c, err := startCollector(ctx, o, s, db)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stopCollector(ctx, c)) }()
	say(out, "Collector takes events at %s (gRPC) and %s (HTTP)", loopback(o.ports.grpc), loopback(o.ports.http))

	if err := demonstrate(ctx, o, db, out); err != nil {
		return err
	}
	say(out, "\n%.0f seconds from start to tables.", time.Since(began).Seconds())
	if o.oneShot {
		return nil
	}
	if err := pointers(out, o, s, db); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		say(out, "\nStopping.")
		return nil
	case <-c.ended:
		return fmt.Errorf("the collector ended by itself:\n%s", tail(c.logPath, 20))
	case <-db.Exited():
		return fmt.Errorf("ClickHouse ended by itself: see %s", db.LogPath())
	}
}

// demonstrate sends the month, checks it, and prints the tables. Only a one-shot run ends over a table that is empty or a
// check that failed: a user may want to look.
func demonstrate(ctx context.Context, o options, db *clickhouselocal.Server, out io.Writer) error {
	var problem error
	if !o.keep {
		var err error
		if problem, err = sendAndCheck(ctx, o, db, out); err != nil {
			return err
		}
	}
	statements, err := statement.ReadAll(directory("sql"))
	if err != nil {
		return err
	}
	empty, err := report.Print(ctx, out, db, statements)
	if err != nil {
		return err
	}
	if len(empty) > 0 {
		problem = errors.Join(problem, fmt.Errorf("these tables are empty: %v", empty))
	}
	if problem != nil && !o.oneShot {
		say(out, "\nNOT AS IT SHOULD BE: %v", problem)
		return nil
	}
	return problem
}

func startClickHouse(ctx context.Context, s state, out io.Writer) (*clickhouselocal.Server, error) {
	options, err := clickhouselocal.FromEnv()
	if err != nil {
		return nil, err
	}
	options.DataDir = s.clickhouse()
	options.Progress = out
	if os.Getenv(clickhouselocal.EnvEndpoint) == "" {
		http := "http://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(options.HTTPPort))
		shortcuts, err := dashboardShortcuts(http, cmp.Or(options.User, "default"))
		if err != nil {
			return nil, err
		}
		options.ConfigXML = []string{shortcuts}
	}
	db, err := clickhouselocal.Start(ctx, options)
	if err != nil {
		return nil, err
	}
	for _, note := range db.Notes() {
		say(out, "%s", note)
	}
	version, err := db.Query(ctx, "SELECT version()")
	if err != nil {
		return nil, errors.Join(err, stopClickHouse(ctx, db))
	}
	say(out, "ClickHouse %s answers at %s", version[:len(version)-1], db.HTTPURL())
	return db, nil
}

func stopClickHouse(ctx context.Context, db *clickhouselocal.Server) error {
	return db.Stop(context.WithoutCancel(ctx)) // which has a limit of its own
}

func stopCollector(ctx context.Context, c *collector) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopLimit)
	defer cancel()
	if err := c.stop(ctx); err != nil {
		return fmt.Errorf("the collector: %w", err)
	}
	return nil
}

// say prints a line. Nothing depends on whether somebody reads it.
func say(out io.Writer, format string, args ...any) {
	_, _ = fmt.Fprintf(out, format+"\n", args...)
}
