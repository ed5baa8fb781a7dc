// Command clickhouse-local-server makes a server of libchdb, ClickHouse's engine as a library, in a process of its own.
// Package clickhouselocal builds and starts it; it is not meant to be started by hand.
//
// Usage: clickhouse-local-server LIBRARY ARGUMENT…
//
// The arguments are those of clickhouse-local, without a query; the configuration says what ports to listen on. Standard
// input must be a pipe that the parent keeps open and never writes to: its end is the request to shut down cleanly, so the
// process ends with its parent on every system.
package main

import (
	"fmt"
	"os"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: clickhouse-local-server LIBRARY ARGUMENT…")
		os.Exit(2)
	}
	if err := serve(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
