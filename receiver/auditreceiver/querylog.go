package auditreceiver

import (
	"context"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.uber.org/zap"

	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/querylog"
)

// startQueryLog follows ClickHouse's query log until the receiver is shut down.
func (r *auditReceiver) startQueryLog(ctx context.Context, host component.Host) error {
	cfg := r.cfg.QueryLog.Get()
	if cfg == nil {
		return nil
	}
	client, err := cfg.ClientConfig.ToClient(ctx, host.GetExtensions(), r.settings)
	if err != nil {
		return err
	}
	reader := &querylog.Reader{
		Client: client, Endpoint: cfg.ClientConfig.Endpoint, Username: cfg.Username, Password: string(cfg.Password), Database: cfg.Database,
		Cluster: cfg.Cluster, Exclude: cfg.ExcludeUsers,
	}
	follower := querylog.NewFollower(time.Now().Add(-cfg.Lookback))
	follower.Read = reader.Read
	follower.Take = func(ctx context.Context, rows []querylog.Row) error { return takeQueries(ctx, r.next, cfg, rows) }

	background, stop := context.WithCancel(context.WithoutCancel(ctx)) // ctx ends when starting does
	r.stopQueryLog = stop
	r.serving.Go(func() {
		defer client.CloseIdleConnections()
		r.followQueryLog(background, follower, cfg.Interval)
	})
	return nil
}

// followQueryLog reads at intervals, and says when reading begins to fail and when it works again.
func (r *auditReceiver) followQueryLog(ctx context.Context, follower *querylog.Follower, interval time.Duration) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	failing := false
	for {
		err := follower.Poll(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && !failing:
			r.settings.Logger.Warn("The queries of the audit log could not be taken from ClickHouse's query log. It is tried again.", zap.Error(err))
		case err == nil && failing:
			r.settings.Logger.Info("The queries of the audit log are taken from ClickHouse's query log again.")
		}
		failing = err != nil
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// takeQueries hands events down the pipeline. They are counted as generated: nobody sent them.
func takeQueries(ctx context.Context, next consumer.Logs, cfg *QueryLogConfig, rows []querylog.Row) error {
	tally := &audit.Tally{}
	tally.Add(audit.CountKey{Tenant: cfg.Tenant, Source: querylog.Source, Kind: audit.KindGenerated}, uint64(len(rows)))
	return next.ConsumeLogs(audit.ContextWithTally(ctx, tally), querylog.Events(rows, cfg.Database, cfg.Tenant))
}
