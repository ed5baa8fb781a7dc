package clickhouselocal

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// ErrNotOurs is returned by what only works on a server that was started here, when CLICKHOUSE_ENDPOINT names another.
var ErrNotOurs = errors.New("this ClickHouse was not started here: unset " + EnvEndpoint + " to have one of our own")

const (
	readyPoll = 20 * time.Millisecond
	stopLimit = 30 * time.Second // for a clean shutdown, when the context allows more
)

// Server is a ClickHouse that answers. Its methods can be called concurrently.
type Server struct {
	endpoint endpoint
	notes    []string

	// Empty for a server that was not started here.
	options Options
	paths   paths
	engine  engine

	mu       sync.Mutex // held while the process is started or stopped
	process  *process
	instance string
}

// Start returns a server that answers on both protocols; see the package's documentation for which one it takes. An error
// says what the user can do, and holds the end of the server's log. The context bounds the start, not the server's life.
func Start(ctx context.Context, options Options) (*Server, error) {
	if url := os.Getenv(EnvEndpoint); url != "" && !options.OwnProcess {
		if options.configures() {
			return nil, fmt.Errorf("users, clusters and configuration cannot be given to a server that is already there: unset %s", EnvEndpoint)
		}
		e, err := parseEndpoint(url, os.Getenv)
		if err != nil {
			return nil, err
		}
		return connect(ctx, e)
	}
	options = options.withDefaults()
	if err := options.validate(); err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(options.DataDir)
	if err != nil {
		return nil, err
	}
	options.DataDir = dir
	engine, err := findEngine(ctx, newProgress(options.Progress))
	if err != nil {
		return nil, err
	}
	s := &Server{engine: engine, options: options}
	if err := s.startOnFreePorts(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// startOnFreePorts starts the process. Another process can take a port between its choice and its use: then ports that the
// caller left open are chosen again.
func (s *Server) startOnFreePorts(ctx context.Context) error {
	asked := s.options
	for attempt := 1; ; attempt++ {
		err := s.pickPorts(ctx, asked)
		if err == nil {
			err = s.Restart(ctx)
		}
		var taken *PortTakenError
		if err == nil || attempt == 3 || !errors.As(err, &taken) || (asked.TCPPort != 0 && asked.HTTPPort != 0) {
			return err
		}
	}
}

// pickPorts settles the ports and all that follows from them.
func (s *Server) pickPorts(ctx context.Context, asked Options) error {
	s.options = asked
	for _, port := range []*int{&s.options.TCPPort, &s.options.HTTPPort} {
		if *port != 0 {
			continue
		}
		free, err := FreePort(ctx)
		if err != nil {
			return err
		}
		*port = free
	}
	s.paths = pathsBelow(s.options.DataDir)
	s.endpoint = endpoint{
		native:   loopback(s.options.TCPPort),
		http:     "http://" + loopback(s.options.HTTPPort),
		user:     s.options.User,
		password: s.options.Password,
		database: "default",
	}
	return nil
}

// Restart stops the server if it runs, and starts it again on the same data, addresses and users.
func (s *Server) Restart(ctx context.Context) error {
	if s.External() {
		return ErrNotOurs
	}
	if err := s.Stop(ctx); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.launch(ctx); err != nil {
		return fmt.Errorf("start ClickHouse: %w", err)
	}
	return nil
}

func (s *Server) launch(ctx context.Context) error {
	if err := checkPorts(ctx, s.options); err != nil {
		return err
	}
	s.instance = rand.Text()
	if err := (config{Options: s.options, Paths: s.paths, Instance: s.instance}).write(); err != nil {
		return advise(err, "give a data directory that can be written")
	}
	output, err := os.Create(s.paths.Output)
	if err != nil {
		return err
	}
	defer func() { _ = output.Close() }()
	command := s.engine.command(s.paths)
	command.Dir = s.options.DataDir
	process, err := startProcess(command, output)
	if err != nil {
		return err
	}
	s.process = process
	if err := s.waitReady(ctx, process); err != nil {
		process.kill()
		s.process = nil
		// Another process may have taken a port since it was checked.
		return errors.Join(checkPorts(ctx, s.options), s.explain(err))
	}
	return nil
}

// WaitReady waits until the server answers. [Start] and [Server.Restart] have done so already.
func (s *Server) WaitReady(ctx context.Context) error {
	if s.External() {
		_, err := s.Query(ctx, "SELECT 1")
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process == nil {
		return errors.New("ClickHouse is not running")
	}
	return s.waitReady(ctx, s.process)
}

// waitReady asks until the answer shows that it is this very process that listens, or until that has ended.
func (s *Server) waitReady(ctx context.Context, process *process) error {
	ctx, cancel := context.WithTimeoutCause(ctx, s.options.StartTimeout,
		fmt.Errorf("ClickHouse did not answer within %s", s.options.StartTimeout))
	defer cancel()
	ctx, end := process.whileRunning(ctx)
	defer end()
	for {
		instance, err := s.Query(ctx, "SELECT getMacro('otelaudit_instance')")
		if err == nil && instance == s.instance+"\n" {
			return dial(ctx, s.endpoint.native)
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(readyPoll):
		}
	}
}

// Kill ends the server with SIGKILL, as a crash would. [Server.Restart] brings it back.
func (s *Server) Kill() error {
	if s.External() {
		return ErrNotOurs
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process != nil {
		s.process.kill()
		s.process = nil
	}
	return nil
}

// Stop shuts the server down cleanly and returns when it is gone. One that has not ended when the context does, or after
// half a minute, is killed, and that is the error. A server that was not started here is left alone.
func (s *Server) Stop(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process == nil {
		return nil
	}
	process := s.process
	s.process = nil
	if !process.running() {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, stopLimit)
	defer cancel()
	if err := s.engine.requestStop(process); err != nil {
		process.kill()
		return fmt.Errorf("stop ClickHouse: %w", err)
	}
	select {
	case <-process.ended:
		return nil
	case <-ctx.Done():
		process.kill()
		return fmt.Errorf("ClickHouse did not shut down in time and was killed: %w", ctx.Err())
	}
}

// Exited is closed when the process that runs now has ended, by itself or not. It is nil, and so blocks, for a server that
// does not run or was not started here.
func (s *Server) Exited() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process == nil {
		return nil
	}
	return s.process.ended
}

// PID is the process that runs now, for a test that sends it a signal; 0 when there is none or it was not started here.
func (s *Server) PID() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process == nil {
		return 0
	}
	return s.process.command.Process.Pid
}

// External tells whether the server was there before, named by CLICKHOUSE_ENDPOINT.
func (s *Server) External() bool { return s.engine == nil }

// NativeAddr is host:port of the native protocol; empty when it cannot be reached, and then a note says so.
func (s *Server) NativeAddr() string { return s.endpoint.native }

// HTTPURL is the base URL of the HTTP interface without a slash at its end; empty when it cannot be reached, and then a note
// says so.
func (s *Server) HTTPURL() string { return s.endpoint.http }

// NativeTLS tells whether the native protocol is spoken over TLS.
func (s *Server) NativeTLS() bool { return s.endpoint.nativeTLS }

// User and Password are those of the user with all rights.
func (s *Server) User() string { return s.endpoint.user }

// Password is that of [Server.User].
func (s *Server) Password() string { return s.endpoint.password }

// Database is the database that the endpoint's URL names, or "default".
func (s *Server) Database() string { return s.endpoint.database }

// Notes are lines for people about what this server cannot do.
func (s *Server) Notes() []string { return s.notes }

// DataDir is the directory with everything the server keeps; empty for a server that was not started here.
func (s *Server) DataDir() string { return s.options.DataDir }

// LogPath is ClickHouse's own log; empty for a server that was not started here.
func (s *Server) LogPath() string { return s.paths.Log }
