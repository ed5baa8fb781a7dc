-- Query cost by source, GB-ms
SELECT * FROM
(
    WITH {rounding:UInt32} AS step, toUnixTimestamp(now()) AS until
    SELECT intDiv(toUnixTimestamp(hour), step) * step AS t, origin, sum(cost_sum) AS cost
    FROM audit.query_cost_hourly
    WHERE origin NOT IN ('', 'ui') AND t BETWEEN until - {seconds:UInt32} AND until - step
    GROUP BY t, origin
    ORDER BY origin, t WITH FILL STEP {rounding:UInt32}
)
ORDER BY t, origin
