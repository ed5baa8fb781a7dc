package clickhouselocal

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"runtime"
)

var errEnded = errors.New("ClickHouse has ended")

// process is a running server of the operating system.
type process struct {
	command *exec.Cmd
	// input is the child's standard input. Its end asks the program that loads the library to shut down, also when this
	// process dies: then the operating system closes it.
	input io.Closer
	// ended is closed when the process is gone and reaped.
	ended chan struct{}
}

// startProcess starts command with output for both its standard output and its standard error.
//
// The process starts, and is waited for, on one locked thread: Linux kills it when the thread that started it ends, and
// a thread that goroutines share may end at any time.
func startProcess(command *exec.Cmd, output *os.File) (*process, error) {
	command.Stdout, command.Stderr = output, output
	input, err := command.StdinPipe()
	if err != nil {
		return nil, err
	}
	dieWithParent(command)
	p := &process{command: command, input: input, ended: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		err := command.Start()
		started <- err
		if err != nil {
			return
		}
		_ = command.Wait()
		close(p.ended)
	}()
	if err := <-started; err != nil {
		_ = input.Close()
		return nil, err
	}
	return p, nil
}

// kill sends SIGKILL and waits until the process is gone.
func (p *process) kill() {
	_ = p.command.Process.Kill()
	<-p.ended
	_ = p.input.Close()
}

// whileRunning returns a context that also ends with the process. end must be called.
func (p *process) whileRunning(ctx context.Context) (running context.Context, end context.CancelFunc) {
	running, cancel := context.WithCancelCause(ctx)
	go func() {
		select {
		case <-p.ended:
			cancel(errEnded)
		case <-running.Done():
		}
	}()
	return running, func() { cancel(nil) }
}

func (p *process) running() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}
