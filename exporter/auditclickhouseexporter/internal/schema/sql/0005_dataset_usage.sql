-- Which datasets are queried, by whom and from where. A query over several datasets counts in full for each of them, so
-- sums over datasets are not sums over queries.

CREATE TABLE IF NOT EXISTS {database:Identifier}.dataset_usage_daily/*{local}*/ /*{on cluster}*/
(
    tenant_id      LowCardinality(String) CODEC(ZSTD(3)),
    day            Date32 CODEC(ZSTD(3)),
    dataset        LowCardinality(String) CODEC(ZSTD(3)),
    origin         LowCardinality(String) CODEC(ZSTD(3)),
    actor_id       String CODEC(ZSTD(3)),
    queries        SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(3)),   -- executions, as in query_cost_hourly
    costed_queries SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(3)),
    cost_sum       SimpleAggregateFunction(sum, Float64) CODEC(ZSTD(3)),
    bytes_scanned  SimpleAggregateFunction(sum, Int64) CODEC(ZSTD(3)),
    actors         AggregateFunction(uniq, String) CODEC(ZSTD(3))   -- uniqMerge(actors): distinct actors over any rows
)
ENGINE = /*{replicated}*/AggregatingMergeTree
PARTITION BY toYYYYMM(day)
-- tenant_id and day: the range of every question. dataset: "usage of this dataset". origin: "by people or by monitors".
-- actor_id: "who uses it".
ORDER BY (tenant_id, day, dataset, origin, actor_id)
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800,
    fsync_after_insert = 1, fsync_part_directory = 1
/*{sharded by cityHash64(tenant_id, day)}*/;

CREATE MATERIALIZED VIEW IF NOT EXISTS {database:Identifier}.dataset_usage_daily_mv /*{on cluster}*/
TO {database:Identifier}.dataset_usage_daily/*{local}*/
DEFINER = CURRENT_USER SQL SECURITY DEFINER
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
FROM {database:Identifier}.events/*{local}*/ AS events
WHERE is_execution OR is_costed
GROUP BY tenant_id, day, dataset, origin, actor_id;
