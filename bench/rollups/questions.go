package main

// The events: of ten, seven are queries over one or two of 20 datasets, mostly by one of 200 monitors, two report what was
// ingested into a dataset, and one is a login. The numbers %d are the first event, how many there are, and how many in all.
const (
	numbers = ` FROM (SELECT number + %[1]d AS n, cityHash64(n) AS h, n %% 10 AS k,
	toDateTime64('2026-10-01 00:00:00', 9, 'UTC') + toIntervalSecond(intDiv(n * 2592000, %[3]d)) AS t,
	concat('org-', toString(h %% 5)) AS tenant, concat('set-', toString(h %% 20)) AS set1, concat('set-', toString(intDiv(h, 20) %% 20)) AS set2,
	concat('monitor-', toString(intDiv(h, 7) %% 200)) AS monitor, (h %% 100000) / 8 AS cost FROM numbers(%[2]d))`

	settings = ` SETTINGS max_insert_threads = 1, min_insert_block_size_rows = 1000000, max_block_size = 100000, insert_deduplicate = 0`

	fillOurs = `INSERT INTO audit.events (record_id, timestamp, observed_at, received_at, tenant_id, service_name, event_name, action, outcome,
	origin, actor_id, actor_type, target_type, target_id, query_language, query_fingerprint, query_representation, query_cost, query_bytes_scanned,
	datasets, ingest_bytes, redaction_outcome, sample_rate, record_hash)
SELECT hex(sipHash128(n)), t, t, now64(9), tenant, 'axiom', multiIf(k < 7, 'runAPLQuery', k < 9, 'usageReport', 'userLoggedIn'),
	multiIf(k < 7, 'EXECUTE', k < 9, 'REPORT', 'LOGIN'), 'success', if(k < 5, 'monitor', 'direct'), concat('user-', toString(h %% 5000)), 'user',
	multiIf(k < 5, 'monitor', k < 7, '', k < 9, 'dataset', ''), multiIf(k < 5, monitor, k < 7, '', k < 9, set1, ''),
	if(k < 7, 'apl', ''), if(k < 7, lower(hex(h %% 3000)), ''), if(k < 7, concat('[''', set1, '''] | where status >= ? | summarize count() by endpoint'), ''),
	if(k < 7, cost, NULL), if(k < 7, h %% 1000000, NULL), if(k < 7, [set1, set2], []), if(k BETWEEN 7 AND 8, h %% 1000000, NULL), 'redacted', 1,
	sipHash64(n, 1)` + numbers + settings

	fillTheirs = `INSERT INTO otel.otel_logs (Timestamp, ServiceName, EventName, ResourceAttributes, LogAttributes)
SELECT t, 'axiom', multiIf(k < 7, 'runAPLQuery', k < 9, 'usageReport', 'userLoggedIn'), map('service.name', 'axiom'),
	mapFilter((name, value) -> value != '', map('audit.record.id', hex(sipHash128(n)), 'audit.tenant.id', tenant,
	'audit.action', multiIf(k < 7, 'EXECUTE', k < 9, 'REPORT', 'LOGIN'), 'audit.outcome', 'success', 'audit.origin', if(k < 5, 'monitor', 'direct'),
	'audit.actor.id', concat('user-', toString(h %% 5000)), 'audit.actor.type', 'user',
	'audit.target.type', multiIf(k < 5, 'monitor', k < 7, '', k < 9, 'dataset', ''), 'audit.target.id', multiIf(k < 5, monitor, k < 7, '', k < 9, set1, ''),
	'db.query.text', if(k < 7, concat('[''', set1, '''] | where status >= ', toString(h %% 500), ' | summarize count() by endpoint'), ''),
	'audit.query.cost', if(k < 7, toString(cost), ''), 'audit.query.bytes_scanned', if(k < 7, toString(h %% 1000000), ''),
	'audit.datasets', if(k < 7, toJSONString([set1, set2]), ''), 'audit.ingest.bytes', if(k BETWEEN 7 AND 8, toString(h %% 1000000), '')))` + numbers + settings
)

var rollups = []string{
	"audit.query_cost_hourly", "audit.query_shape_daily", "audit.actor_cost_daily", "audit.dataset_usage_daily", "audit.ingest_hourly", "audit.activity_daily",
}

// questions are asked of all events, so that no range makes one of the tables look good.
var questions = []struct{ name, rollup, raw, theirs string }{
	{
		"cost by monitor (ms)",
		`SELECT target_id, sum(costed_executions) AS n, round(sum(cost_sum)) AS c FROM audit.query_cost_hourly WHERE target_type = 'monitor' GROUP BY target_id ORDER BY c DESC, target_id LIMIT 20`,
		`SELECT target_id, count(query_cost) AS n, round(sum(query_cost)) AS c FROM audit.events WHERE target_type = 'monitor' AND query_cost IS NOT NULL GROUP BY target_id ORDER BY c DESC, target_id LIMIT 20`,
		`SELECT LogAttributes['audit.target.id'] AS id, count() AS n, round(sum(toFloat64OrZero(LogAttributes['audit.query.cost']))) AS c FROM otel.otel_logs
			WHERE LogAttributes['audit.target.type'] = 'monitor' AND LogAttributes['audit.query.cost'] != '' GROUP BY id ORDER BY c DESC, id LIMIT 20`,
	},
	{
		"queries by dataset and day (ms)",
		`SELECT toString(day), dataset, sum(queries) AS n FROM audit.dataset_usage_daily GROUP BY day, dataset ORDER BY day, dataset LIMIT 100`,
		`SELECT toString(toDate(timestamp)) AS day, arrayJoin(arrayDistinct(datasets)) AS dataset, count() AS n FROM audit.events WHERE query_fingerprint != '' GROUP BY day, dataset ORDER BY day, dataset LIMIT 100`,
		`SELECT toString(toDate(Timestamp)) AS day, arrayJoin(arrayDistinct(JSONExtract(LogAttributes['audit.datasets'], 'Array(String)'))) AS dataset, count() AS n FROM otel.otel_logs
			WHERE LogAttributes['db.query.text'] != '' GROUP BY day, dataset ORDER BY day, dataset LIMIT 100`,
	},
	{
		"ingest by dataset and hour (ms)",
		`SELECT toString(toDateTime(hour, 'UTC')) AS time, dataset, sum(bytes) AS b FROM audit.ingest_hourly GROUP BY time, dataset ORDER BY time, dataset LIMIT 100`,
		`SELECT toString(toStartOfHour(toDateTime(timestamp, 'UTC'))) AS time, target_id AS dataset, sum(ingest_bytes) AS b FROM audit.events WHERE ingest_bytes IS NOT NULL GROUP BY time, dataset ORDER BY time, dataset LIMIT 100`,
		`SELECT toString(toStartOfHour(toDateTime(Timestamp, 'UTC'))) AS time, LogAttributes['audit.target.id'] AS dataset, sum(toInt64OrZero(LogAttributes['audit.ingest.bytes'])) AS b FROM otel.otel_logs
			WHERE LogAttributes['audit.ingest.bytes'] != '' GROUP BY time, dataset ORDER BY time, dataset LIMIT 100`,
	},
}
