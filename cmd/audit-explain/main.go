// Command audit-explain says what a policy makes of events: which rule matched, what is stored and for how long, and what each
// attribute becomes and why. It shows names and no values, and works offline.
//
//	audit-explain -policy policy.yaml < event.json
//
// The events come from standard input as OTLP/JSON, as a request to /v1/logs has them, enriched or not: rules on groups and
// departments look at audit.directory.groups and audit.directory.department.
package main

import (
	"fmt"
	"os"
)

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintf(os.Stderr, "audit-explain: %v\n", err)
		os.Exit(1)
	}
}
