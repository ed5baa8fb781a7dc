package clickhouselocal

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"time"

	"github.com/ClickHouse/ch-go"
)

// probeLimit bounds the wait for an address of a server that is already there.
const probeLimit = 5 * time.Second

// connect returns the server at an endpoint. A protocol whose address was given must answer; the other one may be missing,
// and then a note says so.
func connect(ctx context.Context, e parsedEndpoint) (*Server, error) {
	s := &Server{endpoint: e.endpoint}
	if err := probeNative(ctx, e.endpoint); err != nil {
		if e.nativeGiven {
			return nil, unreachable(EnvEndpoint, "native protocol", e.native, err)
		}
		s.endpoint.native = ""
		s.notes = append(s.notes, fmt.Sprintf("the native protocol is not at %s (%v): set %s=clickhouse://… and %s=%s if it is elsewhere",
			e.native, err, EnvEndpoint, EnvHTTPEndpoint, e.http))
	}
	if err := probeHTTP(ctx, s); err != nil {
		if e.httpGiven {
			return nil, unreachable(firstGiven(e), "HTTP", e.http, err)
		}
		s.endpoint.http = ""
		s.notes = append(s.notes, fmt.Sprintf("the HTTP interface is not at %s (%v): set %s if it is elsewhere", e.http, err, EnvHTTPEndpoint))
	}
	return s, nil
}

// firstGiven is the variable that gave the HTTP address.
func firstGiven(e parsedEndpoint) string {
	if e.nativeGiven {
		return EnvHTTPEndpoint
	}
	return EnvEndpoint
}

func unreachable(variable, protocol, address string, err error) error {
	return advise(fmt.Errorf("no ClickHouse answers over %s at %s, which %s names: %w", protocol, address, variable, err),
		"start it, correct %s, or unset it to have one started here", variable)
}

// probeNative does the handshake of the native protocol: other services have port 9000, too.
func probeNative(ctx context.Context, e endpoint) error {
	ctx, cancel := context.WithTimeout(ctx, probeLimit)
	defer cancel()
	connection, err := dialNative(ctx, e)
	if err != nil {
		return err
	}
	// After a failed handshake ch-go leaves the connection open.
	defer func() { _ = connection.Close() }()
	_, err = ch.Connect(ctx, connection, ch.Options{User: e.user, Password: e.password})
	return err
}

func dialNative(ctx context.Context, e endpoint) (net.Conn, error) {
	if e.nativeTLS {
		return (&tls.Dialer{Config: &tls.Config{MinVersion: tls.VersionTLS12}}).DialContext(ctx, "tcp", e.native)
	}
	return (&net.Dialer{}).DialContext(ctx, "tcp", e.native)
}

func probeHTTP(ctx context.Context, s *Server) error {
	ctx, cancel := context.WithTimeout(ctx, probeLimit)
	defer cancel()
	_, err := s.Query(ctx, "SELECT 1")
	return err
}
