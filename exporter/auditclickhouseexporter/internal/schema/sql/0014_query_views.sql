-- What queries cost, and who or what issues them. What comes from a rollup counts an hour or a day in full where from..to touches
-- it, so a range of full days is exact. What comes from `events` is exact to the nanosecond.
--
-- An event with a query's fingerprint or representation is an execution, an event with a cost is a costed execution. A product
-- that sends two events for one query joins them by query_id.

-- "Monitor high-cost queries: identify queries that consume significant resources" (Axiom, "Track activity in Axiom")
--
--   SELECT * FROM audit.high_cost_queries(min_cost = 1000, from = now() - INTERVAL 1 DAY, to = now()) ORDER BY query_cost DESC
--
-- One row a costed execution of more than min_cost GB·ms, from `events`. Where the cost came in an event of its own, what was
-- asked is that of an execution with its tenant and query_id, of at most a day before; '' where there is none.
CREATE VIEW IF NOT EXISTS {database:Identifier}.high_cost_queries /*{on cluster}*/
AS SELECT
    costs.tenant_id AS tenant_id,
    costs.timestamp AS timestamp,
    costs.query_cost AS query_cost,
    costs.query_bytes_scanned AS query_bytes_scanned,
    costs.duration_seconds AS duration_seconds,
    costs.origin AS origin,
    costs.target_type AS target_type,
    costs.target_id AS target_id,
    costs.target_name AS target_name,
    costs.actor_id AS actor_id,
    costs.actor_type AS actor_type,
    costs.datasets AS datasets,
    if(costs.query_representation != '', costs.query_language, runs.query_language) AS query_language,
    if(costs.query_representation != '', costs.query_representation, runs.query_representation) AS query_representation,
    if(costs.query_representation != '', costs.query_fingerprint, runs.query_fingerprint) AS query_fingerprint,
    costs.query_id AS query_id,
    costs.record_id AS record_id
FROM
(
    SELECT tenant_id, query_id, query_language, query_representation, query_fingerprint
    FROM {database:Identifier}.events
    WHERE query_id != '' AND (query_fingerprint != '' OR query_representation != '')
        AND timestamp >= {from:DateTime64(9, 'UTC')} - INTERVAL 1 DAY AND timestamp < {to:DateTime64(9, 'UTC')}
) AS runs
-- The costs are few, so they are what is kept in memory, and a condition on tenant_id reaches both sides.
RIGHT ANY JOIN
(
    SELECT
        tenant_id, timestamp, record_id, query_id, query_cost, query_bytes_scanned, duration_seconds, origin, target_type, target_id,
        target_name, actor_id, actor_type, datasets, query_language, query_representation, query_fingerprint
    FROM {database:Identifier}.events
    WHERE query_cost > {min_cost:Float64} AND timestamp >= {from:DateTime64(9, 'UTC')} AND timestamp < {to:DateTime64(9, 'UTC')}
) AS costs USING (tenant_id, query_id);

-- "Track monitor query load: which monitors generate the most query activity?" (Axiom, "Track activity in Axiom")
--
--   SELECT * FROM audit.monitor_query_load(from = today() - 30, to = now()) ORDER BY total_cost DESC
--
-- total_queries are costed executions, as Axiom counts them; avg_cost is over these. By hour, from `query_cost_hourly`.
CREATE VIEW IF NOT EXISTS {database:Identifier}.monitor_query_load /*{on cluster}*/
AS SELECT
    tenant_id,
    target_type,
    target_id,
    sum(costed_executions) AS total_queries,
    sum(cost_sum) AS total_cost,
    if(total_queries = 0, NULL, total_cost / total_queries) AS avg_cost,
    max(cost_max) AS max_cost,
    ifNotFinite(quantilesTDigestMerge(0.5, 0.9, 0.95, 0.99)(cost_quantiles)[3], NULL) AS p95_cost,
    sum(executions) AS executions,
    sum(load.bytes_scanned) AS bytes_scanned
FROM {database:Identifier}.query_cost_hourly AS load
WHERE origin = 'monitor' AND hour > {from:DateTime64(9, 'UTC')} - INTERVAL 1 HOUR AND hour < {to:DateTime64(9, 'UTC')}
GROUP BY tenant_id, target_type, target_id;

-- "Analyze dataset usage: find out which datasets are used the most", a day and single dataset (Axiom, "Track activity in Axiom")
--
--   SELECT * FROM audit.dataset_usage(from = today() - 30, to = now()) ORDER BY query_count DESC
--
-- A query over several datasets counts in full for each. actors is exact up to some ten thousand. By day, from
-- `dataset_usage_daily`.
CREATE VIEW IF NOT EXISTS {database:Identifier}.dataset_usage /*{on cluster}*/
AS SELECT
    tenant_id,
    day,
    dataset,
    sum(queries) AS query_count,
    sum(costed_queries) AS costed_queries,
    sum(cost_sum) AS total_cost,
    sum(usage.bytes_scanned) AS bytes_scanned,
    uniqMerge(usage.actors) AS actors
