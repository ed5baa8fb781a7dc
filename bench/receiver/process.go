package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
	"go.opentelemetry.io/collector/receiver/receivertest"

	"github.com/otelaudit/otelaudit/receiver/auditreceiver"
)

// serveUntilClosed runs a receiver with its defaults. It writes where it listens, then for each line it reads the CPU
// time of this process so far in nanoseconds, garbage collection included.
func serveUntilClosed(which string, in io.Reader, out io.Writer) error {
	factory := map[string]receiver.Factory{"ours": auditreceiver.NewFactory(), "theirs": otlpreceiver.NewFactory()}[which]
	if factory == nil {
		return fmt.Errorf("-serve is %q: must be ours or theirs", which)
	}
	grpc, http, err := freeAddresses()
	if err != nil {
		return err
	}
	cfg := factory.CreateDefaultConfig()
	protocols := map[string]any{"grpc": map[string]any{"endpoint": grpc}, "http": map[string]any{"endpoint": http}}
	if err := confmap.NewFromStringMap(map[string]any{"protocols": protocols}).Unmarshal(&cfg); err != nil {
		return err
	}
	ctx := context.Background()
	r, err := factory.CreateLogs(ctx, receivertest.NewNopSettings(factory.Type()), cfg, consumertest.NewNop())
	if err != nil {
		return err
	}
	if err := r.Start(ctx, componenttest.NewNopHost()); err != nil {
		return err
	}
	defer func(r component.Component) { _ = r.Shutdown(ctx) }(r)
	if _, err := fmt.Fprintln(out, grpc, http); err != nil {
		return err
	}
	for lines := bufio.NewScanner(in); lines.Scan(); {
		var usage syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
			return err
		}
		if _, err := fmt.Fprintln(out, usage.Utime.Nano()+usage.Stime.Nano()); err != nil {
			return err
		}
	}
	return nil
}

func freeAddresses() (grpc, http string, err error) {
	var free [2]string
	for i := range free {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return "", "", err
		}
		defer func() { _ = listener.Close() }()
		free[i] = listener.Addr().String()
	}
	return free[0], free[1], nil
}

// process is a receiver in a process of its own, so that its CPU time is nobody else's.
type process struct {
	command    *exec.Cmd
	stdin      io.WriteCloser
	answers    *bufio.Scanner
	grpc, http string
}

func startProcess(which string) (*process, error) {
	p := &process{command: exec.Command(os.Args[0], "-serve", which)}
	p.command.Stderr = os.Stderr
	var err error
	if p.stdin, err = p.command.StdinPipe(); err != nil {
		return nil, err
	}
	stdout, err := p.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.answers = bufio.NewScanner(stdout)
	if err := p.command.Start(); err != nil {
		return nil, err
	}
	if !p.answers.Scan() {
		return nil, fmt.Errorf("%s did not start", which)
	}
	p.grpc, p.http, _ = strings.Cut(p.answers.Text(), " ")
	return p, nil
}

// cpu is the CPU time that the process has used.
func (p *process) cpu() (time.Duration, error) {
	if _, err := fmt.Fprintln(p.stdin); err != nil {
		return 0, err
	}
	if !p.answers.Scan() {
		return 0, io.ErrUnexpectedEOF
	}
	n, err := strconv.ParseInt(p.answers.Text(), 10, 64)
	return time.Duration(n), err
}

func (p *process) stop() {
	_ = p.stdin.Close()
	_ = p.command.Wait()
}
