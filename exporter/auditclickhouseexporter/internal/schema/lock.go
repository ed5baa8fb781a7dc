package schema

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/ClickHouse/ch-go/proto"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/clickhouse"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/schema/lease"
)

// lockPoll is how often a collector looks whether the one that runs the migrations is done.
const lockPoll = 200 * time.Millisecond

// lock waits until nobody else runs migrations, and until no statement of one that died is left.
func lock(ctx context.Context, conn clickhouse.Conn, duration time.Duration) (context.Context, *lease.Lease, error) {
	host, err := os.Hostname()
	if err != nil {
		host = "collector"
	}
	owner := lease.NewOwner(host)
	var other *lease.Held
	for {
		under, held, err := lease.Acquire(ctx, conn, lease.Schema, owner, duration)
		if err == nil {
			if err := waitForLeftovers(under, conn); err != nil {
				return nil, nil, errors.Join(err, held.Release(context.WithoutCancel(ctx)))
			}
			return under, held, nil
		}
		if !errors.As(err, &other) && ctx.Err() == nil {
			return nil, nil, explain(err)
		}
		if !sleep(ctx, lockPoll) {
			if other != nil {
				err = other
			}
			return nil, nil, fmt.Errorf("waited for the migrations that another collector runs: %w", err)
		}
	}
}

// waitForLeftovers waits for what the server still runs of a collector that is gone. A user who may not see that goes on.
func waitForLeftovers(ctx context.Context, conn clickhouse.Conn) error {
	for {
		rows, err := conn.Select(ctx, "SELECT query_id FROM system.processes WHERE startsWith(query, '"+mark+"')")
		if clickhouse.Is(err, proto.ErrAccessDenied) || err == nil && len(rows) == 0 {
			return nil
		}
		if err != nil {
			return fmt.Errorf("look for statements of earlier migrations: %w", err)
		}
		if !sleep(ctx, lockPoll) {
			return fmt.Errorf("waited for %d statements of an earlier attempt to migrate, which the server still runs: %w",
				len(rows), context.Cause(ctx))
		}
	}
}

// sleep tells whether ctx lasted.
func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
