// Command growth shows what our cost depends on: CPU of the collector and of ClickHouse a record at 1,000,000 and at 20,000,000
// stored events, each with 10 and with 100,000 users, and beside it how many rows the rollups have and how long they take.
//
//	cd bench && go run ./growth            after `make build`
//
//	main.go  the scenarios    load.go  what is sent    fill.go  what is stored    process.go  the collector, and what it used
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
)

type options struct {
	records int
	stored  [2]int
	users   [2]int
	ours    string
}

func main() {
	o := options{stored: [2]int{1_000_000, 20_000_000}, users: [2]int{10, 100_000}}
	flag.IntVar(&o.records, "records", 200_000, "records that are sent and measured in each scenario")
	flag.IntVar(&o.stored[1], "stored", o.stored[1], "events that are stored in the second half, at least 1,000,000")
	flag.StringVar(&o.ours, "ours", "../bin/otelcol-audit", "our collector")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "growth:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	dir, err := os.MkdirTemp("", "otelaudit-growth-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	server, err := clickhouselocal.Start(ctx, clickhouselocal.Options{DataDir: filepath.Join(dir, "clickhouse"), OwnProcess: true})
	if err != nil {
		return err
	}
	defer func() { _ = server.Stop(context.WithoutCancel(ctx)) }()
	fmt.Println("| stored | users | collector CPU a record | ClickHouse CPU a record | rows, cost by actor | rows, cost by monitor |")
	fmt.Println("|---|---|---|---|---|---|")
	filled, sent := 0, 0 // events
	for i, stored := range o.stored {
		for j, users := range o.users {
			c, err := startCollector(ctx, o.ours, filepath.Join(dir, fmt.Sprintf("collector-%d-%d", i, j)), server, users)
			if err != nil {
				return err
			}
			// The first records have the schema made, and pay for what starting costs.
			err = send(ctx, c.address, users, requestRecords)
			if sent += requestRecords; err == nil {
				err = waitStored(ctx, server, filled+sent)
			}
			if err == nil && filled < stored {
				err = fill(ctx, server, filled, stored)
				filled = stored
			}
			if err == nil {
				err = scenario(ctx, o, server, c, stored, users)
				sent += o.records
			}
			c.stop()
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// scenario prints one line of the table.
func scenario(ctx context.Context, o options, server *clickhouselocal.Server, c *collector, stored, users int) error {
	if err := settle(ctx, server); err != nil {
		return err
	}
	have, err := number(ctx, server, "SELECT count() FROM audit.events")
	if err != nil {
		return err
	}
	collectorBefore, serverBefore := cpu(c.command.Process.Pid), cpu(server.PID())
	if err := send(ctx, c.address, users, o.records); err != nil {
		return err
	}
	if err := waitStored(ctx, server, int(have)+o.records); err != nil {
		return err
	}
	collectorCPU := (cpu(c.command.Process.Pid) - collectorBefore) / float64(o.records) * 1e6
	if err := settle(ctx, server); err != nil {
		return err
	}
	serverCPU := (cpu(server.PID()) - serverBefore) / float64(o.records) * 1e6
	actors, err := question(ctx, server, "audit.actor_cost_daily", "actor_id")
	if err != nil {
		return err
	}
	monitors, err := question(ctx, server, "audit.query_cost_hourly", "target_id")
	if err != nil {
		return err
	}
	fmt.Printf("| %d | %d | %.1f µs | %.1f µs | %s | %s |\n", stored, users, collectorCPU, serverCPU, actors, monitors)
	return nil
}

// waitStored waits until there are n events.
func waitStored(ctx context.Context, server *clickhouselocal.Server, n int) error {
	var have float64
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end) && ctx.Err() == nil; time.Sleep(100 * time.Millisecond) {
		have, _ = number(ctx, server, "SELECT count() FROM audit.events") // the table may not be there yet
		if int(have) == n {
			return nil
		}
	}
	return fmt.Errorf("%.0f events are stored, and %d were expected", have, n)
}

// question asks a rollup for the dearest, and says how many rows it has and how many milliseconds that takes.
func question(ctx context.Context, server *clickhouselocal.Server, table, key string) (string, error) {
	rows, err := number(ctx, server, "SELECT count() FROM "+table)
	if err != nil {
		return "", err
	}
	best := time.Hour
	for range 5 {
		start := time.Now()
		if _, err := server.Query(ctx, "SELECT "+key+", sum(cost_sum) AS c FROM "+table+" GROUP BY "+key+" ORDER BY c DESC LIMIT 20"); err != nil {
			return "", err
		}
		best = min(best, time.Since(start))
	}
	return fmt.Sprintf("%.0f in %.1f ms", rows, best.Seconds()*1000), nil
}

func number(ctx context.Context, server *clickhouselocal.Server, sql string) (float64, error) {
	text, err := server.Query(ctx, sql)
	if err != nil {
		return 0, err
	}
	return strconv.ParseFloat(strings.TrimSpace(text), 64)
}

// settle waits until nothing has been merged for three seconds.
func settle(ctx context.Context, server *clickhouselocal.Server) error {
	calm := 0
	for end := time.Now().Add(2 * time.Minute); calm < 6 && time.Now().Before(end) && ctx.Err() == nil; time.Sleep(500 * time.Millisecond) {
		merges, err := number(ctx, server, "SELECT count() FROM system.merges")
		if err != nil {
			return err
		}
		if calm++; merges > 0 {
			calm = 0
		}
	}
	return ctx.Err()
}
