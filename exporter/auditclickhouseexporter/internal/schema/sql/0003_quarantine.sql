-- Events that could not become rows of `events`: which, why, and what of them can be shown. Kept until somebody deletes
-- them: `ALTER TABLE … DELETE WHERE …`.

CREATE TABLE IF NOT EXISTS {database:Identifier}.quarantine
(
    record_id    String,
    timestamp    DateTime64(9, 'UTC'),
    received_at  DateTime64(9, 'UTC'),
    inserted_at  DateTime64(3, 'UTC') DEFAULT now64(3),
    tenant_id    LowCardinality(String),
    service_name LowCardinality(String),
    reason       LowCardinality(String),  -- fixed codes
    field        LowCardinality(String),  -- the attribute or field of the record that the reason is about
    event        String CODEC(ZSTD(1))    -- JSON
)
ENGINE = MergeTree
ORDER BY (reason, received_at)            -- "how many, since when, of which kind" is what is asked of it
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;
