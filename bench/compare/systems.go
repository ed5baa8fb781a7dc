package main

import (
	"context"
	_ "embed"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
)

//go:embed configs/ours.yaml
var oursYAML []byte

//go:embed configs/theirs.yaml
var theirsYAML []byte

//go:embed configs/theirs_batching.yaml
var theirsBatchingYAML []byte

//go:embed configs/floor.yaml
var floorYAML []byte

// system is a collector under test.
type system struct {
	name   string
	binary string
	config []byte
	// count is SQL for how many records the database has; empty where nothing is stored.
	count string
	// database is what is weighed.
	database string
}

func ourSystem(o options) system {
	return system{"ours", o.ours, oursYAML, "SELECT count() FROM audit.events", "audit"}
}

func theirSystem(o options) system {
	return system{"theirs", o.theirs, theirsYAML, "SELECT count() FROM otel.otel_logs", "otel"}
}

// theirBatchingSystem has the queue put requests together to larger inserts, as ours does.
func theirBatchingSystem(o options) system {
	s := theirSystem(o)
	s.name, s.config = "theirs, batching", theirsBatchingYAML
	return s
}

func floorSystem(o options) system {
	return system{name: "decoding OTLP alone", binary: o.theirs, config: floorYAML}
}

// users is a directory with one user, so that looking users up is part of what is measured.
const users = "users:\n  - id: user-1\n    name: Ann\n    email: ann@example.com\n    groups: [platform]\n"

// measure runs a system once on a database of its own.
func measure(ctx context.Context, o options, s system, round int) (f figures, err error) {
	dir := filepath.Join(o.directory, fmt.Sprintf("%s-%d-%d", strings.ReplaceAll(s.name, " ", "-"), o.clients, round))
	state := filepath.Join(dir, "state")
	if err := os.MkdirAll(state, 0o700); err != nil {
		return f, err
	}
	server, err := clickhouselocal.Start(ctx, clickhouselocal.Options{DataDir: filepath.Join(dir, "clickhouse"), OwnProcess: true})
	if err != nil {
		return f, err
	}
	defer func() { _ = server.Stop(context.WithoutCancel(ctx)) }()

	port, err := clickhouselocal.FreePort(ctx)
	if err != nil {
		return f, err
	}
	config, usersFile := filepath.Join(dir, "config.yaml"), filepath.Join(dir, "users.yaml")
	if err := os.WriteFile(config, s.config, 0o600); err != nil {
		return f, err
	}
	directory := []byte(users)
	if o.users != "" {
		if directory, err = os.ReadFile(o.users); err != nil {
			return f, err
		}
	}
	if err := os.WriteFile(usersFile, directory, 0o600); err != nil {
		return f, err
	}
	command := exec.Command(s.binary, "--config", config)
	command.Stdout, command.Stderr = os.Stderr, os.Stderr
	command.Env = append(os.Environ(),
		"GOGC="+o.gogc, "STATE_DIR="+state, "USERS_FILE="+usersFile, "HTTP_PORT="+strconv.Itoa(port),
		"CLICKHOUSE_TCP="+server.NativeAddr(), "CLICKHOUSE_URL="+server.HTTPURL())
	if err := command.Start(); err != nil {
		return f, err
	}
	defer func() {
		_ = command.Process.Signal(os.Interrupt)
		_ = command.Wait()
	}()
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	if err := waitListening(ctx, address); err != nil {
		return f, err
	}
	return observe(ctx, o, s, observed{collector: command.Process.Pid, server: server, address: address, state: state})
}

// observed is what runs.
type observed struct {
	collector int // process id
	server    *clickhouselocal.Server
	address   string
	state     string
}

// observe sends the load and reads off what it cost.
func observe(ctx context.Context, o options, s system, run observed) (f figures, err error) {
	// What starting cost is not a record's cost. A first small load also has the schema made.
	warm, first, load := o.batch*o.clients, made(o.batch, o.batch*o.clients), made(o.batch, o.records)
	if o.requests != "" {
		some, others := o.recorded.take(o.clients)
		warm, first, load = some.count(), some.shared(), others.shared()
		o.records = others.count()
	}
	if _, err := sendLoad(ctx, run.address, o.clients, first); err != nil {
		return f, err
	}
	if err := waitStored(ctx, run.server, s, warm); err != nil {
		return f, err
	}
	before, database := usageOf(run.collector), usageOf(run.server.PID())
	start := time.Now()
	latencies, err := sendLoad(ctx, run.address, o.clients, load)
	if err != nil {
		return f, err
	}
	f.seconds = time.Since(start).Seconds()
	f.p50, f.p99 = quantile(latencies, 0.5), quantile(latencies, 0.99)
	if err := waitStored(ctx, run.server, s, warm+o.records); err != nil {
		return f, err
	}
	after := usageOf(run.collector)
	n := float64(o.records)
	f.collectorCPU = (after.cpu - before.cpu) / n * 1e6
	f.written = float64(after.written-before.written) / n
	f.memory = float64(after.peak) / (1 << 20)
	if s.count == "" {
		return f, nil
	}
	if err := waitMerged(ctx, run.server); err != nil {
		return f, err
	}
	f.databaseCPU = (usageOf(run.server.PID()).cpu - database.cpu) / n * 1e6
	f.disk, err = weigh(ctx, run.server, s.database, warm+o.records)
	return f, err
}

func waitListening(ctx context.Context, address string) error {
	for end := time.Now().Add(time.Minute); time.Now().Before(end) && ctx.Err() == nil; time.Sleep(50 * time.Millisecond) {
		if conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address); err == nil {
			return conn.Close()
		}
	}
	return fmt.Errorf("nothing listens on %s", address)
}
