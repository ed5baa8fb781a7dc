// Command compare runs our collector and one of contrib's components side by side: the same events, the same ClickHouse,
// the same settings of the garbage collector, and at least the same durability. `make compare` builds both and runs it.
//
// Its last lines are `name: ours / theirs = ratio`, one a figure. Theirs is set up in two ways: each request one insert, and
// with a queue that puts requests together to larger ones, which costs less of the database and more memory.
//
//	main.go    what is run    systems.go  the two collectors, and the floor under both    load.go  the clients    requests.go  events from a file
//	usage.go   what the operating system says of a process    database.go  what ClickHouse says    report.go  the figures
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
)

type options struct {
	records   int
	clients   int // of the load that is measured now
	batch     int
	rounds    int
	gogc      string
	ours      string
	theirs    string
	directory string
	requests  string
	users     string
	recorded  recorded
}

func main() {
	var o options
	flag.IntVar(&o.records, "records", 200_000, "records that each collector gets in each round")
	clients := flag.String("clients", "8,128", "clients that send at once: one load after the other")
	flag.IntVar(&o.batch, "batch", 1000, "records in a request")
	flag.IntVar(&o.rounds, "rounds", 1, "rounds; each runs both collectors, and the figures are their medians")
	flag.StringVar(&o.gogc, "gogc", "400", "GOGC of both collectors")
	flag.StringVar(&o.ours, "ours", "compare/dist-ours/otelcol-ours", "our collector, built of what its pipeline needs")
	flag.StringVar(&o.theirs, "theirs", "compare/dist-theirs/otelcol-contrib", "the collector to compare with, built likewise")
	flag.StringVar(&o.directory, "dir", "", "directory for queues, logs and databases; a temporary one where empty")
	flag.StringVar(&o.requests, "requests", "", "file of requests to send once instead of made-up ones: what examples/quickstart/cmd/month writes")
	flag.StringVar(&o.users, "users", "", "directory of users for our processor; one user where empty")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o, *clients); err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
}

// run measures every number of clients, and prints the figures of all of them last.
func run(ctx context.Context, o options, clients string) error {
	if o.directory == "" {
		dir, err := os.MkdirTemp("", "otelaudit-compare-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		o.directory = dir
	}
	var err error
	if o.recorded, err = readRequests(o.requests); err != nil {
		return err
	}
	var reports []func()
	for text := range strings.SplitSeq(clients, ",") {
		if o.clients, err = strconv.Atoi(text); err != nil || o.clients < 1 {
			return fmt.Errorf("-clients is %q: must be numbers over 0 with commas between them", clients)
		}
		measured, err := compare(ctx, o)
		if err != nil {
			return err
		}
		of := o
		reports = append(reports, func() { report(of, measured) })
	}
	for _, print := range reports {
		print()
	}
	return nil
}

// measured are the figures of each system.
type measured struct{ ours, theirs, batching, floor figures }

// compare measures one number of clients.
func compare(ctx context.Context, o options) (measured, error) {
	systems := []system{ourSystem(o), theirSystem(o), theirBatchingSystem(o), floorSystem(o)}
	all := make([][]figures, len(systems))
	for round := range o.rounds {
		for i, s := range systems {
			f, err := measure(ctx, o, s, round)
			if err != nil {
				return measured{}, fmt.Errorf("%s: %w", s.name, err)
			}
			f.print(fmt.Sprintf("%s, %d clients", s.name, o.clients))
			all[i] = append(all[i], f)
		}
	}
	return measured{ours: median(all[0]), theirs: median(all[1]), batching: median(all[2]), floor: median(all[3])}, nil
}
