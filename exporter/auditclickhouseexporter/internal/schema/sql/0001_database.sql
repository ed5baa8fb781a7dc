-- The database, and the table that says which of these files were applied to it.

CREATE DATABASE IF NOT EXISTS {database:Identifier};

-- One row a migration. The window lets collectors that start at the same time record the same migration once.
CREATE TABLE IF NOT EXISTS {database:Identifier}.schema_migrations
(
    number     UInt32,
    name       String,
    checksum   String,                              -- SHA-256 of the file, in hex
    applied_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = MergeTree
ORDER BY number
SETTINGS non_replicated_deduplication_window = 100, fsync_after_insert = 1, fsync_part_directory = 1;
