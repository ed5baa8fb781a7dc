-- The database, and what keeps collectors that share it out of each other's way. This file is run without a lock: it may
-- hold nothing but CREATE … IF NOT EXISTS.

CREATE DATABASE IF NOT EXISTS {database:Identifier} /*{on cluster}*/;

-- One row a migration: which of these files were applied.
CREATE TABLE IF NOT EXISTS {database:Identifier}.schema_migrations /*{on cluster}*/
(
    number     UInt32,
    name       String,
    checksum   String,                              -- SHA-256 of the file, in hex
    applied_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = /*{replicated}*/MergeTree/*{by every server}*/
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
CREATE TABLE IF NOT EXISTS {database:Identifier}.locks /*{on cluster}*/
(
    name       LowCardinality(String),
    generation UInt64,
    owner      String,
    until      DateTime64(3, 'UTC'),
    taken_at   DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = /*{replicated}*/MergeTree/*{by every server}*/
ORDER BY (name, generation)                         -- "who has it?"
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800,
    fsync_after_insert = 1, fsync_part_directory = 1;
