-- What was ingested into which dataset. An event reports a period that ends at its timestamp; it counts in the hour of the
-- timestamp.

CREATE TABLE IF NOT EXISTS {database:Identifier}.ingest_hourly/*{local}*/ /*{on cluster}*/
(
    tenant_id LowCardinality(String) CODEC(ZSTD(3)),
    hour      DateTime64(0, 'UTC') CODEC(ZSTD(3)),
    dataset   String CODEC(ZSTD(3)),
    bytes     SimpleAggregateFunction(sum, Int64) CODEC(ZSTD(3)),
    records   SimpleAggregateFunction(sum, Int64) CODEC(ZSTD(3))
)
ENGINE = /*{replicated}*/AggregatingMergeTree
PARTITION BY toYYYYMM(hour)
-- tenant_id and hour: "total ingest over time"; dataset: "ingest by dataset".
ORDER BY (tenant_id, hour, dataset)
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800,
    fsync_after_insert = 1, fsync_part_directory = 1
/*{sharded by cityHash64(tenant_id, toDate32(hour))}*/;

CREATE MATERIALIZED VIEW IF NOT EXISTS {database:Identifier}.ingest_hourly_mv /*{on cluster}*/
TO {database:Identifier}.ingest_hourly/*{local}*/
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    tenant_id,
    fromUnixTimestamp64Second(intDiv(toUnixTimestamp64Second(timestamp), 3600) * 3600, 'UTC') AS hour,
    target_id AS dataset,
    sum(ifNull(ingest_bytes, 0)) AS bytes,
    sum(ifNull(ingest_records, 0)) AS records
FROM {database:Identifier}.events/*{local}*/ AS events
WHERE ingest_bytes IS NOT NULL OR ingest_records IS NOT NULL
GROUP BY tenant_id, hour, dataset;
