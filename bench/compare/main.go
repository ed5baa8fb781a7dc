// Command compare runs our collector and one of contrib's components side by side: the same events, the same ClickHouse,
// the same settings of the garbage collector, and at least the same durability. `make compare` builds both and runs it.
//
// Its last lines are `name: ours / theirs = ratio`, one a figure.
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
)

type options struct {
	records   int
	clients   int
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
	flag.IntVar(&o.records, "records", 500_000, "records that each collector gets in each round")
	flag.IntVar(&o.clients, "clients", 8, "clients that send at once")
	flag.IntVar(&o.batch, "batch", 1000, "records in a request")
	flag.IntVar(&o.rounds, "rounds", 1, "rounds; each runs both collectors, and the figures are their medians")
	flag.StringVar(&o.gogc, "gogc", "400", "GOGC of both collectors")
	flag.StringVar(&o.ours, "ours", "../bin/otelcol-audit", "our collector")
	flag.StringVar(&o.theirs, "theirs", "compare/dist/otelcol-contrib", "the collector to compare with")
	flag.StringVar(&o.directory, "dir", "", "directory for queues, logs and databases; a temporary one where empty")
	flag.StringVar(&o.requests, "requests", "", "file of requests to send once instead of made-up ones: what examples/quickstart/cmd/month writes")
	flag.StringVar(&o.users, "users", "", "directory of users for our processor; one user where empty")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
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
	var ours, theirs, floor []figures
	for round := range o.rounds {
		for _, s := range []struct {
			system
			figures *[]figures
		}{{ourSystem(o), &ours}, {theirSystem(o), &theirs}, {floorSystem(o), &floor}} {
			f, err := measure(ctx, o, s.system, round)
			if err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
			f.print(s.name)
			*s.figures = append(*s.figures, f)
		}
	}
	report(o, median(ours), median(theirs), median(floor))
	return nil
}
