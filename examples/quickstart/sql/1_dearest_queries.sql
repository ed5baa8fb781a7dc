-- Which queries were the dearest, and who or what issued them? (the dearest of each issuer)
-- The cost of a query comes in an event of its own; query_id joins it to the event that says what was asked.
SELECT
    round(cost.query_cost)                         AS `cost GB·ms`,
    formatReadableSize(cost.query_bytes_scanned)   AS scanned,
    run.origin                                     AS source,
    if(run.directory_name != '', run.directory_name, run.actor_id) AS who,
    run.directory_department                       AS team,
    run.target_name                                AS target,
    arrayStringConcat(run.datasets, ', ')          AS datasets,
    run.query_representation                       AS query
FROM
(
    SELECT tenant_id, query_id, query_cost, query_bytes_scanned
    FROM audit.events
    WHERE query_cost IS NOT NULL AND query_fingerprint = ''
    ORDER BY query_cost DESC
    LIMIT 1 BY actor_id, target_type, target_id
    LIMIT 10
) AS cost
INNER JOIN (SELECT * FROM audit.events WHERE query_fingerprint != '') AS run USING (tenant_id, query_id)
ORDER BY cost.query_cost DESC
