-- "Do rollups and events agree?" One row a rollup and day (from..to, Date32, both included) on which they differ: the number
-- of keys, a digest of keys and counts, and the sum of costs and durations, which may differ by rounding. Rows that arrive
-- while this is asked make a difference, and so do events that retention has dropped. On a cluster: ask each shard.
--
--   SELECT * FROM audit.reconcile_rollups(from = yesterday(), to = today())

CREATE VIEW IF NOT EXISTS {database:Identifier}.reconcile_rollups /*{on cluster}*/
AS SELECT
    table,
    day,
    sumIf(keys, stored) AS stored_keys,
    sumIf(keys, NOT stored) AS expected_keys,
    sumIf(digest, stored) AS stored_digest,
    sumIf(digest, NOT stored) AS expected_digest,
    sumIf(amount, stored) AS stored_amount,
    sumIf(amount, NOT stored) AS expected_amount
FROM
(
    SELECT 'query_cost_hourly' AS table, true AS stored, day, count() AS keys, sum(key_digest) AS digest, sum(key_amount) AS amount
    FROM
    (
        SELECT
            toDate32(hour) AS day,
            cityHash64(tenant_id, hour, origin, target_type, target_id, sum(executions), sum(costed_executions), ifNull(max(cost_max), 0), sum(bytes_scanned)) AS key_digest,
            sum(cost_sum) + sum(duration_seconds) AS key_amount
        FROM {database:Identifier}.query_cost_hourly/*{local}*/
        WHERE toDate32(hour) BETWEEN {from:Date32} AND {to:Date32}
        GROUP BY tenant_id, hour, origin, target_type, target_id
    )
    GROUP BY day
    UNION ALL
    SELECT 'query_cost_hourly' AS table, false AS stored, day, count() AS keys, sum(key_digest) AS digest, sum(key_amount) AS amount
    FROM
    (
        SELECT
            toDate32(hour) AS day,
            cityHash64(tenant_id, hour, origin, target_type, target_id, sum(executions), sum(costed_executions), ifNull(max(cost_max), 0), sum(bytes_scanned)) AS key_digest,
            sum(cost_sum) + sum(duration_seconds) AS key_amount
        FROM {database:Identifier}.query_cost_hourly_recomputed(from = {from:Date32}, to = {to:Date32})
        GROUP BY tenant_id, hour, origin, target_type, target_id
    )
    GROUP BY day
    UNION ALL
    SELECT 'query_shape_daily' AS table, true AS stored, day, count() AS keys, sum(key_digest) AS digest, sum(key_amount) AS amount
    FROM
    (
        SELECT
            toDate32(day) AS day,
            cityHash64(tenant_id, day, query_language, query_fingerprint, origin, sum(executions), sum(costed_executions), ifNull(max(cost_max), 0), sum(bytes_scanned)) AS key_digest,
            sum(cost_sum) + sum(duration_seconds) AS key_amount
        FROM {database:Identifier}.query_shape_daily/*{local}*/
        WHERE toDate32(day) BETWEEN {from:Date32} AND {to:Date32}
        GROUP BY tenant_id, day, query_language, query_fingerprint, origin
    )
    GROUP BY day
    UNION ALL
    SELECT 'query_shape_daily' AS table, false AS stored, day, count() AS keys, sum(key_digest) AS digest, sum(key_amount) AS amount
    FROM
    (
        SELECT
            toDate32(day) AS day,
            cityHash64(tenant_id, day, query_language, query_fingerprint, origin, sum(executions), sum(costed_executions), ifNull(max(cost_max), 0), sum(bytes_scanned)) AS key_digest,
            sum(cost_sum) + sum(duration_seconds) AS key_amount
        FROM {database:Identifier}.query_shape_daily_recomputed(from = {from:Date32}, to = {to:Date32})
        GROUP BY tenant_id, day, query_language, query_fingerprint, origin
    )
    GROUP BY day
    UNION ALL
    SELECT 'actor_cost_daily' AS table, true AS stored, day, count() AS keys, sum(key_digest) AS digest, sum(key_amount) AS amount
    FROM
    (
        SELECT
            toDate32(day) AS day,
            cityHash64(tenant_id, day, actor_id, origin, sum(executions), sum(costed_executions), ifNull(max(cost_max), 0), sum(bytes_scanned)) AS key_digest,
            sum(cost_sum) + sum(duration_seconds) AS key_amount
        FROM {database:Identifier}.actor_cost_daily/*{local}*/
        WHERE toDate32(day) BETWEEN {from:Date32} AND {to:Date32}
        GROUP BY tenant_id, day, actor_id, origin
    )
    GROUP BY day
    UNION ALL
    SELECT 'actor_cost_daily' AS table, false AS stored, day, count() AS keys, sum(key_digest) AS digest, sum(key_amount) AS amount
    FROM
    (
        SELECT
            toDate32(day) AS day,
            cityHash64(tenant_id, day, actor_id, origin, sum(executions), sum(costed_executions), ifNull(max(cost_max), 0), sum(bytes_scanned)) AS key_digest,
            sum(cost_sum) + sum(duration_seconds) AS key_amount
        FROM {database:Identifier}.actor_cost_daily_recomputed(from = {from:Date32}, to = {to:Date32})
        GROUP BY tenant_id, day, actor_id, origin
    )
    GROUP BY day
    UNION ALL
    SELECT 'dataset_usage_daily' AS table, true AS stored, day, count() AS keys, sum(key_digest) AS digest, sum(key_amount) AS amount
    FROM
    (
        SELECT
            toDate32(day) AS day,
            cityHash64(tenant_id, day, dataset, origin, actor_id, sum(queries), sum(costed_queries), sum(bytes_scanned), uniqMerge(actors)) AS key_digest,
            sum(cost_sum) AS key_amount
        FROM {database:Identifier}.dataset_usage_daily/*{local}*/
        WHERE toDate32(day) BETWEEN {from:Date32} AND {to:Date32}
        GROUP BY tenant_id, day, dataset, origin, actor_id
    )
    GROUP BY day
    UNION ALL
    SELECT 'dataset_usage_daily' AS table, false AS stored, day, count() AS keys, sum(key_digest) AS digest, sum(key_amount) AS amount
    FROM
    (
        SELECT
            toDate32(day) AS day,
            cityHash64(tenant_id, day, dataset, origin, actor_id, sum(queries), sum(costed_queries), sum(bytes_scanned), uniqMerge(actors)) AS key_digest,
            sum(cost_sum) AS key_amount
        FROM {database:Identifier}.dataset_usage_daily_recomputed(from = {from:Date32}, to = {to:Date32})
        GROUP BY tenant_id, day, dataset, origin, actor_id
    )
    GROUP BY day
    UNION ALL
    SELECT 'ingest_hourly' AS table, true AS stored, day, count() AS keys, sum(key_digest) AS digest, sum(key_amount) AS amount
    FROM
    (
        SELECT
            toDate32(hour) AS day,
            cityHash64(tenant_id, hour, dataset, sum(bytes), sum(records)) AS key_digest,
            0. AS key_amount
        FROM {database:Identifier}.ingest_hourly/*{local}*/
        WHERE toDate32(hour) BETWEEN {from:Date32} AND {to:Date32}
        GROUP BY tenant_id, hour, dataset
    )
    GROUP BY day
    UNION ALL
    SELECT 'ingest_hourly' AS table, false AS stored, day, count() AS keys, sum(key_digest) AS digest, sum(key_amount) AS amount
    FROM
    (
        SELECT
            toDate32(hour) AS day,
            cityHash64(tenant_id, hour, dataset, sum(bytes), sum(records)) AS key_digest,
            0. AS key_amount
        FROM {database:Identifier}.ingest_hourly_recomputed(from = {from:Date32}, to = {to:Date32})
        GROUP BY tenant_id, hour, dataset
    )
    GROUP BY day
    UNION ALL
    SELECT 'activity_daily' AS table, true AS stored, day, count() AS keys, sum(key_digest) AS digest, sum(key_amount) AS amount
    FROM
    (
        SELECT
            toDate32(day) AS day,
            cityHash64(tenant_id, day, workspace_id, actor_id, event_name, action, target_type, outcome, sum(events), min(first_time), max(last_time)) AS key_digest,
            0. AS key_amount
        FROM {database:Identifier}.activity_daily/*{local}*/
        WHERE toDate32(day) BETWEEN {from:Date32} AND {to:Date32}
        GROUP BY tenant_id, day, workspace_id, actor_id, event_name, action, target_type, outcome
    )
    GROUP BY day
    UNION ALL
    SELECT 'activity_daily' AS table, false AS stored, day, count() AS keys, sum(key_digest) AS digest, sum(key_amount) AS amount
    FROM
    (
        SELECT
            toDate32(day) AS day,
            cityHash64(tenant_id, day, workspace_id, actor_id, event_name, action, target_type, outcome, sum(events), min(first_time), max(last_time)) AS key_digest,
            0. AS key_amount
        FROM {database:Identifier}.activity_daily_recomputed(from = {from:Date32}, to = {to:Date32})
        GROUP BY tenant_id, day, workspace_id, actor_id, event_name, action, target_type, outcome
    )
    GROUP BY day
)
GROUP BY table, day
HAVING stored_keys != expected_keys OR stored_digest != expected_digest
    OR abs(stored_amount - expected_amount) > 1e-9 * (abs(stored_amount) + abs(expected_amount)) + 1e-9;
