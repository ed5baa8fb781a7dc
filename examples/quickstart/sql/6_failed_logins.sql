-- Whose logins fail, and did an address that tried hundreds of passwords get in?
WITH hostile AS
(
    SELECT source_address
    FROM audit.events
    WHERE action = 'LOGIN' AND outcome = 'failure'
    GROUP BY source_address
    HAVING count() > 100
)
SELECT
    if(directory_name != '', directory_name, if(actor_name != '', actor_name, actor_id)) AS `user`,
    any(directory_department)                      AS department,
    countIf(outcome = 'failure')                   AS failures,
    uniqExactIf(source_address, outcome = 'failure') AS addresses,
    toString(toStartOfMinute(minIf(timestamp, outcome = 'failure'))) AS first,
    toString(toStartOfMinute(maxIf(timestamp, outcome = 'failure'))) AS last,
    if(countIf(outcome = 'success' AND source_address IN hostile) > 0, 'YES', '') AS `got in`
FROM audit.events
WHERE action = 'LOGIN'
GROUP BY `user`
HAVING failures > 0
ORDER BY failures DESC
LIMIT 12
