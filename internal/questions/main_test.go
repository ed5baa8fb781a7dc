package questions

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
)

// server is the ClickHouse that holds events().
var server *clickhouselocal.Server

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "questions:", err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	dir, err := os.MkdirTemp("", "otelaudit-questions-")
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	server, err = clickhouselocal.Start(ctx, clickhouselocal.Options{DataDir: filepath.Join(dir, "clickhouse"), OwnProcess: true})
	if err != nil {
		return 0, err
	}
	defer func() { _ = server.Stop(context.WithoutCancel(ctx)) }()
	p, err := startPipeline(ctx, server, filepath.Join(dir, "log"))
	if err != nil {
		return 0, err
	}
	// In two requests, so that rows of one key in the rollups come with several inserts.
	all := events()
	documents, err := documentEvents()
	if err != nil {
		return 0, err
	}
	for _, part := range [][]event{all[:len(all)/3], all[len(all)/3:], documents} {
		if err := p.send(ctx, part); err != nil {
			return 0, err
		}
	}
	if err := p.stop(ctx); err != nil {
		return 0, err
	}
	return m.Run(), nil
}
