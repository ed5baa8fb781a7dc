package clickhouselocal

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"time"
)

// Options say what server [Start] starts. The zero value of everything but DataDir is usable.
type Options struct {
	// DataDir is the directory below which the server keeps everything: data, configuration, logs. It is made when it is
	// not there; a server that is started again on it finds its data. Required unless an endpoint is used.
	DataDir string

	// TCPPort and HTTPPort are the ports of the native protocol and of HTTP on 127.0.0.1. 0 picks a free one.
	TCPPort, HTTPPort int

	// User and Password are those of the user with all rights; "default" when empty. "default" has no password: the library
	// needs it so. Beside a user of another name it may do nothing of use.
	User, Password string

	// Users are further users, with only the grants they are given. Their names, and those of settings, clusters and filtered
	// tables, are limited to letters, digits and underscores because they become XML element names.
	Users []User

	// Clusters are the clusters that Distributed tables and cluster() can name.
	Clusters []Cluster

	// QueryLog turns system.query_log on.
	QueryLog bool

	// ConfigXML are elements to add inside <clickhouse> of the server's configuration, such as a <backups> section.
	ConfigXML []string

	// MaxMemory bounds the server's memory in bytes. 0 means 4 GiB.
	MaxMemory int64

	// StartTimeout bounds the time from the start of the process to the first answer on both protocols. 0 means a minute.
	StartTimeout time.Duration

	// OwnProcess starts a server even when CLICKHOUSE_ENDPOINT is set: for callers that kill, restart or configure it.
	OwnProcess bool

	// Progress takes lines for people while something is fetched or built. nil means standard error.
	Progress io.Writer
}

// Cluster is an entry of remote_servers.
type Cluster struct {
	Name   string
	Shards []Shard
}

// Shard is a shard of one replica, at a port of the native protocol on 127.0.0.1.
type Shard struct {
	TCPPort        int
	User, Password string // "default" and no password when empty
}

const (
	defaultUser         = "default"
	defaultMaxMemory    = 4 << 30
	defaultStartTimeout = time.Minute
	maxPort             = 65535
)

var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

func (o Options) withDefaults() Options {
	if o.User == "" {
		o.User = defaultUser
	}
	if o.MaxMemory == 0 {
		o.MaxMemory = defaultMaxMemory
	}
	if o.StartTimeout == 0 {
		o.StartTimeout = defaultStartTimeout
	}
	return o
}

// validate checks what the operating system or ClickHouse would refuse with a less helpful message.
func (o Options) validate() error {
	var errs []error
	if o.DataDir == "" {
		errs = append(errs, errors.New("options need a DataDir"))
	}
	for _, port := range []int{o.TCPPort, o.HTTPPort} {
		if port < 0 || port > maxPort {
			errs = append(errs, fmt.Errorf("port %d is not between 0 (any free port) and %d", port, maxPort))
		}
	}
	if o.TCPPort != 0 && o.TCPPort == o.HTTPPort {
		errs = append(errs, fmt.Errorf("port %d cannot serve both the native protocol and HTTP", o.TCPPort))
	}
	if o.User == defaultUser && o.Password != "" {
		errs = append(errs, fmt.Errorf("the user default of a ClickHouse started here has no password: set %s to another name, or no %s", EnvUser, EnvPassword))
	}
	names := []string{o.User}
	for _, user := range o.Users {
		names = append(names, user.names()...)
	}
	for _, cluster := range o.Clusters {
		names = append(names, cluster.Name)
	}
	for _, name := range names {
		if !identifier.MatchString(name) {
			errs = append(errs, fmt.Errorf("name %q in the options is not made of letters, digits and underscores", name))
		}
	}
	return errors.Join(errs...)
}

// configures tells whether the options ask for something that only a server started here can have.
func (o Options) configures() bool {
	return len(o.Users) > 0 || len(o.Clusters) > 0 || len(o.ConfigXML) > 0
}
