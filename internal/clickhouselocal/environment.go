package clickhouselocal

import (
	"fmt"
	"os"
	"strconv"
)

// Environment variables with which a user steers [Start] and [FromEnv].
const (
	// EnvEndpoint is the URL of a server to use in place of one of our own: clickhouse://, tcp://, http:// or https://.
	EnvEndpoint = "CLICKHOUSE_ENDPOINT"
	// EnvHTTPEndpoint is the HTTP address of the server that EnvEndpoint names by its native protocol.
	EnvHTTPEndpoint = "CLICKHOUSE_HTTP_ENDPOINT"
	// EnvUser and EnvPassword are the user with all rights.
	EnvUser     = "CLICKHOUSE_USER"
	EnvPassword = "CLICKHOUSE_PASSWORD"
	// EnvTCPPort and EnvHTTPPort are the ports of a server that is started for people.
	EnvTCPPort  = "CLICKHOUSE_TCP_PORT"
	EnvHTTPPort = "CLICKHOUSE_HTTP_PORT"
	// EnvCache is the directory for what is fetched and built.
	EnvCache = "OTELAUDIT_CACHE"
)

// Ports of a server for people, when the environment names no others: ClickHouse's own defaults.
const (
	DefaultTCPPort  = 9000
	DefaultHTTPPort = 8123
)

// FromEnv returns the options of a server for people: fixed ports and the user that the environment names.
func FromEnv() (Options, error) {
	tcp, err := portFromEnv(EnvTCPPort, DefaultTCPPort)
	if err != nil {
		return Options{}, err
	}
	http, err := portFromEnv(EnvHTTPPort, DefaultHTTPPort)
	if err != nil {
		return Options{}, err
	}
	return Options{TCPPort: tcp, HTTPPort: http, User: os.Getenv(EnvUser), Password: os.Getenv(EnvPassword)}, nil
}

func portFromEnv(name string, otherwise int) (int, error) {
	value := os.Getenv(name)
	if value == "" {
		return otherwise, nil
	}
	port, err := strconv.Atoi(value)
	if err != nil || port < 1 || port > maxPort {
		return 0, fmt.Errorf("%s=%q is not a port: set it to a number from 1 to %d", name, value, maxPort)
	}
	return port, nil
}
