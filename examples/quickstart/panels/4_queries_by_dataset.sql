-- Queries by dataset
SELECT * FROM
(
    WITH {rounding:UInt32} AS step, toUnixTimestamp(now()) AS until,
        popular AS (SELECT dataset FROM audit.dataset_usage_daily GROUP BY dataset ORDER BY sum(queries) DESC LIMIT 6)
    SELECT intDiv(toUnixTimestamp(timestamp), step) * step AS t, arrayJoin(datasets) AS dataset, count() AS queries
    FROM audit.events
    WHERE query_fingerprint != '' AND t BETWEEN until - {seconds:UInt32} AND until - step
    GROUP BY t, dataset
    HAVING dataset IN popular
    ORDER BY dataset, t WITH FILL STEP {rounding:UInt32}
)
ORDER BY t, dataset
