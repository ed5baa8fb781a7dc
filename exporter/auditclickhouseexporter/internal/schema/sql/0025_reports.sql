-- Reports that are made when their period is over, an hour and a half later, and kept as they were made: a report says what was
-- known then, and does not change when an event comes late. A report that is made anew, by hand or by another server of a cluster,
-- is a further row with its own `made_at`, or the same row where it was made within the hour.
--
--   SELECT * FROM audit.compliance_reports FINAL WHERE period = 'month' AND first_day = '2026-10-01'
--
-- SYSTEM REFRESH VIEW audit.compliance_report_daily makes one now. Days are of UTC.

-- "Compliance report of a period" (Xano, "Audit Logs": "Generate monthly compliance reports showing all workspace changes, user
-- activities, and critical operations"; Observe: "Create a scheduled report")
CREATE TABLE IF NOT EXISTS {database:Identifier}.compliance_reports/*{local}*/ /*{on cluster}*/
(
    tenant_id        LowCardinality(String),
    period           LowCardinality(String),   -- day or month
    first_day        Date32,
    last_day         Date32,
    made_at          DateTime('UTC'),          -- by the hour
    total_events     UInt64,
    events_by_type   Map(String, UInt64),
    user_activity    Map(String, UInt64),
    critical_changes Array(Tuple(time DateTime64(9, 'UTC'), type String, user String, description String, reason String))
)
ENGINE = /*{replicated}*/ReplacingMergeTree
PARTITION BY toYear(first_day)
-- tenant_id: whose; period and first_day: "the report of October"; made_at: "as it was made then".
ORDER BY (tenant_id, period, first_day, made_at)
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800,
    fsync_after_insert = 1, fsync_part_directory = 1
/*{sharded by cityHash64(tenant_id)}*/;

CREATE MATERIALIZED VIEW IF NOT EXISTS {database:Identifier}.compliance_report_daily /*{on cluster}*/
REFRESH EVERY 1 DAY OFFSET 90 MINUTE APPEND TO {database:Identifier}.compliance_reports EMPTY
AS SELECT
    tenant_id, 'day' AS period, first_day, last_day, toStartOfHour(now('UTC')) AS made_at, total_events, events_by_type, user_activity,
    critical_changes
FROM {database:Identifier}.compliance_report(from = toStartOfDay(now('UTC')) - INTERVAL 1 DAY, to = toStartOfDay(now('UTC')));

CREATE MATERIALIZED VIEW IF NOT EXISTS {database:Identifier}.compliance_report_monthly /*{on cluster}*/
REFRESH EVERY 1 MONTH OFFSET 90 MINUTE APPEND TO {database:Identifier}.compliance_reports EMPTY
AS SELECT
    tenant_id, 'month' AS period, first_day, last_day, toStartOfHour(now('UTC')) AS made_at, total_events, events_by_type, user_activity,
    critical_changes
FROM {database:Identifier}.compliance_report(
    from = toDateTime(toStartOfMonth(now('UTC')), 'UTC') - INTERVAL 1 MONTH, to = toDateTime(toStartOfMonth(now('UTC')), 'UTC'));

-- "Understand usage, optimize cost" (Axiom, "Track activity in Axiom"): what a tenant queried and ingested in a month, in all and by
-- dataset.
CREATE TABLE IF NOT EXISTS {database:Identifier}.usage_reports/*{local}*/ /*{on cluster}*/
(
    tenant_id         LowCardinality(String),
    first_day         Date32,
    last_day          Date32,
    made_at           DateTime('UTC'),
    queries           UInt64,
    total_cost        Float64,
    bytes_scanned     Int64,
    ingest_bytes      Int64,
    queries_by_source Map(String, UInt64),
    queries_by_dataset Map(String, UInt64),
    ingest_by_dataset Map(String, Int64)
)
ENGINE = /*{replicated}*/ReplacingMergeTree
PARTITION BY toYear(first_day)
-- As above.
ORDER BY (tenant_id, first_day, made_at)
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800,
    fsync_after_insert = 1, fsync_part_directory = 1
/*{sharded by cityHash64(tenant_id)}*/;

CREATE MATERIALIZED VIEW IF NOT EXISTS {database:Identifier}.usage_report_monthly /*{on cluster}*/
REFRESH EVERY 1 MONTH OFFSET 90 MINUTE APPEND TO {database:Identifier}.usage_reports EMPTY
AS WITH
    toDateTime(toStartOfMonth(now('UTC')), 'UTC') AS month_end,
    month_end - INTERVAL 1 MONTH AS month_begin
SELECT
    tenant_id,
    toDate32(month_begin) AS first_day,
    toDate32(month_end) - 1 AS last_day,
    toStartOfHour(now('UTC')) AS made_at,
    sum(part.queries) AS queries,
    sum(part.cost) AS total_cost,
    sum(part.scanned) AS bytes_scanned,
    sum(part.ingested) AS ingest_bytes,
    sumMap(part.by_source) AS queries_by_source,
    sumMap(part.by_dataset) AS queries_by_dataset,
    sumMap(part.ingest) AS ingest_by_dataset
FROM
(
    SELECT
        tenant_id, sum(executions) AS queries, sum(cost_sum) AS cost, sum(q.bytes_scanned) AS scanned, toInt64(0) AS ingested,
        map(toString(origin), sum(executions)) AS by_source, CAST(map(), 'Map(String, UInt64)') AS by_dataset, CAST(map(), 'Map(String, Int64)') AS ingest
    FROM {database:Identifier}.query_cost_hourly AS q
    WHERE hour >= month_begin AND hour < month_end
    GROUP BY tenant_id, origin
    UNION ALL
    SELECT tenant_id, 0, 0, 0, 0, map(), map(toString(dataset), sum(d.queries)), map()
    FROM {database:Identifier}.dataset_usage_daily AS d
    WHERE day >= toDate32(month_begin) AND day < toDate32(month_end)
    GROUP BY tenant_id, dataset
    UNION ALL
    SELECT tenant_id, 0, 0, 0, sum(bytes), map(), map(), map(dataset, sum(bytes))
    FROM {database:Identifier}.ingest_hourly
    WHERE hour >= month_begin AND hour < month_end
    GROUP BY tenant_id, dataset
) AS part
GROUP BY tenant_id;
