-- Who the users of the directories were, and when.

-- What was told of users: that one is there like this (present), that he was so during a time which the directory itself gives
-- (dated), that he is there no longer (removed), and that all who are there were told of since valid_from (snapshot, with no
-- user_id). After a restart all of a directory is told of again, in rows that `users` joins to those before.
CREATE TABLE IF NOT EXISTS {database:Identifier}.user_versions/*{local}*/ /*{on cluster}*/
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
ENGINE = /*{replicated}*/ReplacingMergeTree(observed_at)
-- directory and user_id: "who was this?" valid_from and kind: what makes rows the same.
ORDER BY (directory, user_id, valid_from, kind)
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800,
    fsync_after_insert = 1, fsync_part_directory = 1
/*{sharded by cityHash64(directory)}*/;

-- One row for each time during which a directory said the same of a user. valid_to is excluded, and 2100 where it is open. What was
-- told twice or replaced needs no FINAL: such a row ends where it begins.
CREATE VIEW IF NOT EXISTS {database:Identifier}.users /*{on cluster}*/
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
                    FROM (SELECT * FROM {database:Identifier}.user_versions WHERE kind != 'snapshot') AS v
                    ASOF LEFT JOIN
                    (
                        SELECT DISTINCT directory, valid_from FROM {database:Identifier}.user_versions WHERE kind = 'snapshot' AND user_id = ''
                    ) AS s ON v.directory = s.directory AND v.valid_from < s.valid_from
                )
            )
            WINDOW before AS (PARTITION BY directory, user_id ORDER BY begins, observed_at, inserted_at ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
        )
    )
    GROUP BY directory, user_id, kind, run
)
WHERE kind != 'removed' AND valid_from < valid_to;
