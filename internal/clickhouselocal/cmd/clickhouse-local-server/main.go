// Command clickhouse-local-server runs the ClickHouse of a libchdb in a process of its own. Package clickhouselocal
// builds it on first use; it is not meant to be started by hand.
//
// Usage: clickhouse-local-server LIBRARY ARGUMENT…
//
// The arguments are those of clickhouse-local. Standard input must be a pipe that the parent keeps open and never
// writes to: its end is the request to shut down, so the process ends with its parent on every system.
package main

import (
	"fmt"
	"io"
	"os"
	"time"
)

// shutdownLimit bounds the clean shutdown after the end of standard input. It is the last resort against a process that
// outlives its parent; a parent that is still there gives up earlier and kills.
const shutdownLimit = 30 * time.Second

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: clickhouse-local-server LIBRARY ARGUMENT…")
		os.Exit(2)
	}
	go exitAfterInput()
	if err := runLibrary(os.Args[1], append([]string{"clickhouse"}, os.Args[2:]...)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// exitAfterInput ends the process when the engine has not returned long after the end of standard input. The engine reads
// the same pipe: nothing is ever written to it, so no byte can go to the wrong reader.
func exitAfterInput() {
	_, _ = io.Copy(io.Discard, os.Stdin)
	time.Sleep(shutdownLimit)
	fmt.Fprintf(os.Stderr, "clickhouse did not shut down within %s\n", shutdownLimit)
	os.Exit(1)
}
