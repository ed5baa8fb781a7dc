package auditclickhouseexporter

import (
	"context"
	"fmt"
	"net"

	"go.uber.org/zap"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/clickhouse"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/reconcile"
)

// round compares the tables with what was inserted, and mends them where it is asked to. On a cluster rows are deleted, and rollups
// counted again, on each shard: where one cannot be reached, the round only reports.
func (e *auditExporter) round(ctx context.Context) (reconcile.Report, error) {
	if e.config.Cluster == "" || !e.config.Reconcile.Repair {
		return e.reconciler.Run(ctx)
	}
	conns, err := e.openShards(ctx)
	defer func() {
		for _, c := range conns {
			c.Close()
		}
	}()
	if err != nil {
		e.settings.Logger.Warn("Not every shard of the cluster can be reached: this comparison mends nothing.", zap.Error(err))
		return e.reconciler.Run(ctx)
	}
	shards := make([]reconcile.Conn, len(conns))
	for i, c := range conns {
		shards[i] = c
	}
	return reconcile.New(e.conn, shards, e.layout(), reconcile.Options{Repair: true, Owner: e.log.Name()}).Run(ctx)
}

// openShards connects to one server of each shard, by the native protocol at the addresses by which the servers of the cluster
// know each other, and makes sure that the tables are there. Connections are to be closed after an error too.
func (e *auditExporter) openShards(ctx context.Context) (shards []clickhouse.Conn, err error) {
	ctx, cancel := context.WithTimeout(ctx, e.config.Timeout)
	defer cancel()
	layout := e.layout()
	replicas, err := e.conn.Select(ctx, layout.Servers())
	if err != nil {
		return nil, fmt.Errorf("read the addresses of the cluster: %w", err)
	}
	var current []clickhouse.Conn
	for i, replica := range replicas {
		conn, err := e.openShard(ctx, net.JoinHostPort(replica[1], replica[2]))
		if err != nil {
			return append(shards, current...), err
		}
		current = append(current, conn)
		if i+1 == len(replicas) || replicas[i+1][0] != replica[0] {
			shards, current = append(shards, clickhouse.Failover(nil, current...)), nil
		}
	}
	if len(shards) == 0 {
		return nil, fmt.Errorf("the server knows no cluster %q", e.config.Cluster)
	}
	for i, shard := range shards {
		if _, err := shard.Select(ctx, "SELECT record_id FROM "+layout.Qualified(layout.Local("events"))+" LIMIT 0"); err != nil {
			return shards, fmt.Errorf("shard %d: %w", i+1, err)
		}
	}
	return shards, nil
}

func (e *auditExporter) openShard(ctx context.Context, address string) (clickhouse.Conn, error) {
	main, err := clickhouse.ParseEndpoint(e.config.Endpoint)
	if err != nil {
		return nil, err
	}
	scheme := "clickhouse://"
	if main.Secure() {
		scheme = "clickhouses://"
	}
	o := clickhouse.Options{
		Username: e.config.Username, Password: string(e.config.Password), Database: e.config.Database,
		Compression: e.config.Compression, Timeout: e.config.Timeout, MaxIdle: 1,
	}
	if o.Endpoint, err = clickhouse.ParseEndpoint(scheme + address); err != nil {
		return nil, err
	}
	if o.TLS, err = e.nativeTLS(ctx, o.Endpoint); err != nil {
		return nil, err
	}
	return clickhouse.Open(o), nil
}
