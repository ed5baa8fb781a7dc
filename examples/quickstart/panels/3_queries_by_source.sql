-- Queries by source
SELECT * FROM
(
    WITH {rounding:UInt32} AS step, toUnixTimestamp(now()) AS until
    SELECT intDiv(toUnixTimestamp(hour), step) * step AS t, origin, sum(executions) AS queries
    FROM audit.query_cost_hourly
    WHERE origin != '' AND t BETWEEN until - {seconds:UInt32} AND until - step
    GROUP BY t, origin
    ORDER BY origin, t WITH FILL STEP {rounding:UInt32}
)
ORDER BY t, origin
