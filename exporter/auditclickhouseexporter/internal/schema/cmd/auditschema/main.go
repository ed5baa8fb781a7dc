// Command auditschema prints the exporter's schema as plain SQL, for a database administrator who applies it by hand:
//
//	auditschema -database audit
//	auditschema -database audit -cluster main
//	auditschema -database audit -cluster main -replicated=false -on-cluster=false   # to each server, without Keeper
//
// A schema that is printed in full can be run again after an upgrade: what is there already is left as it is.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/schema"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "auditschema:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("auditschema", flag.ContinueOnError)
	flags.SetOutput(out)
	var layout schema.Layout
	flags.StringVar(&layout.Database, "database", "audit", "database that holds all tables")
	flags.StringVar(&layout.Cluster, "cluster", "", "cluster of the servers' remote_servers; without it a single server")
	flags.BoolVar(&layout.Replicated, "replicated", true, "replicated tables; for clusters")
	flags.BoolVar(&layout.OnCluster, "on-cluster", true, "statements run ON CLUSTER; for clusters")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return errors.New("arguments are not understood: only flags are")
	}
	_, err := io.WriteString(out, layout.SQL())
	return err
}
