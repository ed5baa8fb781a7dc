-- "LLM audit logs": which features call which models for whom (Observe, "Track user activity with audit trails")
--
--   SELECT * FROM audit.llm_usage(from = today() - 30, to = now()) ORDER BY calls DESC
--
-- A call is an event that names a feature, a model or a provider. Tokens are summed over the calls that report them, which
-- calls_with_tokens counts; estimated_calls is what the calls stand for where the policy samples. From `events`.
CREATE VIEW IF NOT EXISTS {database:Identifier}.llm_usage /*{on cluster}*/
AS SELECT
    tenant_id,
    ai_feature,
    ai_provider,
    ai_model,
    actor_id,
    count() AS calls,
    sum(if(sample_rate > 0, 1 / sample_rate, 1)) AS estimated_calls,
    countIf(outcome = 'failure') AS failures,
    countIf(ai_input_tokens IS NOT NULL OR ai_output_tokens IS NOT NULL) AS calls_with_tokens,
    sum(ifNull(ai_input_tokens, 0)) AS input_tokens,
    sum(ifNull(ai_output_tokens, 0)) AS output_tokens,
    avg(ai_prompt_length) AS avg_prompt_length,
    min(timestamp) AS first_time,
    max(timestamp) AS last_time
FROM {database:Identifier}.events
WHERE (ai_feature != '' OR ai_model != '' OR ai_provider != '')
    AND timestamp >= {from:DateTime64(9, 'UTC')} AND timestamp < {to:DateTime64(9, 'UTC')}
GROUP BY tenant_id, ai_feature, ai_provider, ai_model, actor_id;
