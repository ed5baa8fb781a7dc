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

CREATE TABLE IF NOT EXISTS audit.events_local
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

CREATE TABLE IF NOT EXISTS audit.events
AS audit.events_local
ENGINE = Distributed('main', 'audit', 'events_local', cityHash64(tenant_id, toDate32(timestamp)));

INSERT INTO audit.schema_migrations (number, name, checksum) SELECT 2, 'events', '2b597e61a14323362071e4f94fce3875ae76f98025506bbfec800e3c7ad25c6d'
WHERE (SELECT count() FROM audit.schema_migrations WHERE number = 2) = 0;


-- 0003_quarantine.sql

-- Events that could not become rows of `events`: which, why, and what of them can be shown. Kept until somebody deletes
-- them: `ALTER TABLE … DELETE WHERE …`. Few rows are expected: only JSON, the bulk of it, and what repeats are compressed harder.

CREATE TABLE IF NOT EXISTS audit.quarantine_local
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

CREATE TABLE IF NOT EXISTS audit.quarantine
AS audit.quarantine_local
ENGINE = Distributed('main', 'audit', 'quarantine_local', cityHash64(tenant_id));

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

CREATE TABLE IF NOT EXISTS audit.query_cost_hourly_local
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

CREATE TABLE IF NOT EXISTS audit.query_cost_hourly
AS audit.query_cost_hourly_local
ENGINE = Distributed('main', 'audit', 'query_cost_hourly_local', cityHash64(tenant_id, toDate32(hour)));

CREATE MATERIALIZED VIEW IF NOT EXISTS audit.query_cost_hourly_mv
TO audit.query_cost_hourly_local
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
FROM audit.events_local AS events
WHERE is_execution OR is_costed
GROUP BY tenant_id, hour, origin, target_type, target_id;

CREATE TABLE IF NOT EXISTS audit.query_shape_daily_local
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

CREATE TABLE IF NOT EXISTS audit.query_shape_daily
AS audit.query_shape_daily_local
ENGINE = Distributed('main', 'audit', 'query_shape_daily_local', cityHash64(tenant_id, day));

CREATE MATERIALIZED VIEW IF NOT EXISTS audit.query_shape_daily_mv
TO audit.query_shape_daily_local
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
FROM audit.events_local AS events
WHERE is_execution OR is_costed
GROUP BY tenant_id, day, query_language, query_fingerprint, origin;

CREATE TABLE IF NOT EXISTS audit.actor_cost_daily_local
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

CREATE TABLE IF NOT EXISTS audit.actor_cost_daily
AS audit.actor_cost_daily_local
ENGINE = Distributed('main', 'audit', 'actor_cost_daily_local', cityHash64(tenant_id, day));

CREATE MATERIALIZED VIEW IF NOT EXISTS audit.actor_cost_daily_mv
TO audit.actor_cost_daily_local
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
FROM audit.events_local AS events
WHERE is_execution OR is_costed
GROUP BY tenant_id, day, actor_id, origin;

INSERT INTO audit.schema_migrations (number, name, checksum) SELECT 4, 'query_cost', '3f07ed8854d8e50f6183d8e29691a5e46ff28e654d5934fab5b7cbc423ea65e0'
WHERE (SELECT count() FROM audit.schema_migrations WHERE number = 4) = 0;


-- 0005_dataset_usage.sql

-- Which datasets are queried, by whom and from where. A query over several datasets counts in full for each of them, so
-- sums over datasets are not sums over queries.

CREATE TABLE IF NOT EXISTS audit.dataset_usage_daily_local
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

CREATE TABLE IF NOT EXISTS audit.dataset_usage_daily
AS audit.dataset_usage_daily_local
ENGINE = Distributed('main', 'audit', 'dataset_usage_daily_local', cityHash64(tenant_id, day));

CREATE MATERIALIZED VIEW IF NOT EXISTS audit.dataset_usage_daily_mv
TO audit.dataset_usage_daily_local
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
FROM audit.events_local AS events
WHERE is_execution OR is_costed
GROUP BY tenant_id, day, dataset, origin, actor_id;

