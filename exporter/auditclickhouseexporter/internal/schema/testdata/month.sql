-- {count:UInt64} of {total:UInt64} events over the 30 days from {start:DateTime64(9, 'UTC')}, the {first:UInt64}th and those after
-- it, made by the server: a month of an invented company, for measurements of views and for tests that have no use for a
-- collector. The same numbers give the same events. Of a hundred: 34 queries, mostly of 200 monitors, their 34 costs, four
-- reports of ingest, 12 reads and changes of objects, five logins, three calls of models, five runs of functions, an export and
-- two GraphQL operations.
INSERT INTO {database:Identifier}.events
(
    record_id, timestamp, observed_at, received_at, tenant_id, workspace_id, workspace_name, branch_id, branch_name, branch_live,
    profile, service_name, environment, event_name, message, action, outcome, outcome_reason, error_type, error_fingerprint, origin, labels, duration_seconds,
    actor_id, actor_type, actor_name, actor_email, directory_name, directory_groups, directory_department, actor_enrichment,
    target_type, target_id, target_name, source_address, session_id, auth_method, change_before, change_after, details,
    query_id, operation_name, query_language, query_representation, query_fingerprint, query_summary, query_cost, query_bytes_scanned, datasets,
    ingest_bytes, ingest_records, ingest_period_seconds, export_rows, export_bytes, export_format,
    ai_provider, ai_model, ai_feature, ai_prompt_length, ai_prompt_fingerprint, ai_input_tokens, ai_output_tokens,
    function_name, function_inputs, function_outputs, redaction_outcome, redaction_policy, capture_level, sample_rate, record_hash, retention_days
)
WITH
    n % 100 AS k,
    k < 34 AS is_run,
    k BETWEEN 34 AND 67 AS is_cost,
    is_run OR is_cost AS of_query,
    k BETWEEN 68 AND 71 AS is_ingest,
    k BETWEEN 72 AND 83 AS is_change,
    k BETWEEN 84 AND 88 AS is_login,
    k BETWEEN 89 AND 91 AS is_model,
    k BETWEEN 92 AND 96 AS is_function,
    k = 97 AS is_export,
    k > 97 AS is_graphql,
    n - if(is_cost, 34, 0) AS execution,                                -- a cost is of the query 34 events before it
    cityHash64(execution) AS h,
    cityHash64(n, 1) AS r,
    {start:DateTime64(9, 'UTC')} + toIntervalNanosecond(n * intDiv(2592000000000000, {total:UInt64})) AS t,
    toString(intDiv(h, 29) % 5) AS tenant,
    ['monitor', 'monitor', 'monitor', 'monitor', 'monitor', 'dashboard', 'dashboard', 'direct', 'direct', 'api'][h % 10 + 1] AS query_origin,
    query_origin = 'monitor' AS by_monitor,
    multiIf(by_monitor, 'scheduler', query_origin = 'api', concat('service-', toString(h % 9)), concat('user-', toString(intDiv(h, 11) % 500))) AS who,
    ['http-logs', 'traces', 'k8s-events', 'orders', 'payments', 'auth', 'cdn', 'crashes', 'builds', 'flags', 'billing', 'clicks'] AS all_datasets,
    all_datasets[intDiv(h, 13) % 12 + 1] AS dataset,
    intDiv(h, 17) % 3000 AS shape,
    ['dashboard', 'dashboard', 'dashboard', 'monitor', 'monitor', 'dataset', 'api_token', 'user', 'rbac_statement', 'table', 'branch'][h % 11 + 1] AS kind,
    ['READ', 'READ', 'READ', 'READ', 'UPDATE', 'UPDATE', 'UPDATE', 'CREATE', 'CREATE', 'DELETE', 'DISABLE', 'ENABLE'][r % 12 + 1] AS verb,
    r % 25 = 0 AS failed,
    ['o11y_help', 'regex_extract', 'opal_copilot', 'trace_analysis'][h % 4 + 1] AS feature
