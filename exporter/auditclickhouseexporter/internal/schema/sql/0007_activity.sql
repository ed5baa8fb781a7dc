-- Who did what how often: the daily activity of every actor.

CREATE TABLE IF NOT EXISTS {database:Identifier}.activity_daily/*{local}*/ /*{on cluster}*/
(
    tenant_id    LowCardinality(String) CODEC(ZSTD(3)),
    workspace_id LowCardinality(String) CODEC(ZSTD(3)),
    day          Date32 CODEC(ZSTD(3)),
    actor_id     String CODEC(ZSTD(3)),
    event_name   LowCardinality(String) CODEC(ZSTD(3)),
    action       LowCardinality(String) CODEC(ZSTD(3)),
    target_type  LowCardinality(String) CODEC(ZSTD(3)),
    outcome      LowCardinality(String) CODEC(ZSTD(3)),
    events       SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(3)),
    first_time   SimpleAggregateFunction(min, DateTime64(9, 'UTC')) CODEC(ZSTD(3)),
    last_time    SimpleAggregateFunction(max, DateTime64(9, 'UTC')) CODEC(ZSTD(3))
)
ENGINE = /*{replicated}*/AggregatingMergeTree
PARTITION BY toYYYYMM(day)
-- tenant_id, workspace_id and day: "activity of the team this week"; actor_id: "what did this user do"; event name, action
-- and target type: "operations by kind of object"; outcome: "failed logins by user".
ORDER BY (tenant_id, workspace_id, day, actor_id, event_name, action, target_type, outcome)
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800,
    fsync_after_insert = 1, fsync_part_directory = 1
/*{sharded by cityHash64(tenant_id, day)}*/;

CREATE MATERIALIZED VIEW IF NOT EXISTS {database:Identifier}.activity_daily_mv /*{on cluster}*/
TO {database:Identifier}.activity_daily/*{local}*/
DEFINER = CURRENT_USER SQL SECURITY DEFINER
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
FROM {database:Identifier}.events/*{local}*/ AS events
GROUP BY tenant_id, workspace_id, day, actor_id, event_name, action, target_type, outcome;
