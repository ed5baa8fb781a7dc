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

// dialTimeout bounds connecting, beside the context.
const dialTimeout = 10 * time.Second

// dial connects and identifies the collector. The connection closes when ctx ends.
func (s *Source) dial(ctx context.Context) (*goldap.Conn, error) {
	config, err := s.cfg.TLS.LoadTLSConfig(ctx)
	if err != nil {
		return nil, directory.Failuref("tls: %v", err)
	}
	if config == nil {
		config = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	if config.ServerName == "" {
		config.ServerName = s.host
	}
	dialer := &net.Dialer{Timeout: dialTimeout, Cancel: ctx.Done()} //nolint:staticcheck // the library dials without a context
	if deadline, ok := ctx.Deadline(); ok {
		dialer.Deadline = deadline
	}
	conn, err := goldap.DialURL(s.cfg.Endpoint, goldap.DialWithTLSDialer(config, dialer))
	if err != nil {
		return nil, failure("connect", err)
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	conn.SetTimeout(dialTimeout)
	if s.cfg.StartTLS {
		err = conn.StartTLS(config)
	}
	if err == nil && s.cfg.BindDN != "" {
		err = conn.Bind(s.cfg.BindDN, string(s.cfg.BindPassword))
	}
	conn.SetTimeout(0) // from here on contexts bound requests
	if err != nil {
		stop()
		_ = conn.Close()
		if ctx.Err() != nil {
			return nil, directory.Failuref("connect: no answer in time")
		}
		return nil, failure("connect", err)
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