SELECT
    concat('m-', toString(n)), t, t, t + toIntervalMillisecond(1500), concat('org-', tenant),
    if(is_change OR is_function, concat('w-', toString(h % 4)), ''), if(is_change OR is_function, concat('Workspace ', toString(h % 4)), ''),
    if(is_change OR is_function, concat('b-', toString(intDiv(h, 3) % 3)), ''), if(is_change OR is_function, ['main', 'next', 'fix'][intDiv(h, 3) % 3 + 1], ''),
    if(is_change OR is_function, h % 3 = 0, NULL),
    multiIf(of_query OR is_ingest, 'axiom', is_change OR is_login OR is_model, 'observe', is_function, 'datagrok', 'arize'),
    multiIf(of_query OR is_ingest, 'axiom', is_change OR is_login OR is_model, 'observe', is_function, 'datagrok', 'arize'), 'production',
    multiIf(is_run, 'runAPLQuery', is_cost, 'runAPLQueryCost', is_ingest, 'usageCalculated', is_change, concat(kind, '.', lower(verb)),
        is_login, if(failed, 'user.login.failure', 'user.login.success'), is_model, 'llm_invocation', is_function, 'function-run', is_export, 'exporter', 'UpdateDashboard'),
    if(is_change, concat(verb, ' of the ', kind, ' ', toString(intDiv(h, 19) % 300)), ''),
    multiIf(is_run OR is_function, 'EXECUTE', is_cost OR is_ingest, 'REPORT', is_change, verb, is_login, 'LOGIN', is_model, 'INVOKE', is_export, 'EXPORT', 'UPDATE'),
    if(failed AND NOT is_cost, 'failure', 'success'), if(failed AND is_login, 'invalid_credentials', ''),
    if(failed AND is_function, concat('Error', toString(h % 12)), ''), if(failed AND is_function, lower(hex(sipHash64(h % 40))), ''),
    multiIf(of_query, query_origin, is_ingest, 'system', is_export, 'api', 'ui'), if(is_change, [kind, lower(verb)], []),
    multiIf(is_cost OR is_function, (h % 80000) / 8000, is_model, (h % 300) / 20, NULL),
    multiIf(is_ingest, 'axiom', of_query, who, concat('user-', toString(intDiv(h, 11) % 500))), if(is_ingest OR of_query AND by_monitor, 'system', if(of_query AND query_origin = 'api', 'service', 'user')) AS type,
    if(type = 'user', concat('Person ', toString(intDiv(h, 11) % 500)), ''), if(type = 'user', concat('person.', toString(intDiv(h, 11) % 500), '@example.com'), ''),
    if(type = 'user', concat('Person ', toString(intDiv(h, 11) % 500)), ''), if(type = 'user', ['engineering', concat('team-', toString(intDiv(h, 11) % 20))], []),
    if(type = 'user', concat('Department ', toString(intDiv(h, 11) % 8)), ''), if(type = 'user', 'hit', 'miss'),
    multiIf(of_query, if(by_monitor, 'monitor', if(query_origin = 'dashboard', 'dashboard', 'dataset')), is_ingest, 'dataset', is_change, kind, is_login, 'session', is_model, '', is_function, 'function', 'model') AS target,
    multiIf(of_query, if(by_monitor, concat('mon-', toString(intDiv(h, 7) % 200)), if(query_origin = 'dashboard', concat('dashboard-', toString(intDiv(h, 7) % 100)), dataset)),
        is_ingest, dataset, is_change, concat(kind, '-', toString(intDiv(h, 19) % 300)), is_login OR is_model, '', is_function, concat('f-', toString(intDiv(h, 19) % 60)), concat('model-', toString(h % 7))) AS target_of,
    if(target_of = '', '', concat('Name of ', target_of)),
    if(type = 'user', concat('203.0.', toString(h % 8), '.', toString(intDiv(h, 11) % 250)), ''), if(type = 'user', concat('s-', lower(hex(sipHash64(intDiv(h, 11) % 500, toStartOfHour(t))))), ''),
    if(is_login, ['saml', 'local', 'oidc'][h % 3 + 1], ''),
    if(is_change AND verb = 'UPDATE', '{"version":"int","owner":"string"}', ''), if(is_change AND verb = 'UPDATE', '{"version":"int","owner":"string"}', ''),
    if(is_change OR is_function, '{"rangeMinutes":"int"}', ''),
    if(of_query, lower(hex(sipHash128(execution))), ''), if(is_graphql, 'UpdateDashboard', ''), multiIf(is_run, 'apl', is_graphql, 'graphql', ''),
    multiIf(is_run, concat('[''', dataset, '''] | where status >= ? and column_', toString(shape), ' != ? | summarize count() by bin(_time, ?), service'),
        is_graphql, 'mutation UpdateDashboard { updateDashboard(input: {id: ?, title: ?}) { dashboard { id } } }', ''),
    multiIf(is_run, lower(hex(sipHash64(shape))), is_graphql, lower(hex(sipHash64('graphql'))), ''), if(is_run, concat('summarize ', dataset), ''),
    if(is_cost, floor(exp2((h % 1600) / 100)) / 4, NULL), if(is_cost, h % 100000000000, NULL),
    if(of_query, if(h % 6 = 0, [dataset, all_datasets[intDiv(h, 23) % 12 + 1]], [dataset]), []),
    if(is_ingest, h % 60000000000, NULL), if(is_ingest, h % 60000000, NULL), if(is_ingest, 3600, NULL),
    if(is_export, h % 100000, NULL), if(is_export, h % 20000000, NULL), if(is_export, 'parquet', ''),
    if(is_model, if(h % 4 = 2, 'self_hosted', 'openai'), ''), if(is_model, ['gpt-4.1-2025-04-14', 'gpt-4.1-2025-04-14', 'Qwen2.5-7B', 'claude-sonnet-4-5-20250929'][h % 4 + 1], ''), if(is_model, feature, ''),
    if(is_model, h % 3000, NULL), if(is_model, lower(hex(sipHash64(h))), ''), if(is_model, h % 4000, NULL), if(is_model, h % 900, NULL),
    if(is_function, concat('function_', toString(intDiv(h, 19) % 60)), ''), if(is_function, '{"table":"string"}', ''), if(is_function, '{"rows":"int"}', ''),
    'redacted', 'default@1', 'standard', 1, sipHash64(n, 2), 365
FROM (SELECT number + {first:UInt64} AS n FROM numbers({count:UInt64}))
SETTINGS max_insert_threads = 1, min_insert_block_size_rows = 500000, max_block_size = 65536, insert_deduplicate = 0
