// Command audit-pseudonym helps an investigator to find the events that mention a value he knows, such as an e-mail address,
// when only its pseudonym is stored. It works offline with the keys of the processor: they never go to the database.
//
//	echo jane@example.com | audit-pseudonym -key k1=/etc/otelcol-audit/pseudonym.key [-sql]
//
// The value comes from standard input, so that it is in no shell history and no list of processes.
package main

import (
	"fmt"
	"os"
)

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintf(os.Stderr, "audit-pseudonym: %v\n", err)
		os.Exit(1)
	}
}
