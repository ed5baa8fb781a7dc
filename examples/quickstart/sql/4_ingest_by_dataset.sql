-- How much did each dataset take in?
SELECT
    dataset,
    round(sum(bytes) / pow(1024, 3), 1)            AS GB,
    round(100 * sum(bytes) / sum(sum(bytes)) OVER (), 1) AS `% of all`,
    round(max(bytes) / pow(1024, 3), 2)            AS `GB in the busiest hour`,
    sum(records)                                   AS records
FROM audit.ingest_hourly
GROUP BY dataset
ORDER BY sum(bytes) DESC
LIMIT 15
