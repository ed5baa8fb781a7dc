-- 0001_database.sql

-- The database, and what keeps collectors that share it out of each other's way. This file is run without a lock: it may
-- hold nothing but CREATE … IF NOT EXISTS.

CREATE DATABASE IF NOT EXISTS audit ON CLUSTER 'main';

-- One row a migration: which of these files were applied.
CREATE TABLE IF NOT EXISTS audit.schema_migrations ON CLUSTER 'main'
(
    number     UInt32,
    name       String,
    checksum   String,                              -- SHA-256 of the file, in hex
    applied_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplicatedMergeTree('/clickhouse/tables/{uuid}/all', '{shard}-{replica}')
ORDER BY number
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
CREATE TABLE IF NOT EXISTS audit.locks ON CLUSTER 'main'
(
    name       LowCardinality(String),
    generation UInt64,
    owner      String,
    until      DateTime64(3, 'UTC'),
    taken_at   DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplicatedMergeTree('/clickhouse/tables/{uuid}/all', '{shard}-{replica}')
ORDER BY (name, generation)                         -- "who has it?"
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800,
    fsync_after_insert = 1, fsync_part_directory = 1;

INSERT INTO audit.schema_migrations (number, name, checksum) SELECT 1, 'database', '4564a49c5285d1adec2a9d7597c29d95d86e05a5f0487e247adc27eba06410ad'
WHERE (SELECT count() FROM audit.schema_migrations WHERE number = 1) = 0;


-- 0002_events.sql

-- One row an audit event. Absent text is '', absent lists and maps are empty, absent measures and flags are NULL: so that
-- avg(query_cost) is the average over the queries that have a cost, and a cost of 0 is a cost.
--
-- Ids and free text are compressed with ZSTD: 119 bytes a row, where ClickHouse's default LZ4 takes 143.

CREATE TABLE IF NOT EXISTS audit.events_local ON CLUSTER 'main'
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
ENGINE = ReplicatedMergeTree
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

CREATE TABLE IF NOT EXISTS audit.events ON CLUSTER 'main'
AS audit.events_local
ENGINE = Distributed('main', 'audit', 'events_local', cityHash64(tenant_id, toDate32(timestamp)));

INSERT INTO audit.schema_migrations (number, name, checksum) SELECT 2, 'events', '1b6603f0c80423732fb58d7b46b2cb61cdbd6bfaf9f4e0c21389e563603c74b0'
WHERE (SELECT count() FROM audit.schema_migrations WHERE number = 2) = 0;


-- 0003_quarantine.sql

-- Events that could not become rows of `events`: which, why, and what of them can be shown. Kept until somebody deletes
-- them: `ALTER TABLE … DELETE WHERE …`.

CREATE TABLE IF NOT EXISTS audit.quarantine_local ON CLUSTER 'main'
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
ENGINE = ReplicatedMergeTree
ORDER BY (reason, received_at)            -- "how many, since when, of which kind" is what is asked of it
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800,
    fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS audit.quarantine ON CLUSTER 'main'
AS audit.quarantine_local
ENGINE = Distributed('main', 'audit', 'quarantine_local', cityHash64(tenant_id));

INSERT INTO audit.schema_migrations (number, name, checksum) SELECT 3, 'quarantine', 'c7711c563afaaaeaf224f0b9cb7c70e4232fa58dcd22f5eb5219dc66e26537ab'
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
-- Views run with the rights of whoever applies this file, so that a collector that may INSERT into `events` and nothing
-- else fills the rollups and cannot read the log.

CREATE TABLE IF NOT EXISTS audit.query_cost_hourly_local ON CLUSTER 'main'
(
    tenant_id         LowCardinality(String),
    hour              DateTime64(0, 'UTC'),   -- DateTime ends in 2106, and a sender's clock may not
    origin            LowCardinality(String),
    target_type       LowCardinality(String),
    target_id         String,
    executions        SimpleAggregateFunction(sum, UInt64),
    costed_executions SimpleAggregateFunction(sum, UInt64),
    cost_sum          SimpleAggregateFunction(sum, Float64),
    cost_max          SimpleAggregateFunction(max, Nullable(Float64)),
    cost_quantiles    AggregateFunction(quantilesTDigest(0.5, 0.9, 0.95, 0.99), Float64),
    bytes_scanned     SimpleAggregateFunction(sum, Int64),
    duration_seconds  SimpleAggregateFunction(sum, Float64)
)
ENGINE = ReplicatedAggregatingMergeTree
PARTITION BY toYYYYMM(hour)
-- tenant_id and hour: every dashboard asks for one tenant and a range. origin: "what do monitors cost". The target: "which
-- monitor". No actor: with it the rows are as many as the queries.
ORDER BY (tenant_id, hour, origin, target_type, target_id)
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800,
    fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS audit.query_cost_hourly ON CLUSTER 'main'
AS audit.query_cost_hourly_local
ENGINE = Distributed('main', 'audit', 'query_cost_hourly_local', cityHash64(tenant_id, toDate32(hour)));

CREATE MATERIALIZED VIEW IF NOT EXISTS audit.query_cost_hourly_mv ON CLUSTER 'main'
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

CREATE TABLE IF NOT EXISTS audit.query_shape_daily_local ON CLUSTER 'main'
(
    tenant_id         LowCardinality(String),
    day               Date32,
    query_language    LowCardinality(String),
    query_fingerprint String,                 -- '' gathers the costs that came without a query
    origin            LowCardinality(String),
    query_representation SimpleAggregateFunction(any, String) CODEC(ZSTD(1)),
    executions        SimpleAggregateFunction(sum, UInt64),
    costed_executions SimpleAggregateFunction(sum, UInt64),
    cost_sum          SimpleAggregateFunction(sum, Float64),
    cost_max          SimpleAggregateFunction(max, Nullable(Float64)),
    cost_quantiles    AggregateFunction(quantilesTDigest(0.5, 0.9, 0.95, 0.99), Float64),
    bytes_scanned     SimpleAggregateFunction(sum, Int64),
    duration_seconds  SimpleAggregateFunction(sum, Float64)
)
ENGINE = ReplicatedAggregatingMergeTree
PARTITION BY toYYYYMM(day)
-- tenant_id and day as above. Language and fingerprint: "which queries are dear, whatever their literals". origin: "what
-- issued this query".
ORDER BY (tenant_id, day, query_language, query_fingerprint, origin)
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800,
    fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS audit.query_shape_daily ON CLUSTER 'main'
AS audit.query_shape_daily_local
ENGINE = Distributed('main', 'audit', 'query_shape_daily_local', cityHash64(tenant_id, day));

CREATE MATERIALIZED VIEW IF NOT EXISTS audit.query_shape_daily_mv ON CLUSTER 'main'
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

CREATE TABLE IF NOT EXISTS audit.actor_cost_daily_local ON CLUSTER 'main'
(
    tenant_id         LowCardinality(String),
    day               Date32,
    actor_id          String,
    origin            LowCardinality(String),
    executions        SimpleAggregateFunction(sum, UInt64),
    costed_executions SimpleAggregateFunction(sum, UInt64),
    cost_sum          SimpleAggregateFunction(sum, Float64),
    cost_max          SimpleAggregateFunction(max, Nullable(Float64)),
    cost_quantiles    AggregateFunction(quantilesTDigest(0.5, 0.9, 0.95, 0.99), Float64),
    bytes_scanned     SimpleAggregateFunction(sum, Int64),
    duration_seconds  SimpleAggregateFunction(sum, Float64)
)
ENGINE = ReplicatedAggregatingMergeTree
PARTITION BY toYYYYMM(day)
-- tenant_id and day as above. actor_id: "whose queries are dear". origin: "by hand or by schedule".
ORDER BY (tenant_id, day, actor_id, origin)
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800,
    fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS audit.actor_cost_daily ON CLUSTER 'main'
AS audit.actor_cost_daily_local
ENGINE = Distributed('main', 'audit', 'actor_cost_daily_local', cityHash64(tenant_id, day));

CREATE MATERIALIZED VIEW IF NOT EXISTS audit.actor_cost_daily_mv ON CLUSTER 'main'
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

INSERT INTO audit.schema_migrations (number, name, checksum) SELECT 4, 'query_cost', 'c089f2055a781298e03b8ec517ff4ae2def491a3553626a81382cbcd7020c69f'
WHERE (SELECT count() FROM audit.schema_migrations WHERE number = 4) = 0;


-- 0005_dataset_usage.sql

-- Which datasets are queried, by whom and from where. A query over several datasets counts in full for each of them, so
-- sums over datasets are not sums over queries.

CREATE TABLE IF NOT EXISTS audit.dataset_usage_daily_local ON CLUSTER 'main'
(
    tenant_id      LowCardinality(String),
    day            Date32,
    dataset        LowCardinality(String),
    origin         LowCardinality(String),
    actor_id       String,
    queries        SimpleAggregateFunction(sum, UInt64),   -- executions, as in query_cost_hourly
    costed_queries SimpleAggregateFunction(sum, UInt64),
    cost_sum       SimpleAggregateFunction(sum, Float64),
    bytes_scanned  SimpleAggregateFunction(sum, Int64),
    actors         AggregateFunction(uniq, String)         -- uniqMerge(actors): distinct actors over any rows
)
ENGINE = ReplicatedAggregatingMergeTree
PARTITION BY toYYYYMM(day)
-- tenant_id and day: the range of every question. dataset: "usage of this dataset". origin: "by people or by monitors".
-- actor_id: "who uses it".
ORDER BY (tenant_id, day, dataset, origin, actor_id)
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800,
    fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS audit.dataset_usage_daily ON CLUSTER 'main'
AS audit.dataset_usage_daily_local
ENGINE = Distributed('main', 'audit', 'dataset_usage_daily_local', cityHash64(tenant_id, day));

CREATE MATERIALIZED VIEW IF NOT EXISTS audit.dataset_usage_daily_mv ON CLUSTER 'main'
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
    uniqState(events.actor_id) AS actors
FROM audit.events_local AS events
WHERE is_execution OR is_costed
GROUP BY tenant_id, day, dataset, origin, actor_id;

INSERT INTO audit.schema_migrations (number, name, checksum) SELECT 5, 'dataset_usage', 'd9ccdd8762a3fbbe9791bfbdee4e0d6daa819aa4b2366a0bfec75dc52a9ff346'
WHERE (SELECT count() FROM audit.schema_migrations WHERE number = 5) = 0;


-- 0006_ingest.sql

-- What was ingested into which dataset. An event reports a period that ends at its timestamp; it counts in the hour of the
-- timestamp.

CREATE TABLE IF NOT EXISTS audit.ingest_hourly_local ON CLUSTER 'main'
(
    tenant_id LowCardinality(String),
    hour      DateTime64(0, 'UTC'),
    dataset   String,
    bytes     SimpleAggregateFunction(sum, Int64),
    records   SimpleAggregateFunction(sum, Int64)
)
ENGINE = ReplicatedAggregatingMergeTree
PARTITION BY toYYYYMM(hour)
-- tenant_id and hour: "total ingest over time"; dataset: "ingest by dataset".
ORDER BY (tenant_id, hour, dataset)
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800,
    fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS audit.ingest_hourly ON CLUSTER 'main'
AS audit.ingest_hourly_local
ENGINE = Distributed('main', 'audit', 'ingest_hourly_local', cityHash64(tenant_id, toDate32(hour)));

CREATE MATERIALIZED VIEW IF NOT EXISTS audit.ingest_hourly_mv ON CLUSTER 'main'
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

INSERT INTO audit.schema_migrations (number, name, checksum) SELECT 6, 'ingest', '166d2c47f82f2d3644a07679c18e3000ae5f1b2de2df6ef1a43c600bd7489e99'
WHERE (SELECT count() FROM audit.schema_migrations WHERE number = 6) = 0;


-- 0007_activity.sql

-- Who did what how often: the daily activity of every actor.

CREATE TABLE IF NOT EXISTS audit.activity_daily_local ON CLUSTER 'main'
(
    tenant_id    LowCardinality(String),
    workspace_id LowCardinality(String),
    day          Date32,
    actor_id     String,
    event_name   LowCardinality(String),
    action       LowCardinality(String),
    target_type  LowCardinality(String),
    outcome      LowCardinality(String),
    events       SimpleAggregateFunction(sum, UInt64),
    first_time   SimpleAggregateFunction(min, DateTime64(9, 'UTC')),
    last_time    SimpleAggregateFunction(max, DateTime64(9, 'UTC'))
)
ENGINE = ReplicatedAggregatingMergeTree
PARTITION BY toYYYYMM(day)
-- tenant_id, workspace_id and day: "activity of the team this week"; actor_id: "what did this user do"; event name, action
-- and target type: "operations by kind of object"; outcome: "failed logins by user".
ORDER BY (tenant_id, workspace_id, day, actor_id, event_name, action, target_type, outcome)
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800,
    fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS audit.activity_daily ON CLUSTER 'main'
AS audit.activity_daily_local
ENGINE = Distributed('main', 'audit', 'activity_daily_local', cityHash64(tenant_id, day));

CREATE MATERIALIZED VIEW IF NOT EXISTS audit.activity_daily_mv ON CLUSTER 'main'
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

INSERT INTO audit.schema_migrations (number, name, checksum) SELECT 7, 'activity', '9049772967e33e044590f8376d4713436b5d7d2a05e62867efc59f3ebb6ad426'
WHERE (SELECT count() FROM audit.schema_migrations WHERE number = 7) = 0;


-- 0008_blocks.sql

-- What must be there: one row an insert that a collector knows to be done. Rows and digest are those of the table that
-- the insert went to, so that counting them again finds what was lost or doubled.

CREATE TABLE IF NOT EXISTS audit.blocks_local ON CLUSTER 'main'
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
ENGINE = ReplicatedMergeTree
PARTITION BY toYYYYMM(first_received_at)
-- table and first_received_at: "what must there be of these hours?" collector and first_block: "of this log?"
ORDER BY (table, first_received_at, collector, first_block)
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800,
    fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS audit.blocks ON CLUSTER 'main'
AS audit.blocks_local
ENGINE = Distributed('main', 'audit', 'blocks_local', cityHash64(collector));

INSERT INTO audit.schema_migrations (number, name, checksum) SELECT 8, 'blocks', '1a6fa4929bdefff2257af359c921c1e44dc0071a061f04e7f2ef00ddae32589e'
WHERE (SELECT count() FROM audit.schema_migrations WHERE number = 8) = 0;


-- 0009_ledger.sql

-- Where every event went, by source and hour: received = stored + queued + duplicate + rejected + quarantined + skipped +
-- sampled out. What is stored is counted from `events`, what is queued is a metric of the collector. Rows are counts to
-- add up: always sum(events).

CREATE TABLE IF NOT EXISTS audit.ledger_local ON CLUSTER 'main'
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
ENGINE = ReplicatedAggregatingMergeTree
PARTITION BY toYYYYMM(hour)
-- tenant_id and hour: "what became of this tenant's events, and when?" source: "of this service's?" kind and reason: "why?"
ORDER BY (tenant_id, hour, source, kind, reason, collector)
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800,
    fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS audit.ledger ON CLUSTER 'main'
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

CREATE VIEW IF NOT EXISTS audit.query_cost_hourly_recomputed ON CLUSTER 'main'
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

CREATE VIEW IF NOT EXISTS audit.query_shape_daily_recomputed ON CLUSTER 'main'
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

CREATE VIEW IF NOT EXISTS audit.actor_cost_daily_recomputed ON CLUSTER 'main'
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

CREATE VIEW IF NOT EXISTS audit.dataset_usage_daily_recomputed ON CLUSTER 'main'
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
    uniqState(events.actor_id) AS actors
FROM (SELECT * FROM audit.events_local WHERE toDate32(timestamp) BETWEEN {from:Date32} AND {to:Date32}) AS events
WHERE is_execution OR is_costed
GROUP BY tenant_id, day, dataset, origin, actor_id;

CREATE VIEW IF NOT EXISTS audit.ingest_hourly_recomputed ON CLUSTER 'main'
AS SELECT
    tenant_id,
    fromUnixTimestamp64Second(intDiv(toUnixTimestamp64Second(timestamp), 3600) * 3600, 'UTC') AS hour,
    target_id AS dataset,
    sum(ifNull(ingest_bytes, 0)) AS bytes,
    sum(ifNull(ingest_records, 0)) AS records
FROM (SELECT * FROM audit.events_local WHERE toDate32(timestamp) BETWEEN {from:Date32} AND {to:Date32}) AS events
WHERE ingest_bytes IS NOT NULL OR ingest_records IS NOT NULL
GROUP BY tenant_id, hour, dataset;

CREATE VIEW IF NOT EXISTS audit.activity_daily_recomputed ON CLUSTER 'main'
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

INSERT INTO audit.schema_migrations (number, name, checksum) SELECT 10, 'recomputed', 'd62e05a78a169fff4afc7fe4e3683a31e902b0e0ffe034720dff4ad726eda9cd'
WHERE (SELECT count() FROM audit.schema_migrations WHERE number = 10) = 0;


-- 0011_reconcile_rollups.sql

-- "Do rollups and events agree?" One row a rollup and day (from..to, Date32, both included) on which they differ: the number
-- of keys, a digest of keys and counts, and the sum of costs and durations, which may differ by rounding. Rows that arrive
-- while this is asked make a difference, and so do events that retention has dropped. On a cluster: ask each shard.
--
--   SELECT * FROM audit.reconcile_rollups(from = yesterday(), to = today())

CREATE VIEW IF NOT EXISTS audit.reconcile_rollups ON CLUSTER 'main'
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

CREATE VIEW IF NOT EXISTS audit.reconcile_blocks ON CLUSTER 'main'
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

CREATE VIEW IF NOT EXISTS audit.reconcile_doubled ON CLUSTER 'main'
AS SELECT
    tenant_id,
    record_id,
    count() AS rows,
    uniqExact(block_id) > 1 AND (uniqExact(record_hash) > 1 OR any(record_hash) = '') AS conflict,
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

INSERT INTO audit.schema_migrations (number, name, checksum) SELECT 12, 'reconcile_blocks', '50f86293a83daa7374fd0677216e49c63e894e5b8e015b8177bf2834ed0ea519'
WHERE (SELECT count() FROM audit.schema_migrations WHERE number = 12) = 0;


-- 0013_ingest_views.sql

-- What is ingested, from the rollup `ingest_hourly`. An hour counts in full when from..to touches it, so a range of full hours
-- is exact. GB are 1024³ bytes, as in Axiom's document.

-- "Track ingest by dataset: how much data does each dataset ingest over time?" (Axiom, "Track activity in Axiom")
--
--   SELECT * FROM audit.ingest_by_dataset(bin_seconds = 86400, from = now() - INTERVAL 30 DAY, to = now())
--
-- Bins begin at multiples of bin_seconds since 1970. One of less than an hour shows an hour's ingest where the hour begins.
CREATE VIEW IF NOT EXISTS audit.ingest_by_dataset ON CLUSTER 'main'
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
CREATE VIEW IF NOT EXISTS audit.ingest_total ON CLUSTER 'main'
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
CREATE VIEW IF NOT EXISTS audit.high_cost_queries ON CLUSTER 'main'
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
CREATE VIEW IF NOT EXISTS audit.monitor_query_load ON CLUSTER 'main'
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
CREATE VIEW IF NOT EXISTS audit.dataset_usage ON CLUSTER 'main'
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
CREATE VIEW IF NOT EXISTS audit.dataset_sets ON CLUSTER 'main'
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
CREATE VIEW IF NOT EXISTS audit.query_sources ON CLUSTER 'main'
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
CREATE VIEW IF NOT EXISTS audit.query_origins ON CLUSTER 'main'
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
CREATE VIEW IF NOT EXISTS audit.operations_by_target ON CLUSTER 'main'
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
CREATE VIEW IF NOT EXISTS audit.object_history ON CLUSTER 'main'
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
CREATE VIEW IF NOT EXISTS audit.user_operations ON CLUSTER 'main'
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
CREATE VIEW IF NOT EXISTS audit.content_popularity ON CLUSTER 'main'
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
CREATE VIEW IF NOT EXISTS audit.logins ON CLUSTER 'main'
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
CREATE VIEW IF NOT EXISTS audit.failed_logins ON CLUSTER 'main'
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
CREATE VIEW IF NOT EXISTS audit.llm_usage ON CLUSTER 'main'
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
