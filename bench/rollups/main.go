// Command rollups fills our schema and contrib's otel_logs layout with the same events and times the same questions on our
// rollups, on our raw table, and on theirs.
//
//	cd bench && go run ./rollups            after `make compare` has built contrib's collector, which makes its table
//
// Its last lines are `question: rollup / raw table / otel_logs = ratio of the last to the first`, in milliseconds: the median of
// several runs on warm caches.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
)

const (
	chunk = 500_000
	runs  = 5
)

func main() {
	events := flag.Int("events", 10_000_000, "events, over 30 days")
	theirs := flag.String("theirs", "compare/dist-theirs/otelcol-contrib", "contrib's collector, which makes its table")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *events, *theirs); err != nil {
		fmt.Fprintln(os.Stderr, "rollups:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, events int, theirs string) error {
	dir, err := os.MkdirTemp("", "otelaudit-rollups-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	server, err := clickhouselocal.Start(ctx, clickhouselocal.Options{DataDir: filepath.Join(dir, "clickhouse"), OwnProcess: true, MaxMemory: 8 << 30})
	if err != nil {
		return err
	}
	defer func() { _ = server.Stop(context.WithoutCancel(ctx)) }()
	if err := makeTables(ctx, server, theirs, dir); err != nil {
		return err
	}
	for from := 0; from < events; from += chunk {
		for _, fill := range []string{fillOurs, fillTheirs} {
			if _, err := server.Query(ctx, fmt.Sprintf(fill, from, min(chunk, events-from), events)); err != nil {
				return err
			}
		}
		fmt.Printf("\r%d of %d events", from+min(chunk, events-from), events)
	}
	fmt.Println()
	for _, table := range append(rollups, "audit.events", "otel.otel_logs") {
		if _, err := server.Query(ctx, "OPTIMIZE TABLE "+table+" FINAL"); err != nil {
			return err
		}
	}
	for _, q := range questions {
		var times [3]float64
		var answers [3]string
		for i, sql := range []string{q.rollup, q.raw, q.theirs} {
			if times[i], answers[i], err = measure(ctx, server, sql); err != nil {
				return fmt.Errorf("%s: %w", q.name, err)
			}
		}
		if answers[0] != answers[1] || answers[0] != answers[2] {
			return fmt.Errorf("%s: the answers differ:\n%s\n%s\n%s", q.name, answers[0], answers[1], answers[2])
		}
		fmt.Printf("%s: %.1f / %.1f / %.1f = %.0f\n", q.name, times[0], times[1], times[2], times[2]/times[0])
	}
	return nil
}

// measure gives the median time in milliseconds, and the answer.
func measure(ctx context.Context, server *clickhouselocal.Server, sql string) (float64, string, error) {
	var times []float64
	var answer string
	for range runs {
		start := time.Now()
		text, err := server.Query(ctx, sql)
		if err != nil {
			return 0, "", err
		}
		times, answer = append(times, float64(time.Since(start).Microseconds())/1000), strings.TrimSpace(text)
	}
	slices.Sort(times)
	return times[runs/2], answer, nil
}
