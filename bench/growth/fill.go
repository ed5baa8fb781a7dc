package main

import (
	"context"
	"fmt"

	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
)

// filling makes queries of ten users and 200 monitors over 30 days, whose rollups fill on the way. The numbers are the first
// event and how many there are; the days follow from the event's number, so that more events make no more keys.
const filling = `INSERT INTO audit.events (record_id, timestamp, observed_at, received_at, tenant_id, service_name, event_name, action, outcome,
	origin, actor_id, actor_type, target_type, target_id, query_language, query_fingerprint, query_representation, query_cost, query_bytes_scanned,
	datasets, redaction_outcome, sample_rate, record_hash)
SELECT toString(number), t, t, now64(9), 'org-0', 'axiom', 'runAPLQuery', 'EXECUTE', 'success', 'monitor', concat('user-', toString(number %% 10)), 'user',
	'monitor', concat('monitor-', toString(number %% 200)), 'apl', concat('f', toString(number %% 20)), '[''logs''] | where status >= ? | count', number %% 1000, number %% 1000000,
	[concat('logs-', toString(number %% 20))], 'redacted', 1, number
FROM (SELECT number, now64(9) - toIntervalSecond(intDiv(number, 200) * 37 %% 2592000) AS t FROM numbers(%d, %d))
SETTINGS max_insert_threads = 2, min_insert_block_size_rows = 500000, max_block_size = 100000, insert_deduplicate = 0`

// fill stores events beyond those that were filled already.
func fill(ctx context.Context, server *clickhouselocal.Server, from, to int) error {
	const chunk = 1_000_000
	for ; from < to; from += chunk {
		if _, err := server.Query(ctx, fmt.Sprintf(filling, from, min(chunk, to-from))); err != nil {
			return err
		}
	}
	return nil
}
