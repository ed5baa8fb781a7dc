-- Ingest by dataset, GB
WITH {rounding:UInt32} AS step, toUnixTimestamp(now()) AS until,
    biggest AS (SELECT dataset FROM audit.ingest_hourly GROUP BY dataset ORDER BY sum(bytes) DESC LIMIT 5)
SELECT intDiv(toUnixTimestamp(hour), step) * step AS t, toString(dataset) AS name, sum(bytes) / pow(1024, 3) AS gb
FROM audit.ingest_hourly
WHERE dataset IN biggest AND t BETWEEN until - {seconds:UInt32} AND until - step
GROUP BY t, name
ORDER BY t, name
