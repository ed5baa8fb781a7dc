package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/otelaudit/otelaudit/examples/quickstart/internal/month"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
)

// options are what a user can choose: by flag, or by the environment variable of the same name in capitals.
type options struct {
	seed      uint64
	events    int
	oneShot   bool
	keep      bool
	collector string
	stateDir  string
	ports     ports
}

// ports of the collector, all on 127.0.0.1.
type ports struct{ grpc, http, health, metrics int }

const defaultEvents = 200_000

func parseOptions(args []string) (options, error) {
	var o options
	cache, err := clickhouselocal.CacheDir()
	if err != nil {
		return o, err
	}
	f := flag.NewFlagSet("quickstart", flag.ContinueOnError)
	f.Uint64Var(&o.seed, "seed", 1, "decides about everything in the month that is left to chance")
	f.IntVar(&o.events, "events", defaultEvents, fmt.Sprintf("how many events to send, about; at least %d", month.MinEvents))
	f.BoolVar(&o.oneShot, "oneshot", false, "end after the tables, with an error if anything is missing, doubled or leaked")
	f.BoolVar(&o.keep, "keep", false, "start on the data of the last run and send nothing")
	f.StringVar(&o.collector, "collector", filepath.Join("bin", "otelcol-audit"), "the collector's binary")
	f.StringVar(&o.stateDir, "state", filepath.Join(cache, "quickstart"), "directory for ClickHouse's data and the collector's queue")
	for name, variable := range map[string]string{
		"seed": "SEED", "events": "EVENTS", "oneshot": "ONESHOT", "keep": "KEEP", "state": "STATE_DIR",
	} {
		if value := os.Getenv(variable); value != "" {
			if err := f.Set(name, value); err != nil {
				return o, fmt.Errorf("%s=%q: %w", variable, value, err)
			}
		}
	}
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if f.NArg() > 0 {
		return o, fmt.Errorf("%q is not a flag", f.Arg(0))
	}
	if o.events < month.MinEvents {
		return o, fmt.Errorf("%d events are too few: at least %d", o.events, month.MinEvents)
	}
	if o.stateDir, err = filepath.Abs(o.stateDir); err != nil {
		return o, err
	}
	return o, o.ports.fromEnvironment()
}

// leftovers says what becomes of the data of the last run.
func (o options) leftovers() leftovers {
	switch {
	case o.keep:
		return mustExist
	case os.Getenv(clickhouselocal.EnvEndpoint) != "":
		return deliver
	default:
		return discard
	}
}

// variables are the environment variables of the ports, which collector.yaml reads too.
func (p *ports) variables() []portVariable {
	return []portVariable{
		{"OTLP_GRPC_PORT", &p.grpc, 4317},
		{"OTLP_HTTP_PORT", &p.http, 4318},
		{"HEALTH_PORT", &p.health, 13133},
		{"METRICS_PORT", &p.metrics, 8888},
	}
}

type portVariable struct {
	name      string
	port      *int
	otherwise int
}

func (p *ports) fromEnvironment() error {
	for _, v := range p.variables() {
		*v.port = v.otherwise
		value := os.Getenv(v.name)
		if value == "" {
			continue
		}
		port, err := strconv.Atoi(value)
		if err != nil || port < 1 || port > 65535 {
			return fmt.Errorf("%s=%q is not a port: set it to a number from 1 to 65535", v.name, value)
		}
		*v.port = port
	}
	return nil
}
