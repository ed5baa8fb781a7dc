// Command auditschema prints the exporter's schema as plain SQL, for a database administrator who applies it by hand:
//
//	auditschema -database audit
//	auditschema -database audit -cluster main
//	auditschema -database audit -cluster main -replicated=false -on-cluster=false   # to each server, without Keeper
//	auditschema -database audit -roles           # who may see what
//	auditschema -database audit -tenant acme     # a role that sees the rows of one tenant
//
// A schema that is printed in full can be run again after an upgrade: what is there already is left as it is.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

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
	roles := flags.Bool("roles", false, "print the roles instead: audit_owner, audit_investigator, audit_analyst, audit_service")
	tenant := flags.String("tenant", "", "print a role that sees the rows of this tenant alone, instead")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return errors.New("arguments are not understood: only flags are")
	}
	var text string
	switch {
	case *roles && *tenant != "":
		return errors.New("-roles and -tenant are printed one at a time")
	case *roles:
		text = strings.Join(layout.Roles(), "\n\n") + "\n"
	case *tenant != "":
		text = strings.Join(layout.TenantRole(*tenant), "\n\n") + "\n"
	default:
		text = layout.SQL()
	}
	_, err := io.WriteString(out, text)
	return err
}
