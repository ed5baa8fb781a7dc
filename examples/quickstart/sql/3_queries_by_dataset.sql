-- Which datasets are queried most, and by how many different people and programs?
SELECT
    dataset,
    sum(queries)                                   AS executions,
    sumIf(queries, origin = 'monitor')             AS `by monitors`,
    sumIf(queries, origin = 'dashboard')           AS `by dashboards`,
    sumIf(queries, origin NOT IN ('monitor', 'dashboard')) AS others,
    uniqMerge(actors)                              AS actors,
    round(sum(cost_sum))                           AS `cost GB·ms`
FROM audit.dataset_usage_daily
GROUP BY dataset
ORDER BY executions DESC
LIMIT 15
