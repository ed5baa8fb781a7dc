package main

import (
	"bytes"
	"context"
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

// config is the collector's, with everything on. The numbers are its port, a directory, the address of ClickHouse, a directory.
const config = `
receivers: {audit: {protocols: {http: {endpoint: "127.0.0.1:%[1]d"}}}}
processors:
  audit:
    pseudonyms: {active: k1, keys: {k1: YmVuY2htYXJrLWtleS1iZW5jaG1hcmsta2V5LTEyMzQ=}}
    directory: {sources: [{file: {path: "%[2]s/users.json"}}]}
exporters: {audit_clickhouse: {endpoint: "%[3]s", log: {directory: %[2]s/log}}}
service:
  pipelines: {logs: {receivers: [audit], processors: [audit], exporters: [audit_clickhouse]}}
  telemetry: {metrics: {level: none}, logs: {level: warn}}
`

// collector is our collector with a directory of users.
type collector struct {
	command *exec.Cmd
	address string
}

func startCollector(ctx context.Context, binary, dir string, server *clickhouselocal.Server, users int) (*collector, error) {
	if err := os.MkdirAll(filepath.Join(dir, "log"), 0o700); err != nil {
		return nil, err
	}
	var directory strings.Builder
	for i := range users {
		fmt.Fprintf(&directory, `,{"id":"user-%d","name":"User %d","email":"user%d@example.com","roles":["editor"],"groups":["team-%d"]}`+"\n", i, i, i, i%100)
	}
	port, err := clickhouselocal.FreePort(ctx)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(dir, "config.yaml")
	for name, text := range map[string]string{filepath.Join(dir, "users.json"): `{"users":[` + directory.String()[1:] + "]}", file: fmt.Sprintf(config, port, dir, server.HTTPURL())} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	c := &collector{exec.Command(binary, "--config", file), net.JoinHostPort("127.0.0.1", strconv.Itoa(port))}
	c.command.Stdout, c.command.Stderr = os.Stderr, os.Stderr
	c.command.Env = append(os.Environ(), "GOGC=400")
	if err := c.command.Start(); err != nil {
		return nil, err
	}
	for end := time.Now().Add(time.Minute); time.Now().Before(end) && ctx.Err() == nil; time.Sleep(50 * time.Millisecond) {
		if conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", c.address); err == nil {
			return c, conn.Close()
		}
	}
	c.stop()
	return nil, fmt.Errorf("nothing listens on %s", c.address)
}

func (c *collector) stop() {
	_ = c.command.Process.Signal(os.Interrupt)
	_ = c.command.Wait()
}

// cpu gives the seconds of CPU that a process has used, by /proc, in which a second has 100 ticks.
func cpu(pid int) float64 {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	// The name in parentheses may hold spaces; utime and stime are the 14th and 15th field.
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.ParseFloat(fields[11], 64)
	system, _ := strconv.ParseFloat(fields[12], 64)
	return (user + system) / 100
}
