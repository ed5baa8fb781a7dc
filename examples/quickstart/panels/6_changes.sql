-- Reads and changes by people
SELECT * FROM
(
    WITH {rounding:UInt32} AS step, toUnixTimestamp(now()) AS until
    SELECT intDiv(toUnixTimestamp(timestamp), step) * step AS t, action, count() AS number
    FROM audit.events
    WHERE actor_type = 'user' AND action IN ('READ', 'CREATE', 'UPDATE', 'DELETE', 'SHARE', 'EXPORT')
        AND t BETWEEN until - {seconds:UInt32} AND until - step
    GROUP BY t, action
    ORDER BY action, t WITH FILL STEP {rounding:UInt32}
)
ORDER BY t, action
