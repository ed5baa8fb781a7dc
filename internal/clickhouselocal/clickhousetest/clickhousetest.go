// Package clickhousetest gives a test a real ClickHouse of its own.
package clickhousetest

import (
	"context"
	"testing"

	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
)

// Option changes the options of the server that a test gets.
type Option func(*clickhouselocal.Options)

// New starts a ClickHouse on free ports with its data in a temporary directory, and stops it when the test ends. It fails the
// test, and never skips it, when there is no ClickHouse to be had; the message says what to do.
func New(t testing.TB, options ...Option) *clickhouselocal.Server {
	t.Helper()
	o := clickhouselocal.Options{DataDir: t.TempDir()}
	for _, option := range options {
		option(&o)
	}
	server, err := clickhouselocal.Start(t.Context(), o)
	if err != nil {
		t.Fatalf("no ClickHouse for this test: %v", err)
	}
	t.Cleanup(func() {
		// The test's context has ended by now.
		if err := server.Stop(context.Background()); err != nil {
			t.Errorf("%v", err)
		}
	})
	return server
}
