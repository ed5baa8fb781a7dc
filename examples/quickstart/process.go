package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// process is a program that runs beside this one and ends with it.
type process struct {
	command *exec.Cmd
	ended   chan struct{} // closed when the process is gone
	err     error         // how it ended, to be read after that
}

// startProcess starts a command with its output in a file.
//
// It is started and waited for on one locked thread: Linux kills it when that thread ends.
func startProcess(command *exec.Cmd, output *os.File) (*process, error) {
	command.Stdout, command.Stderr = output, output
	dieWithParent(command)
	p := &process{command: command, ended: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		err := command.Start()
		started <- err
		if err != nil {
			return
		}
		p.err = command.Wait()
		close(p.ended)
	}()
	return p, <-started
}

// stop asks the process to end and waits. It is killed when it has not ended with the context.
func (p *process) stop(ctx context.Context) error {
	_ = p.command.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.ended:
		return p.err
	case <-ctx.Done():
		_ = p.command.Process.Kill()
		<-p.ended
		return fmt.Errorf("did not end in time and was killed: %w", ctx.Err())
	}
}

// tail is the end of a log file.
func tail(path string, lines int) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	all := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

// waitFor asks until the answer is yes, the process has ended, or the time is up.
func (p *process) waitFor(ctx context.Context, limit time.Duration, ready func(context.Context) bool) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for !ready(ctx) {
		select {
		case <-p.ended:
			return errors.New("it ended at its start")
		case <-ctx.Done():
			return fmt.Errorf("it was not ready within %s: %w", limit, ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
	return nil
}
