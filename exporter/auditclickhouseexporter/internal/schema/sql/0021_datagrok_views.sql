-- What Datagrok's document asks of its audit: activity of an entity, functions, errors, data history, durations. All but usage
-- patterns and its four tables, which are in files of their own. From `events`, exact to the nanosecond; `to` is not included.
--
-- Where a policy samples, `events` counts stored rows and `estimated_events` what they stand for.

-- "Activity: server-side activity for the current entity over the past seven days" (Datagrok, "Audit"), of any product
--
--   SELECT * FROM audit.entity_activity(target_type = 'project', target_id = 'project:Plate quality') ORDER BY timestamp DESC
--
-- An empty target_type is any type.
CREATE VIEW IF NOT EXISTS {database:Identifier}.entity_activity /*{on cluster}*/
AS SELECT
    tenant_id, timestamp, event_name, action, outcome, actor_id,
    if(directory_name != '', directory_name, if(actor_name != '', actor_name, actor_id)) AS name,
    target_type, target_id, target_name, message, duration_seconds, error_type, error_fingerprint, session_id, service_name, record_id
FROM {database:Identifier}.events
WHERE target_id = {target_id:String} AND ({target_type:String} = '' OR target_type = {target_type:String})
    AND timestamp >= now64(9, 'UTC') - INTERVAL 7 DAY AND timestamp <= now64(9, 'UTC');

-- "Usage: a high-level overview of server-side usage for the current entity in the last seven days" (Datagrok, "Audit")
--
--   SELECT * FROM audit.entity_usage(target_type = 'project', target_id = 'project:Plate quality') ORDER BY events DESC
CREATE VIEW IF NOT EXISTS {database:Identifier}.entity_usage /*{on cluster}*/
AS SELECT
    tenant_id, target_type, target_id, event_name, action, count() AS events, sum(if(sample_rate > 0, 1 / sample_rate, 1)) AS estimated_events,
    uniqExact(actor_id) AS actors, countIf(outcome = 'failure') AS failures, min(timestamp) AS first_time, max(timestamp) AS last_time
FROM {database:Identifier}.events
WHERE target_id = {target_id:String} AND ({target_type:String} = '' OR target_type = {target_type:String})
    AND timestamp >= now64(9, 'UTC') - INTERVAL 7 DAY AND timestamp <= now64(9, 'UTC')
GROUP BY tenant_id, target_type, target_id, event_name, action;

-- "Analyze function usage: a table of users, timestamps, inputs and outputs" (Datagrok, "Audit"), with the duration
--
--   SELECT * FROM audit.function_usage(from = now() - INTERVAL 1 DAY, to = now()) ORDER BY timestamp DESC
--
-- Inputs and outputs are JSON: the names of the parameters, and types or pseudonyms as values.
CREATE VIEW IF NOT EXISTS {database:Identifier}.function_usage /*{on cluster}*/
AS SELECT
    tenant_id, timestamp, function_name, event_name, actor_id,
    if(directory_name != '', directory_name, if(actor_name != '', actor_name, actor_id)) AS name,
    function_inputs, function_outputs, duration_seconds, outcome, target_type, target_id, session_id, service_name, sample_rate, record_id
FROM {database:Identifier}.events
WHERE function_name != '' AND timestamp >= {from:DateTime64(9, 'UTC')} AND timestamp < {to:DateTime64(9, 'UTC')};

-- "Track errors: see all errors across the platform, identify actions that cause errors" (Datagrok, "Audit"), "specify the stack trace
-- for grouping errors"
--
--   SELECT * FROM audit.errors(from = now() - INTERVAL 7 DAY, to = now()) ORDER BY events DESC
--
-- One row a stack trace (error_fingerprint) and type; what failed without a trace is grouped by its event's name. causes are the actions
-- that led to it and how often, the most frequent first, five at most: an event that failed is its own cause; what an event named
-- `error` reports was caused by what the same session did last before, within an hour, and else by the use of its target. last_message is
-- the last outcome_reason, which an exception's message is where the event gives no other reason, or else the last message.
CREATE VIEW IF NOT EXISTS {database:Identifier}.errors /*{on cluster}*/
AS WITH
    failed AS
    (
        SELECT
            tenant_id, timestamp, session_id, actor_id, event_name, action, target_type, target_name, error_type, error_fingerprint, sample_rate,
            if(outcome_reason != '', outcome_reason, message) AS text
        FROM {database:Identifier}.events
        WHERE (outcome = 'failure' OR error_fingerprint != '' OR error_type != '')
            AND timestamp >= {from:DateTime64(9, 'UTC')} AND timestamp < {to:DateTime64(9, 'UTC')}
    ),
    done AS
    (
        SELECT tenant_id, session_id, timestamp AS done_at, event_name AS done_name, target_type AS done_type, target_name AS done_target
        FROM {database:Identifier}.events
        WHERE event_name != 'error' AND session_id GLOBAL IN (SELECT session_id FROM failed WHERE event_name = 'error' AND session_id != '')
            AND timestamp >= {from:DateTime64(9, 'UTC')} - INTERVAL 1 HOUR AND timestamp < {to:DateTime64(9, 'UTC')}
    ),
    caused AS
    (
        SELECT
            failed.*,
            event_name = 'error' AND done_name != '' AND timestamp - INTERVAL 1 HOUR <= done_at AS known,
            (if(known, done_name, event_name), if(known, done_type, target_type), if(known, done_target, target_name)) AS cause
        FROM failed ASOF LEFT JOIN done
            ON failed.tenant_id = done.tenant_id AND failed.session_id = done.session_id AND failed.timestamp >= done.done_at
    ),
    by_cause AS
    (
        SELECT
            tenant_id, error_fingerprint, error_type, if(error_fingerprint = '', event_name, '') AS failed_event, cause,
            count() AS stored, sum(if(sample_rate > 0, 1 / sample_rate, 1)) AS estimated, argMax(text, (timestamp, text)) AS last_text,
            groupUniqArray(actor_id) AS actor_ids, groupUniqArrayIf(session_id, session_id != '') AS session_ids,
            min(timestamp) AS first_at, max(timestamp) AS last_at
        FROM caused
        GROUP BY tenant_id, error_fingerprint, error_type, failed_event, cause
    )
