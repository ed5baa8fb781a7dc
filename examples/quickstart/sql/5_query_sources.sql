-- Where do queries come from, and what do they cost?
SELECT
    if(origin = '', '(not said)', origin)          AS source,
    sum(executions)                                AS queries,
    round(100 * queries / sum(queries) OVER (), 1) AS `% of queries`,
    round(sum(cost_sum))                           AS `cost GB·ms`,
    round(100 * sum(cost_sum) / sum(sum(cost_sum)) OVER (), 1) AS `% of cost`,
    round(ifNotFinite(quantilesTDigestMerge(0.5, 0.9, 0.95, 0.99)(cost_quantiles)[4], 0)) AS `99th percentile`
FROM audit.query_cost_hourly
GROUP BY origin
ORDER BY queries DESC
