-- Dearest monitors, GB-ms
WITH {rounding:UInt32} AS step, toUnixTimestamp(now()) AS until,
    names AS (SELECT target_id, argMax(target_name, timestamp) AS name FROM audit.events WHERE target_type = 'monitor' GROUP BY target_id),
    dearest AS (SELECT target_id FROM audit.query_cost_hourly WHERE origin = 'monitor' GROUP BY target_id ORDER BY sum(cost_sum) DESC LIMIT 5)
SELECT intDiv(toUnixTimestamp(hour), step) * step AS t, any(name) AS monitor, sum(cost_sum) AS cost
FROM audit.query_cost_hourly INNER JOIN names USING (target_id)
WHERE target_id IN dearest AND t BETWEEN until - {seconds:UInt32} AND until - step
GROUP BY t, target_id
ORDER BY t, monitor