SELECT
    tenant_id, error_fingerprint, error_type, failed_event AS event_name, argMax(last_text, (last_at, last_text)) AS last_message,
    sum(stored) AS events, sum(estimated) AS estimated_events,
    length(groupUniqArrayArray(actor_ids)) AS actors, length(groupUniqArrayArray(session_ids)) AS sessions,
    min(first_at) AS first_time, max(last_at) AS last_time,
    arraySlice(arrayReverseSort(groupArray((stored, toString(cause.1), toString(cause.2), cause.3))), 1, 5)
        ::Array(Tuple(events UInt64, event_name String, target_type String, target_name String)) AS causes
FROM by_cause
GROUP BY tenant_id, error_fingerprint, error_type, event_name;

-- "Track origin of datasets; see history of modifications" (Datagrok, "Audit")
--
--   SELECT * FROM audit.dataset_history(dataset = 'shop.orders', from = '2026-01-01', to = now()) ORDER BY timestamp
--
-- What created or changed a dataset, table or model, by its id or name; reads, runs, exports and reports are no modification.
-- part is `origin` for what made it (CREATE, IMPORT, and Datagrok's table-produced) and `modification` for the rest. produced_by and
-- produced_by_target say what the same session ran last before an origin, within an hour: the query, script or job that the
-- dataset came from.
CREATE VIEW IF NOT EXISTS {database:Identifier}.dataset_history /*{on cluster}*/
AS WITH
    changes AS
    (
        SELECT
            tenant_id, timestamp, if(action IN ('CREATE', 'IMPORT'), 'origin', 'modification') AS part, event_name, action, outcome, actor_id,
            if(directory_name != '', directory_name, if(actor_name != '', actor_name, actor_id)) AS name,
            target_type, target_id, target_name, message, change_before, change_after, session_id, service_name, record_id
        FROM {database:Identifier}.events
        WHERE (target_id = {dataset:String} OR target_name = {dataset:String} OR has(datasets, {dataset:String}))
            AND action NOT IN ('', 'READ', 'EXECUTE', 'EXPORT', 'REPORT', 'NOTIFY', 'LOGIN', 'LOGOUT', 'INVOKE')
            AND timestamp >= {from:DateTime64(9, 'UTC')} AND timestamp < {to:DateTime64(9, 'UTC')}
    ),
    runs AS
    (
        SELECT tenant_id, session_id, timestamp AS ran_at, event_name AS ran_name, if(target_name != '', target_name, target_id) AS ran_target
        FROM {database:Identifier}.events
        WHERE action = 'EXECUTE' AND event_name != 'error'
            AND session_id GLOBAL IN (SELECT session_id FROM changes WHERE part = 'origin' AND session_id != '')
            AND timestamp >= {from:DateTime64(9, 'UTC')} - INTERVAL 1 HOUR AND timestamp < {to:DateTime64(9, 'UTC')}
    )
SELECT
    changes.tenant_id AS tenant_id, timestamp, part, event_name, action, outcome, actor_id, name, target_type, target_id, target_name, message,
    if(known, ran_name, '') AS produced_by, if(known, ran_target, '') AS produced_by_target,
    change_before, change_after, service_name, record_id
FROM
(
    SELECT *, part = 'origin' AND ran_name != '' AND timestamp - INTERVAL 1 HOUR <= ran_at AS known
    FROM changes ASOF LEFT JOIN runs
        ON changes.tenant_id = runs.tenant_id AND changes.session_id = runs.session_id AND changes.timestamp >= runs.ran_at
) AS changes;

-- "Analyze performance: see how long each operation takes" (Datagrok, "Audit")
--
--   SELECT * FROM audit.operation_durations(from = now() - INTERVAL 7 DAY, to = now()) ORDER BY total_seconds DESC
--
-- One row an event name and type of target, over the events that say how long they took. Percentiles are exact and of stored events; total_seconds is
-- theirs as well.
CREATE VIEW IF NOT EXISTS {database:Identifier}.operation_durations /*{on cluster}*/
AS SELECT
    tenant_id, event_name, target_type, count() AS events, sum(if(sample_rate > 0, 1 / sample_rate, 1)) AS estimated_events,
    sum(duration_seconds) AS total_seconds, avg(duration_seconds) AS avg_seconds,
    quantilesExact(0.5, 0.9, 0.95, 0.99)(duration_seconds) AS percentiles,
    percentiles[1] AS p50_seconds, percentiles[2] AS p90_seconds, percentiles[3] AS p95_seconds, percentiles[4] AS p99_seconds,
    max(duration_seconds) AS max_seconds
FROM {database:Identifier}.events
WHERE isFinite(duration_seconds) AND timestamp >= {from:DateTime64(9, 'UTC')} AND timestamp < {to:DateTime64(9, 'UTC')}
GROUP BY tenant_id, event_name, target_type;
