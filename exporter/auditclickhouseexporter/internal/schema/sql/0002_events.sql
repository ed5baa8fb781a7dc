-- One row an audit event. Absent text is '', absent lists and maps are empty, absent measures and flags are NULL: so that
-- avg(query_cost) is the average over the queries that have a cost, and a cost of 0 is a cost.
--
-- Types and codecs were chosen by weight, each column alone, over two loads: 600,000 events of the quickstart's month (five
-- products, 40 people) and 300,000 queries of 500 users. Bytes a row of the whole table: 52 and 23; with LZ4 for what is no
-- text, and with plain strings, 86 and 37.
--
--   LowCardinality  what repeats: an actor's id, name and address, a target, a query's shape. Text of a few hundred values takes
--                   a third (query_representation 0.4 instead of 1.9), and merges cost less. Of 10,000 actors at random it takes
--                   as much as text, of 100,000 half as much again (5.3 instead of 3.6).
--   ZSTD(1)         everything: half of LZ4. Levels 5 and 6 save 4 % and cost two thirds to twice of an insert's and its
--                   merges' CPU; levels 3 and 6 stand where they save (attributes 0.6 instead of 1.2).
--   Delta           pays for times in the order of the table; the others take up to a half less without.

CREATE TABLE IF NOT EXISTS {database:Identifier}.events/*{local}*/ /*{on cluster}*/
(
    record_id                String CODEC(ZSTD(1)),
    timestamp                DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    observed_at              DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    received_at              DateTime64(9, 'UTC') CODEC(ZSTD(1)),
    inserted_at              DateTime64(3, 'UTC') DEFAULT now64(3) CODEC(ZSTD(3)),
    trace_id                 String CODEC(ZSTD(1)),
    span_id                  String CODEC(ZSTD(1)),
    tenant_id                LowCardinality(String) CODEC(ZSTD(1)),
    workspace_id             LowCardinality(String) CODEC(ZSTD(1)),
    workspace_name           LowCardinality(String) CODEC(ZSTD(1)),
    branch_id                LowCardinality(String) CODEC(ZSTD(1)),
    branch_name              LowCardinality(String) CODEC(ZSTD(1)),
    branch_live              Nullable(Bool) CODEC(ZSTD(1)),
    profile                  LowCardinality(String) CODEC(ZSTD(1)),
    service_name             LowCardinality(String) CODEC(ZSTD(1)),
    service_version          LowCardinality(String) CODEC(ZSTD(1)),
    environment              LowCardinality(String) CODEC(ZSTD(1)),

    event_name               LowCardinality(String) CODEC(ZSTD(1)),
    message                  String CODEC(ZSTD(1)),
    action                   LowCardinality(String) CODEC(ZSTD(1)),
    outcome                  LowCardinality(String) CODEC(ZSTD(1)),
    outcome_reason           String CODEC(ZSTD(1)),
    error_type               LowCardinality(String) CODEC(ZSTD(1)),
    error_fingerprint        String CODEC(ZSTD(1)),
    origin                   LowCardinality(String) CODEC(ZSTD(1)),
    labels                   Array(LowCardinality(String)) CODEC(ZSTD(1)),
    duration_seconds         Nullable(Float64) CODEC(ZSTD(1)),

    actor_id                 LowCardinality(String) CODEC(ZSTD(1)),
    actor_type               LowCardinality(String) CODEC(ZSTD(1)),
    actor_on_behalf_of       String CODEC(ZSTD(1)),
    actor_name               LowCardinality(String) CODEC(ZSTD(1)),
    actor_email              LowCardinality(String) CODEC(ZSTD(1)),
    actor_roles              Array(LowCardinality(String)) CODEC(ZSTD(1)),
    directory_name           LowCardinality(String) CODEC(ZSTD(1)),
    directory_email          LowCardinality(String) CODEC(ZSTD(1)),
    directory_roles          Array(LowCardinality(String)) CODEC(ZSTD(1)),
    directory_groups         Array(LowCardinality(String)) CODEC(ZSTD(1)),
    directory_department     LowCardinality(String) CODEC(ZSTD(1)),
    directory_active         Nullable(Bool) CODEC(ZSTD(1)),
    actor_enrichment         LowCardinality(String) CODEC(ZSTD(1)),

    target_type              LowCardinality(String) CODEC(ZSTD(1)),
    target_id                LowCardinality(String) CODEC(ZSTD(1)),
    target_name              LowCardinality(String) CODEC(ZSTD(1)),
    source_address           LowCardinality(String) CODEC(ZSTD(1)),
    session_id               String CODEC(ZSTD(1)),
    user_agent               LowCardinality(String) CODEC(ZSTD(1)),
    auth_method              LowCardinality(String) CODEC(ZSTD(1)),

    change_before            String CODEC(ZSTD(1)),  -- JSON after redaction: keys, and types or pseudonyms as values
    change_after             String CODEC(ZSTD(1)),
    details                  String CODEC(ZSTD(1)),

    query_id                 String CODEC(ZSTD(1)),
    operation_name           LowCardinality(String) CODEC(ZSTD(1)),  -- as the client claims it
    query_parameters         String CODEC(ZSTD(1)),
    query_language           LowCardinality(String) CODEC(ZSTD(1)),
    query_representation     LowCardinality(String) CODEC(ZSTD(1)),
    query_fingerprint        LowCardinality(String) CODEC(ZSTD(1)),
    query_summary            LowCardinality(String) CODEC(ZSTD(1)),
    query_cost               Nullable(Float64) CODEC(ZSTD(1)),  -- GB·ms
    query_bytes_scanned      Nullable(Int64) CODEC(ZSTD(1)),
    returned_rows            Nullable(Int64) CODEC(ZSTD(1)),
    datasets                 Array(LowCardinality(String)) CODEC(ZSTD(3)),

    ingest_bytes             Nullable(Int64) CODEC(ZSTD(1)),
    ingest_records           Nullable(Int64) CODEC(ZSTD(1)),
    ingest_period_seconds    Nullable(Float64) CODEC(ZSTD(1)),  -- 3600 where the event reports ingest and no period
    export_rows              Nullable(Int64) CODEC(ZSTD(1)),
    export_bytes             Nullable(Int64) CODEC(ZSTD(1)),
    export_format            LowCardinality(String) CODEC(ZSTD(1)),

    ai_provider              LowCardinality(String) CODEC(ZSTD(1)),
    ai_model                 LowCardinality(String) CODEC(ZSTD(1)),
    ai_feature               LowCardinality(String) CODEC(ZSTD(1)),
    ai_prompt_representation String CODEC(ZSTD(1)),
    ai_prompt_length         Nullable(Int64) CODEC(ZSTD(1)),
    ai_prompt_fingerprint    String CODEC(ZSTD(1)),
    ai_input_tokens          Nullable(Int64) CODEC(ZSTD(1)),
    ai_output_tokens         Nullable(Int64) CODEC(ZSTD(1)),
    function_name            LowCardinality(String) CODEC(ZSTD(1)),
    function_inputs          String CODEC(ZSTD(1)),
    function_outputs         String CODEC(ZSTD(1)),

    redaction_outcome        LowCardinality(String) CODEC(ZSTD(1)),
    redaction_reason         LowCardinality(String) CODEC(ZSTD(1)),
    redaction_policy         LowCardinality(String) CODEC(ZSTD(1)),
    capture_level            LowCardinality(String) CODEC(ZSTD(1)),
    sample_rate              Float64 CODEC(ZSTD(1)),  -- 1 where nothing was sampled
    attributes               Map(LowCardinality(String), String) CODEC(ZSTD(3)),
    -- xxHash64 of audit.record.hash, 0 without one: 64 bits that nobody can aim at without the key, because they are of a keyed
    -- hash. It tells a copy of an event from another event under its tenant and record_id, which is what the replay window
    -- compares too: two contents under one id pass for one with a chance of 1 in 2^64, however many events there are. Nothing
    -- compresses it. "Where is the event of this hash?": record_hash = xxHash64('h1:k1:…').
    record_hash              UInt64 CODEC(NONE),
    retention_days           UInt16 CODEC(ZSTD(1)),  -- 0 keeps the row for ever
    -- Which block of which collector's log brought the row: the key of reconciliation. ZSTD(6) takes 0.1 and 0.4 bytes a row in the
    -- two loads, ZSTD(1) 0.9 and 0.3, either after Delta 0.1 to 0.9 and 0.6.
    block_id                 UInt64 CODEC(ZSTD(6)),

    -- A bloom filter each for what is looked up by value over all time: an eighth to a half of the rows are read. The one of
    -- record_id weighs a byte a row, the others hardly anything: at 0.025 what a look-up reads of filter and rows is least.
    INDEX record_id_bf record_id TYPE bloom_filter(0.025),                  -- "is this event there, and once?"
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
