-- Which features ask language models, how often, for how many tokens, and which teams use them most?
SELECT
    ai_feature                                     AS feature,
    ai_model                                       AS model,
    count()                                        AS calls,
    uniqExact(actor_id)                            AS people,
    arrayStringConcat(topKIf(2)(directory_department, directory_department != ''), ', ') AS `mostly of`,
    sum(ai_input_tokens)                           AS `input tokens`,
    sum(ai_output_tokens)                          AS `output tokens`,
    countIf(outcome = 'failure')                   AS failed
FROM audit.events
WHERE action = 'INVOKE'
GROUP BY feature, model
ORDER BY `input tokens` + `output tokens` DESC
LIMIT 12
