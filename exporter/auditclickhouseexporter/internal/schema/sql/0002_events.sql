-- One row an audit event. Absent text is '', absent lists and maps are empty, absent measures and flags are NULL: so that
-- avg(query_cost) is the average over the queries that have a cost, and a cost of 0 is a cost.
--
-- Ids and free text are compressed with ZSTD: 119 bytes a row, where ClickHouse's default LZ4 takes 143.

CREATE TABLE IF NOT EXISTS {database:Identifier}.events/*{local}*/ /*{on cluster}*/
(
    record_id                String CODEC(ZSTD(1)),
    timestamp                DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    observed_at              DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    received_at              DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    inserted_at              DateTime64(3, 'UTC') DEFAULT now64(3) CODEC(Delta, ZSTD(1)),
    trace_id                 String CODEC(ZSTD(1)),
    span_id                  String CODEC(ZSTD(1)),
    tenant_id                LowCardinality(String),
    workspace_id             LowCardinality(String),
    workspace_name           LowCardinality(String),
    branch_id                LowCardinality(String),
    branch_name              LowCardinality(String),
    branch_live              Nullable(Bool),
    profile                  LowCardinality(String),
    service_name             LowCardinality(String),
    service_version          LowCardinality(String),
    environment              LowCardinality(String),

    event_name               LowCardinality(String),
    message                  String CODEC(ZSTD(1)),
    action                   LowCardinality(String),
    outcome                  LowCardinality(String),
    outcome_reason           String CODEC(ZSTD(1)),
    error_type               LowCardinality(String),
    error_fingerprint        String CODEC(ZSTD(1)),
    origin                   LowCardinality(String),
    labels                   Array(LowCardinality(String)),
    duration_seconds         Nullable(Float64),

    actor_id                 String CODEC(ZSTD(1)),
    actor_type               LowCardinality(String),
    actor_on_behalf_of       String CODEC(ZSTD(1)),
    actor_name               String CODEC(ZSTD(1)),
    actor_email              String CODEC(ZSTD(1)),
    actor_roles              Array(LowCardinality(String)),
    directory_name           String CODEC(ZSTD(1)),
    directory_email          String CODEC(ZSTD(1)),
    directory_roles          Array(LowCardinality(String)),
    directory_groups         Array(LowCardinality(String)),
    directory_department     LowCardinality(String),
    directory_active         Nullable(Bool),
    actor_enrichment         LowCardinality(String),

    target_type              LowCardinality(String),
    target_id                String CODEC(ZSTD(1)),
    target_name              String CODEC(ZSTD(1)),
    source_address           String CODEC(ZSTD(1)),
    session_id               String CODEC(ZSTD(1)),
    user_agent               String CODEC(ZSTD(1)),
    auth_method              LowCardinality(String),

    change_before            String CODEC(ZSTD(1)),   -- JSON after redaction: keys, and types or pseudonyms as values
    change_after             String CODEC(ZSTD(1)),
    details                  String CODEC(ZSTD(1)),

    query_id                 String CODEC(ZSTD(1)),
    operation_name           LowCardinality(String),  -- as the client claims it
    query_parameters         String CODEC(ZSTD(1)),
    query_language           LowCardinality(String),
    query_representation     String CODEC(ZSTD(1)),
    query_fingerprint        String CODEC(ZSTD(1)),
    query_summary            String CODEC(ZSTD(1)),
    query_cost               Nullable(Float64),       -- GB·ms
    query_bytes_scanned      Nullable(Int64),
    returned_rows            Nullable(Int64),
    datasets                 Array(LowCardinality(String)),

    ingest_bytes             Nullable(Int64),
    ingest_records           Nullable(Int64),
    ingest_period_seconds    Nullable(Float64),       -- 3600 where the event reports ingest and no period
    export_rows              Nullable(Int64),
    export_bytes             Nullable(Int64),
    export_format            LowCardinality(String),

    ai_provider              LowCardinality(String),
    ai_model                 LowCardinality(String),
    ai_feature               LowCardinality(String),
    ai_prompt_representation String CODEC(ZSTD(1)),
    ai_prompt_length         Nullable(Int64),
    ai_prompt_fingerprint    String CODEC(ZSTD(1)),
    ai_input_tokens          Nullable(Int64),
    ai_output_tokens         Nullable(Int64),
    function_name            LowCardinality(String),
    function_inputs          String CODEC(ZSTD(1)),
    function_outputs         String CODEC(ZSTD(1)),

    redaction_outcome        LowCardinality(String),
    redaction_reason         LowCardinality(String),
    redaction_policy         LowCardinality(String),
    capture_level            LowCardinality(String),
    sample_rate              Float64,                 -- 1 where nothing was sampled
    attributes               Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    record_hash              String CODEC(ZSTD(1)),
    retention_days           UInt16,                  -- 0 keeps the row for ever
    -- Which block of which collector's log brought the row: the key of reconciliation. ZSTD alone takes 0.9 bytes a row
    -- with three collectors, Delta before it 1.1, T64 1.8.
    block_id                 UInt64 CODEC(ZSTD(1)),

    -- A bloom filter each for what is looked up by value over all time. Together they take 2.6 bytes a row and let a
    -- lookup read an eighth to a half of the rows (measured over 1,000,000 rows of a month, 119 bytes a row).
    INDEX record_id_bf record_id TYPE bloom_filter(0.01),                   -- "is this event there, and once?"
    INDEX target_id_bf target_id TYPE bloom_filter(0.01),                   -- "who changed this object?"
    INDEX actor_id_bf actor_id TYPE bloom_filter(0.01),                     -- "what did this user do, ever?"
    INDEX session_id_bf session_id TYPE bloom_filter(0.01),                 -- "what happened in this session?"
    INDEX query_fingerprint_bf query_fingerprint TYPE bloom_filter(0.01),   -- "who issues this query, and from where?"
    -- "Are the rows of these blocks there, and once?" reads an eighth of a part with the first, the rows received in a few
    -- seconds a sixth with the second: 0.03 bytes a row for both (2,000,000 rows of 20 tenants and three collectors).
    INDEX block_id_bf block_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX received_at_mm received_at TYPE minmax GRANULARITY 1
)
ENGINE = /*{replicated}*/MergeTree
-- Retention counts from receipt: the sender's clock can neither end it early nor put it off, and whatever times a request
-- carries, its rows go to few partitions. Long retentions lie in months, short ones in days, so that a part ends as a whole.
PARTITION BY (retention_days, if(retention_days = 0 OR retention_days > 90, toYYYYMM(received_at), toYYYYMMDD(received_at)))
-- tenant_id: nobody asks over tenants but operators, and a policy may confine a role to one. timestamp: every question has
-- a range, and most want the newest first. With event_name between them the table is 8 % smaller, but the newest events
-- take 14 times the rows to find and a user's week 12 times (measured as above).
ORDER BY (tenant_id, timestamp)
TTL toDateTime64(received_at, 0, 'UTC') + toIntervalDay(retention_days) DELETE WHERE retention_days > 0
SETTINGS
    ttl_only_drop_parts = 1,
    -- How many of the latest parts a repeated insert is recognised among: see "Guarantees" in the exporter's README.
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000,
    replicated_deduplication_window_seconds = 604800,
    -- An insert is answered when its rows would survive a loss of power.
    fsync_after_insert = 1,
    fsync_part_directory = 1
-- A tenant's day lies on one shard, and so do its rows of the rollups.
/*{sharded by cityHash64(tenant_id, toDate32(timestamp))}*/;
