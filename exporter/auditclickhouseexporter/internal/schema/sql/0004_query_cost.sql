-- What queries cost, by what issued them, by shape and by actor. An event with a query's fingerprint or representation is
-- an execution; an event with a cost is a costed execution, and one that only reports the cost of a query is nothing but
-- that. Both meet in one row here, and by query_id in `events`.
--
--   average cost  sum(cost_sum) / sum(costed_executions)
--   quantiles     quantilesTDigestMerge(0.5, 0.9, 0.95, 0.99)(cost_quantiles)
--   the others    sum(…), max(cost_max): rows of one key are merged in the background, so always aggregate
--
-- A cost or duration that is not finite counts for nothing: one NaN would end every sum it is part of.
--
-- Rollups are compressed with ZSTD(3): they are small, and most of them is quantiles, of which it makes a quarter less than LZ4.
--
-- Views run with the rights of whoever applies this file, so that a collector that may INSERT into `events` and nothing
-- else fills the rollups and cannot read the log.

CREATE TABLE IF NOT EXISTS {database:Identifier}.query_cost_hourly/*{local}*/ /*{on cluster}*/
(
    tenant_id         LowCardinality(String) CODEC(ZSTD(3)),
    hour              DateTime64(0, 'UTC') CODEC(ZSTD(3)),   -- DateTime ends in 2106, and a sender's clock may not
    origin            LowCardinality(String) CODEC(ZSTD(3)),
    target_type       LowCardinality(String) CODEC(ZSTD(3)),
    target_id         String CODEC(ZSTD(3)),
    executions        SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(3)),
    costed_executions SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(3)),
    cost_sum          SimpleAggregateFunction(sum, Float64) CODEC(ZSTD(3)),
    cost_max          SimpleAggregateFunction(max, Nullable(Float64)) CODEC(ZSTD(3)),
    cost_quantiles    AggregateFunction(quantilesTDigest(0.5, 0.9, 0.95, 0.99), Float64) CODEC(ZSTD(3)),
    bytes_scanned     SimpleAggregateFunction(sum, Int64) CODEC(ZSTD(3)),
    duration_seconds  SimpleAggregateFunction(sum, Float64) CODEC(ZSTD(3))
)
ENGINE = /*{replicated}*/AggregatingMergeTree
PARTITION BY toYYYYMM(hour)
-- tenant_id and hour: every dashboard asks for one tenant and a range. origin: "what do monitors cost". The target: "which
-- monitor". No actor: with it the rows are as many as the queries.
ORDER BY (tenant_id, hour, origin, target_type, target_id)
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800,
    fsync_after_insert = 1, fsync_part_directory = 1
/*{sharded by cityHash64(tenant_id, toDate32(hour))}*/;

CREATE MATERIALIZED VIEW IF NOT EXISTS {database:Identifier}.query_cost_hourly_mv /*{on cluster}*/
TO {database:Identifier}.query_cost_hourly/*{local}*/
DEFINER = CURRENT_USER SQL SECURITY DEFINER
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
FROM {database:Identifier}.events/*{local}*/ AS events
WHERE is_execution OR is_costed
GROUP BY tenant_id, hour, origin, target_type, target_id;

CREATE TABLE IF NOT EXISTS {database:Identifier}.query_shape_daily/*{local}*/ /*{on cluster}*/
(
    tenant_id         LowCardinality(String) CODEC(ZSTD(3)),
    day               Date32 CODEC(ZSTD(3)),
    query_language    LowCardinality(String) CODEC(ZSTD(3)),
    query_fingerprint String CODEC(ZSTD(3)),   -- '' gathers the costs that came without a query
    origin            LowCardinality(String) CODEC(ZSTD(3)),
    query_representation SimpleAggregateFunction(any, String) CODEC(ZSTD(3)),
    executions        SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(3)),
    costed_executions SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(3)),
    cost_sum          SimpleAggregateFunction(sum, Float64) CODEC(ZSTD(3)),
    cost_max          SimpleAggregateFunction(max, Nullable(Float64)) CODEC(ZSTD(3)),
    cost_quantiles    AggregateFunction(quantilesTDigest(0.5, 0.9, 0.95, 0.99), Float64) CODEC(ZSTD(3)),
    bytes_scanned     SimpleAggregateFunction(sum, Int64) CODEC(ZSTD(3)),
    duration_seconds  SimpleAggregateFunction(sum, Float64) CODEC(ZSTD(3))
)
ENGINE = /*{replicated}*/AggregatingMergeTree
PARTITION BY toYYYYMM(day)
-- tenant_id and day as above. Language and fingerprint: "which queries are dear, whatever their literals". origin: "what
-- issued this query".
ORDER BY (tenant_id, day, query_language, query_fingerprint, origin)
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800,
    fsync_after_insert = 1, fsync_part_directory = 1
/*{sharded by cityHash64(tenant_id, day)}*/;

CREATE MATERIALIZED VIEW IF NOT EXISTS {database:Identifier}.query_shape_daily_mv /*{on cluster}*/
TO {database:Identifier}.query_shape_daily/*{local}*/
DEFINER = CURRENT_USER SQL SECURITY DEFINER
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
FROM {database:Identifier}.events/*{local}*/ AS events
WHERE is_execution OR is_costed
GROUP BY tenant_id, day, query_language, query_fingerprint, origin;

CREATE TABLE IF NOT EXISTS {database:Identifier}.actor_cost_daily/*{local}*/ /*{on cluster}*/
(
    tenant_id         LowCardinality(String) CODEC(ZSTD(3)),
    day               Date32 CODEC(ZSTD(3)),
    actor_id          String CODEC(ZSTD(3)),
    origin            LowCardinality(String) CODEC(ZSTD(3)),
    executions        SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(3)),
    costed_executions SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(3)),
    cost_sum          SimpleAggregateFunction(sum, Float64) CODEC(ZSTD(3)),
    cost_max          SimpleAggregateFunction(max, Nullable(Float64)) CODEC(ZSTD(3)),
    cost_quantiles    AggregateFunction(quantilesTDigest(0.5, 0.9, 0.95, 0.99), Float64) CODEC(ZSTD(3)),
    bytes_scanned     SimpleAggregateFunction(sum, Int64) CODEC(ZSTD(3)),
    duration_seconds  SimpleAggregateFunction(sum, Float64) CODEC(ZSTD(3))
)
ENGINE = /*{replicated}*/AggregatingMergeTree
PARTITION BY toYYYYMM(day)
-- tenant_id and day as above. actor_id: "whose queries are dear". origin: "by hand or by schedule".
ORDER BY (tenant_id, day, actor_id, origin)
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800,
    fsync_after_insert = 1, fsync_part_directory = 1
/*{sharded by cityHash64(tenant_id, day)}*/;

CREATE MATERIALIZED VIEW IF NOT EXISTS {database:Identifier}.actor_cost_daily_mv /*{on cluster}*/
TO {database:Identifier}.actor_cost_daily/*{local}*/
DEFINER = CURRENT_USER SQL SECURITY DEFINER
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
FROM {database:Identifier}.events/*{local}*/ AS events
WHERE is_execution OR is_costed
GROUP BY tenant_id, day, actor_id, origin;