FROM {database:Identifier}.dataset_usage_daily AS usage
WHERE day >= toDate32({from:DateTime64(9, 'UTC')}) AND day <= toDate32({to:DateTime64(9, 'UTC')} - INTERVAL 1 NANOSECOND)
GROUP BY tenant_id, day, dataset;

-- "Analyze dataset usage", by the set of datasets that one query reads, as Axiom's query has it (Axiom, "Track activity in Axiom")
--
--   SELECT * FROM audit.dataset_sets(from = today() - 30, to = now()) ORDER BY query_count DESC
--
-- Sets are sorted and name a dataset once. query_count counts stored executions, estimated_queries what they stand for where the
-- policy samples. From `events`.
CREATE VIEW IF NOT EXISTS {database:Identifier}.dataset_sets /*{on cluster}*/
AS SELECT
    tenant_id,
    toDate32(timestamp) AS day,
    arraySort(arrayDistinct(events.datasets)) AS datasets,
    count() AS query_count,
    sum(if(sample_rate > 0, 1 / sample_rate, 1)) AS estimated_queries
FROM {database:Identifier}.events AS events
WHERE timestamp >= {from:DateTime64(9, 'UTC')} AND timestamp < {to:DateTime64(9, 'UTC')}
    AND (query_fingerprint != '' OR query_representation != '') AND notEmpty(events.datasets)
GROUP BY tenant_id, day, datasets;

-- "Track query sources: see the distribution of queries across different sources" (Axiom, "Track activity in Axiom")
--
--   SELECT * FROM audit.query_sources(from = today() - 30, to = now()) ORDER BY query_count DESC
--
-- query_share is of the tenant's queries, from 0 to 1. By hour, from `query_cost_hourly`.
CREATE VIEW IF NOT EXISTS {database:Identifier}.query_sources /*{on cluster}*/
AS SELECT
    tenant_id,
    origin,
    sum(executions) AS query_count,
    query_count / sum(query_count) OVER (PARTITION BY tenant_id) AS query_share,
    sum(costed_executions) AS costed_queries,
    sum(cost_sum) AS total_cost,
    sum(cost.bytes_scanned) AS bytes_scanned
FROM {database:Identifier}.query_cost_hourly AS cost
WHERE hour > {from:DateTime64(9, 'UTC')} - INTERVAL 1 HOUR AND hour < {to:DateTime64(9, 'UTC')}
GROUP BY tenant_id, origin;

-- "Trace queries back to their source (monitors or direct queries) for debugging": who and what issues the queries of one shape
-- (Axiom, "Track activity in Axiom")
--
--   SELECT * FROM audit.query_origins(fingerprint = 'c6b2a3b0a8f4d915', from = now() - INTERVAL 7 DAY, to = now()) ORDER BY total_cost DESC
--
-- The fingerprint is that of a row of high_cost_queries. A cost that came in an event of its own counts where the execution with
-- its tenant and query_id does, when it came within a day after `to`. From `events`.
CREATE VIEW IF NOT EXISTS {database:Identifier}.query_origins /*{on cluster}*/
AS WITH
    runs AS
    (
        SELECT tenant_id, timestamp, query_id, origin, target_type, target_id, target_name, actor_id, actor_type, query_cost, sample_rate
        FROM {database:Identifier}.events
        WHERE query_fingerprint = {fingerprint:String} AND timestamp >= {from:DateTime64(9, 'UTC')} AND timestamp < {to:DateTime64(9, 'UTC')}
    ),
    costs AS
    (
        SELECT tenant_id, query_id, count() AS costs, sum(events.query_cost) AS cost, max(events.query_cost) AS dearest
        FROM {database:Identifier}.events AS events
        WHERE isFinite(query_cost) AND query_fingerprint = ''
            AND timestamp >= {from:DateTime64(9, 'UTC')} AND timestamp < {to:DateTime64(9, 'UTC')} + INTERVAL 1 DAY
            AND query_id GLOBAL IN (SELECT query_id FROM runs WHERE query_id != '')
        GROUP BY tenant_id, query_id
    )
SELECT
    tenant_id,
    origin,
    target_type,
    target_id,
    argMax(runs.target_name, timestamp) AS target_name,
    actor_id,
    actor_type,
    count() AS executions,
    sum(if(sample_rate > 0, 1 / sample_rate, 1)) AS estimated_executions,
    sum(if(isFinite(query_cost), 1, 0) + costs.costs) AS costed_executions,
    sum(if(isFinite(query_cost), query_cost, 0) + ifNull(costs.cost, 0)) AS total_cost,
    max(greatest(ifNull(query_cost, costs.dearest), ifNull(costs.dearest, query_cost))) AS max_cost,
    min(timestamp) AS first_time,
    max(timestamp) AS last_time
FROM runs LEFT JOIN costs USING (tenant_id, query_id)
GROUP BY tenant_id, origin, target_type, target_id, actor_id, actor_type;
