package clickhouse

import (
	"errors"
	"fmt"
	"net"
	"net/url"
)

// Endpoint is the address of a server, as a URL: the scheme chooses the protocol.
type Endpoint struct {
	Scheme  string // clickhouse, clickhouses, http or https
	Address string // host:port
	Path    string // of an HTTP interface behind a proxy
}

// defaultPorts are ClickHouse's own, by scheme.
var defaultPorts = map[string]string{"clickhouse": "9000", "clickhouses": "9440", "http": "8123", "https": "8443"}

// ParseEndpoint reads an endpoint. Without a port it is ClickHouse's default one for the scheme.
func ParseEndpoint(s string) (Endpoint, error) {
	const form = "must be clickhouse://host:port, clickhouses://host:port, http://host:port or https://host:port"
	u, err := url.Parse(s)
	if err != nil {
		// The parser's own error quotes the URL, which may hold a password.
		return Endpoint{}, fmt.Errorf("is not a URL: it %s", form)
	}
	port, known := defaultPorts[u.Scheme]
	e := Endpoint{Scheme: u.Scheme, Path: u.Path}
	switch {
	case u.User != nil:
		return Endpoint{}, errors.New("must not hold credentials: use username and password")
	case !known || u.Hostname() == "":
		return Endpoint{}, fmt.Errorf("%q %s", s, form)
	case u.RawQuery != "" || u.Fragment != "":
		return Endpoint{}, fmt.Errorf("%q must not have parameters or a fragment: settings are keys of the exporter", s)
	case e.Native() && u.Path != "" && u.Path != "/":
		return Endpoint{}, fmt.Errorf("%q must not have a path: the database is the key database", s)
	}
	if u.Port() != "" {
		port = u.Port()
	}
	e.Address = net.JoinHostPort(u.Hostname(), port)
	return e, nil
}

// Native tells the native protocol from HTTP.
func (e Endpoint) Native() bool { return e.Scheme == "clickhouse" || e.Scheme == "clickhouses" }

// Secure tells whether the scheme asks for TLS.
func (e Endpoint) Secure() bool { return e.Scheme == "clickhouses" || e.Scheme == "https" }

// URL is the address of the HTTP interface.
func (e Endpoint) URL() string {
	u := url.URL{Scheme: e.Scheme, Host: e.Address, Path: e.Path}
	if u.Path == "" {
		u.Path = "/"
	}
	return u.String()
}
