-- 0001_database.sql

-- The database, and what keeps collectors that share it out of each other's way. This file is run without a lock: it may
-- hold nothing but CREATE … IF NOT EXISTS.

CREATE DATABASE IF NOT EXISTS audit;

-- One row a migration: which of these files were applied.
CREATE TABLE IF NOT EXISTS audit.schema_migrations
(
    number     UInt32,
    name       String,
    checksum   String,                              -- SHA-256 of the file, in hex
    applied_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = MergeTree
ORDER BY number                                     -- "which are applied?"
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800,
    fsync_after_insert = 1, fsync_part_directory = 1;

-- Who may do what only one may do at a time, and until when. A row is taken by inserting it with the token
-- `name-generation`: of any number of rows that are inserted at once, the deduplication window lets one in. The row of the
-- highest generation counts. `until` is by the server's clock.
--
--   schema   the holder runs migrations
--   inserts  the holder rebuilds rollups, and collectors begin no insert into `events`
CREATE TABLE IF NOT EXISTS audit.locks
(
    name       LowCardinality(String),
    generation UInt64,
    owner      String,
    until      DateTime64(3, 'UTC'),
    taken_at   DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = MergeTree
ORDER BY (name, generation)                         -- "who has it?"
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800,
    fsync_after_insert = 1, fsync_part_directory = 1;

INSERT INTO audit.schema_migrations (number, name, checksum) SELECT 1, 'database', 'b9808e0372a28d609aef0370af824b71b007835d24a2ead4ae16736d1e69d832'
WHERE (SELECT count() FROM audit.schema_migrations WHERE number = 1) = 0;


-- 0002_events.sql

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

CREATE TABLE IF NOT EXISTS audit.events
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
ENGINE = MergeTree
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
-- A tenant's day lies on one shard, and so do its rows of the rollups.;

INSERT INTO audit.schema_migrations (number, name, checksum) SELECT 2, 'events', '2b597e61a14323362071e4f94fce3875ae76f98025506bbfec800e3c7ad25c6d'
WHERE (SELECT count() FROM audit.schema_migrations WHERE number = 2) = 0;


-- 0003_quarantine.sql

-- Events that could not become rows of `events`: which, why, and what of them can be shown. Kept until somebody deletes
-- them: `ALTER TABLE … DELETE WHERE …`. Few rows are expected: only JSON, the bulk of it, and what repeats are compressed harder.

CREATE TABLE IF NOT EXISTS audit.quarantine
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
ENGINE = MergeTree
ORDER BY (reason, received_at)            -- "how many, since when, of which kind" is what is asked of it
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800,
    fsync_after_insert = 1, fsync_part_directory = 1;

INSERT INTO audit.schema_migrations (number, name, checksum) SELECT 3, 'quarantine', '4ae976a61bf0091fd070419473ea0829cb0c31a4a84556bb8b2081820e48a4ec'
WHERE (SELECT count() FROM audit.schema_migrations WHERE number = 3) = 0;


-- 0004_query_cost.sql

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

CREATE TABLE IF NOT EXISTS audit.query_cost_hourly
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
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(hour)
-- tenant_id and hour: every dashboard asks for one tenant and a range. origin: "what do monitors cost". The target: "which
-- monitor". No actor: with it the rows are as many as the queries.
ORDER BY (tenant_id, hour, origin, target_type, target_id)
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800,
    fsync_after_insert = 1, fsync_part_directory = 1;

CREATE MATERIALIZED VIEW IF NOT EXISTS audit.query_cost_hourly_mv
TO audit.query_cost_hourly
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
FROM audit.events AS events
WHERE is_execution OR is_costed
GROUP BY tenant_id, hour, origin, target_type, target_id;

CREATE TABLE IF NOT EXISTS audit.query_shape_daily
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
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(day)
-- tenant_id and day as above. Language and fingerprint: "which queries are dear, whatever their literals". origin: "what
-- issued this query".
ORDER BY (tenant_id, day, query_language, query_fingerprint, origin)
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800,
    fsync_after_insert = 1, fsync_part_directory = 1;

CREATE MATERIALIZED VIEW IF NOT EXISTS audit.query_shape_daily_mv
TO audit.query_shape_daily
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
FROM audit.events AS events
WHERE is_execution OR is_costed
GROUP BY tenant_id, day, query_language, query_fingerprint, origin;

CREATE TABLE IF NOT EXISTS audit.actor_cost_daily
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
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(day)
-- tenant_id and day as above. actor_id: "whose queries are dear". origin: "by hand or by schedule".
ORDER BY (tenant_id, day, actor_id, origin)
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800,
    fsync_after_insert = 1, fsync_part_directory = 1;

CREATE MATERIALIZED VIEW IF NOT EXISTS audit.actor_cost_daily_mv
TO audit.actor_cost_daily
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
FROM audit.events AS events
WHERE is_execution OR is_costed
GROUP BY tenant_id, day, actor_id, origin;

INSERT INTO audit.schema_migrations (number, name, checksum) SELECT 4, 'query_cost', '3f07ed8854d8e50f6183d8e29691a5e46ff28e654d5934fab5b7cbc423ea65e0'
WHERE (SELECT count() FROM audit.schema_migrations WHERE number = 4) = 0;


-- 0005_dataset_usage.sql

-- Which datasets are queried, by whom and from where. A query over several datasets counts in full for each of them, so
-- sums over datasets are not sums over queries.

CREATE TABLE IF NOT EXISTS audit.dataset_usage_daily
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
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(day)
-- tenant_id and day: the range of every question. dataset: "usage of this dataset". origin: "by people or by monitors".
-- actor_id: "who uses it".
ORDER BY (tenant_id, day, dataset, origin, actor_id)
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800,
    fsync_after_insert = 1, fsync_part_directory = 1;

CREATE MATERIALIZED VIEW IF NOT EXISTS audit.dataset_usage_daily_mv
TO audit.dataset_usage_daily
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
FROM audit.events AS events
WHERE is_execution OR is_costed
GROUP BY tenant_id, day, dataset, origin, actor_id;

INSERT INTO audit.schema_migrations (number, name, checksum) SELECT 5, 'dataset_usage', 'f51dae2883192a48fcd27eb053104802c0394afe52a6094fca85e0e2e4c78af9'
WHERE (SELECT count() FROM audit.schema_migrations WHERE number = 5) = 0;


-- 0006_ingest.sql

-- What was ingested into which dataset. An event reports a period that ends at its timestamp; it counts in the hour of the
-- timestamp.

CREATE TABLE IF NOT EXISTS audit.ingest_hourly
(
    tenant_id LowCardinality(String) CODEC(ZSTD(3)),
    hour      DateTime64(0, 'UTC') CODEC(ZSTD(3)),
    dataset   String CODEC(ZSTD(3)),
    bytes     SimpleAggregateFunction(sum, Int64) CODEC(ZSTD(3)),
    records   SimpleAggregateFunction(sum, Int64) CODEC(ZSTD(3))
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(hour)
-- tenant_id and hour: "total ingest over time"; dataset: "ingest by dataset".
ORDER BY (tenant_id, hour, dataset)
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800,
    fsync_after_insert = 1, fsync_part_directory = 1;

CREATE MATERIALIZED VIEW IF NOT EXISTS audit.ingest_hourly_mv
TO audit.ingest_hourly
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    tenant_id,
    fromUnixTimestamp64Second(intDiv(toUnixTimestamp64Second(timestamp), 3600) * 3600, 'UTC') AS hour,
    target_id AS dataset,
    sum(ifNull(ingest_bytes, 0)) AS bytes,
    sum(ifNull(ingest_records, 0)) AS records
FROM audit.events AS events
WHERE ingest_bytes IS NOT NULL OR ingest_records IS NOT NULL
GROUP BY tenant_id, hour, dataset;

INSERT INTO audit.schema_migrations (number, name, checksum) SELECT 6, 'ingest', '3a9c928135f6b25eb97705ae487df49b155ae2de6e575578dc9fcc5dc9b8feeb'
WHERE (SELECT count() FROM audit.schema_migrations WHERE number = 6) = 0;


-- 0007_activity.sql

-- Who did what how often: the daily activity of every actor.

CREATE TABLE IF NOT EXISTS audit.activity_daily
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
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(day)
-- tenant_id, workspace_id and day: "activity of the team this week"; actor_id: "what did this user do"; event name, action
-- and target type: "operations by kind of object"; outcome: "failed logins by user".
ORDER BY (tenant_id, workspace_id, day, actor_id, event_name, action, target_type, outcome)
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800,
    fsync_after_insert = 1, fsync_part_directory = 1;

CREATE MATERIALIZED VIEW IF NOT EXISTS audit.activity_daily_mv
TO audit.activity_daily
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
FROM audit.events AS events
GROUP BY tenant_id, workspace_id, day, actor_id, event_name, action, target_type, outcome;

INSERT INTO audit.schema_migrations (number, name, checksum) SELECT 7, 'activity', '097381c2c6ea4156dc3a9fbaf7dda5260cc7802eb408dd0a37bc4ce1b23f46d9'
WHERE (SELECT count() FROM audit.schema_migrations WHERE number = 7) = 0;


-- 0008_blocks.sql

-- What must be there: one row an insert that a collector knows to be done. Rows and digest are those of the table that
-- the insert went to, so that counting them again finds what was lost or doubled. Block numbers and times rise along the table,
-- so Delta makes them small.

CREATE TABLE IF NOT EXISTS audit.blocks
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
ENGINE = MergeTree
PARTITION BY toYYYYMM(first_received_at)
-- table and first_received_at: "what must there be of these hours?" collector and first_block: "of this log?"
ORDER BY (table, first_received_at, collector, first_block)
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800,
    fsync_after_insert = 1, fsync_part_directory = 1;

INSERT INTO audit.schema_migrations (number, name, checksum) SELECT 8, 'blocks', '35ac0ef12ab482a54a623c5dfb499d30ceea283d240af18f8ff7589c2cdd6a54'
WHERE (SELECT count() FROM audit.schema_migrations WHERE number = 8) = 0;


-- 0009_ledger.sql

-- Where every event went, by source and hour: received = stored + queued + duplicate + rejected + quarantined + skipped +
-- sampled out. What is stored is counted from `events`, what is queued is a metric of the collector. Rows are counts to
-- add up: always sum(events).

CREATE TABLE IF NOT EXISTS audit.ledger
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
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(hour)
-- tenant_id and hour: "what became of this tenant's events, and when?" source: "of this service's?" kind and reason: "why?"
ORDER BY (tenant_id, hour, source, kind, reason, collector)
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800,
    fsync_after_insert = 1, fsync_part_directory = 1;

INSERT INTO audit.schema_migrations (number, name, checksum) SELECT 9, 'ledger', '7ceb0b4632413a653035a153065565e29db4857d36a9b4e2179d3317e83d1519'
WHERE (SELECT count() FROM audit.schema_migrations WHERE number = 9) = 0;


-- 0010_recomputed.sql

-- What the rollups must hold, counted again from `events`, as far as those are still there: days from..to (Date32, both
-- included) of the events' time. Each view is the select of the rollup's own view, over these days (a test compares them).
-- On a cluster they are about the rows of the server that is asked: ask each shard.
--
-- How a day of a rollup is rebuilt with them by hand stands in the README of package reconcile.

CREATE VIEW IF NOT EXISTS audit.query_cost_hourly_recomputed
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
FROM (SELECT * FROM audit.events WHERE toDate32(timestamp) BETWEEN {from:Date32} AND {to:Date32}) AS events
WHERE is_execution OR is_costed
GROUP BY tenant_id, hour, origin, target_type, target_id;

CREATE VIEW IF NOT EXISTS audit.query_shape_daily_recomputed
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
FROM (SELECT * FROM audit.events WHERE toDate32(timestamp) BETWEEN {from:Date32} AND {to:Date32}) AS events
WHERE is_execution OR is_costed
GROUP BY tenant_id, day, query_language, query_fingerprint, origin;

CREATE VIEW IF NOT EXISTS audit.actor_cost_daily_recomputed
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
FROM (SELECT * FROM audit.events WHERE toDate32(timestamp) BETWEEN {from:Date32} AND {to:Date32}) AS events
WHERE is_execution OR is_costed
GROUP BY tenant_id, day, actor_id, origin;

CREATE VIEW IF NOT EXISTS audit.dataset_usage_daily_recomputed
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
FROM (SELECT * FROM audit.events WHERE toDate32(timestamp) BETWEEN {from:Date32} AND {to:Date32}) AS events
WHERE is_execution OR is_costed
GROUP BY tenant_id, day, dataset, origin, actor_id;

CREATE VIEW IF NOT EXISTS audit.ingest_hourly_recomputed
AS SELECT
    tenant_id,
    fromUnixTimestamp64Second(intDiv(toUnixTimestamp64Second(timestamp), 3600) * 3600, 'UTC') AS hour,
    target_id AS dataset,
    sum(ifNull(ingest_bytes, 0)) AS bytes,
    sum(ifNull(ingest_records, 0)) AS records
FROM (SELECT * FROM audit.events WHERE toDate32(timestamp) BETWEEN {from:Date32} AND {to:Date32}) AS events
WHERE ingest_bytes IS NOT NULL OR ingest_records IS NOT NULL
GROUP BY tenant_id, hour, dataset;

CREATE VIEW IF NOT EXISTS audit.activity_daily_recomputed
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
FROM (SELECT * FROM audit.events WHERE toDate32(timestamp) BETWEEN {from:Date32} AND {to:Date32}) AS events
GROUP BY tenant_id, workspace_id, day, actor_id, event_name, action, target_type, outcome;

INSERT INTO audit.schema_migrations (number, name, checksum) SELECT 10, 'recomputed', '590154d83c21811b95e13f05481258bde05be0b8e2b9f04a9f17df55766a6118'
WHERE (SELECT count() FROM audit.schema_migrations WHERE number = 10) = 0;


-- 0011_reconcile_rollups.sql

-- "Do rollups and events agree?" One row a rollup and day (from..to, Date32, both included) on which they differ: the number
-- of keys, a digest of keys and counts, and the sum of costs and durations, which may differ by rounding. Rows that arrive
-- while this is asked make a difference, and so do events that retention has dropped. On a cluster: ask each shard.
--
--   SELECT * FROM audit.reconcile_rollups(from = yesterday(), to = today())

CREATE VIEW IF NOT EXISTS audit.reconcile_rollups
AS SELECT
    table,
    day,
    sumIf(keys, stored) AS stored_keys,
    sumIf(keys, NOT stored) AS expected_keys,
    sumIf(digest, stored) AS stored_digest,
    sumIf(digest, NOT stored) AS expected_digest,
    sumIf(amount, stored) AS stored_amount,
    sumIf(amount, NOT stored) AS expected_amount
FROM
(
    SELECT 'query_cost_hourly' AS table, true AS stored, day, count() AS keys, sum(key_digest) AS digest, sum(key_amount) AS amount
    FROM
    (
        SELECT
            toDate32(hour) AS day,
            cityHash64(tenant_id, hour, origin, target_type, target_id, sum(executions), sum(costed_executions), ifNull(max(cost_max), 0), sum(bytes_scanned)) AS key_digest,
            sum(cost_sum) + sum(duration_seconds) AS key_amount
        FROM audit.query_cost_hourly
        WHERE toDate32(hour) BETWEEN {from:Date32} AND {to:Date32}
        GROUP BY tenant_id, hour, origin, target_type, target_id
    )
    GROUP BY day
    UNION ALL
    SELECT 'query_cost_hourly' AS table, false AS stored, day, count() AS keys, sum(key_digest) AS digest, sum(key_amount) AS amount
    FROM
    (
        SELECT
            toDate32(hour) AS day,
            cityHash64(tenant_id, hour, origin, target_type, target_id, sum(executions), sum(costed_executions), ifNull(max(cost_max), 0), sum(bytes_scanned)) AS key_digest,
            sum(cost_sum) + sum(duration_seconds) AS key_amount
        FROM audit.query_cost_hourly_recomputed(from = {from:Date32}, to = {to:Date32})
        GROUP BY tenant_id, hour, origin, target_type, target_id
    )
    GROUP BY day
    UNION ALL
    SELECT 'query_shape_daily' AS table, true AS stored, day, count() AS keys, sum(key_digest) AS digest, sum(key_amount) AS amount
    FROM
    (
        SELECT
            toDate32(day) AS day,
            cityHash64(tenant_id, day, query_language, query_fingerprint, origin, sum(executions), sum(costed_executions), ifNull(max(cost_max), 0), sum(bytes_scanned)) AS key_digest,
            sum(cost_sum) + sum(duration_seconds) AS key_amount
        FROM audit.query_shape_daily
        WHERE toDate32(day) BETWEEN {from:Date32} AND {to:Date32}
        GROUP BY tenant_id, day, query_language, query_fingerprint, origin
    )
    GROUP BY day
    UNION ALL
    SELECT 'query_shape_daily' AS table, false AS stored, day, count() AS keys, sum(key_digest) AS digest, sum(key_amount) AS amount
    FROM
    (
        SELECT
            toDate32(day) AS day,
            cityHash64(tenant_id, day, query_language, query_fingerprint, origin, sum(executions), sum(costed_executions), ifNull(max(cost_max), 0), sum(bytes_scanned)) AS key_digest,
            sum(cost_sum) + sum(duration_seconds) AS key_amount
        FROM audit.query_shape_daily_recomputed(from = {from:Date32}, to = {to:Date32})
        GROUP BY tenant_id, day, query_language, query_fingerprint, origin
    )
    GROUP BY day
    UNION ALL
    SELECT 'actor_cost_daily' AS table, true AS stored, day, count() AS keys, sum(key_digest) AS digest, sum(key_amount) AS amount
    FROM
    (
        SELECT
            toDate32(day) AS day,
            cityHash64(tenant_id, day, actor_id, origin, sum(executions), sum(costed_executions), ifNull(max(cost_max), 0), sum(bytes_scanned)) AS key_digest,
            sum(cost_sum) + sum(duration_seconds) AS key_amount
        FROM audit.actor_cost_daily
        WHERE toDate32(day) BETWEEN {from:Date32} AND {to:Date32}
        GROUP BY tenant_id, day, actor_id, origin
    )
    GROUP BY day
    UNION ALL
    SELECT 'actor_cost_daily' AS table, false AS stored, day, count() AS keys, sum(key_digest) AS digest, sum(key_amount) AS amount
    FROM
    (
        SELECT
            toDate32(day) AS day,
            cityHash64(tenant_id, day, actor_id, origin, sum(executions), sum(costed_executions), ifNull(max(cost_max), 0), sum(bytes_scanned)) AS key_digest,
            sum(cost_sum) + sum(duration_seconds) AS key_amount
        FROM audit.actor_cost_daily_recomputed(from = {from:Date32}, to = {to:Date32})
        GROUP BY tenant_id, day, actor_id, origin
    )
    GROUP BY day
    UNION ALL
    SELECT 'dataset_usage_daily' AS table, true AS stored, day, count() AS keys, sum(key_digest) AS digest, sum(key_amount) AS amount
    FROM
    (
        SELECT
            toDate32(day) AS day,
            cityHash64(tenant_id, day, dataset, origin, actor_id, sum(queries), sum(costed_queries), sum(bytes_scanned), uniqMerge(actors)) AS key_digest,
            sum(cost_sum) AS key_amount
        FROM audit.dataset_usage_daily
        WHERE toDate32(day) BETWEEN {from:Date32} AND {to:Date32}
        GROUP BY tenant_id, day, dataset, origin, actor_id
    )
    GROUP BY day
    UNION ALL
    SELECT 'dataset_usage_daily' AS table, false AS stored, day, count() AS keys, sum(key_digest) AS digest, sum(key_amount) AS amount
    FROM
    (
        SELECT
            toDate32(day) AS day,
            cityHash64(tenant_id, day, dataset, origin, actor_id, sum(queries), sum(costed_queries), sum(bytes_scanned), uniqMerge(actors)) AS key_digest,
            sum(cost_sum) AS key_amount
        FROM audit.dataset_usage_daily_recomputed(from = {from:Date32}, to = {to:Date32})
        GROUP BY tenant_id, day, dataset, origin, actor_id
    )
    GROUP BY day
    UNION ALL
    SELECT 'ingest_hourly' AS table, true AS stored, day, count() AS keys, sum(key_digest) AS digest, sum(key_amount) AS amount
    FROM
    (
        SELECT
            toDate32(hour) AS day,
            cityHash64(tenant_id, hour, dataset, sum(bytes), sum(records)) AS key_digest,
            0. AS key_amount
        FROM audit.ingest_hourly
        WHERE toDate32(hour) BETWEEN {from:Date32} AND {to:Date32}
        GROUP BY tenant_id, hour, dataset
    )
    GROUP BY day
    UNION ALL
    SELECT 'ingest_hourly' AS table, false AS stored, day, count() AS keys, sum(key_digest) AS digest, sum(key_amount) AS amount
    FROM
    (
        SELECT
            toDate32(hour) AS day,
            cityHash64(tenant_id, hour, dataset, sum(bytes), sum(records)) AS key_digest,
            0. AS key_amount
        FROM audit.ingest_hourly_recomputed(from = {from:Date32}, to = {to:Date32})
        GROUP BY tenant_id, hour, dataset
    )
    GROUP BY day
    UNION ALL
    SELECT 'activity_daily' AS table, true AS stored, day, count() AS keys, sum(key_digest) AS digest, sum(key_amount) AS amount
    FROM
    (
        SELECT
            toDate32(day) AS day,
            cityHash64(tenant_id, day, workspace_id, actor_id, event_name, action, target_type, outcome, sum(events), min(first_time), max(last_time)) AS key_digest,
            0. AS key_amount
        FROM audit.activity_daily
        WHERE toDate32(day) BETWEEN {from:Date32} AND {to:Date32}
        GROUP BY tenant_id, day, workspace_id, actor_id, event_name, action, target_type, outcome
    )
    GROUP BY day
    UNION ALL
    SELECT 'activity_daily' AS table, false AS stored, day, count() AS keys, sum(key_digest) AS digest, sum(key_amount) AS amount
    FROM
    (
        SELECT
            toDate32(day) AS day,
            cityHash64(tenant_id, day, workspace_id, actor_id, event_name, action, target_type, outcome, sum(events), min(first_time), max(last_time)) AS key_digest,
            0. AS key_amount
        FROM audit.activity_daily_recomputed(from = {from:Date32}, to = {to:Date32})
        GROUP BY tenant_id, day, workspace_id, actor_id, event_name, action, target_type, outcome
    )
    GROUP BY day
)
GROUP BY table, day
HAVING stored_keys != expected_keys OR stored_digest != expected_digest
    OR abs(stored_amount - expected_amount) > 1e-9 * (abs(stored_amount) + abs(expected_amount)) + 1e-9;

INSERT INTO audit.schema_migrations (number, name, checksum) SELECT 11, 'reconcile_rollups', 'c9ea228d324ca27142efd2322af9404fd64ec6488486d60dcb3a311d01a5a79f'
WHERE (SELECT count() FROM audit.schema_migrations WHERE number = 11) = 0;


-- 0012_reconcile_blocks.sql

-- "Is what collectors inserted there, and once?" One row an insert of the manifest `blocks`, received from..to (DateTime64(9),
-- `to` not included), whose rows in the table are not what it says: fewer are lost or dropped by retention, more are
-- doubled.
--
--   SELECT * FROM audit.reconcile_blocks(from = now() - INTERVAL 1 DAY, to = now())

CREATE VIEW IF NOT EXISTS audit.reconcile_blocks
AS WITH manifest AS
(
    SELECT
        b.table AS table, b.token AS token, any(b.collector) AS collector, any(b.first_block) AS first_block, any(b.last_block) AS last_block,
        any(b.first_received_at) AS first_received_at, any(b.last_received_at) AS last_received_at,
        -- A later row corrects an earlier one: copies of events that came with other inserts were deleted.
        argMax((b.rows, b.digest), (b.inserted_at, -toInt64(b.rows))) AS counted
    FROM audit.blocks AS b
    WHERE b.first_received_at >= {from:DateTime64(9, 'UTC')} AND b.first_received_at < {to:DateTime64(9, 'UTC')}
    GROUP BY b.table, b.token
),
found AS
(
    SELECT m.table AS table, m.token AS token, sum(s.stored_rows) AS found_rows, sum(s.stored_digest) AS found_digest
    FROM
    (
        SELECT 'events' AS table, block_id, count() AS stored_rows, sum(xxHash64(record_id)) AS stored_digest
        FROM audit.events
        WHERE received_at >= {from:DateTime64(9, 'UTC')} AND received_at <= (SELECT max(last_received_at) FROM manifest)
        GROUP BY block_id
        UNION ALL
        SELECT 'quarantine' AS table, block_id, count() AS stored_rows, sum(xxHash64(record_id)) AS stored_digest
        FROM audit.quarantine
        WHERE received_at >= {from:DateTime64(9, 'UTC')} AND received_at <= (SELECT max(last_received_at) FROM manifest)
        GROUP BY block_id
    ) AS s
    ASOF INNER JOIN manifest AS m ON s.table = m.table AND s.block_id >= m.first_block
    WHERE s.block_id <= m.last_block
    GROUP BY m.table, m.token
)
SELECT
    manifest.table AS table,
    manifest.token AS token,
    manifest.collector AS collector,
    manifest.first_block AS first_block,
    manifest.last_block AS last_block,
    manifest.first_received_at AS first_received_at,
    manifest.last_received_at AS last_received_at,
    manifest.counted.1 AS rows,
    found.found_rows AS found_rows,
    manifest.counted.2 AS digest,
    found.found_digest AS found_digest
FROM manifest
LEFT JOIN found ON manifest.table = found.table AND manifest.token = found.token
WHERE manifest.table IN ('events', 'quarantine') AND (rows != found_rows OR digest != found_digest);

-- "Which events are there more than once?" One row a tenant and record id of which events were received from..to
-- (DateTime64(9), `to` not included), and that has more than one row in the table, received at any time since `since`. The
-- rows are copies of one event where they came with one block, or are of one content; the others are conflicts.
--
--   SELECT * FROM audit.reconcile_doubled(since = now() - INTERVAL 30 DAY, from = now() - INTERVAL 1 DAY, to = now())

CREATE VIEW IF NOT EXISTS audit.reconcile_doubled
AS SELECT
    tenant_id,
    record_id,
    count() AS rows,
    uniqExact(block_id) > 1 AND (uniqExact(record_hash) > 1 OR any(record_hash) = 0) AS conflict,
    groupUniqArray(block_id) AS block_ids,
    min(received_at) AS first_received_at,
    max(received_at) AS last_received_at
FROM audit.events
WHERE received_at >= {since:DateTime64(9, 'UTC')} AND cityHash64(tenant_id, record_id) GLOBAL IN
(
    SELECT cityHash64(tenant_id, record_id) FROM audit.events
    WHERE received_at >= {from:DateTime64(9, 'UTC')} AND received_at < {to:DateTime64(9, 'UTC')}
)
GROUP BY tenant_id, record_id
HAVING rows > 1;

INSERT INTO audit.schema_migrations (number, name, checksum) SELECT 12, 'reconcile_blocks', '62ffdd618b5582e162c9c4d61fafa12d55639f387edfe27f59568c93a836118f'
WHERE (SELECT count() FROM audit.schema_migrations WHERE number = 12) = 0;


-- 0013_ingest_views.sql

-- What is ingested, from the rollup `ingest_hourly`. An hour counts in full when from..to touches it, so a range of full hours
-- is exact. GB are 1024³ bytes, as in Axiom's document.

-- "Track ingest by dataset: how much data does each dataset ingest over time?" (Axiom, "Track activity in Axiom")
--
--   SELECT * FROM audit.ingest_by_dataset(bin_seconds = 86400, from = now() - INTERVAL 30 DAY, to = now())
--
-- Bins begin at multiples of bin_seconds since 1970. One of less than an hour shows an hour's ingest where the hour begins.
CREATE VIEW IF NOT EXISTS audit.ingest_by_dataset
AS SELECT
    tenant_id,
    fromUnixTimestamp64Second(intDiv(toUnixTimestamp64Second(hour), {bin_seconds:UInt32}) * {bin_seconds:UInt32}, 'UTC') AS time,
    dataset,
    sum(bytes) / pow(1024, 3) AS ingest_gb,
    sum(bytes) AS ingest_bytes,
    sum(records) AS ingest_records
FROM audit.ingest_hourly
WHERE hour > {from:DateTime64(9, 'UTC')} - INTERVAL 1 HOUR AND hour < {to:DateTime64(9, 'UTC')}
GROUP BY tenant_id, time, dataset;

-- "Determine total data ingest across all datasets over time" (Axiom, "Track activity in Axiom")
--
--   SELECT * FROM audit.ingest_total(bin_seconds = 3600, from = now() - INTERVAL 1 DAY, to = now())
CREATE VIEW IF NOT EXISTS audit.ingest_total
AS SELECT
    tenant_id,
    fromUnixTimestamp64Second(intDiv(toUnixTimestamp64Second(hour), {bin_seconds:UInt32}) * {bin_seconds:UInt32}, 'UTC') AS time,
    sum(bytes) / pow(1024, 3) AS ingest_gb,
    sum(bytes) AS ingest_bytes,
    sum(records) AS ingest_records
FROM audit.ingest_hourly
WHERE hour > {from:DateTime64(9, 'UTC')} - INTERVAL 1 HOUR AND hour < {to:DateTime64(9, 'UTC')}
GROUP BY tenant_id, time;

INSERT INTO audit.schema_migrations (number, name, checksum) SELECT 13, 'ingest_views', '080ce25df4ffcff355d553c78840719085ce0b37861b8362bd3e8056cf6f488b'
WHERE (SELECT count() FROM audit.schema_migrations WHERE number = 13) = 0;


-- 0014_query_views.sql

-- What queries cost, and who or what issues them. What comes from a rollup counts an hour or a day in full where from..to touches
-- it, so a range of full days is exact. What comes from `events` is exact to the nanosecond.
--
-- An event with a query's fingerprint or representation is an execution, an event with a cost is a costed execution. A product
-- that sends two events for one query joins them by query_id.

-- "Monitor high-cost queries: identify queries that consume significant resources" (Axiom, "Track activity in Axiom")
--
--   SELECT * FROM audit.high_cost_queries(min_cost = 1000, from = now() - INTERVAL 1 DAY, to = now()) ORDER BY query_cost DESC
--
-- One row a costed execution of more than min_cost GB·ms, from `events`. Where the cost came in an event of its own, what was
-- asked is that of an execution with its tenant and query_id, of at most a day before; '' where there is none.
CREATE VIEW IF NOT EXISTS audit.high_cost_queries
AS SELECT
    costs.tenant_id AS tenant_id,
    costs.timestamp AS timestamp,
    costs.query_cost AS query_cost,
    costs.query_bytes_scanned AS query_bytes_scanned,
    costs.duration_seconds AS duration_seconds,
    costs.origin AS origin,
    costs.target_type AS target_type,
    costs.target_id AS target_id,
    costs.target_name AS target_name,
    costs.actor_id AS actor_id,
    costs.actor_type AS actor_type,
    costs.datasets AS datasets,
    if(costs.query_representation != '', costs.query_language, runs.query_language) AS query_language,
    if(costs.query_representation != '', costs.query_representation, runs.query_representation) AS query_representation,
    if(costs.query_representation != '', costs.query_fingerprint, runs.query_fingerprint) AS query_fingerprint,
    costs.query_id AS query_id,
    costs.record_id AS record_id
FROM
(
    SELECT tenant_id, query_id, query_language, query_representation, query_fingerprint
    FROM audit.events
    WHERE query_id != '' AND (query_fingerprint != '' OR query_representation != '')
        AND timestamp >= {from:DateTime64(9, 'UTC')} - INTERVAL 1 DAY AND timestamp < {to:DateTime64(9, 'UTC')}
) AS runs
-- The costs are few, so they are what is kept in memory, and a condition on tenant_id reaches both sides.
RIGHT ANY JOIN
(
    SELECT
        tenant_id, timestamp, record_id, query_id, query_cost, query_bytes_scanned, duration_seconds, origin, target_type, target_id,
        target_name, actor_id, actor_type, datasets, query_language, query_representation, query_fingerprint
    FROM audit.events
    WHERE query_cost > {min_cost:Float64} AND timestamp >= {from:DateTime64(9, 'UTC')} AND timestamp < {to:DateTime64(9, 'UTC')}
) AS costs USING (tenant_id, query_id);

-- "Track monitor query load: which monitors generate the most query activity?" (Axiom, "Track activity in Axiom")
--
--   SELECT * FROM audit.monitor_query_load(from = today() - 30, to = now()) ORDER BY total_cost DESC
--
-- total_queries are costed executions, as Axiom counts them; avg_cost is over these. By hour, from `query_cost_hourly`.
CREATE VIEW IF NOT EXISTS audit.monitor_query_load
AS SELECT
    tenant_id,
    target_type,
    target_id,
    sum(costed_executions) AS total_queries,
    sum(cost_sum) AS total_cost,
    if(total_queries = 0, NULL, total_cost / total_queries) AS avg_cost,
    max(cost_max) AS max_cost,
    ifNotFinite(quantilesTDigestMerge(0.5, 0.9, 0.95, 0.99)(cost_quantiles)[3], NULL) AS p95_cost,
    sum(executions) AS executions,
    sum(load.bytes_scanned) AS bytes_scanned
FROM audit.query_cost_hourly AS load
WHERE origin = 'monitor' AND hour > {from:DateTime64(9, 'UTC')} - INTERVAL 1 HOUR AND hour < {to:DateTime64(9, 'UTC')}
GROUP BY tenant_id, target_type, target_id;

-- "Analyze dataset usage: find out which datasets are used the most", a day and single dataset (Axiom, "Track activity in Axiom")
--
--   SELECT * FROM audit.dataset_usage(from = today() - 30, to = now()) ORDER BY query_count DESC
--
-- A query over several datasets counts in full for each. actors is exact up to some ten thousand. By day, from
-- `dataset_usage_daily`.
CREATE VIEW IF NOT EXISTS audit.dataset_usage
AS SELECT
    tenant_id,
    day,
    dataset,
    sum(queries) AS query_count,
    sum(costed_queries) AS costed_queries,
    sum(cost_sum) AS total_cost,
    sum(usage.bytes_scanned) AS bytes_scanned,
    uniqMerge(usage.actors) AS actors
FROM audit.dataset_usage_daily AS usage
WHERE day >= toDate32({from:DateTime64(9, 'UTC')}) AND day <= toDate32({to:DateTime64(9, 'UTC')} - INTERVAL 1 NANOSECOND)
GROUP BY tenant_id, day, dataset;

-- "Analyze dataset usage", by the set of datasets that one query reads, as Axiom's query has it (Axiom, "Track activity in Axiom")
--
--   SELECT * FROM audit.dataset_sets(from = today() - 30, to = now()) ORDER BY query_count DESC
--
-- Sets are sorted and name a dataset once. query_count counts stored executions, estimated_queries what they stand for where the
-- policy samples. From `events`.
CREATE VIEW IF NOT EXISTS audit.dataset_sets
AS SELECT
    tenant_id,
    toDate32(timestamp) AS day,
    arraySort(arrayDistinct(events.datasets)) AS datasets,
    count() AS query_count,
    sum(if(sample_rate > 0, 1 / sample_rate, 1)) AS estimated_queries
FROM audit.events AS events
WHERE timestamp >= {from:DateTime64(9, 'UTC')} AND timestamp < {to:DateTime64(9, 'UTC')}
    AND (query_fingerprint != '' OR query_representation != '') AND notEmpty(events.datasets)
GROUP BY tenant_id, day, datasets;

-- "Track query sources: see the distribution of queries across different sources" (Axiom, "Track activity in Axiom")
--
--   SELECT * FROM audit.query_sources(from = today() - 30, to = now()) ORDER BY query_count DESC
--
-- query_share is of the tenant's queries, from 0 to 1. By hour, from `query_cost_hourly`.
CREATE VIEW IF NOT EXISTS audit.query_sources
AS SELECT
    tenant_id,
    origin,
    sum(executions) AS query_count,
    query_count / sum(query_count) OVER (PARTITION BY tenant_id) AS query_share,
    sum(costed_executions) AS costed_queries,
    sum(cost_sum) AS total_cost,
    sum(cost.bytes_scanned) AS bytes_scanned
FROM audit.query_cost_hourly AS cost
WHERE hour > {from:DateTime64(9, 'UTC')} - INTERVAL 1 HOUR AND hour < {to:DateTime64(9, 'UTC')}
GROUP BY tenant_id, origin;

-- "Trace queries back to their source (monitors or direct queries) for debugging": who and what issues the queries of one shape
-- (Axiom, "Track activity in Axiom")
--
--   SELECT * FROM audit.query_origins(fingerprint = 'c6b2a3b0a8f4d915', from = now() - INTERVAL 7 DAY, to = now()) ORDER BY total_cost DESC
--
-- The fingerprint is that of a row of high_cost_queries. A cost that came in an event of its own counts where the execution with
-- its tenant and query_id does, when it came within a day after `to`. From `events`.
CREATE VIEW IF NOT EXISTS audit.query_origins
AS WITH
    runs AS
    (
        SELECT tenant_id, timestamp, query_id, origin, target_type, target_id, target_name, actor_id, actor_type, query_cost, sample_rate
        FROM audit.events
        WHERE query_fingerprint = {fingerprint:String} AND timestamp >= {from:DateTime64(9, 'UTC')} AND timestamp < {to:DateTime64(9, 'UTC')}
    ),
    costs AS
    (
        SELECT tenant_id, query_id, count() AS costs, sum(events.query_cost) AS cost, max(events.query_cost) AS dearest
        FROM audit.events AS events
        WHERE isFinite(query_cost) AND query_fingerprint = ''
            AND timestamp >= {from:DateTime64(9, 'UTC')} AND timestamp < {to:DateTime64(9, 'UTC')} + INTERVAL 1 DAY
            AND query_id GLOBAL IN (SELECT query_id FROM runs WHERE query_id != '')
        GROUP BY tenant_id, query_id
    )
SELECT
    tenant_id,
    origin,
    target_type,
    target_id,
    argMax(runs.target_name, timestamp) AS target_name,
    actor_id,
    actor_type,
    count() AS executions,
    sum(if(sample_rate > 0, 1 / sample_rate, 1)) AS estimated_executions,
    sum(if(isFinite(query_cost), 1, 0) + costs.costs) AS costed_executions,
    sum(if(isFinite(query_cost), query_cost, 0) + ifNull(costs.cost, 0)) AS total_cost,
    max(greatest(ifNull(query_cost, costs.dearest), ifNull(costs.dearest, query_cost))) AS max_cost,
    min(timestamp) AS first_time,
    max(timestamp) AS last_time
FROM runs LEFT JOIN costs USING (tenant_id, query_id)
GROUP BY tenant_id, origin, target_type, target_id, actor_id, actor_type;

INSERT INTO audit.schema_migrations (number, name, checksum) SELECT 14, 'query_views', 'aac41d2545596e49ccbb950c09d99b2c2ab915e14a4105ae7008b3d37e63d68b'
WHERE (SELECT count() FROM audit.schema_migrations WHERE number = 14) = 0;


-- 0015_activity_views.sql

-- What is done to which objects, by whom. What comes from the rollup `activity_daily` counts a day in full where from..to touches
-- it, so a range of full days is exact. What comes from `events` is exact to the nanosecond.

-- "The audit events by their operation and object type", with examples (Observe, "Track user activity with audit trails")
--
--   SELECT * FROM audit.operations_by_target(from = now() - INTERVAL 7 DAY, to = now())
--
-- Counts by day, from `activity_daily`. example_events are up to three of the newest events as JSON, the newest first, read
-- from `events`: of the events that an actor made on a day the last, so there may be newer ones than the second.
CREATE VIEW IF NOT EXISTS audit.operations_by_target
AS WITH
    operations AS
    (
        SELECT
            tenant_id,
            target_type,
            action,
            sum(activity.events) AS events,
            sumIf(activity.events, outcome = 'failure') AS failures,
            uniqExact(actor_id) AS actors,
            arraySort(groupUniqArray(event_name)) AS event_names,
            min(activity.first_time) AS first_time,
            max(activity.last_time) AS last_time,
            groupArraySorted(3)(-toUnixTimestamp64Nano(activity.last_time)) AS newest
        FROM audit.activity_daily AS activity
        WHERE day >= toDate32({from:DateTime64(9, 'UTC')}) AND day <= toDate32({to:DateTime64(9, 'UTC')} - INTERVAL 1 NANOSECOND)
        GROUP BY tenant_id, target_type, action
    ),
    examples AS
    (
        SELECT
            tenant_id, target_type, action,
            groupArraySorted(3)((-toUnixTimestamp64Nano(events.timestamp), toJSONString(map('timestamp', toString(events.timestamp),
                'event_name', event_name, 'action', action, 'outcome', outcome, 'actor_id', actor_id, 'actor_type', actor_type,
                'target_type', target_type, 'target_id', target_id, 'target_name', target_name, 'origin', origin,
                'workspace_id', workspace_id, 'record_id', record_id)))) AS newest
        FROM audit.events AS events
        WHERE (tenant_id, timestamp) GLOBAL IN (SELECT tenant_id, fromUnixTimestamp64Nano(-arrayJoin(newest), 'UTC') FROM operations)
        GROUP BY tenant_id, target_type, action
    )
SELECT
    tenant_id,
    target_type,
    action,
    operations.events AS events,
    failures,
    actors,
    event_names,
    first_time,
    last_time,
    arrayMap(example -> example.2, examples.newest) AS example_events
FROM operations LEFT JOIN examples USING (tenant_id, target_type, action);

-- "Who modified it, and when? Who disabled the monitor, and when?" (Observe, "Track user activity with audit trails")
--
--   SELECT * FROM audit.object_history(target_type = 'monitor', target_id = 'm-7', from = today() - 90, to = now()) ORDER BY timestamp
--
-- One row an event that may have changed the object or who may use it: not reads, runs and reports of it. Attempts that failed are
-- there too. From `events`.
CREATE VIEW IF NOT EXISTS audit.object_history
AS SELECT
    tenant_id,
    timestamp,
    event_name,
    action,
    outcome,
    outcome_reason,
    actor_id,
    actor_type,
    actor_on_behalf_of,
    if(directory_name != '', directory_name, events.actor_name) AS actor_name,
    source_address,
    session_id,
    origin,
    workspace_id,
    branch_id,
    target_name,
    change_before,
    change_after,
    details,
    record_id
FROM audit.events AS events
WHERE events.target_type = {target_type:String} AND events.target_id = {target_id:String}
    AND timestamp >= {from:DateTime64(9, 'UTC')} AND timestamp < {to:DateTime64(9, 'UTC')}
    AND action NOT IN ('READ', 'EXECUTE', 'INVOKE', 'REPORT', 'EXPORT', 'NOTIFY', 'LOGIN', 'LOGOUT');

-- "Overall CRUD operations per user" (Observe, "Track user activity with audit trails": its Audit Events dashboard)
--
--   SELECT * FROM audit.user_operations(from = today() - 30, to = now()) ORDER BY events DESC
--
-- others are the events of every other action; failures are counted among the others, too. By day, from `activity_daily`.
CREATE VIEW IF NOT EXISTS audit.user_operations
AS SELECT
    tenant_id,
    actor_id,
    sumIf(activity.events, action = 'CREATE') AS creates,
    sumIf(activity.events, action = 'READ') AS reads,
    sumIf(activity.events, action = 'UPDATE') AS updates,
    sumIf(activity.events, action = 'DELETE') AS deletes,
    sumIf(activity.events, action = 'ENABLE') AS enables,
    sumIf(activity.events, action = 'DISABLE') AS disables,
    sumIf(activity.events, action NOT IN ('CREATE', 'READ', 'UPDATE', 'DELETE', 'ENABLE', 'DISABLE')) AS others,
    sumIf(activity.events, outcome = 'failure') AS failures,
    sum(activity.events) AS events,
    min(activity.first_time) AS first_time,
    max(activity.last_time) AS last_time
FROM audit.activity_daily AS activity
WHERE day >= toDate32({from:DateTime64(9, 'UTC')}) AND day <= toDate32({to:DateTime64(9, 'UTC')} - INTERVAL 1 NANOSECOND)
GROUP BY tenant_id, actor_id;

-- "Content popularity" (Observe, "Track user activity with audit trails": its Audit Events dashboard)
--
--   SELECT * FROM audit.content_popularity(from = today() - 30, to = now()) ORDER BY users DESC, uses DESC
--
-- What people (actor_type user) read and run: an object's uses are the sum of the two. estimated_uses is what these stand for where
-- the policy samples. From `events`.
CREATE VIEW IF NOT EXISTS audit.content_popularity
AS SELECT
    tenant_id,
    target_type,
    target_id,
    argMax(events.target_name, timestamp) AS target_name,
    uniqExact(actor_id) AS users,
    countIf(action = 'READ') AS reads,
    countIf(action = 'EXECUTE') AS runs,
    count() AS uses,
    sum(if(sample_rate > 0, 1 / sample_rate, 1)) AS estimated_uses,
    max(timestamp) AS last_time
FROM audit.events AS events
WHERE action IN ('READ', 'EXECUTE') AND actor_type = 'user' AND events.target_id != ''
    AND timestamp >= {from:DateTime64(9, 'UTC')} AND timestamp < {to:DateTime64(9, 'UTC')}
GROUP BY tenant_id, target_type, target_id;

INSERT INTO audit.schema_migrations (number, name, checksum) SELECT 15, 'activity_views', 'f518c71834574604e338d2d175e9d48f3642006b95df5fae8770fef51be227f1'
WHERE (SELECT count() FROM audit.schema_migrations WHERE number = 15) = 0;


-- 0016_login_views.sql

-- Who logs in, and who fails to. From `events`, and exact to the nanosecond.

-- "Login logs are also audited, including the login type, such as SAML or local, and whether the login attempt was successful or
-- not", of one user too (Observe, "Track user activity with audit trails")
--
--   SELECT * FROM audit.logins(from = now() - INTERVAL 1 DAY, to = now()) WHERE actor_id = '1792' ORDER BY timestamp DESC
CREATE VIEW IF NOT EXISTS audit.logins
AS SELECT
    tenant_id,
    timestamp,
    actor_id,
    actor_type,
    if(directory_name != '', directory_name, events.actor_name) AS actor_name,
    actor_on_behalf_of,
    auth_method,
    outcome,
    outcome_reason,
    source_address,
    user_agent,
    session_id,
    service_name,
    event_name,
    record_id
FROM audit.events AS events
WHERE action = 'LOGIN' AND timestamp >= {from:DateTime64(9, 'UTC')} AND timestamp < {to:DateTime64(9, 'UTC')};

-- "Alert when the number of failed logins per user surpasses a count over a specific time range" (Observe, "Track user activity with
-- audit trails")
--
--   SELECT * FROM audit.failed_logins(threshold = 5, from = now() - INTERVAL 1 HOUR, to = now())
--
-- One row a user with more than threshold failures. succeeded_after tells whether the user got in after the first of them.
CREATE VIEW IF NOT EXISTS audit.failed_logins
AS SELECT
    tenant_id,
    actor_id,
    countIf(outcome = 'failure') AS failures,
    countIf(outcome = 'success') AS successes,
    toBool(successes > 0 AND maxIf(timestamp, outcome = 'success') > minIf(timestamp, outcome = 'failure')) AS succeeded_after,
    uniqExactIf(source_address, outcome = 'failure') AS addresses,
    arraySort(groupUniqArrayIf(auth_method, outcome = 'failure')) AS auth_methods,
    arraySort(groupUniqArrayIf(outcome_reason, outcome = 'failure')) AS reasons,
    minIf(timestamp, outcome = 'failure') AS first_failure,
    maxIf(timestamp, outcome = 'failure') AS last_failure
FROM audit.events
WHERE action = 'LOGIN' AND timestamp >= {from:DateTime64(9, 'UTC')} AND timestamp < {to:DateTime64(9, 'UTC')}
GROUP BY tenant_id, actor_id
HAVING failures > {threshold:UInt64};

INSERT INTO audit.schema_migrations (number, name, checksum) SELECT 16, 'login_views', 'd758fec66c2f01ca5f9046af8c2706fc5fe347e950e196b12fc4a3f4784f97da'
WHERE (SELECT count() FROM audit.schema_migrations WHERE number = 16) = 0;


-- 0017_llm_views.sql

-- "LLM audit logs": which features call which models for whom (Observe, "Track user activity with audit trails")
--
--   SELECT * FROM audit.llm_usage(from = today() - 30, to = now()) ORDER BY calls DESC
--
-- A call is an event that names a feature, a model or a provider. Tokens are summed over the calls that report them, which
-- calls_with_tokens counts; estimated_calls is what the calls stand for where the policy samples. From `events`.
CREATE VIEW IF NOT EXISTS audit.llm_usage
AS SELECT
    tenant_id,
    ai_feature,
    ai_provider,
    ai_model,
    actor_id,
    count() AS calls,
    sum(if(sample_rate > 0, 1 / sample_rate, 1)) AS estimated_calls,
    countIf(outcome = 'failure') AS failures,
    countIf(ai_input_tokens IS NOT NULL OR ai_output_tokens IS NOT NULL) AS calls_with_tokens,
    sum(ifNull(ai_input_tokens, 0)) AS input_tokens,
    sum(ifNull(ai_output_tokens, 0)) AS output_tokens,
    avg(ai_prompt_length) AS avg_prompt_length,
    min(timestamp) AS first_time,
    max(timestamp) AS last_time
FROM audit.events
WHERE (ai_feature != '' OR ai_model != '' OR ai_provider != '')
    AND timestamp >= {from:DateTime64(9, 'UTC')} AND timestamp < {to:DateTime64(9, 'UTC')}
GROUP BY tenant_id, ai_feature, ai_provider, ai_model, actor_id;

INSERT INTO audit.schema_migrations (number, name, checksum) SELECT 17, 'llm_views', '4e117d404ae7d415ae33745704c8eecdf06113b22cf11a31817cf7e90d8c264c'
WHERE (SELECT count() FROM audit.schema_migrations WHERE number = 17) = 0;


-- 0018_search_views.sql

-- Searching the log of one tenant and paging through it. Every parameter is text, '' means any, and an empty tenant is the
-- tenant `default`. Times are of UTC where they say nothing else; `from` is included, `to` is not.
--
-- A page begins after a cursor: the time and the record id of the last row of the page before, joined by a space. It stays right
-- while events arrive, and the last page costs what the first one does: nothing is skipped by counting. The sort key of
-- `events` pays for it, and no index: a page reads a few granules of each part. How much is read for a page of rare events
-- depends on how rare they are. Sampled events are rows, so nothing is weighed here.
--
--   tenant     its id
--   text       words that all occur in the event's name, its message or the name of its target, in any case of letters
--   type       the event's name ("Create Table") or the type of its target ("table")
--   user       id, name or e-mail of the actor, as claimed or as the directory has it
--   label      one of the event's labels
--   target     id or name
--   workspace  id or name
--   branch     id or name, or `live` for the branches that were live
--   from, to   time of the event
--   sort       newest (also '') or oldest first
--   after      the cursor of the last row of the page before; '' for the first page
--   page_size  at most so many rows

-- "Search by text, type, user, label, time, sorted and paged" (Xano, "Advanced Search and Filtering")
--
--   SELECT * FROM audit.search(text = 'merge branch', type = '', user = '', label = '', target = '', workspace = '', branch = '',
--       from = '2026-11-01', to = '', tenant = '', sort = 'newest', after = '', page_size = 50)
CREATE VIEW IF NOT EXISTS audit.search
AS WITH
    -- Asked of a column, this would not be asked where no row is read.
    (SELECT throwIf({sort:String} NOT IN ('', 'newest', 'oldest'), 'sort is newest or oldest')
        + throwIf({after:String} != '' AND NOT match({after:String}, '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z .'), 'after is not the cursor of a row')
        + throwIf({from:String} != '' AND parseDateTime64BestEffortOrNull({from:String}) IS NULL, 'from is not a time such as 2026-11-01T10:00:00Z')
        + throwIf({to:String} != '' AND parseDateTime64BestEffortOrNull({to:String}) IS NULL, 'to is not a time such as 2026-11-01T10:00:00Z')) AS wrong,
    parseDateTime64BestEffortOrZero(if({after:String} = '', '1970-01-01', splitByChar(' ', {after:String}, 2)[1]), 9, 'UTC') AS after_time,
    splitByChar(' ', {after:String}, 2)[2] AS after_id,
    rest AS
    (
        SELECT
            tenant_id,
            concat(replaceOne(replaceRegexpOne(toString(timestamp), '\\.?0+$', ''), ' ', 'T'), 'Z ', record_id) AS cursor,
            timestamp, record_id, event_name, message, action, outcome, labels,
            actor_id, actor_name, actor_email, directory_name, directory_email,
            target_type, target_id, target_name, workspace_id, workspace_name, branch_id, branch_name, branch_live,
            change_before, change_after, details
        FROM audit.events
        WHERE tenant_id = if({tenant:String} = '', 'default', {tenant:String})
            AND timestamp >= parseDateTime64BestEffortOrZero(if({from:String} = '', '1970-01-01', {from:String}), 9, 'UTC')
            AND timestamp < parseDateTime64BestEffortOrZero(if({to:String} = '', '2262-01-01', {to:String}), 9, 'UTC')
            AND ({type:String} = '' OR event_name = {type:String} OR target_type = {type:String})
            AND ({user:String} = '' OR {user:String} IN (actor_id, actor_name, actor_email, directory_name, directory_email))
            AND ({label:String} = '' OR has(labels, {label:String}))
            AND ({target:String} = '' OR {target:String} IN (target_id, target_name))
            AND ({workspace:String} = '' OR {workspace:String} IN (workspace_id, workspace_name))
            AND ({branch:String} = '' OR {branch:String} IN (branch_id, branch_name) OR {branch:String} = 'live' AND branch_live)
            AND (trimBoth({text:String}) = '' OR NOT has(multiSearchAllPositionsCaseInsensitiveUTF8(
                concat(event_name, ' ', message, ' ', target_name), splitByWhitespace({text:String})), 0))
            AND wrong = 0
            AND ({after:String} = '' OR {sort:String} = 'oldest' OR timestamp <= after_time AND (timestamp < after_time OR record_id < after_id))
            AND ({after:String} = '' OR {sort:String} != 'oldest' OR timestamp >= after_time AND (timestamp > after_time OR record_id > after_id))
    )
SELECT *
FROM rest
-- The times of the page first, in the order of the sort key, and then its rows: sorting by record_id as well would read on.
WHERE timestamp GLOBAL IN
(
    SELECT timestamp FROM (SELECT timestamp FROM rest WHERE {sort:String} != 'oldest' ORDER BY timestamp DESC LIMIT {page_size:UInt64})
    UNION ALL
    SELECT timestamp FROM (SELECT timestamp FROM rest WHERE {sort:String} = 'oldest' ORDER BY timestamp LIMIT {page_size:UInt64})
)
ORDER BY
    if({sort:String} = 'oldest', timestamp, toDateTime64(0, 9, 'UTC')), if({sort:String} = 'oldest', record_id, ''),
    timestamp DESC, record_id DESC
LIMIT {page_size:UInt64};

-- "How many are there?": itemsTotal of Xano's answer. A query of its own, because pages do not need it.
--
--   SELECT total FROM audit.search_total(text = '', type = 'Create Table', user = '', label = '', target = '', workspace = '',
--       branch = '', from = '', to = '', tenant = '')
CREATE VIEW IF NOT EXISTS audit.search_total
AS SELECT count() AS total
FROM audit.events
WHERE tenant_id = if({tenant:String} = '', 'default', {tenant:String})
    AND timestamp >= parseDateTime64BestEffortOrZero(if({from:String} = '', '1970-01-01', {from:String}), 9, 'UTC')
    AND timestamp < parseDateTime64BestEffortOrZero(if({to:String} = '', '2262-01-01', {to:String}), 9, 'UTC')
    AND ({type:String} = '' OR event_name = {type:String} OR target_type = {type:String})
    AND ({user:String} = '' OR {user:String} IN (actor_id, actor_name, actor_email, directory_name, directory_email))
    AND ({label:String} = '' OR has(labels, {label:String}))
    AND ({target:String} = '' OR {target:String} IN (target_id, target_name))
    AND ({workspace:String} = '' OR {workspace:String} IN (workspace_id, workspace_name))
    AND ({branch:String} = '' OR {branch:String} IN (branch_id, branch_name) OR {branch:String} = 'live' AND branch_live)
    AND (trimBoth({text:String}) = '' OR NOT has(multiSearchAllPositionsCaseInsensitiveUTF8(
        concat(event_name, ' ', message, ' ', target_name), splitByWhitespace({text:String})), 0));

INSERT INTO audit.schema_migrations (number, name, checksum) SELECT 18, 'search_views', '30199be6f66d650398f03bd0c2e240d420f1a99b69c04e78b0664f9eeb677912'
WHERE (SELECT count() FROM audit.schema_migrations WHERE number = 18) = 0;


-- 0019_xano_views.sql

-- What Xano's document asks of its audit log: its answer in its own shape, and its three scripts. Types are event names, so
-- other products' events are answered for as well.
--
-- What comes from the rollup `activity_daily` counts a day in full when from..to touches it, so a range of full days is exact,
-- and it outlives the events. Counts are of stored events: what a policy has sampled out is in `ledger`, not here.

-- Xano's "Response Structure": the answer to GET /api:meta/audit_log and POST /api:meta/audit_log/search, as one row with the
-- JSON text. docs/coming-from-xano.md has the HTTP request.
--
--   SELECT body FROM audit.xano_audit_log(page = 1, per_page = 50, include_data = true, after = '', text = '', type = 'Create Table',
--       user = '', label = '', target = '', workspace = '', branch = '', from = '', to = '', tenant = '', sort = 'newest')
--
-- The parameters are those of `search`. A page after the first needs the cursor of the page before: created_at and id of its last
-- item, joined by a space. itemsTotal and pageTotal cost what `search_total` does, the items what a page does. data and obj hold
-- what the redaction left of them: keys, types and pseudonyms; the name and the id of the target are readable.
CREATE VIEW IF NOT EXISTS audit.xano_audit_log
AS WITH
    (SELECT throwIf({page:UInt64} = 0 OR {per_page:UInt64} = 0, 'page and per_page count from 1')
        + throwIf({page:UInt64} > 1 AND {after:String} = '', 'after is empty: a page after the first begins after created_at and id of the last item of the page before, joined by a space')) AS wrong,
    (
        SELECT total FROM audit.search_total(tenant = {tenant:String}, text = {text:String}, type = {type:String},
            user = {user:String}, label = {label:String}, target = {target:String}, workspace = {workspace:String},
            branch = {branch:String}, from = {from:String}, to = {to:String})
    ) AS total,
    (raw, key, value) -> concat('{', arrayStringConcat(arrayFilter(member -> member != '',
        [if(value = '' OR key = '', '', concat(toJSONString(key), ':', toJSONString(value))), substring(raw, 2, greatest(length(raw), 2) - 2)]), ','), '}') AS with_member,
    page_items AS
    (
        SELECT
            (timestamp, record_id) AS position, -- what is grouped comes in no order
            splitByChar(' ', cursor, 2)[1] AS time,
            if(JSONHas(details, 'data') OR JSONHas(details, 'obj'), JSONExtractRaw(details, 'data'), details) AS data,
            JSONExtractRaw(details, 'obj') AS obj,
            concat('{"id":', toJSONString(record_id), ',"created_at":"', time, '","updated_at":"', time,
                '","type":', toJSONString(event_name), ',"msg":', toJSONString(message), ',"label":', toJSONString(labels),
                if({include_data:Bool}, concat(',"data":', with_member(
                    concat('{', arrayStringConcat(arrayFilter(member -> member != '', [
                        if(change_before = '', '', concat('"before":', change_before)), if(change_after = '', '', concat('"after":', change_after)),
                        substring(data, 2, greatest(length(data), 2) - 2)]), ','), '}'),
                    concat(target_type, '_name'), target_name)), ''),
                ',"obj":', with_member(obj, concat(target_type, '_id'), target_id),
                ',"user":{"id":', toJSONString(actor_id), ',"name":', toJSONString(if(actor_name != '', actor_name, directory_name)),
                ',"email":', toJSONString(if(actor_email != '', actor_email, directory_email)),
                '},"workspace":{"id":', toJSONString(workspace_id), ',"name":', toJSONString(workspace_name),
                '},"branch":{"id":', toJSONString(branch_id), ',"name":', toJSONString(branch_name), ',"is_live":', toJSONString(branch_live), '}}') AS item
        FROM audit.search(tenant = {tenant:String}, text = {text:String}, type = {type:String}, user = {user:String},
            label = {label:String}, target = {target:String}, workspace = {workspace:String}, branch = {branch:String},
            from = {from:String}, to = {to:String}, sort = {sort:String}, after = {after:String}, page_size = {per_page:UInt64})
    )
SELECT concat(
    '{"items":[', arrayStringConcat(arrayMap(i -> i.2, if({sort:String} = 'oldest',
        arraySort(i -> i.1, groupArray((position, item))), arrayReverseSort(i -> i.1, groupArray((position, item))))), ','),
    '],"itemsReceived":', toString(count()),
    ',"curPage":', toString({page:UInt64}),
    ',"nextPage":', if({page:UInt64} * {per_page:UInt64} < total, toString({page:UInt64} + 1), 'null'),
    ',"prevPage":', if({page:UInt64} > 1, toString({page:UInt64} - 1), 'null'),
    ',"offset":', toString(({page:UInt64} - 1) * {per_page:UInt64}),
    ',"perPage":', toString({per_page:UInt64}),
    ',"itemsTotal":', toString(total),
    ',"pageTotal":', toString(intDiv(total + {per_page:UInt64} - 1, {per_page:UInt64})), '}') AS body
FROM page_items
WHERE wrong = 0;

-- Who was active in a period, and what they were called at last. Names are personal columns. Who has no events left (retention)
-- has no name either. From `activity_daily`, and from `events` the last one of each.
--
--   SELECT * FROM audit.active_actors(from = today() - 30, to = now())
CREATE VIEW IF NOT EXISTS audit.active_actors
AS WITH
    active AS
    (
        SELECT tenant_id, actor_id, sum(activity.events) AS events, min(activity.first_time) AS first_time, max(activity.last_time) AS last_time
        FROM audit.activity_daily AS activity
        WHERE day >= toDate32({from:DateTime64(9, 'UTC')}) AND day <= toDate32({to:DateTime64(9, 'UTC')} - INTERVAL 1 NANOSECOND)
        GROUP BY tenant_id, actor_id
    ),
    latest AS
    (
        SELECT
            tenant_id, actor_id, timestamp AS last_time, any(events.actor_type) AS actor_type, any(events.actor_name) AS actor_name,
            any(events.actor_email) AS actor_email, any(events.directory_name) AS directory_name, any(events.directory_email) AS directory_email,
            any(events.directory_department) AS directory_department, any(events.directory_groups) AS directory_groups
        FROM audit.events AS events
        WHERE (tenant_id, timestamp) GLOBAL IN (SELECT tenant_id, last_time FROM active)
        GROUP BY tenant_id, actor_id, timestamp
    )
SELECT
    tenant_id, actor_id, actor_type, if(directory_name != '', directory_name, if(actor_name != '', actor_name, actor_id)) AS name,
    if(directory_email != '', directory_email, actor_email) AS email, directory_department, directory_groups, events, first_time, last_time
FROM active LEFT JOIN latest USING (tenant_id, actor_id, last_time);

-- "Flag critical changes" (Xano, "Compliance Monitoring"): one row an event that deletes or that sets a live branch.
--
--   SELECT * FROM audit.critical_changes(from = today() - 30, to = now()) ORDER BY timestamp DESC
--
-- reason is `named` where the event's name says so, which is what Xano's script looks at ('Delete', 'Live Branch'), and `emptied` where the
-- action is DELETE and the name does not: Truncate Table, Reset Workspace. From `events`.
CREATE VIEW IF NOT EXISTS audit.critical_changes
AS SELECT
    tenant_id, timestamp, if(match(event_name, '(?i)delete|live branch'), 'named', 'emptied') AS reason, event_name, action, outcome,
    actor_id, if(directory_name != '', directory_name, if(actor_name != '', actor_name, actor_id)) AS name, message,
    target_type, target_id, target_name, workspace_id, workspace_name, branch_name, branch_live, record_id
FROM audit.events
WHERE (action = 'DELETE' OR match(event_name, '(?i)delete|live branch'))
    AND timestamp >= {from:DateTime64(9, 'UTC')} AND timestamp < {to:DateTime64(9, 'UTC')};

-- "Daily compliance report" (Xano, "Compliance Monitoring", generateComplianceReport): one row a tenant.
--
--   SELECT * FROM audit.compliance_report(from = toStartOfMonth(today()) - INTERVAL 1 MONTH, to = toStartOfMonth(today()))
--
-- events_by_type and user_activity are maps of counts, the largest first, the latter by name; people of one name count together, as in the
-- script. critical_changes are those of the view, the oldest first. Counts come from `activity_daily` by day.
CREATE VIEW IF NOT EXISTS audit.compliance_report
AS WITH
    (counts) -> CAST(arrayReverseSort(c -> (c.2, c.1), arrayZip(mapKeys(counts), mapValues(counts))), 'Map(String, UInt64)') AS largest_first,
    by_type AS
    (
        SELECT tenant_id, event_name, sum(activity.events) AS events
        FROM audit.activity_daily AS activity
        WHERE day >= toDate32({from:DateTime64(9, 'UTC')}) AND day <= toDate32({to:DateTime64(9, 'UTC')} - INTERVAL 1 NANOSECOND)
        GROUP BY tenant_id, event_name
    ),
    types AS
    (
        SELECT tenant_id, sum(by_type.events) AS total_events, largest_first(sumMap(map(toString(event_name), by_type.events))) AS events_by_type
        FROM by_type GROUP BY tenant_id
    ),
    users AS
    (
        SELECT tenant_id, largest_first(sumMap(map(name, events))) AS user_activity
        FROM audit.active_actors(from = {from:DateTime64(9, 'UTC')}, to = {to:DateTime64(9, 'UTC')})
        GROUP BY tenant_id
    ),
    critical AS
    (
        SELECT tenant_id, arraySort(groupArray((timestamp, toString(event_name), name, message, toString(reason))))
            ::Array(Tuple(time DateTime64(9, 'UTC'), type String, user String, description String, reason String)) AS critical_changes
        FROM audit.critical_changes(from = {from:DateTime64(9, 'UTC')}, to = {to:DateTime64(9, 'UTC')})
        GROUP BY tenant_id
    )
SELECT
    tenant_id, toDate32({from:DateTime64(9, 'UTC')}) AS first_day, toDate32({to:DateTime64(9, 'UTC')} - INTERVAL 1 NANOSECOND) AS last_day,
    total_events, events_by_type, user_activity, critical_changes
FROM types LEFT JOIN users USING (tenant_id) LEFT JOIN critical USING (tenant_id);

-- "Monitor for unauthorized or suspicious activities" (Xano, "Security Monitoring", monitorSecurityEvents): one row an event.
--
--   SELECT * FROM audit.security_events(from = now() - INTERVAL 1 DAY, to = now()) ORDER BY timestamp DESC
--
-- rule says why, the first that holds:
--
--   listed          the five types of Xano's script
--   impersonation   somebody acts on behalf of somebody else
--   access_control  users, groups, roles, permissions, tokens, keys and shares are changed
--   failed_login    of whoever
--   denied          refused for lack of rights
--
-- From `events`.
CREATE VIEW IF NOT EXISTS audit.security_events
AS SELECT
    tenant_id, timestamp,
    multiIf(
        event_name IN ('Delete Workspace', 'Delete Table', 'Impersonate Tenant', 'Update Tenant License', 'Set Live Branch'), 'listed',
        actor_on_behalf_of != '', 'impersonation',
        action NOT IN ('', 'READ', 'LOGIN', 'LOGOUT', 'EXECUTE', 'REPORT', 'INVOKE', 'EXPORT', 'NOTIFY')
            AND (action IN ('SHARE', 'UNSHARE') OR match(target_type, '^(user|group|role|rbac.*|permission|policy|.*token|.*key|share_link|org|organization|member)$')), 'access_control',
        action = 'LOGIN' AND outcome = 'failure', 'failed_login',
        outcome = 'failure' AND match(concat(outcome_reason, ' ', error_type), '(?i)forbidden|denied|unauthorized|unauthenticated|permission'), 'denied',
        '') AS rule,
    event_name, action, outcome, outcome_reason, actor_id, if(directory_name != '', directory_name, if(actor_name != '', actor_name, actor_id)) AS name,
    actor_on_behalf_of, source_address, message, target_type, target_id, target_name, workspace_id, workspace_name, record_id
FROM audit.events
WHERE rule != '' AND timestamp >= {from:DateTime64(9, 'UTC')} AND timestamp < {to:DateTime64(9, 'UTC')};

-- "Team activity dashboard" (Xano, getTeamActivity): one row a tenant and workspace, which is a team's place.
--
--   SELECT * FROM audit.team_activity(from = now() - INTERVAL 7 DAY, to = now()) WHERE workspace_id = '456'
--
-- activity_by_day and top_actions are maps of counts, by day and the largest first; active_users counts actors, of programs as
-- well. All that comes from `activity_daily` by day; recent_activity are the ten newest events of from..to.
CREATE VIEW IF NOT EXISTS audit.team_activity
AS WITH
    newest AS
    (
        SELECT tenant_id, workspace_id, groupArraySorted(10)(-toUnixTimestamp64Nano(timestamp)) AS times
        FROM audit.events
        WHERE timestamp >= {from:DateTime64(9, 'UTC')} AND timestamp < {to:DateTime64(9, 'UTC')}
        GROUP BY tenant_id, workspace_id
    ),
    newest_times AS
    (
        SELECT tenant_id, fromUnixTimestamp64Nano(-arrayJoin(times), 'UTC') AS timestamp FROM newest
    ),
    recent AS
    (
        SELECT tenant_id, workspace_id, any(workspace_name) AS workspace_name, arraySlice(arrayReverseSort(r -> (r.1, r.5), groupArray((
                timestamp, toString(event_name), if(directory_name != '', directory_name, if(actor_name != '', actor_name, actor_id)), message, record_id))), 1, 10)
            ::Array(Tuple(time DateTime64(9, 'UTC'), type String, user String, description String, id String)) AS recent_activity
        FROM audit.events
        WHERE (tenant_id, timestamp) GLOBAL IN (SELECT tenant_id, timestamp FROM newest_times)
            AND timestamp >= {from:DateTime64(9, 'UTC')} AND timestamp < {to:DateTime64(9, 'UTC')}
        GROUP BY tenant_id, workspace_id
    ),
    activity AS
    (
        SELECT
            tenant_id,
            workspace_id,
            sum(a.events) AS total_activity,
            uniqExact(actor_id) AS active_users,
            sumMap(map(toString(day), a.events)) AS activity_by_day,
            sumMap(map(toString(event_name), a.events)) AS actions
        FROM audit.activity_daily AS a
        WHERE day >= toDate32({from:DateTime64(9, 'UTC')}) AND day <= toDate32({to:DateTime64(9, 'UTC')} - INTERVAL 1 NANOSECOND)
        GROUP BY tenant_id, workspace_id
    )
SELECT
    tenant_id, workspace_id, workspace_name, total_activity, active_users, activity_by_day,
    CAST(arrayReverseSort(c -> (c.2, c.1), arrayZip(mapKeys(actions), mapValues(actions))), 'Map(String, UInt64)') AS top_actions,
    recent_activity
FROM activity LEFT JOIN recent USING (tenant_id, workspace_id);

INSERT INTO audit.schema_migrations (number, name, checksum) SELECT 19, 'xano_views', '12a9c704b5a1b9f25953a9d44c7898ab41ffacd4e825f3e3821b93dbbacde48d'
WHERE (SELECT count() FROM audit.schema_migrations WHERE number = 19) = 0;


-- 0020_arize_views.sql

-- Arize's three audit logs, of every product that writes such events: the newest first, page by page, with the names that Arize's
-- GraphQL document gives the fields of a node. docs/coming-from-arize.md has its three queries as HTTP requests, `pageInfo` included.
--
--   num        rows of a page
--   startTime  '' is 30 days ago; included
--   endTime    '' is now; not included
--   cursor     '' for the first page; else the endCursor of the page before, which is the `cursor` of its last row
--   tenant     '' is the tenant `default`
--
-- Times are text of UTC where they say nothing else. hasNextPage says whether there is more after this page. A page costs the same wherever
-- it is: see `search`. Rows are events, so nothing is weighed with the sample rate.

-- "Unauthenticated Audit Logs: user login attempts, whether successful or unsuccessful" (Arize, "Arize Audit Log")
--
--   SELECT * FROM audit.unauthenticated_audit_logs(num = 100, startTime = '', endTime = '', cursor = '', tenant = '')
--
-- user.email is the e-mail that was typed, else that of the directory, else the actor's id. success is NULL where the product did not say. mutationName is the
-- operation, and the event's name for products without one.
CREATE VIEW IF NOT EXISTS audit.unauthenticated_audit_logs
AS WITH
    (SELECT throwIf({num:UInt64} = 0, 'num counts from 1')
        + throwIf({cursor:String} != '' AND NOT match({cursor:String}, '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z .'), 'cursor is not the endCursor of a page')
        + throwIf({startTime:String} != '' AND parseDateTime64BestEffortOrNull({startTime:String}) IS NULL, 'startTime is not a time such as 2025-01-01T00:00:00Z')
        + throwIf({endTime:String} != '' AND parseDateTime64BestEffortOrNull({endTime:String}) IS NULL, 'endTime is not a time such as 2025-01-01T00:00:00Z')) AS wrong,
    parseDateTime64BestEffortOrZero(if({cursor:String} = '', '1970-01-01', splitByChar(' ', {cursor:String}, 2)[1]), 9, 'UTC') AS after_time,
    splitByChar(' ', {cursor:String}, 2)[2] AS after_id,
    rest AS
    (
        SELECT
            timestamp, record_id, tenant_id, service_name, if(actor_email != '', actor_email, if(directory_email != '', directory_email, actor_id)) AS email, source_address AS ip,
            multiIf(outcome = 'success', true, outcome = 'failure', false, NULL) AS success,
            if(operation_name != '', operation_name, event_name) AS mutationName
        FROM audit.events
        WHERE tenant_id = if({tenant:String} = '', 'default', {tenant:String})
            AND action = 'LOGIN' AND actor_on_behalf_of = ''
            AND timestamp >= if({startTime:String} = '', now64(9, 'UTC') - INTERVAL 30 DAY, parseDateTime64BestEffortOrZero({startTime:String}, 9, 'UTC'))
            AND timestamp < if({endTime:String} = '', now64(9, 'UTC'), parseDateTime64BestEffortOrZero({endTime:String}, 9, 'UTC'))
            AND wrong = 0
            AND ({cursor:String} = '' OR timestamp <= after_time AND (timestamp < after_time OR record_id < after_id))
    ),
    page_and_one AS
    (
        SELECT *, (count() OVER () > {num:UInt64})::Bool AS more
        FROM
        (
            SELECT * FROM rest
            WHERE timestamp GLOBAL IN (SELECT timestamp FROM rest ORDER BY timestamp DESC LIMIT {num:UInt64} + 1)
            ORDER BY timestamp DESC, record_id DESC
            LIMIT {num:UInt64} + 1
        )
    )
SELECT
    tenant_id,
    record_id AS id,
    CAST(tuple(email), 'Tuple(email String)') AS user,
    ip,
    success,
    mutationName,
    timestamp AS loggedAt,
    concat(replaceOne(replaceRegexpOne(toString(timestamp), '\\.?0+$', ''), ' ', 'T'), 'Z ', record_id) AS cursor,
    more AS hasNextPage,
    service_name
FROM page_and_one
ORDER BY timestamp DESC, record_id DESC
LIMIT {num:UInt64};

-- "Authenticated Audit Logs: operations performed by users after they have logged in" (Arize, "Arize Audit Log")
--
--   SELECT * FROM audit.authenticated_audit_logs(num = 100, startTime = '', endTime = '', cursor = '', tenant = '')
--
-- GraphQL operations. operationText has its literals replaced, variables are types and pseudonyms: raw text is never stored.
-- "operationName is client-supplied … and should not be solely relied upon for security-critical decisions": `action`, which the text
-- decides, is beside it.
CREATE VIEW IF NOT EXISTS audit.authenticated_audit_logs
AS WITH
    (SELECT throwIf({num:UInt64} = 0, 'num counts from 1')
        + throwIf({cursor:String} != '' AND NOT match({cursor:String}, '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z .'), 'cursor is not the endCursor of a page')
        + throwIf({startTime:String} != '' AND parseDateTime64BestEffortOrNull({startTime:String}) IS NULL, 'startTime is not a time such as 2025-01-01T00:00:00Z')
        + throwIf({endTime:String} != '' AND parseDateTime64BestEffortOrNull({endTime:String}) IS NULL, 'endTime is not a time such as 2025-01-01T00:00:00Z')) AS wrong,
    parseDateTime64BestEffortOrZero(if({cursor:String} = '', '1970-01-01', splitByChar(' ', {cursor:String}, 2)[1]), 9, 'UTC') AS after_time,
    splitByChar(' ', {cursor:String}, 2)[2] AS after_id,
    rest AS
    (
        SELECT
            timestamp, record_id, tenant_id, service_name, if(actor_email != '', actor_email, if(directory_email != '', directory_email, actor_id)) AS email, operation_name AS operationName,
            query_representation AS operationText, query_parameters AS variables, action
        FROM audit.events
        WHERE tenant_id = if({tenant:String} = '', 'default', {tenant:String})
            AND query_language = 'graphql'
            AND timestamp >= if({startTime:String} = '', now64(9, 'UTC') - INTERVAL 30 DAY, parseDateTime64BestEffortOrZero({startTime:String}, 9, 'UTC'))
            AND timestamp < if({endTime:String} = '', now64(9, 'UTC'), parseDateTime64BestEffortOrZero({endTime:String}, 9, 'UTC'))
            AND wrong = 0
            AND ({cursor:String} = '' OR timestamp <= after_time AND (timestamp < after_time OR record_id < after_id))
    ),
    page_and_one AS
    (
        SELECT *, (count() OVER () > {num:UInt64})::Bool AS more
        FROM
        (
            SELECT * FROM rest
            WHERE timestamp GLOBAL IN (SELECT timestamp FROM rest ORDER BY timestamp DESC LIMIT {num:UInt64} + 1)
            ORDER BY timestamp DESC, record_id DESC
            LIMIT {num:UInt64} + 1
        )
    )
SELECT
    tenant_id,
    record_id AS id,
    CAST(tuple(email), 'Tuple(email String)') AS user,
    operationName,
    operationText,
    variables,
    action,
    timestamp AS loggedAt,
    concat(replaceOne(replaceRegexpOne(toString(timestamp), '\\.?0+$', ''), ' ', 'T'), 'Z ', record_id) AS cursor,
    more AS hasNextPage,
    service_name
FROM page_and_one
ORDER BY timestamp DESC, record_id DESC
LIMIT {num:UInt64};

-- "Exporter Audit Logs: who is downloading data and from which models" (Arize, "Arize Audit Log")
--
--   SELECT * FROM audit.exporter_audit_logs(num = 100, startTime = '', endTime = '', cursor = '', tenant = '')
--
-- "Export requests that return zero rows will not be logged": nor are they shown here. An event that does not say how many is.
CREATE VIEW IF NOT EXISTS audit.exporter_audit_logs
AS WITH
    (SELECT throwIf({num:UInt64} = 0, 'num counts from 1')
        + throwIf({cursor:String} != '' AND NOT match({cursor:String}, '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z .'), 'cursor is not the endCursor of a page')
        + throwIf({startTime:String} != '' AND parseDateTime64BestEffortOrNull({startTime:String}) IS NULL, 'startTime is not a time such as 2025-01-01T00:00:00Z')
        + throwIf({endTime:String} != '' AND parseDateTime64BestEffortOrNull({endTime:String}) IS NULL, 'endTime is not a time such as 2025-01-01T00:00:00Z')) AS wrong,
    parseDateTime64BestEffortOrZero(if({cursor:String} = '', '1970-01-01', splitByChar(' ', {cursor:String}, 2)[1]), 9, 'UTC') AS after_time,
    splitByChar(' ', {cursor:String}, 2)[2] AS after_id,
    rest AS
    (
        SELECT
            timestamp, record_id, tenant_id, service_name, if(actor_email != '', actor_email, if(directory_email != '', directory_email, actor_id)) AS email, if(target_name != '', target_name, target_id) AS name, export_rows AS rows
        FROM audit.events
        WHERE tenant_id = if({tenant:String} = '', 'default', {tenant:String})
            AND action = 'EXPORT' AND ifNull(export_rows, 1) > 0
            AND timestamp >= if({startTime:String} = '', now64(9, 'UTC') - INTERVAL 30 DAY, parseDateTime64BestEffortOrZero({startTime:String}, 9, 'UTC'))
            AND timestamp < if({endTime:String} = '', now64(9, 'UTC'), parseDateTime64BestEffortOrZero({endTime:String}, 9, 'UTC'))
            AND wrong = 0
            AND ({cursor:String} = '' OR timestamp <= after_time AND (timestamp < after_time OR record_id < after_id))
    ),
    page_and_one AS
    (
        SELECT *, (count() OVER () > {num:UInt64})::Bool AS more
        FROM
        (
            SELECT * FROM rest
            WHERE timestamp GLOBAL IN (SELECT timestamp FROM rest ORDER BY timestamp DESC LIMIT {num:UInt64} + 1)
            ORDER BY timestamp DESC, record_id DESC
            LIMIT {num:UInt64} + 1
        )
    )
SELECT
    tenant_id,
    record_id AS id,
    CAST(tuple(email), 'Tuple(email String)') AS user,
    CAST(tuple(name), 'Tuple(name String)') AS model,
    rows,
    timestamp AS loggedAt,
    concat(replaceOne(replaceRegexpOne(toString(timestamp), '\\.?0+$', ''), ' ', 'T'), 'Z ', record_id) AS cursor,
    more AS hasNextPage,
    service_name
FROM page_and_one
ORDER BY timestamp DESC, record_id DESC
LIMIT {num:UInt64};

INSERT INTO audit.schema_migrations (number, name, checksum) SELECT 20, 'arize_views', '2d11b885e0756a8efe5754247f67932c597664d21bb91fe7f8a67fd2c6f28a72'
WHERE (SELECT count() FROM audit.schema_migrations WHERE number = 20) = 0;


-- 0021_datagrok_views.sql

-- What Datagrok's document asks of its audit: activity of an entity, functions, errors, data history, durations. All but usage
-- patterns and its four tables, which are in files of their own. From `events`, exact to the nanosecond; `to` is not included.
--
-- Where a policy samples, `events` counts stored rows and `estimated_events` what they stand for.

-- "Activity: server-side activity for the current entity over the past seven days" (Datagrok, "Audit"), of any product
--
--   SELECT * FROM audit.entity_activity(target_type = 'project', target_id = 'project:Plate quality') ORDER BY timestamp DESC
--
-- An empty target_type is any type.
CREATE VIEW IF NOT EXISTS audit.entity_activity
AS SELECT
    tenant_id, timestamp, event_name, action, outcome, actor_id,
    if(directory_name != '', directory_name, if(actor_name != '', actor_name, actor_id)) AS name,
    target_type, target_id, target_name, message, duration_seconds, error_type, error_fingerprint, session_id, service_name, record_id
FROM audit.events
WHERE target_id = {target_id:String} AND ({target_type:String} = '' OR target_type = {target_type:String})
    AND timestamp >= now64(9, 'UTC') - INTERVAL 7 DAY AND timestamp <= now64(9, 'UTC');

-- "Usage: a high-level overview of server-side usage for the current entity in the last seven days" (Datagrok, "Audit")
--
--   SELECT * FROM audit.entity_usage(target_type = 'project', target_id = 'project:Plate quality') ORDER BY events DESC
CREATE VIEW IF NOT EXISTS audit.entity_usage
AS SELECT
    tenant_id, target_type, target_id, event_name, action, count() AS events, sum(if(sample_rate > 0, 1 / sample_rate, 1)) AS estimated_events,
    uniqExact(actor_id) AS actors, countIf(outcome = 'failure') AS failures, min(timestamp) AS first_time, max(timestamp) AS last_time
FROM audit.events
WHERE target_id = {target_id:String} AND ({target_type:String} = '' OR target_type = {target_type:String})
    AND timestamp >= now64(9, 'UTC') - INTERVAL 7 DAY AND timestamp <= now64(9, 'UTC')
GROUP BY tenant_id, target_type, target_id, event_name, action;

-- "Analyze function usage: a table of users, timestamps, inputs and outputs" (Datagrok, "Audit"), with the duration
--
--   SELECT * FROM audit.function_usage(from = now() - INTERVAL 1 DAY, to = now()) ORDER BY timestamp DESC
--
-- Inputs and outputs are JSON: the names of the parameters, and types or pseudonyms as values.
CREATE VIEW IF NOT EXISTS audit.function_usage
AS SELECT
    tenant_id, timestamp, function_name, event_name, actor_id,
    if(directory_name != '', directory_name, if(actor_name != '', actor_name, actor_id)) AS name,
    function_inputs, function_outputs, duration_seconds, outcome, target_type, target_id, session_id, service_name, sample_rate, record_id
FROM audit.events
WHERE function_name != '' AND timestamp >= {from:DateTime64(9, 'UTC')} AND timestamp < {to:DateTime64(9, 'UTC')};

-- "Track errors: see all errors across the platform, identify actions that cause errors" (Datagrok, "Audit"), "specify the stack trace
-- for grouping errors"
--
--   SELECT * FROM audit.errors(from = now() - INTERVAL 7 DAY, to = now()) ORDER BY events DESC
--
-- One row a stack trace (error_fingerprint) and type; what failed without a trace is grouped by its event's name. causes are the actions
-- that led to it and how often, the most frequent first, five at most: an event that failed is its own cause; what an event named
-- `error` reports was caused by what the same session did last before, within an hour, and else by the use of its target. last_message is
-- the last outcome_reason, which an exception's message is where the event gives no other reason, or else the last message.
CREATE VIEW IF NOT EXISTS audit.errors
AS WITH
    failed AS
    (
        SELECT
            tenant_id, timestamp, session_id, actor_id, event_name, action, target_type, target_name, error_type, error_fingerprint, sample_rate,
            if(outcome_reason != '', outcome_reason, message) AS text
        FROM audit.events
        WHERE (outcome = 'failure' OR error_fingerprint != '' OR error_type != '')
            AND timestamp >= {from:DateTime64(9, 'UTC')} AND timestamp < {to:DateTime64(9, 'UTC')}
    ),
    done AS
    (
        SELECT tenant_id, session_id, timestamp AS done_at, event_name AS done_name, target_type AS done_type, target_name AS done_target
        FROM audit.events
        WHERE event_name != 'error' AND session_id GLOBAL IN (SELECT session_id FROM failed WHERE event_name = 'error' AND session_id != '')
            AND timestamp >= {from:DateTime64(9, 'UTC')} - INTERVAL 1 HOUR AND timestamp < {to:DateTime64(9, 'UTC')}
    ),
    caused AS
    (
        SELECT
            failed.*,
            event_name = 'error' AND done_name != '' AND timestamp - INTERVAL 1 HOUR <= done_at AS known,
            (if(known, done_name, event_name), if(known, done_type, target_type), if(known, done_target, target_name)) AS cause
        FROM failed ASOF LEFT JOIN done
            ON failed.tenant_id = done.tenant_id AND failed.session_id = done.session_id AND failed.timestamp >= done.done_at
    ),
    by_cause AS
    (
        SELECT
            tenant_id, error_fingerprint, error_type, if(error_fingerprint = '', event_name, '') AS failed_event, cause,
            count() AS stored, sum(if(sample_rate > 0, 1 / sample_rate, 1)) AS estimated, argMax(text, (timestamp, text)) AS last_text,
            groupUniqArray(actor_id) AS actor_ids, groupUniqArrayIf(session_id, session_id != '') AS session_ids,
            min(timestamp) AS first_at, max(timestamp) AS last_at
        FROM caused
        GROUP BY tenant_id, error_fingerprint, error_type, failed_event, cause
    )
SELECT
    tenant_id, error_fingerprint, error_type, failed_event AS event_name, argMax(last_text, (last_at, last_text)) AS last_message,
    sum(stored) AS events, sum(estimated) AS estimated_events,
    length(groupUniqArrayArray(actor_ids)) AS actors, length(groupUniqArrayArray(session_ids)) AS sessions,
    min(first_at) AS first_time, max(last_at) AS last_time,
    arraySlice(arrayReverseSort(groupArray((stored, toString(cause.1), toString(cause.2), cause.3))), 1, 5)
        ::Array(Tuple(events UInt64, event_name String, target_type String, target_name String)) AS causes
FROM by_cause
GROUP BY tenant_id, error_fingerprint, error_type, event_name;

-- "Track origin of datasets; see history of modifications" (Datagrok, "Audit")
--
--   SELECT * FROM audit.dataset_history(dataset = 'shop.orders', from = '2026-01-01', to = now()) ORDER BY timestamp
--
-- What created or changed a dataset, table or model, by its id or name; reads, runs, exports and reports are no modification.
-- part is `origin` for what made it (CREATE, IMPORT, and Datagrok's table-produced) and `modification` for the rest. produced_by and
-- produced_by_target say what the same session ran last before an origin, within an hour: the query, script or job that the
-- dataset came from.
CREATE VIEW IF NOT EXISTS audit.dataset_history
AS WITH
    changes AS
    (
        SELECT
            tenant_id, timestamp, if(action IN ('CREATE', 'IMPORT'), 'origin', 'modification') AS part, event_name, action, outcome, actor_id,
            if(directory_name != '', directory_name, if(actor_name != '', actor_name, actor_id)) AS name,
            target_type, target_id, target_name, message, change_before, change_after, session_id, service_name, record_id
        FROM audit.events
        WHERE (target_id = {dataset:String} OR target_name = {dataset:String} OR has(datasets, {dataset:String}))
            AND action NOT IN ('', 'READ', 'EXECUTE', 'EXPORT', 'REPORT', 'NOTIFY', 'LOGIN', 'LOGOUT', 'INVOKE')
            AND timestamp >= {from:DateTime64(9, 'UTC')} AND timestamp < {to:DateTime64(9, 'UTC')}
    ),
    runs AS
    (
        SELECT tenant_id, session_id, timestamp AS ran_at, event_name AS ran_name, if(target_name != '', target_name, target_id) AS ran_target
        FROM audit.events
        WHERE action = 'EXECUTE' AND event_name != 'error'
            AND session_id GLOBAL IN (SELECT session_id FROM changes WHERE part = 'origin' AND session_id != '')
            AND timestamp >= {from:DateTime64(9, 'UTC')} - INTERVAL 1 HOUR AND timestamp < {to:DateTime64(9, 'UTC')}
    )
SELECT
    changes.tenant_id AS tenant_id, timestamp, part, event_name, action, outcome, actor_id, name, target_type, target_id, target_name, message,
    if(known, ran_name, '') AS produced_by, if(known, ran_target, '') AS produced_by_target,
    change_before, change_after, service_name, record_id
FROM
(
    SELECT *, part = 'origin' AND ran_name != '' AND timestamp - INTERVAL 1 HOUR <= ran_at AS known
    FROM changes ASOF LEFT JOIN runs
        ON changes.tenant_id = runs.tenant_id AND changes.session_id = runs.session_id AND changes.timestamp >= runs.ran_at
) AS changes;

-- "Analyze performance: see how long each operation takes" (Datagrok, "Audit")
--
--   SELECT * FROM audit.operation_durations(from = now() - INTERVAL 7 DAY, to = now()) ORDER BY total_seconds DESC
--
-- One row an event name and type of target, over the events that say how long they took. Percentiles are exact and of stored events; total_seconds is
-- theirs as well.
CREATE VIEW IF NOT EXISTS audit.operation_durations
AS SELECT
    tenant_id, event_name, target_type, count() AS events, sum(if(sample_rate > 0, 1 / sample_rate, 1)) AS estimated_events,
    sum(duration_seconds) AS total_seconds, avg(duration_seconds) AS avg_seconds,
    quantilesExact(0.5, 0.9, 0.95, 0.99)(duration_seconds) AS percentiles,
    percentiles[1] AS p50_seconds, percentiles[2] AS p90_seconds, percentiles[3] AS p95_seconds, percentiles[4] AS p99_seconds,
    max(duration_seconds) AS max_seconds
FROM audit.events
WHERE isFinite(duration_seconds) AND timestamp >= {from:DateTime64(9, 'UTC')} AND timestamp < {to:DateTime64(9, 'UTC')}
GROUP BY tenant_id, event_name, target_type;

INSERT INTO audit.schema_migrations (number, name, checksum) SELECT 21, 'datagrok_views', 'e152bd1095d147024a4bfbb294d2ee17f3880d296fbf49aa38710132fadace88'
WHERE (SELECT count() FROM audit.schema_migrations WHERE number = 21) = 0;


-- 0022_usage_patterns.sql

-- "Cluster usage by usage patterns; correlate usage patterns with the organizational groups" (Datagrok, "Audit"), over all products.
-- From the rollup `activity_daily`, a day in full when from..to touches it; the groups of somebody are those that the directory had
-- at the last event. Shares are of stored events.
--
-- An operation is a verb and a type of target ("EXECUTE query"); REPORT is none, because it tells of an operation that an event of its
-- own stands for. A profile says which share of somebody's events each operation
-- has. Two profiles are alike as far as the angle between them goes (cosine: 1 is the same mixture, 0 nothing in common). No step
-- is random, so that the same events give the same clusters, and a cluster can be read: it is the operations that make it.

-- How each user works: profile, cluster, and the group whose members work most alike.
--
--   SELECT * FROM audit.usage_profiles(from = today() - 30, to = now()) WHERE nearest_group != '' AND NOT has(directory_groups, nearest_group)
--
-- profile maps operations to shares, the largest first. pattern is the cluster: the two operations with the largest
-- shares, of those of at least a tenth, in the order of the alphabet; ['mixed'] where none is. nearest_group is the group whose average profile is the
-- nearest, and similarity how near; somebody's own groups contain themself, so small ones are near.
CREATE VIEW IF NOT EXISTS audit.usage_profiles
AS WITH
    users AS
    (
        SELECT
            n.tenant_id AS tenant_id, n.actor_id AS actor_id, name, actor_type, directory_department, directory_groups, n.events AS events,
            arrayReverseSort(arrayMap(c -> (c.1 / n.events, c.2), counts)) AS parts,
            sqrt(arraySum(p -> p.1 * p.1, parts)) AS user_length
        FROM
        (
            SELECT tenant_id, actor_id, sum(times) AS events, groupArray((times, operation)) AS counts
            FROM
            (
                SELECT tenant_id, actor_id, trimRight(concat(action, ' ', target_type)) AS operation, sum(activity.events) AS times
                FROM audit.activity_daily AS activity
                WHERE day >= toDate32({from:DateTime64(9, 'UTC')}) AND day <= toDate32({to:DateTime64(9, 'UTC')} - INTERVAL 1 NANOSECOND)
                    AND action != 'REPORT'
                GROUP BY tenant_id, actor_id, operation
            )
            GROUP BY tenant_id, actor_id
        ) AS n
        LEFT JOIN
        (
            SELECT tenant_id, actor_id, name, actor_type, directory_groups, directory_department
            FROM audit.active_actors(from = {from:DateTime64(9, 'UTC')}, to = {to:DateTime64(9, 'UTC')})
        ) AS actors ON n.tenant_id = actors.tenant_id AND n.actor_id = actors.actor_id
    ),
    group_shares AS
    (
        SELECT tenant_id, member_of, part.2 AS operation, sum(part.1) AS group_share
        FROM (SELECT tenant_id, toString(arrayJoin(directory_groups)) AS member_of, parts FROM users)
        ARRAY JOIN parts AS part
        GROUP BY tenant_id, member_of, operation
    ),
    -- One row a tenant: its groups, each with its length and its shares by operation.
    tenant_groups AS
    (
        SELECT tenant_id, groupArray((member_of, group_length, by_operation)) AS all_groups
        FROM
        (
            SELECT
                tenant_id, member_of, sqrt(sum(group_share * group_share)) AS group_length,
                CAST((groupArray(operation), groupArray(group_share)), 'Map(String, Float64)') AS by_operation
            FROM group_shares
            GROUP BY tenant_id, member_of
        )
        GROUP BY tenant_id
    )
SELECT
    users.tenant_id AS tenant_id, users.actor_id AS actor_id, name, actor_type, directory_department, directory_groups, users.events AS events,
    if(empty(arraySort(arrayMap(p -> p.2, arraySlice(arrayFilter(p -> p.1 >= 0.1, parts), 1, 2))) AS main), ['mixed'], main) AS pattern,
    CAST(arrayMap(p -> (p.2, p.1), parts), 'Map(String, Float64)') AS profile,
    (arrayMax(arrayPushBack(arrayFilter(s -> s.1 > 0, arrayMap(
        g -> (arraySum(p -> p.1 * g.3[p.2], parts) / user_length / g.2, g.1), all_groups)), (toFloat64(0), ''))) AS nearest).2 AS nearest_group,
    nearest.1 AS similarity
FROM users
LEFT JOIN tenant_groups ON users.tenant_id = tenant_groups.tenant_id;

-- Which clusters there are, and which groups they are made of: one row a cluster and group that have users in common, and one with the
-- group '' for users of no group.
--
--   SELECT * FROM audit.usage_patterns(from = today() - 30, to = now()) ORDER BY pattern_users DESC, users DESC
--
-- users are in both. lift says how much more often the group is found in the cluster than among all users: 1 means that the pattern
-- has nothing to do with the group, 3 that it is found there three times as often.
CREATE VIEW IF NOT EXISTS audit.usage_patterns
AS SELECT
    tenant_id, pattern, any(in_pattern) AS pattern_users, any(events_of_pattern) AS pattern_events, group, any(in_group) AS group_users,
    count() AS users, users / pattern_users AS share_of_pattern, users / group_users AS share_of_group,
    share_of_pattern / (group_users / any(in_all)) AS lift, arraySort(groupArray(actor_id)) AS actor_ids
FROM
(
    SELECT *, count() OVER (PARTITION BY tenant_id, group) AS in_group
    FROM
    (
        SELECT
            tenant_id, actor_id, pattern, in_pattern, events_of_pattern, in_all,
            toString(arrayJoin(if(empty(directory_groups), [''], arrayDistinct(directory_groups)))) AS group
        FROM
        (
            SELECT
                tenant_id, actor_id, pattern, directory_groups,
                count() OVER (PARTITION BY tenant_id, pattern) AS in_pattern,
                sum(profiles.events) OVER (PARTITION BY tenant_id, pattern) AS events_of_pattern,
                count() OVER (PARTITION BY tenant_id) AS in_all
            FROM audit.usage_profiles(from = {from:DateTime64(9, 'UTC')}, to = {to:DateTime64(9, 'UTC')}) AS profiles
        )
    )
)
GROUP BY tenant_id, pattern, group;

INSERT INTO audit.schema_migrations (number, name, checksum) SELECT 22, 'usage_patterns', '8945ad5279971c0c24255854683c495b975da08e077ea8f30a3e37755efded22'
WHERE (SELECT count() FROM audit.schema_migrations WHERE number = 22) = 0;


-- 0023_datagrok_tables.sql

-- Datagrok's four tables ("Audit log storage"), of all products' events: each event has a fixed type and the session that triggered it.
-- The document names the tables; the columns are named as Datagrok's own queries of them have it. They are views on `events`: ask
-- with a range of event_time. Ids begin with the tenant, so that joins stay within one. Rows are stored events, whatever their sample rate.
--
--   SELECT e.event_time, et.name, ep.name, epv.value
--   FROM audit.datagrok_events AS e
--   JOIN audit.datagrok_event_types AS et ON e.event_type_id = et.id
--   JOIN audit.datagrok_event_parameter_values AS epv ON epv.event_id = e.id
--   JOIN audit.datagrok_event_parameters AS ep ON epv.parameter_id = ep.id
--   WHERE e.event_time > now() - INTERVAL 1 DAY AND epv.event_time > now() - INTERVAL 1 DAY

-- `events`: one row an event. error_stack_trace is the fingerprint of the trace, the same for the same trace: the text of a trace is never
-- stored.
CREATE VIEW IF NOT EXISTS audit.datagrok_events
AS SELECT
    tenant_id, concat(tenant_id, '/', record_id) AS id, concat(tenant_id, '/', event_name) AS event_type_id, record_id, timestamp AS event_time,
    if(isFinite(duration_seconds), timestamp + toIntervalNanosecond(toInt64(least(duration_seconds, 1e8) * 1e9)), NULL) AS event_time_finished,
    session_id, if(message != '', message, target_name) AS friendly_name, message AS description,
    if(outcome = 'failure', true, false) AS is_error, if(attributes['exception.message'] != '', attributes['exception.message'], outcome_reason) AS error_message,
    error_fingerprint AS error_stack_trace, actor_id AS user_id, actor_name AS user_name, target_type AS entity_type, target_id AS entity_id,
    target_name AS entity_name, service_name
FROM audit.events;

-- `event_types`: the types that there were, ever. From `activity_daily`, so that types outlive their events.
CREATE VIEW IF NOT EXISTS audit.datagrok_event_types
AS SELECT
    tenant_id, concat(tenant_id, '/', event_name) AS id, toString(event_name) AS name, replaceAll(name, '-', ' ') AS friendly_name, sum(activity.events) AS events,
    min(activity.first_time) AS first_time, max(activity.last_time) AS last_time
FROM audit.activity_daily AS activity
GROUP BY tenant_id, event_name;

-- `event_parameter_values`: one row an event and parameter. Parameters are the inputs and outputs of functions, the parameters of queries
-- and what else the product says of an event; values are what the redaction left of them, types and pseudonyms, as JSON where they
-- have parts.
CREATE VIEW IF NOT EXISTS audit.datagrok_event_parameter_values
AS SELECT
    tenant_id, concat(event_id, ':', kind, ':', name) AS id, concat(tenant_id, '/', record_id) AS event_id,
    concat(event_type_id, ':', kind, ':', name) AS parameter_id,
    if(startsWith(raw, '"'), JSONExtractString(raw), raw) AS value, kind, name,
    concat(tenant_id, '/', event_name) AS event_type_id, timestamp AS event_time
FROM
(
    SELECT tenant_id, timestamp, record_id, toString(events.event_name) AS event_name, parameter.1 AS kind, parameter.2 AS name, parameter.3 AS raw
    FROM audit.events AS events
    ARRAY JOIN arrayConcat(
        arrayMap(p -> ('input', p.1, p.2), JSONExtractKeysAndValuesRaw(function_inputs)),
        arrayMap(p -> ('output', p.1, p.2), JSONExtractKeysAndValuesRaw(function_outputs)),
        arrayMap(p -> ('parameter', p.1, p.2), JSONExtractKeysAndValuesRaw(query_parameters)),
        arrayMap(p -> ('detail', p.1, p.2), JSONExtractKeysAndValuesRaw(details))) AS parameter
);

-- `event_parameters`: the parameters that events of each type had in the last thirty days. This reads those days' events.
CREATE VIEW IF NOT EXISTS audit.datagrok_event_parameters
AS SELECT DISTINCT
    tenant_id, concat(event_type_id, ':', parameter.1, ':', parameter.2) AS id, concat(tenant_id, '/', event_name) AS event_type_id, parameter.2 AS name,
    parameter.1 AS type, (parameter.1 IN ('input', 'parameter'))::Bool AS is_input
FROM audit.events AS events
ARRAY JOIN arrayConcat(
    arrayMap(key -> ('input', key), JSONExtractKeys(function_inputs)), arrayMap(key -> ('output', key), JSONExtractKeys(function_outputs)),
    arrayMap(key -> ('parameter', key), JSONExtractKeys(query_parameters)), arrayMap(key -> ('detail', key), JSONExtractKeys(details))) AS parameter
WHERE timestamp >= now64(9, 'UTC') - INTERVAL 30 DAY;

INSERT INTO audit.schema_migrations (number, name, checksum) SELECT 23, 'datagrok_tables', '0ea80649f32e5de58634a43c5da2b4e2765c688b246861d6f415d8bc601f20de'
WHERE (SELECT count() FROM audit.schema_migrations WHERE number = 23) = 0;


-- 0024_users.sql

-- Who the users of the directories were, and when.

-- What was told of users: that one is there like this (present), that he was so during a time which the directory itself gives
-- (dated), that he is there no longer (removed), and that all who are there were told of since valid_from (snapshot, with no
-- user_id). After a restart all of a directory is told of again, in rows that `users` joins to those before.
CREATE TABLE IF NOT EXISTS audit.user_versions
(
    directory   LowCardinality(String),              -- the name of the source
    user_id     String,                              -- as in actor_id
    kind        LowCardinality(String),              -- present, dated, removed, snapshot
    valid_from  DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
    valid_to    DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)), -- 0 where it is open; only of dated ones
    observed_at DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)), -- when the collector told of it
    inserted_at DateTime64(3, 'UTC') DEFAULT now64(3) CODEC(Delta(8), ZSTD(1)),
    name        String CODEC(ZSTD(1)),
    email       String CODEC(ZSTD(1)),
    department  LowCardinality(String),
    roles       Array(LowCardinality(String)),
    groups      Array(LowCardinality(String)),
    active      Nullable(Bool)                       -- NULL where the directory does not say
)
-- The same told twice is one row, and what a directory says of a time replaces what it said of it before.
ENGINE = ReplacingMergeTree(observed_at)
-- directory and user_id: "who was this?" valid_from and kind: what makes rows the same.
ORDER BY (directory, user_id, valid_from, kind)
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800,
    fsync_after_insert = 1, fsync_part_directory = 1;

-- One row for each time during which a directory said the same of a user. valid_to is excluded, and 2100 where it is open. What was
-- told twice or replaced needs no FINAL: such a row ends where it begins.
CREATE VIEW IF NOT EXISTS audit.users
AS WITH toDateTime64('2100-01-01 00:00:00', 9, 'UTC') AS open
SELECT
    directory,
    user_id,
    name,
    email,
    department,
    roles,
    groups,
    active,
    valid_from,
    valid_to
FROM
(
    -- What follows is the same: together they are one time. run counts the times.
    SELECT
        directory, user_id, kind,
        any(name) AS name, any(email) AS email, any(department) AS department, any(roles) AS roles, any(groups) AS groups, any(active) AS active,
        min(begins) AS valid_from, max(ends) AS valid_to
    FROM
    (
        SELECT
            *,
            sum(begins != last_ends OR kind != last_kind OR content != last_content)
                OVER (PARTITION BY directory, user_id ORDER BY begins, observed_at, inserted_at ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS run
        FROM
        (
            SELECT
                *,
                lagInFrame(ends) OVER before AS last_ends,
                lagInFrame(kind) OVER before AS last_kind,
                lagInFrame(content) OVER before AS last_content
            FROM
            (
                -- A row ends where the next one of its user begins; where the directory says so; and where a snapshot does not
                -- have the user any more.
                SELECT
                    *,
                    valid_from AS begins,
                    cityHash64(name, email, department, roles, groups, ifNull(toInt8(active), -1)) AS content,
                    leadInFrame(valid_from, 1, open) OVER (PARTITION BY directory, user_id ORDER BY valid_from, observed_at, inserted_at
                        ROWS BETWEEN CURRENT ROW AND 1 FOLLOWING) AS next_begins,
                    least(next_begins, multiIf(kind != 'dated', next_snapshot, valid_to = 0, open, valid_to)) AS ends
                FROM
                (
                    -- The first snapshot after the row. They are few and joined, because a window over all rows of a directory would
                    -- keep conditions on user_id from reaching the table.
                    SELECT v.*, coalesce(nullIf(s.valid_from, toDateTime64(0, 9, 'UTC')), open) AS next_snapshot
                    FROM (SELECT * FROM audit.user_versions WHERE kind != 'snapshot') AS v
                    ASOF LEFT JOIN
                    (
                        SELECT DISTINCT directory, valid_from FROM audit.user_versions WHERE kind = 'snapshot' AND user_id = ''
                    ) AS s ON v.directory = s.directory AND v.valid_from < s.valid_from
                )
            )
            WINDOW before AS (PARTITION BY directory, user_id ORDER BY begins, observed_at, inserted_at ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
        )
    )
    GROUP BY directory, user_id, kind, run
)
WHERE kind != 'removed' AND valid_from < valid_to;

INSERT INTO audit.schema_migrations (number, name, checksum) SELECT 24, 'users', '8a46a5d6d4e97cf9700d49062af7e218cdf5018ed20a20cae174915a51c24357'
WHERE (SELECT count() FROM audit.schema_migrations WHERE number = 24) = 0;


-- 0025_reports.sql

-- Reports that are made when their period is over, an hour and a half later, and kept as they were made: a report says what was
-- known then, and does not change when an event comes late. A report that is made anew, by hand or by another server of a cluster,
-- is a further row with its own `made_at`, or the same row where it was made within the hour.
--
--   SELECT * FROM audit.compliance_reports FINAL WHERE period = 'month' AND first_day = '2026-10-01'
--
-- SYSTEM REFRESH VIEW audit.compliance_report_daily makes one now. Days are of UTC.

-- "Compliance report of a period" (Xano, "Audit Logs": "Generate monthly compliance reports showing all workspace changes, user
-- activities, and critical operations"; Observe: "Create a scheduled report")
CREATE TABLE IF NOT EXISTS audit.compliance_reports
(
    tenant_id        LowCardinality(String),
    period           LowCardinality(String),   -- day or month
    first_day        Date32,
    last_day         Date32,
    made_at          DateTime('UTC'),          -- by the hour
    total_events     UInt64,
    events_by_type   Map(String, UInt64),
    user_activity    Map(String, UInt64),
    critical_changes Array(Tuple(time DateTime64(9, 'UTC'), type String, user String, description String, reason String))
)
ENGINE = ReplacingMergeTree
PARTITION BY toYear(first_day)
-- tenant_id: whose; period and first_day: "the report of October"; made_at: "as it was made then".
ORDER BY (tenant_id, period, first_day, made_at)
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800,
    fsync_after_insert = 1, fsync_part_directory = 1;

CREATE MATERIALIZED VIEW IF NOT EXISTS audit.compliance_report_daily
REFRESH EVERY 1 DAY OFFSET 90 MINUTE APPEND TO audit.compliance_reports EMPTY
AS SELECT
    tenant_id, 'day' AS period, first_day, last_day, toStartOfHour(now('UTC')) AS made_at, total_events, events_by_type, user_activity,
    critical_changes
FROM audit.compliance_report(from = toStartOfDay(now('UTC')) - INTERVAL 1 DAY, to = toStartOfDay(now('UTC')));

CREATE MATERIALIZED VIEW IF NOT EXISTS audit.compliance_report_monthly
REFRESH EVERY 1 MONTH OFFSET 90 MINUTE APPEND TO audit.compliance_reports EMPTY
AS SELECT
    tenant_id, 'month' AS period, first_day, last_day, toStartOfHour(now('UTC')) AS made_at, total_events, events_by_type, user_activity,
    critical_changes
FROM audit.compliance_report(
    from = toDateTime(toStartOfMonth(now('UTC')), 'UTC') - INTERVAL 1 MONTH, to = toDateTime(toStartOfMonth(now('UTC')), 'UTC'));

-- "Understand usage, optimize cost" (Axiom, "Track activity in Axiom"): what a tenant queried and ingested in a month, in all and by
-- dataset.
CREATE TABLE IF NOT EXISTS audit.usage_reports
(
    tenant_id         LowCardinality(String),
    first_day         Date32,
    last_day          Date32,
    made_at           DateTime('UTC'),
    queries           UInt64,
    total_cost        Float64,
    bytes_scanned     Int64,
    ingest_bytes      Int64,
    queries_by_source Map(String, UInt64),
    queries_by_dataset Map(String, UInt64),
    ingest_by_dataset Map(String, Int64)
)
ENGINE = ReplacingMergeTree
PARTITION BY toYear(first_day)
-- As above.
ORDER BY (tenant_id, first_day, made_at)
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800,
    fsync_after_insert = 1, fsync_part_directory = 1;

CREATE MATERIALIZED VIEW IF NOT EXISTS audit.usage_report_monthly
REFRESH EVERY 1 MONTH OFFSET 90 MINUTE APPEND TO audit.usage_reports EMPTY
AS WITH
    toDateTime(toStartOfMonth(now('UTC')), 'UTC') AS month_end,
    month_end - INTERVAL 1 MONTH AS month_begin
SELECT
    tenant_id,
    toDate32(month_begin) AS first_day,
    toDate32(month_end) - 1 AS last_day,
    toStartOfHour(now('UTC')) AS made_at,
    sum(part.queries) AS queries,
    sum(part.cost) AS total_cost,
    sum(part.scanned) AS bytes_scanned,
    sum(part.ingested) AS ingest_bytes,
    sumMap(part.by_source) AS queries_by_source,
    sumMap(part.by_dataset) AS queries_by_dataset,
    sumMap(part.ingest) AS ingest_by_dataset
FROM
(
    SELECT
        tenant_id, sum(executions) AS queries, sum(cost_sum) AS cost, sum(q.bytes_scanned) AS scanned, toInt64(0) AS ingested,
        map(toString(origin), sum(executions)) AS by_source, CAST(map(), 'Map(String, UInt64)') AS by_dataset, CAST(map(), 'Map(String, Int64)') AS ingest
    FROM audit.query_cost_hourly AS q
    WHERE hour >= month_begin AND hour < month_end
    GROUP BY tenant_id, origin
    UNION ALL
    SELECT tenant_id, 0, 0, 0, 0, map(), map(toString(dataset), sum(d.queries)), map()
    FROM audit.dataset_usage_daily AS d
    WHERE day >= toDate32(month_begin) AND day < toDate32(month_end)
    GROUP BY tenant_id, dataset
    UNION ALL
    SELECT tenant_id, 0, 0, 0, sum(bytes), map(), map(), map(dataset, sum(bytes))
    FROM audit.ingest_hourly
    WHERE hour >= month_begin AND hour < month_end
    GROUP BY tenant_id, dataset
) AS part
GROUP BY tenant_id;

INSERT INTO audit.schema_migrations (number, name, checksum) SELECT 25, 'reports', '2608d254bde8c57752216e4161e187dbe8432d1f9730abb846a968ab3d0bae01'
WHERE (SELECT count() FROM audit.schema_migrations WHERE number = 25) = 0;
