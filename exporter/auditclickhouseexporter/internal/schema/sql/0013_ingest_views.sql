-- What is ingested, from the rollup `ingest_hourly`. An hour counts in full when from..to touches it, so a range of full hours
-- is exact. GB are 1024³ bytes, as in Axiom's document.

-- "Track ingest by dataset: how much data does each dataset ingest over time?" (Axiom, "Track activity in Axiom")
--
--   SELECT * FROM audit.ingest_by_dataset(bin_seconds = 86400, from = now() - INTERVAL 30 DAY, to = now())
--
-- Bins begin at multiples of bin_seconds since 1970. One of less than an hour shows an hour's ingest where the hour begins.
CREATE VIEW IF NOT EXISTS {database:Identifier}.ingest_by_dataset /*{on cluster}*/
AS SELECT
    tenant_id,
    fromUnixTimestamp64Second(intDiv(toUnixTimestamp64Second(hour), {bin_seconds:UInt32}) * {bin_seconds:UInt32}, 'UTC') AS time,
    dataset,
    sum(bytes) / pow(1024, 3) AS ingest_gb,
    sum(bytes) AS ingest_bytes,
    sum(records) AS ingest_records
FROM {database:Identifier}.ingest_hourly
WHERE hour > {from:DateTime64(9, 'UTC')} - INTERVAL 1 HOUR AND hour < {to:DateTime64(9, 'UTC')}
GROUP BY tenant_id, time, dataset;

-- "Determine total data ingest across all datasets over time" (Axiom, "Track activity in Axiom")
--
--   SELECT * FROM audit.ingest_total(bin_seconds = 3600, from = now() - INTERVAL 1 DAY, to = now())
CREATE VIEW IF NOT EXISTS {database:Identifier}.ingest_total /*{on cluster}*/
AS SELECT
    tenant_id,
    fromUnixTimestamp64Second(intDiv(toUnixTimestamp64Second(hour), {bin_seconds:UInt32}) * {bin_seconds:UInt32}, 'UTC') AS time,
    sum(bytes) / pow(1024, 3) AS ingest_gb,
    sum(bytes) AS ingest_bytes,
    sum(records) AS ingest_records
FROM {database:Identifier}.ingest_hourly
WHERE hour > {from:DateTime64(9, 'UTC')} - INTERVAL 1 HOUR AND hour < {to:DateTime64(9, 'UTC')}
GROUP BY tenant_id, time;
