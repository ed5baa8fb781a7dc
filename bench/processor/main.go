// Command processor compares what a record costs in the audit processor, whole, and in the transform and redaction processors of
// contrib doing what they can of the same work. See the README of this module.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"runtime"
	"slices"
	"syscall"
	"time"

	"go.opentelemetry.io/collector/pdata/plog"
)

func main() {
	rounds := flag.Int("rounds", 41, "how often the two take turns on each kind of event")
	flag.Parse()
	if err := run(*rounds); err != nil {
		log.Fatal(err)
	}
}

// Of a turn.
const (
	records  = 100 // a request
	requests = 20
)

func run(rounds int) error {
	directory, err := os.CreateTemp("", "users-*.csv")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(directory.Name()) }()
	if err := writeUsers(directory); err != nil {
		return err
	}
	ctx := context.Background()
	ours, err := startOurs(ctx, directory.Name())
	if err != nil {
		return fmt.Errorf("ours: %w", err)
	}
	defer ours.stop(ctx)
	theirs, err := startTheirs(ctx)
	if err != nil {
		return fmt.Errorf("theirs: %w", err)
	}
	defer theirs.stop(ctx)
	fmt.Printf("%d users, %d records a request, %d rounds; nanoseconds of CPU time a record\n", users, records, rounds)
	var all []float64
	for _, kind := range kinds {
		payload := kind.request()
		fmt.Printf("%s\n  ours makes:   %s\n  theirs makes: %s\n", kind.name, ours.shown(ctx, payload, kind.shown), theirs.shown(ctx, payload, kind.shown))
		var costs [2][]float64
		var ratios []float64
		for round := range rounds + 1 {
			a, b := ours.turn(ctx, payload), theirs.turn(ctx, payload)
			if round > 0 { // the first warms up
				costs[0], costs[1], ratios = append(costs[0], a), append(costs[1], b), append(ratios, a/b)
			}
		}
		fmt.Printf("  %.0f / %.0f = %.2f\n", median(costs[0]), median(costs[1]), median(ratios))
		all = append(all, median(ratios))
	}
	fmt.Printf("greatest ratio %.2f\n", slices.Max(all))
	return nil
}

// turn is the CPU time of a record, in nanoseconds. What a request costs to make does not count, what it costs to collect does.
func (c *chain) turn(ctx context.Context, payload plog.Logs) float64 {
	copies := make([]plog.Logs, requests)
	for i := range copies {
		copies[i] = plog.NewLogs()
		payload.CopyTo(copies[i])
	}
	runtime.GC()
	start := cpuTime()
	for _, ld := range copies {
		if err := c.first.ConsumeLogs(ctx, ld); err != nil {
			log.Fatal(err)
		}
	}
	return float64(cpuTime()-start) / (records * requests)
}

func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		log.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}
