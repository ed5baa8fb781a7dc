package clickhouselocal

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
)

// endpoint is where a server listens and who may do everything there.
type endpoint struct {
	native    string // host:port, empty when not known
	nativeTLS bool
	http      string // URL without a slash at its end, empty when not known
	user      string
	password  string
	database  string
}

// scheme is a protocol with the ports that ClickHouse has by default.
type scheme struct {
	native, tls bool
	port        string
	otherPort   string // of the other protocol on the same server
}

var (
	nativeScheme    = scheme{native: true, port: "9000", otherPort: "8123"}
	nativeTLSScheme = scheme{native: true, tls: true, port: "9440", otherPort: "8443"}
)

// schemes are those of an endpoint's URL.
var schemes = map[string]scheme{
	"clickhouse": nativeScheme,
	"tcp":        nativeScheme,
	"http":       {port: "8123", otherPort: "9000"},
	"https":      {tls: true, port: "8443", otherPort: "9440"},
}

// parsedEndpoint is an endpoint whose one address was given and whose other one is only likely.
type parsedEndpoint struct {
	endpoint
	nativeGiven, httpGiven bool
}

// parseEndpoint reads CLICKHOUSE_ENDPOINT and what goes with it. getenv is os.Getenv. No error holds any part of the URL,
// where a password may be.
func parseEndpoint(raw string, getenv func(string) string) (parsedEndpoint, error) {
	address, err := url.Parse(raw)
	if err != nil || address.Hostname() == "" || strings.Contains(address.Host, ",") {
		return parsedEndpoint{}, errors.New(EnvEndpoint + " is not of the form scheme://user:password@host:port/database, with one host")
	}
	query := address.Query()
	scheme, ok := schemes[address.Scheme]
	if ok && scheme.native && query.Get("secure") == "true" {
		scheme = nativeTLSScheme
	}
	if !ok {
		return parsedEndpoint{}, fmt.Errorf("%s has scheme %q: it must be clickhouse, tcp (both with ?secure=true for TLS), http or https", EnvEndpoint, address.Scheme)
	}
	password, _ := address.User.Password()
	e := parsedEndpoint{endpoint: endpoint{
		nativeTLS: scheme.tls,
		user:      firstOf(address.User.Username(), query.Get("username"), getenv(EnvUser), defaultUser),
		password:  firstOf(password, query.Get("password"), getenv(EnvPassword)),
		database:  firstOf(strings.Trim(address.Path, "/"), query.Get("database"), "default"),
	}}
	given := net.JoinHostPort(address.Hostname(), firstOf(address.Port(), scheme.port))
	likely := net.JoinHostPort(address.Hostname(), scheme.otherPort)
	if scheme.native {
		e.native, e.http = given, httpURL(likely, scheme.tls)
		e.nativeGiven = true
	} else {
		e.native, e.http = likely, httpURL(given, scheme.tls)
		e.httpGiven = true
	}
	if separate := getenv(EnvHTTPEndpoint); separate != "" {
		e.http, err = parseHTTPEndpoint(separate)
		e.httpGiven = true
	}
	return e, err
}

func parseHTTPEndpoint(raw string) (string, error) {
	address, err := url.Parse(raw)
	if err != nil || address.Hostname() == "" || (address.Scheme != "http" && address.Scheme != "https") {
		return "", errors.New(EnvHTTPEndpoint + " is not of the form http://host:port or https://host:port")
	}
	port := firstOf(address.Port(), schemes[address.Scheme].port)
	return httpURL(net.JoinHostPort(address.Hostname(), port), address.Scheme == "https"), nil
}

func httpURL(hostPort string, tls bool) string {
	if tls {
		return "https://" + hostPort
	}
	return "http://" + hostPort
}

func firstOf(values ...string) string {
	for _, value := range values {
		if value != "" {
			return value
		}
	}
	return ""
}