INSERT INTO audit.schema_migrations (number, name, checksum) SELECT 5, 'dataset_usage', 'f51dae2883192a48fcd27eb053104802c0394afe52a6094fca85e0e2e4c78af9'
WHERE (SELECT count() FROM audit.schema_migrations WHERE number = 5) = 0;


-- 0006_ingest.sql

-- What was ingested into which dataset. An event reports a period that ends at its timestamp; it counts in the hour of the
-- timestamp.

CREATE TABLE IF NOT EXISTS audit.ingest_hourly_local
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

CREATE TABLE IF NOT EXISTS audit.ingest_hourly
AS audit.ingest_hourly_local
ENGINE = Distributed('main', 'audit', 'ingest_hourly_local', cityHash64(tenant_id, toDate32(hour)));

CREATE MATERIALIZED VIEW IF NOT EXISTS audit.ingest_hourly_mv
TO audit.ingest_hourly_local
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    tenant_id,
    fromUnixTimestamp64Second(intDiv(toUnixTimestamp64Second(timestamp), 3600) * 3600, 'UTC') AS hour,
    target_id AS dataset,
    sum(ifNull(ingest_bytes, 0)) AS bytes,
    sum(ifNull(ingest_records, 0)) AS records
FROM audit.events_local AS events
WHERE ingest_bytes IS NOT NULL OR ingest_records IS NOT NULL
GROUP BY tenant_id, hour, dataset;

INSERT INTO audit.schema_migrations (number, name, checksum) SELECT 6, 'ingest', '3a9c928135f6b25eb97705ae487df49b155ae2de6e575578dc9fcc5dc9b8feeb'
WHERE (SELECT count() FROM audit.schema_migrations WHERE number = 6) = 0;


-- 0007_activity.sql

-- Who did what how often: the daily activity of every actor.

CREATE TABLE IF NOT EXISTS audit.activity_daily_local
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

CREATE TABLE IF NOT EXISTS audit.activity_daily
AS audit.activity_daily_local
ENGINE = Distributed('main', 'audit', 'activity_daily_local', cityHash64(tenant_id, day));

CREATE MATERIALIZED VIEW IF NOT EXISTS audit.activity_daily_mv
TO audit.activity_daily_local
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
FROM audit.events_local AS events
GROUP BY tenant_id, workspace_id, day, actor_id, event_name, action, target_type, outcome;

INSERT INTO audit.schema_migrations (number, name, checksum) SELECT 7, 'activity', '097381c2c6ea4156dc3a9fbaf7dda5260cc7802eb408dd0a37bc4ce1b23f46d9'
WHERE (SELECT count() FROM audit.schema_migrations WHERE number = 7) = 0;


-- 0008_blocks.sql

-- What must be there: one row an insert that a collector knows to be done. Rows and digest are those of the table that
-- the insert went to, so that counting them again finds what was lost or doubled. Block numbers and times rise along the table,
-- so Delta makes them small.

CREATE TABLE IF NOT EXISTS audit.blocks_local
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

CREATE TABLE IF NOT EXISTS audit.blocks
AS audit.blocks_local
ENGINE = Distributed('main', 'audit', 'blocks_local', cityHash64(collector));

INSERT INTO audit.schema_migrations (number, name, checksum) SELECT 8, 'blocks', '35ac0ef12ab482a54a623c5dfb499d30ceea283d240af18f8ff7589c2cdd6a54'
WHERE (SELECT count() FROM audit.schema_migrations WHERE number = 8) = 0;


-- 0009_ledger.sql

-- Where every event went, by source and hour: received = stored + queued + duplicate + rejected + quarantined + skipped +
-- sampled out. What is stored is counted from `events`, what is queued is a metric of the collector. Rows are counts to
-- add up: always sum(events).

CREATE TABLE IF NOT EXISTS audit.ledger_local
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

