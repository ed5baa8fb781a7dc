// Package clickhousetest gives a test a real ClickHouse of its own.
//
//	server := clickhousetest.New(t)
//	_, err := server.Query(t.Context(), "CREATE DATABASE audit")
//
// A server starts in a third of a second and takes some 230 MB of memory. The very first one of a checkout fetches
// ClickHouse: package clickhouselocal tells from where.
//
// Tests always start a server of their own, whatever CLICKHOUSE_ENDPOINT says: they kill it, drop its tables and count its
// rows, which a server that someone else uses must not suffer.
package clickhousetest

import (
	"context"
	"strings"
	"testing"

	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
)

// Option changes the options of the server that a test gets, such as
//
//	func(o *clickhouselocal.Options) { o.QueryLog = true }
type Option func(*clickhouselocal.Options)

// New starts a ClickHouse on free ports with its data in a temporary directory, and stops it when the test ends. It fails the
// test, and never skips it, when there is no ClickHouse to be had; the message says what to do.
func New(tb testing.TB, options ...Option) *clickhouselocal.Server {
	tb.Helper()
	server, err := start(tb, options)
	if err != nil {
		tb.Fatalf("no ClickHouse for this test: %v", err)
	}
	return server
}

func start(tb testing.TB, options []Option) (*clickhouselocal.Server, error) {
	tb.Helper()
	server, err := clickhouselocal.Start(tb.Context(), apply(tb, options))
	if err != nil {
		return nil, err
	}
	tb.Cleanup(func() {
		// The test's context has ended by now.
		if err := server.Stop(context.Background()); err != nil {
			tb.Errorf("%v", err)
		}
	})
	return server, nil
}

func apply(tb testing.TB, options []Option) clickhouselocal.Options {
	tb.Helper()
	o := clickhouselocal.Options{DataDir: tb.TempDir(), OwnProcess: true, Progress: testLog{tb}}
	for _, option := range options {
		option(&o)
	}
	return o
}

// testLog writes progress to the log of a test.
type testLog struct{ tb testing.TB }

func (l testLog) Write(text []byte) (int, error) {
	l.tb.Logf("%s", strings.TrimSpace(string(text)))
	return len(text), nil
}
