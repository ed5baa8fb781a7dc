// Command views fills the schema with a month of events, made by the server, and times every view on them, cold and warm.
//
//	cd bench && go run ./views               10,000,000 events over 30 days, in a temporary directory
//	go run ./views -dir DIR                  kept in DIR, and not made again
//	go run ./views -dir DIR -panels          what the dashboards and alerts ask instead
//
// The calls are those of exporter/auditclickhouseexporter/internal/schema/testdata/views.sql, and the events those of month.sql beside it.
// Each is asked for the whole month, and again for its last day of one tenant, as a dashboard asks. It prints a table: milliseconds on
// cold caches, milliseconds and CPU time on warm ones (medians of several), and rows read. A second table has pages of a search.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
)

const testdata = "../exporter/auditclickhouseexporter/internal/schema/testdata/"

func main() {
	events := flag.Int("events", 10_000_000, "events, over 30 days")
	dir := flag.String("dir", "", "directory of the data, which is kept; a temporary one otherwise")
	only := flag.String("only", "", "views to time, by a part of the name")
	board := flag.Bool("panels", false, "time what the dashboards and alerts ask, not the views")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *events, *dir, *only, *board); err != nil {
		fmt.Fprintln(os.Stderr, "views:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, events int, dir, only string, board bool) error {
	if dir == "" {
		temporary, err := os.MkdirTemp("", "otelaudit-views-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(temporary)
		dir = temporary
	}
	server, err := clickhouselocal.Start(ctx, clickhouselocal.Options{DataDir: filepath.Join(dir, "clickhouse"), OwnProcess: true, QueryLog: true, MaxMemory: 8 << 30})
	if err != nil {
		return err
	}
	defer func() { _ = server.Stop(context.WithoutCancel(ctx)) }()
	if err := fill(ctx, server, events); err != nil {
		return err
	}
	from, to, err := month(ctx, server)
	if err != nil {
		return err
	}
	if board {
		return panels(ctx, server, os.Stdout, only, to)
	}
	if err := views(ctx, server, only, from, to); err != nil {
		return err
	}
	if strings.Contains("search", only) {
		return pages(ctx, server, os.Stdout)
	}
	return nil
}

// views times every call of testdata/views.sql.
func views(ctx context.Context, server *clickhouselocal.Server, only string, from, to time.Time) error {
	calls, err := readCalls()
	if err != nil {
		return err
	}
	fmt.Println("| view | month: cold, ms | warm, ms | CPU, ms | rows read | a tenant's day: cold, ms | warm, ms | CPU, ms | rows read |")
	fmt.Println("|---|---|---|---|---|---|---|---|---|")
	for _, c := range calls {
		if !strings.Contains(c.view, only) {
			continue
		}
		whole, err := measure(ctx, server, c.sql, from, to)
		if err != nil {
			return fmt.Errorf("%s: %w", c.view, err)
		}
		day, err := measure(ctx, server, c.sql+" WHERE tenant_id = 'org-1'", to.Add(-24*time.Hour), to)
		if err != nil {
			return fmt.Errorf("%s of a tenant: %w", c.view, err)
		}
		fmt.Printf("| `%s` | %s | %s |\n", c.view, whole, day)
	}
	return nil
}
