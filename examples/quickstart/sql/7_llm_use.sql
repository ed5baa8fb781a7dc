-- Which features ask language models, how often, and for how many tokens?
SELECT
    ai_feature                                     AS feature,
    ai_model                                       AS model,
    count()                                        AS calls,
    uniqExact(actor_id)                            AS people,
    sum(ai_input_tokens)                           AS `input tokens`,
    sum(ai_output_tokens)                          AS `output tokens`,
    countIf(outcome = 'failure')                   AS failed
FROM audit.events
WHERE action = 'INVOKE'
GROUP BY feature, model
ORDER BY `input tokens` + `output tokens` DESC
LIMIT 12
