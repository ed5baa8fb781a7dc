-- What the rollups must hold, counted again from `events`, as far as those are still there: days from..to (Date32, both
-- included) of the events' time. Each view is the select of the rollup's own view, over these days (a test compares them).
-- On a cluster they are about the rows of the server that is asked: ask each shard.
--
-- How a day of a rollup is rebuilt with them by hand stands in the README of package reconcile.

CREATE VIEW IF NOT EXISTS {database:Identifier}.query_cost_hourly_recomputed /*{on cluster}*/
AS WITH
    query_fingerprint != '' OR events.query_representation != '' AS is_execution,
    ifNull(isFinite(query_cost), 0) AS is_costed,
    ifNull(query_cost, 0) AS cost,
    ifNull(isFinite(events.duration_seconds), 0) AS is_timed
SELECT
    tenant_id,
    fromUnixTimestamp64Second(intDiv(toUnixTimestamp64Second(timestamp), 3600) * 3600, 'UTC') AS hour,
    origin,
    target_type,
    target_id,
    countIf(is_execution) AS executions,
    countIf(is_costed) AS costed_executions,
    sumIf(cost, is_costed) AS cost_sum,
    maxIf(query_cost, is_costed) AS cost_max,
    quantilesTDigestStateIf(0.5, 0.9, 0.95, 0.99)(cost, is_costed) AS cost_quantiles,
    sum(ifNull(query_bytes_scanned, 0)) AS bytes_scanned,
    sumIf(ifNull(events.duration_seconds, 0), is_timed) AS duration_seconds
FROM (SELECT * FROM {database:Identifier}.events/*{local}*/ WHERE toDate32(timestamp) BETWEEN {from:Date32} AND {to:Date32}) AS events
WHERE is_execution OR is_costed
GROUP BY tenant_id, hour, origin, target_type, target_id;

CREATE VIEW IF NOT EXISTS {database:Identifier}.query_shape_daily_recomputed /*{on cluster}*/
AS WITH
    query_fingerprint != '' OR events.query_representation != '' AS is_execution,
    ifNull(isFinite(query_cost), 0) AS is_costed,
    ifNull(query_cost, 0) AS cost,
    ifNull(isFinite(events.duration_seconds), 0) AS is_timed
SELECT
    tenant_id,
    toDate32(timestamp) AS day,
    query_language,
    query_fingerprint,
    origin,
    any(events.query_representation) AS query_representation,
    countIf(is_execution) AS executions,
    countIf(is_costed) AS costed_executions,
    sumIf(cost, is_costed) AS cost_sum,
    maxIf(query_cost, is_costed) AS cost_max,
    quantilesTDigestStateIf(0.5, 0.9, 0.95, 0.99)(cost, is_costed) AS cost_quantiles,
    sum(ifNull(query_bytes_scanned, 0)) AS bytes_scanned,
    sumIf(ifNull(events.duration_seconds, 0), is_timed) AS duration_seconds
FROM (SELECT * FROM {database:Identifier}.events/*{local}*/ WHERE toDate32(timestamp) BETWEEN {from:Date32} AND {to:Date32}) AS events
WHERE is_execution OR is_costed
GROUP BY tenant_id, day, query_language, query_fingerprint, origin;

CREATE VIEW IF NOT EXISTS {database:Identifier}.actor_cost_daily_recomputed /*{on cluster}*/
AS WITH
    query_fingerprint != '' OR events.query_representation != '' AS is_execution,
    ifNull(isFinite(query_cost), 0) AS is_costed,
    ifNull(query_cost, 0) AS cost,
    ifNull(isFinite(events.duration_seconds), 0) AS is_timed
SELECT
    tenant_id,
    toDate32(timestamp) AS day,
    actor_id,
    origin,
    countIf(is_execution) AS executions,
    countIf(is_costed) AS costed_executions,
    sumIf(cost, is_costed) AS cost_sum,
    maxIf(query_cost, is_costed) AS cost_max,
    quantilesTDigestStateIf(0.5, 0.9, 0.95, 0.99)(cost, is_costed) AS cost_quantiles,
    sum(ifNull(query_bytes_scanned, 0)) AS bytes_scanned,
    sumIf(ifNull(events.duration_seconds, 0), is_timed) AS duration_seconds
FROM (SELECT * FROM {database:Identifier}.events/*{local}*/ WHERE toDate32(timestamp) BETWEEN {from:Date32} AND {to:Date32}) AS events
WHERE is_execution OR is_costed
GROUP BY tenant_id, day, actor_id, origin;

CREATE VIEW IF NOT EXISTS {database:Identifier}.dataset_usage_daily_recomputed /*{on cluster}*/
AS WITH
    query_fingerprint != '' OR events.query_representation != '' AS is_execution,
    ifNull(isFinite(query_cost), 0) AS is_costed,
    ifNull(query_cost, 0) AS cost
SELECT
    tenant_id,
    toDate32(timestamp) AS day,
    arrayJoin(arrayDistinct(datasets)) AS dataset,
    origin,
    actor_id,
    countIf(is_execution) AS queries,
    countIf(is_costed) AS costed_queries,
    sumIf(cost, is_costed) AS cost_sum,
    sum(ifNull(query_bytes_scanned, 0)) AS bytes_scanned,
    uniqState(CAST(events.actor_id, 'String')) AS actors
FROM (SELECT * FROM {database:Identifier}.events/*{local}*/ WHERE toDate32(timestamp) BETWEEN {from:Date32} AND {to:Date32}) AS events
WHERE is_execution OR is_costed
GROUP BY tenant_id, day, dataset, origin, actor_id;

CREATE VIEW IF NOT EXISTS {database:Identifier}.ingest_hourly_recomputed /*{on cluster}*/
AS SELECT
    tenant_id,
    fromUnixTimestamp64Second(intDiv(toUnixTimestamp64Second(timestamp), 3600) * 3600, 'UTC') AS hour,
    target_id AS dataset,
    sum(ifNull(ingest_bytes, 0)) AS bytes,
    sum(ifNull(ingest_records, 0)) AS records
FROM (SELECT * FROM {database:Identifier}.events/*{local}*/ WHERE toDate32(timestamp) BETWEEN {from:Date32} AND {to:Date32}) AS events
WHERE ingest_bytes IS NOT NULL OR ingest_records IS NOT NULL
GROUP BY tenant_id, hour, dataset;

CREATE VIEW IF NOT EXISTS {database:Identifier}.activity_daily_recomputed /*{on cluster}*/
AS SELECT
    tenant_id,
    workspace_id,
    toDate32(timestamp) AS day,
    actor_id,
    event_name,
    action,
    target_type,
    outcome,
    count() AS events,
    min(timestamp) AS first_time,
    max(timestamp) AS last_time
FROM (SELECT * FROM {database:Identifier}.events/*{local}*/ WHERE toDate32(timestamp) BETWEEN {from:Date32} AND {to:Date32}) AS events
GROUP BY tenant_id, workspace_id, day, actor_id, event_name, action, target_type, outcome;
