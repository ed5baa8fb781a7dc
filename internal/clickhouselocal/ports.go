package clickhouselocal

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
)

// PortTakenError says that a server cannot have its port.
type PortTakenError struct {
	Port     int
	Variable string // environment variable with which people choose another
	Cause    error
}

func (e *PortTakenError) Error() string {
	return fmt.Sprintf("port %d is taken (%v); stop what listens there, or set %s to another port", e.Port, e.Cause, e.Variable)
}

func (e *PortTakenError) Unwrap() error { return e.Cause }

// checkPorts finds a taken port before ClickHouse does, whose message does not say what to do.
func checkPorts(ctx context.Context, options Options) error {
	return errors.Join(checkPort(ctx, options.TCPPort, EnvTCPPort), checkPort(ctx, options.HTTPPort, EnvHTTPPort))
}

func checkPort(ctx context.Context, port int, variable string) error {
	listener, err := listen(ctx, port)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return &PortTakenError{Port: port, Variable: variable, Cause: err}
	}
	return listener.Close()
}

// FreePort returns a port of 127.0.0.1 on which nothing listens now, such as for a [Cluster], whose ports must be known
// before its servers start.
func FreePort(ctx context.Context) (int, error) {
	listener, err := listen(ctx, 0)
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	return listener.Addr().(*net.TCPAddr).Port, listener.Close()
}

func listen(ctx context.Context, port int) (net.Listener, error) {
	return (&net.ListenConfig{}).Listen(ctx, "tcp4", loopback(port))
}

func loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// dial tells whether something listens at address.
func dial(ctx context.Context, address string) error {
	connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	return connection.Close()
}
