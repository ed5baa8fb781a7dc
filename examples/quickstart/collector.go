package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"time"

	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
)

// collector is bin/otelcol-audit with collector.yaml.
type collector struct {
	*process
	logPath string
}

const (
	startLimit = time.Minute
	stopLimit  = time.Minute // the queue is on disk, but what is in flight may finish
)

// startCollector starts the collector in front of a ClickHouse and waits until it takes events.
func startCollector(ctx context.Context, o options, s state, db *clickhouselocal.Server) (*collector, error) {
	if _, err := os.Stat(o.collector); err != nil {
		return nil, fmt.Errorf("no collector at %s: run `make build`, or name one with -collector", o.collector)
	}
	output, err := os.Create(s.log())
	if err != nil {
		return nil, err
	}
	defer func() { _ = output.Close() }() // the collector has a handle of its own
	// It is stopped in its turn, not when the context ends.
	command := exec.CommandContext(context.WithoutCancel(ctx), o.collector, "--config", s.config()) //nolint:gosec // the user's own choice of a binary
	command.Env = append(os.Environ(), environment(o, s, db)...)
	p, err := startProcess(command, output)
	if err != nil {
		return nil, fmt.Errorf("start the collector: %w", err)
	}
	c := &collector{process: p, logPath: s.log()}
	if err := p.waitFor(ctx, startLimit, healthy(loopback(o.ports.health))); err != nil {
		ended, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		return nil, errors.Join(fmt.Errorf("start the collector: %w\n%s", err, tail(s.log(), 20)), c.stop(ended))
	}
	return c, nil
}

// environment has a value for every variable of collector.yaml.
func environment(o options, s state, db *clickhouselocal.Server) []string {
	env := []string{
		"STATE_DIR=" + s.dir,
		"USERS_FILE=" + s.users(),
		"PSEUDONYM_KEY_FILE=" + s.key(),
		"CLICKHOUSE_ENDPOINT=" + exporterEndpoint(db),
		"CLICKHOUSE_USER=" + db.User(),
		"CLICKHOUSE_PASSWORD=" + db.Password(),
		// Most of what is allocated lives as long as one request: a collector of garbage that waits longer costs half as much,
		// and the limit keeps it from waiting too long.
		"GOGC=400", "GOMEMLIMIT=1GiB",
	}
	for _, v := range o.ports.variables() {
		env = append(env, v.name+"="+strconv.Itoa(*v.port))
	}
	return env
}

// exporterEndpoint is the server's address for the exporter, over HTTP where that can be reached.
func exporterEndpoint(db *clickhouselocal.Server) string {
	switch {
	case db.HTTPURL() != "":
		return db.HTTPURL()
	case db.NativeTLS():
		return "clickhouses://" + db.NativeAddr()
	default:
		return "clickhouse://" + db.NativeAddr()
	}
}

// healthy asks the collector's health check.
func healthy(address string) func(context.Context) bool {
	return func(ctx context.Context) bool {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address, http.NoBody)
		if err != nil {
			return false
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return false
		}
		_ = response.Body.Close()
		return response.StatusCode == http.StatusOK
	}
}
