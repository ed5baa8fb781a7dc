//go:build !ours

// Command columns compares what it costs to turn audit events into compressed blocks of `events`: with the exporter's
// columns, and with Append of clickhouse-go. Run it in the directory above:
//
//	go run ./columns
//
// Both begin with the same OTLP records, take every attribute to its column and end with the same bytes, compressed: that
// they are the same is checked. A second figure has theirs begin with the rows, as values of Go that somebody has got out of
// the records already. The two take turns, and CPU time is counted; the ratio is the median of those of the turns.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"github.com/ClickHouse/ch-go/compress"
)

func main() {
	rounds := flag.Int("rounds", 9, "how many turns each side has")
	d := flag.Duration("for", time.Second, "how long a turn takes")
	flag.Parse()
	if err := run(*rounds, *d); err != nil {
		fmt.Fprintln(os.Stderr, "columns:", err)
		os.Exit(1)
	}
}

func run(rounds int, d time.Duration) error {
	dir, err := os.MkdirTemp("", "columns")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	worker := filepath.Join(dir, "worker")
	if err := build(worker); err != nil {
		return err
	}
	for _, events := range []string{"query", "enriched"} {
		if err := compare(worker, dir, events, rounds, d); err != nil {
			return err
		}
	}
	return nil
}

func compare(worker, dir, events string, rounds int, d time.Duration) error {
	if out, err := exec.Command(worker, "-events", events, "-write", dir).CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	t, err := readTable(filepath.Join(dir, "records"), filepath.Join(dir, "block"))
	if err != nil {
		return err
	}
	theirs, err := newBlock(t, compress.LZ4)
	if err != nil {
		return err
	}
	if !theirs.same() {
		return errors.New("the blocks differ")
	}
	var us, fromRecords, fromRows []result
	for range rounds {
		out, err := exec.Command(worker, "-events", events, "-for", d.String()).Output()
		if err != nil {
			return err
		}
		var r result
		if err := json.Unmarshal(out, &r); err != nil {
			return err
		}
		us = append(us, r)
		fromRecords = append(fromRecords, measure(d, theirs.fromRecords))
		fromRows = append(fromRows, measure(d, theirs.fromRows))
	}
	show := func(name string, them []result, of func(result) float64) {
		var a, b, ratios []float64
		for i := range us {
			a, b, ratios = append(a, of(us[i])), append(b, of(them[i])), append(ratios, of(us[i])/of(them[i]))
		}
		fmt.Printf("%s, %s: %.4g / %.4g = %.3f\n", events, name, median(a), median(b), median(ratios))
	}
	nanoseconds, allocations := func(r result) float64 { return r.CPU }, func(r result) float64 { return r.Allocs }
	show("CPU nanoseconds a row", fromRecords, nanoseconds)
	show("CPU nanoseconds a row, theirs from rows that are there", fromRows, nanoseconds)
	show("allocations a row", fromRecords, allocations)
	show("bytes a row before compression", fromRecords, func(r result) float64 { return r.Raw })
	show("bytes a row", fromRecords, func(r result) float64 { return r.Compressed })
	return nil
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}
