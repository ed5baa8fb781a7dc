package ldap

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"

	goldap "github.com/go-ldap/ldap/v3"

	"github.com/otelaudit/otelaudit/internal/directory"
)

// Bounds beside those of contexts.
const (
	dialTimeout    = 10 * time.Second
	requestTimeout = time.Minute // of one page
)

// dial connects and identifies the collector, for as long as ctx lasts at most. The connection outlives it.
func (s *Source) dial(ctx context.Context) (*goldap.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	config, err := s.tls(ctx)
	if err != nil {
		return nil, err
	}
	network, err := new(net.Dialer).DialContext(ctx, "tcp", s.address)
	if err != nil {
		return nil, failure("connect", err)
	}
	stop := context.AfterFunc(ctx, func() { _ = network.Close() }) // ends whatever waits for an answer
	conn, err := s.greet(ctx, network, config)
	if !stop() {
		err = directory.Failuref("connect: no answer in time")
	}
	if err != nil {
		if conn != nil {
			_ = conn.Close()
		}
		_ = network.Close()
		return nil, err
	}
	return conn, nil
}

func (s *Source) tls(ctx context.Context) (*tls.Config, error) {
	config, err := s.cfg.TLS.LoadTLSConfig(ctx)
	if err != nil {
		return nil, directory.Failuref("tls: %v", err)
	}
	if config == nil { // insecure, and then not used
		config = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	if config.ServerName == "" {
		config.ServerName = s.host
	}
	return config, nil
}

// greet makes a connection encrypted and says who the collector is. The connection is given even where that fails.
func (s *Source) greet(ctx context.Context, network net.Conn, config *tls.Config) (*goldap.Conn, error) {
	if s.secure {
		encrypted := tls.Client(network, config)
		if err := encrypted.HandshakeContext(ctx); err != nil {
			return nil, failure("connect", err)
		}
		network = encrypted
	}
	conn := goldap.NewConn(network, s.secure)
	conn.SetTimeout(requestTimeout)
	conn.Start()
	if s.cfg.StartTLS {
		if err := conn.StartTLS(config); err != nil {
			return conn, failure("connect", err)
		}
	}
	if s.cfg.BindDN != "" {
		if err := conn.Bind(s.cfg.BindDN, string(s.cfg.BindPassword)); err != nil {
			return conn, failure("connect", err)
		}
	}
	return conn, nil
}

// failure tells an error by what was done and its code: the server's own words may quote an entry.
func failure(doing string, err error) error {
	var e *goldap.Error
	if errors.As(err, &e) && e.ResultCode != goldap.ErrorNetwork {
		return directory.Failuref("%s: the server answered %d, %s", doing, e.ResultCode, goldap.LDAPResultCodeMap[e.ResultCode])
	}
	if e != nil && e.Err != nil {
		err = e.Err
	}
	return directory.Failuref("%s: %v", doing, err)
}

// search goes through the entries of a search page by page.
func search(ctx context.Context, conn *goldap.Conn, request *goldap.SearchRequest, page uint32, each func(*goldap.Entry) error) error {
	paging := goldap.NewControlPaging(page)
	request.Controls = []goldap.Control{paging}
	for {
		next, err := searchPage(ctx, conn, request, each)
		if err != nil || len(next) == 0 {
			return err
		}
		paging.SetCookie(next)
	}
}

// buffered is how many entries may wait to be taken.
const buffered = 64

// searchPage gives where the next page begins; nothing where there is none.
func searchPage(ctx context.Context, conn *goldap.Conn, request *goldap.SearchRequest, each func(*goldap.Entry) error) (next []byte, err error) {
	ctx, cancel := context.WithCancel(ctx) // an abandoned search ends
	defer cancel()
	done := false
	response := conn.SearchAsync(ctx, request, buffered)
	for response.Next() {
		if entry := response.Entry(); entry != nil {
			if err := each(entry); err != nil {
				return nil, err
			}
		}
		if control, ok := goldap.FindControl(response.Controls(), goldap.ControlTypePaging).(*goldap.ControlPaging); ok {
			next, done = control.Cookie, true
		}
	}
	switch err := response.Err(); {
	case ctx.Err() != nil:
		return nil, directory.Failuref("search: no answer in time")
	case err != nil:
		return nil, failure("search", err)
	case !done && conn.IsClosing():
		return nil, directory.Failuref("search: the connection was closed")
	}
	return next, nil
}

// request is a search below an entry. Aliases are not followed.
func request(base, filter string, attributes []string) *goldap.SearchRequest {
	return goldap.NewSearchRequest(base, goldap.ScopeWholeSubtree, goldap.NeverDerefAliases, 0, 0, false, filter, attributes, nil)
}

// equals is the filter for an attribute that has a value.
func equals(attribute, value string) string {
	return fmt.Sprintf("(%s=%s)", attribute, goldap.EscapeFilter(value))
}
