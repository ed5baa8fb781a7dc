-- Where every event went, by source and hour: received = stored + queued + duplicate + rejected + quarantined + skipped +
-- sampled out. What is stored is counted from `events`, what is queued is a metric of the collector. Rows are counts to
-- add up: always sum(events).

CREATE TABLE IF NOT EXISTS {database:Identifier}.ledger/*{local}*/ /*{on cluster}*/
(
    hour      DateTime('UTC'),                              -- of receipt
    collector LowCardinality(String),                       -- the block log that the counts came with
    tenant_id LowCardinality(String),
    source    LowCardinality(String),                       -- service.name
    kind      LowCardinality(String),                       -- received, accepted, duplicate, conflict, rejected, quarantined,
                                                            -- skipped, sampled_out, generated; and, counted beside one
                                                            -- of these, warning
    reason    LowCardinality(String),                       -- fixed codes, '' where the kind says all
    events    SimpleAggregateFunction(sum, UInt64)
)
ENGINE = /*{replicated}*/AggregatingMergeTree
PARTITION BY toYYYYMM(hour)
-- tenant_id and hour: "what became of this tenant's events, and when?" source: "of this service's?" kind and reason: "why?"
ORDER BY (tenant_id, hour, source, kind, reason, collector)
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800,
    fsync_after_insert = 1, fsync_part_directory = 1
/*{sharded by cityHash64(collector)}*/;
