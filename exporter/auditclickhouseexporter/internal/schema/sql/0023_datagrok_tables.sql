-- Datagrok's four tables ("Audit log storage"), of all products' events: each event has a fixed type and the session that triggered it.
-- The document names the tables; the columns are named as Datagrok's own queries of them have it. They are views on `events`: ask
-- with a range of event_time. Ids begin with the tenant, so that joins stay within one. Rows are stored events, whatever their sample rate.
--
--   SELECT e.event_time, et.name, ep.name, epv.value
--   FROM audit.datagrok_events AS e
--   JOIN audit.datagrok_event_types AS et ON e.event_type_id = et.id
--   JOIN audit.datagrok_event_parameter_values AS epv ON epv.event_id = e.id
--   JOIN audit.datagrok_event_parameters AS ep ON epv.parameter_id = ep.id
--   WHERE e.event_time > now() - INTERVAL 1 DAY AND epv.event_time > now() - INTERVAL 1 DAY

-- `events`: one row an event. error_stack_trace is the fingerprint of the trace, the same for the same trace: the text of a trace is never
-- stored.
CREATE VIEW IF NOT EXISTS {database:Identifier}.datagrok_events /*{on cluster}*/
AS SELECT
    tenant_id, concat(tenant_id, '/', record_id) AS id, concat(tenant_id, '/', event_name) AS event_type_id, record_id, timestamp AS event_time,
    if(isFinite(duration_seconds), timestamp + toIntervalNanosecond(toInt64(least(duration_seconds, 1e8) * 1e9)), NULL) AS event_time_finished,
    session_id, if(message != '', message, target_name) AS friendly_name, message AS description,
    if(outcome = 'failure', true, false) AS is_error, if(attributes['exception.message'] != '', attributes['exception.message'], outcome_reason) AS error_message,
    error_fingerprint AS error_stack_trace, actor_id AS user_id, actor_name AS user_name, target_type AS entity_type, target_id AS entity_id,
    target_name AS entity_name, service_name
FROM {database:Identifier}.events;

-- `event_types`: the types that there were, ever. From `activity_daily`, so that types outlive their events.
CREATE VIEW IF NOT EXISTS {database:Identifier}.datagrok_event_types /*{on cluster}*/
AS SELECT
    tenant_id, concat(tenant_id, '/', event_name) AS id, toString(event_name) AS name, replaceAll(name, '-', ' ') AS friendly_name, sum(activity.events) AS events,
    min(activity.first_time) AS first_time, max(activity.last_time) AS last_time
FROM {database:Identifier}.activity_daily AS activity
GROUP BY tenant_id, event_name;

-- `event_parameter_values`: one row an event and parameter. Parameters are the inputs and outputs of functions, the parameters of queries
-- and what else the product says of an event; values are what the redaction left of them, types and pseudonyms, as JSON where they
-- have parts.
CREATE VIEW IF NOT EXISTS {database:Identifier}.datagrok_event_parameter_values /*{on cluster}*/
AS SELECT
    tenant_id, concat(event_id, ':', kind, ':', name) AS id, concat(tenant_id, '/', record_id) AS event_id,
    concat(event_type_id, ':', kind, ':', name) AS parameter_id,
    if(startsWith(raw, '"'), JSONExtractString(raw), raw) AS value, kind, name,
    concat(tenant_id, '/', event_name) AS event_type_id, timestamp AS event_time
FROM
(
    SELECT tenant_id, timestamp, record_id, toString(events.event_name) AS event_name, parameter.1 AS kind, parameter.2 AS name, parameter.3 AS raw
    FROM {database:Identifier}.events AS events
    ARRAY JOIN arrayConcat(
        arrayMap(p -> ('input', p.1, p.2), JSONExtractKeysAndValuesRaw(function_inputs)),
        arrayMap(p -> ('output', p.1, p.2), JSONExtractKeysAndValuesRaw(function_outputs)),
        arrayMap(p -> ('parameter', p.1, p.2), JSONExtractKeysAndValuesRaw(query_parameters)),
        arrayMap(p -> ('detail', p.1, p.2), JSONExtractKeysAndValuesRaw(details))) AS parameter
);

-- `event_parameters`: the parameters that events of each type had in the last thirty days. This reads those days' events.
CREATE VIEW IF NOT EXISTS {database:Identifier}.datagrok_event_parameters /*{on cluster}*/
AS SELECT DISTINCT
    tenant_id, concat(event_type_id, ':', parameter.1, ':', parameter.2) AS id, concat(tenant_id, '/', event_name) AS event_type_id, parameter.2 AS name,
    parameter.1 AS type, (parameter.1 IN ('input', 'parameter'))::Bool AS is_input
FROM {database:Identifier}.events AS events
ARRAY JOIN arrayConcat(
    arrayMap(key -> ('input', key), JSONExtractKeys(function_inputs)), arrayMap(key -> ('output', key), JSONExtractKeys(function_outputs)),
    arrayMap(key -> ('parameter', key), JSONExtractKeys(query_parameters)), arrayMap(key -> ('detail', key), JSONExtractKeys(details))) AS parameter
WHERE timestamp >= now64(9, 'UTC') - INTERVAL 30 DAY;
