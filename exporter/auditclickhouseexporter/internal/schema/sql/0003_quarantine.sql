-- Events that could not become rows of `events`: which, why, and what of them can be shown. Kept until somebody deletes
-- them: `ALTER TABLE … DELETE WHERE …`. Few rows are expected: only JSON, the bulk of it, and what repeats are compressed harder.

CREATE TABLE IF NOT EXISTS {database:Identifier}.quarantine/*{local}*/ /*{on cluster}*/
(
    record_id    String,
    timestamp    DateTime64(9, 'UTC'),
    received_at  DateTime64(9, 'UTC'),
    inserted_at  DateTime64(3, 'UTC') DEFAULT now64(3),
    tenant_id    LowCardinality(String),
    service_name LowCardinality(String),
    reason       LowCardinality(String),  -- fixed codes
    field        LowCardinality(String),  -- the attribute or field of the record that the reason is about
    event        String CODEC(ZSTD(1)),   -- JSON
    block_id     UInt64 CODEC(ZSTD(1))    -- as in `events`
)
ENGINE = /*{replicated}*/MergeTree
ORDER BY (reason, received_at)            -- "how many, since when, of which kind" is what is asked of it
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800,
    fsync_after_insert = 1, fsync_part_directory = 1
/*{sharded by cityHash64(tenant_id)}*/;
