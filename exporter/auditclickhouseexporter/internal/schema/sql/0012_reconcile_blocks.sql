-- "Is what collectors inserted there, and once?" One row an insert of the manifest `blocks`, received from..to (DateTime64(9),
-- `to` not included), whose rows in the table are not what it says: fewer are lost or dropped by retention, more are
-- doubled.
--
--   SELECT * FROM audit.reconcile_blocks(from = now() - INTERVAL 1 DAY, to = now())

CREATE VIEW IF NOT EXISTS {database:Identifier}.reconcile_blocks /*{on cluster}*/
AS WITH manifest AS
(
    SELECT
        b.table AS table, b.token AS token, any(b.collector) AS collector, any(b.first_block) AS first_block, any(b.last_block) AS last_block,
        any(b.first_received_at) AS first_received_at, any(b.last_received_at) AS last_received_at,
        -- A later row corrects an earlier one: copies of events that came with other inserts were deleted.
        argMax((b.rows, b.digest), (b.inserted_at, -toInt64(b.rows))) AS counted
    FROM {database:Identifier}.blocks AS b
    WHERE b.first_received_at >= {from:DateTime64(9, 'UTC')} AND b.first_received_at < {to:DateTime64(9, 'UTC')}
    GROUP BY b.table, b.token
),
found AS
(
    SELECT m.table AS table, m.token AS token, sum(s.stored_rows) AS found_rows, sum(s.stored_digest) AS found_digest
    FROM
    (
        SELECT 'events' AS table, block_id, count() AS stored_rows, sum(xxHash64(record_id)) AS stored_digest
        FROM {database:Identifier}.events
        WHERE received_at >= {from:DateTime64(9, 'UTC')} AND received_at <= (SELECT max(last_received_at) FROM manifest)
        GROUP BY block_id
        UNION ALL
        SELECT 'quarantine' AS table, block_id, count() AS stored_rows, sum(xxHash64(record_id)) AS stored_digest
        FROM {database:Identifier}.quarantine
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

CREATE VIEW IF NOT EXISTS {database:Identifier}.reconcile_doubled /*{on cluster}*/
AS SELECT
    tenant_id,
    record_id,
    count() AS rows,
    uniqExact(block_id) > 1 AND (uniqExact(record_hash) > 1 OR any(record_hash) = 0) AS conflict,
    groupUniqArray(block_id) AS block_ids,
    min(received_at) AS first_received_at,
    max(received_at) AS last_received_at
FROM {database:Identifier}.events
WHERE received_at >= {since:DateTime64(9, 'UTC')} AND cityHash64(tenant_id, record_id) GLOBAL IN
(
    SELECT cityHash64(tenant_id, record_id) FROM {database:Identifier}.events
    WHERE received_at >= {from:DateTime64(9, 'UTC')} AND received_at < {to:DateTime64(9, 'UTC')}
)
GROUP BY tenant_id, record_id
HAVING rows > 1;
