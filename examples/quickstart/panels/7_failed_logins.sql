-- Failed logins
WITH {rounding:UInt32} AS step, toUnixTimestamp(now()) AS until
SELECT intDiv(toUnixTimestamp(timestamp), step) * step AS t, countIf(outcome = 'failure') AS failed
FROM audit.events
WHERE action = 'LOGIN' AND t BETWEEN until - {seconds:UInt32} AND until - step
GROUP BY t
ORDER BY t WITH FILL STEP {rounding:UInt32}
