-- Which monitors make the most load?
SELECT
    any(name)                                      AS monitor,
    sum(costed_executions)                         AS queries,
    round(sum(cost_sum))                           AS `total GB·ms`,
    round(sum(cost_sum) / sum(costed_executions), 1) AS `average GB·ms`,
    round(100 * `total GB·ms` / sum(`total GB·ms`) OVER (), 1) AS `% of all`
FROM audit.query_cost_hourly AS load
LEFT JOIN
(
    SELECT target_id, argMax(target_name, timestamp) AS name
    FROM audit.events
    WHERE target_type = 'monitor'
    GROUP BY target_id
) AS names USING (target_id)
WHERE origin = 'monitor' AND target_type = 'monitor'
GROUP BY target_id
ORDER BY `total GB·ms` DESC
LIMIT 12
