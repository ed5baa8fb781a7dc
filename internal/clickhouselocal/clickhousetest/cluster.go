package clickhousetest

import (
	"context"
	"errors"
	"testing"

	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
)

// clusterAttempts bounds how often a cluster is tried whose ports, chosen before its servers start, others took.
const clusterAttempts = 3

// NewCluster starts a server for each shard of a cluster of that name, which every one of them knows: Distributed tables and
// cluster() work over them. Statements ON CLUSTER do not where the servers run from the library.
func NewCluster(tb testing.TB, name string, shards int, options ...Option) []*clickhouselocal.Server {
	tb.Helper()
	for attempt := 1; ; attempt++ {
		servers, err := startCluster(tb, name, shards, options)
		if err == nil {
			return servers
		}
		var taken *clickhouselocal.PortTakenError
		if attempt == clusterAttempts || !errors.As(err, &taken) {
			tb.Fatalf("no ClickHouse cluster for this test: %v", err)
		}
	}
}

// startCluster stops what it has started when it fails.
func startCluster(tb testing.TB, name string, shards int, options []Option) ([]*clickhouselocal.Server, error) {
	tb.Helper()
	common := apply(tb, options)
	cluster := clickhouselocal.Cluster{Name: name}
	for range shards {
		port, err := clickhouselocal.FreePort(tb.Context())
		if err != nil {
			return nil, err
		}
		cluster.Shards = append(cluster.Shards, clickhouselocal.Shard{TCPPort: port, User: common.User, Password: common.Password})
	}
	var servers []*clickhouselocal.Server
	for _, shard := range cluster.Shards {
		server, err := start(tb, append([]Option{func(o *clickhouselocal.Options) {
			o.TCPPort = shard.TCPPort
			o.Clusters = append(o.Clusters, cluster)
		}}, options...))
		if err != nil {
			for _, started := range servers {
				err = errors.Join(err, started.Stop(context.Background()))
			}
			return nil, err
		}
		servers = append(servers, server)
	}
	return servers, nil
}