CREATE TABLE IF NOT EXISTS audit.ledger
AS audit.ledger_local
ENGINE = Distributed('main', 'audit', 'ledger_local', cityHash64(collector));

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
FROM (SELECT * FROM audit.events_local WHERE toDate32(timestamp) BETWEEN {from:Date32} AND {to:Date32}) AS events
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
FROM (SELECT * FROM audit.events_local WHERE toDate32(timestamp) BETWEEN {from:Date32} AND {to:Date32}) AS events
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
FROM (SELECT * FROM audit.events_local WHERE toDate32(timestamp) BETWEEN {from:Date32} AND {to:Date32}) AS events
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
FROM (SELECT * FROM audit.events_local WHERE toDate32(timestamp) BETWEEN {from:Date32} AND {to:Date32}) AS events
WHERE is_execution OR is_costed
GROUP BY tenant_id, day, dataset, origin, actor_id;

CREATE VIEW IF NOT EXISTS audit.ingest_hourly_recomputed
AS SELECT
    tenant_id,
    fromUnixTimestamp64Second(intDiv(toUnixTimestamp64Second(timestamp), 3600) * 3600, 'UTC') AS hour,
    target_id AS dataset,
    sum(ifNull(ingest_bytes, 0)) AS bytes,
    sum(ifNull(ingest_records, 0)) AS records
FROM (SELECT * FROM audit.events_local WHERE toDate32(timestamp) BETWEEN {from:Date32} AND {to:Date32}) AS events
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
FROM (SELECT * FROM audit.events_local WHERE toDate32(timestamp) BETWEEN {from:Date32} AND {to:Date32}) AS events
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
        FROM audit.query_cost_hourly_local
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
        FROM audit.query_shape_daily_local
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
        FROM audit.actor_cost_daily_local
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
        FROM audit.dataset_usage_daily_local
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
        FROM audit.ingest_hourly_local
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
        FROM audit.activity_daily_local
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


-- 0013_users.sql

-- Who the users of the directories were, and when.

-- What was told of users: that one is there like this (present), that he was so during a time which the directory itself gives
-- (dated), that he is there no longer (removed), and that all who are there were told of since valid_from (snapshot, with no
-- user_id). After a restart all of a directory is told of again, in rows that `users` joins to those before.
CREATE TABLE IF NOT EXISTS audit.user_versions_local
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

CREATE TABLE IF NOT EXISTS audit.user_versions
AS audit.user_versions_local
ENGINE = Distributed('main', 'audit', 'user_versions_local', cityHash64(directory));

-- One row for each time during which a directory said the same of a user. valid_to is excluded, and 2100 where it is open.
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
                OVER (PARTITION BY directory, user_id ORDER BY begins, observed_at ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS run
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
                    leadInFrame(valid_from, 1, open) OVER (PARTITION BY directory, user_id ORDER BY valid_from, observed_at
                        ROWS BETWEEN CURRENT ROW AND 1 FOLLOWING) AS next_begins,
                    least(next_begins, multiIf(kind != 'dated', next_snapshot, valid_to = 0, open, valid_to)) AS ends
                FROM
                (
                    SELECT
                        *,
                        -- The first snapshot after the row: rows are gone through from the last one back.
                        minIf(if(kind = 'snapshot', valid_from, open), kind = 'snapshot') OVER (PARTITION BY directory
                            ORDER BY valid_from DESC, kind = 'snapshot' ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS first_snapshot,
                        if(first_snapshot = 0 OR kind = 'snapshot', open, first_snapshot) AS next_snapshot
                    FROM audit.user_versions FINAL
                )
                WHERE kind != 'snapshot'
            )
            WINDOW before AS (PARTITION BY directory, user_id ORDER BY begins, observed_at ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
        )
    )
    GROUP BY directory, user_id, kind, run
)
WHERE kind != 'removed' AND valid_from < valid_to;

INSERT INTO audit.schema_migrations (number, name, checksum) SELECT 13, 'users', '87d9e130ffd704c651610eb00bbe50461e4bb66705b4c604e99f22eb31890aee'
WHERE (SELECT count() FROM audit.schema_migrations WHERE number = 13) = 0;
