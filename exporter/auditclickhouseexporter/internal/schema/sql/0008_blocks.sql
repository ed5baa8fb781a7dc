-- What must be there: one row an insert that a collector knows to be done. Rows and digest are those of the table that
-- the insert went to, so that counting them again finds what was lost or doubled. Block numbers and times rise along the table,
-- so Delta makes them small.

CREATE TABLE IF NOT EXISTS {database:Identifier}.blocks/*{local}*/ /*{on cluster}*/
(
    token             String CODEC(ZSTD(1)),                 -- insert_deduplication_token of the insert
    table             LowCardinality(String),
    collector         LowCardinality(String),                -- the block log that the insert came from
    rows              UInt64,
    digest            UInt64,                                -- sum(xxHash64(record_id)), wrapping
    first_block       UInt64 CODEC(Delta, ZSTD(1)),          -- block_id of the rows: from … to
    last_block        UInt64 CODEC(Delta, ZSTD(1)),
    first_received_at DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    last_received_at  DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    inserted_at       DateTime64(3, 'UTC') DEFAULT now64(3) CODEC(Delta, ZSTD(1))
)
ENGINE = /*{replicated}*/MergeTree
PARTITION BY toYYYYMM(first_received_at)
-- table and first_received_at: "what must there be of these hours?" collector and first_block: "of this log?"
ORDER BY (table, first_received_at, collector, first_block)
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800,
    fsync_after_insert = 1, fsync_part_directory = 1
/*{sharded by cityHash64(collector)}*/;
