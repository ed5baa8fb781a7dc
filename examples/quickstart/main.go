// Command quickstart shows the whole product on one machine: it starts ClickHouse and the collector, sends a believable
// month of audit events through the OpenTelemetry SDK, checks that each acknowledged event is stored exactly once and that
// nothing raw came through, and prints what analysts ask. `make run` at the root runs it; README.md says more.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	o, err := parseOptions(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err == nil {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		context.AfterFunc(ctx, stop) // a second Ctrl-C does not wait
		err = run(ctx, o, os.Stdout)
		if ctx.Err() != nil && !o.oneShot {
			err = nil // the user has ended it, as it is meant to be
		}
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "quickstart: %v\n", err)
		os.Exit(1)
	}
}
