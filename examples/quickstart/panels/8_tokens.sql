-- LLM tokens by feature
SELECT * FROM
(
    WITH {rounding:UInt32} AS step, toUnixTimestamp(now()) AS until
    SELECT intDiv(toUnixTimestamp(timestamp), step) * step AS t, ai_feature, sum(ifNull(ai_input_tokens, 0) + ifNull(ai_output_tokens, 0)) AS tokens
    FROM audit.events
    WHERE action = 'INVOKE' AND t BETWEEN until - {seconds:UInt32} AND until - step
    GROUP BY t, ai_feature
    ORDER BY ai_feature, t WITH FILL STEP {rounding:UInt32}
)
ORDER BY t, ai_feature
