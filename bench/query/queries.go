package main

import "github.com/otelaudit/otelaudit/internal/query"

// sample is a query of about 300 bytes, the length that an application's queries have.
type sample struct {
	name   string
	lang   query.Language
	system string // db.system.name
	text   string
}

const sqlJoin = `SELECT u.id, u.email, count(o.id) AS orders, sum(o.total) AS total FROM users u LEFT JOIN orders o ON o.user_id = u.id ` +
	`WHERE u.email = 'jane.doe@example.com' AND o.created_at >= '2024-01-01' AND o.status IN ('paid', 'shipped', 'done') AND o.total > 99.95 ` +
	`GROUP BY u.id, u.email ORDER BY total DESC LIMIT 100`

var samples = []sample{
	{"sql join", query.SQL, "postgresql", sqlJoin},
	{"sql join, no system named", query.SQL, "", sqlJoin},
	{"sql insert", query.SQL, "mysql", "INSERT INTO `audit_log` (`user_id`, `action`, `object_kind`, `object_id`, `ip`, `created_at`, `payload`) " +
		`VALUES (4711, 'login', 'session', 'b7c1e2', '203.0.113.7', '2024-05-01 10:00:00', 'it''s a long free text about Jane'), ` +
		`(4712, 'logout', 'session', 'b7c1e3', '203.0.113.8', '2024-05-01 10:00:01', NULL) ON DUPLICATE KEY UPDATE ip = 'x'`},
	{"sql update", query.SQL, "postgresql", `/* billing:retry */ UPDATE subscriptions SET status = 'past_due', retries = retries + 1, next_attempt_at = now() + interval '3 days', ` +
		`note = 'card of Jane declined' WHERE id = 918273 AND tenant_id = 'b3f0c1de-0000-4000-8000-1234567890ab' AND status <> 'cancelled' AND deleted_at IS NULL ` +
		`RETURNING id, status, retries`},
	{"sql with", query.SQL, "snowflake", `WITH recent AS (SELECT user_id, max(seen_at) AS last_seen FROM analytics.events WHERE event_type = 'purchase' AND amount BETWEEN 10 AND 500 GROUP BY user_id) ` +
		`SELECT r.user_id, p.plan, CASE WHEN r.last_seen > '2024-03-01' THEN 'active' ELSE 'idle' END AS state FROM recent r JOIN profiles p ON p.id = r.user_id`},
	{"sql analytics", query.SQL, "clickhouse", `SELECT toStartOfHour(timestamp) AS hour, service_name, quantile(0.95)(duration_ms) AS p95, countIf(status_code >= 500) AS errors ` +
		`FROM otel.traces PREWHERE timestamp > now() - INTERVAL 1 DAY WHERE service_name IN ('checkout', 'login') AND user_email = 'jane@example.com' ` +
		`GROUP BY hour, service_name ORDER BY hour LIMIT 500`},
	{"apl summarize", query.APL, "", `['http-logs']
| where _time > ago(1h) and status >= 500 and user_email == "jane@example.com" // slow ones
| extend endpoint = extract(@"^/api/(\w+)", 1, uri), slow = req_duration_ms > 1000
| where endpoint in ("login", "signup", "checkout")
| summarize count(), avg(req_duration_ms) by endpoint | take 20`},
	{"apl audit", query.APL, "", `['axiom-audit']
| where _time between (datetime(2024-01-01) .. datetime(2024-02-01)) and action == "runAPLQueryCost"
| extend owner = tostring(parse_json(properties).owner), gb = todouble(query_cost_gbms) / 3600000.0
| where owner !in ("jane", "bob") and gb > 12.5
| project-away ip | top 50 by gb desc`},
	{"apl join", query.APL, "", `let Slow = ['otel-traces'] | where duration > 2s and ['service.name'] == "frontend";
Slow | join kind=inner (['users'] | where email has "example.com" | project user_id, plan) on user_id
| summarize p95 = percentile(duration, 95), users = dcount(user_id) by plan, bin_auto(_time) | sort by p95 desc | limit 10`},
}
