-- What is done to which objects, by whom. What comes from the rollup `activity_daily` counts a day in full where from..to touches
-- it, so a range of full days is exact. What comes from `events` is exact to the nanosecond.

-- "The audit events by their operation and object type", with examples (Observe, "Track user activity with audit trails")
--
--   SELECT * FROM audit.operations_by_target(from = now() - INTERVAL 7 DAY, to = now())
--
-- Counts by day, from `activity_daily`. example_events are up to three of the newest events as JSON, the newest first, read
-- from `events`: of the events that an actor made on a day the last, so there may be newer ones than the second.
CREATE VIEW IF NOT EXISTS {database:Identifier}.operations_by_target /*{on cluster}*/
AS WITH
    operations AS
    (
        SELECT
            tenant_id,
            target_type,
            action,
            sum(activity.events) AS events,
            sumIf(activity.events, outcome = 'failure') AS failures,
            uniqExact(actor_id) AS actors,
            arraySort(groupUniqArray(event_name)) AS event_names,
            min(activity.first_time) AS first_time,
            max(activity.last_time) AS last_time,
            groupArraySorted(3)(-toUnixTimestamp64Nano(activity.last_time)) AS newest
        FROM {database:Identifier}.activity_daily AS activity
        WHERE day >= toDate32({from:DateTime64(9, 'UTC')}) AND day <= toDate32({to:DateTime64(9, 'UTC')} - INTERVAL 1 NANOSECOND)
        GROUP BY tenant_id, target_type, action
    ),
    examples AS
    (
        SELECT
            tenant_id, target_type, action,
            groupArraySorted(3)((-toUnixTimestamp64Nano(events.timestamp), toJSONString(map('timestamp', toString(events.timestamp),
                'event_name', event_name, 'action', action, 'outcome', outcome, 'actor_id', actor_id, 'actor_type', actor_type,
                'target_type', target_type, 'target_id', target_id, 'target_name', target_name, 'origin', origin,
                'workspace_id', workspace_id, 'record_id', record_id)))) AS newest
        FROM {database:Identifier}.events AS events
        WHERE (tenant_id, timestamp) GLOBAL IN (SELECT tenant_id, fromUnixTimestamp64Nano(-arrayJoin(newest), 'UTC') FROM operations)
        GROUP BY tenant_id, target_type, action
    )
SELECT
    tenant_id,
    target_type,
    action,
    operations.events AS events,
    failures,
    actors,
    event_names,
    first_time,
    last_time,
    arrayMap(example -> example.2, examples.newest) AS example_events
FROM operations LEFT JOIN examples USING (tenant_id, target_type, action);

-- "Who modified it, and when? Who disabled the monitor, and when?" (Observe, "Track user activity with audit trails")
--
--   SELECT * FROM audit.object_history(target_type = 'monitor', target_id = 'm-7', from = today() - 90, to = now()) ORDER BY timestamp
--
-- One row an event that may have changed the object or who may use it: not reads, runs and reports of it. Attempts that failed are
-- there too. From `events`.
CREATE VIEW IF NOT EXISTS {database:Identifier}.object_history /*{on cluster}*/
AS SELECT
    tenant_id,
    timestamp,
    event_name,
    action,
    outcome,
    outcome_reason,
    actor_id,
    actor_type,
    actor_on_behalf_of,
    if(directory_name != '', directory_name, events.actor_name) AS actor_name,
    source_address,
    session_id,
    origin,
    workspace_id,
    branch_id,
    target_name,
    change_before,
    change_after,
    details,
    record_id
FROM {database:Identifier}.events AS events
WHERE events.target_type = {target_type:String} AND events.target_id = {target_id:String}
    AND timestamp >= {from:DateTime64(9, 'UTC')} AND timestamp < {to:DateTime64(9, 'UTC')}
    AND action NOT IN ('READ', 'EXECUTE', 'INVOKE', 'REPORT', 'EXPORT', 'NOTIFY', 'LOGIN', 'LOGOUT');

-- "Overall CRUD operations per user" (Observe, "Track user activity with audit trails": its Audit Events dashboard)
--
--   SELECT * FROM audit.user_operations(from = today() - 30, to = now()) ORDER BY events DESC
--
-- others are the events of every other action; failures are counted among the others, too. By day, from `activity_daily`.
CREATE VIEW IF NOT EXISTS {database:Identifier}.user_operations /*{on cluster}*/
AS SELECT
    tenant_id,
    actor_id,
    sumIf(activity.events, action = 'CREATE') AS creates,
    sumIf(activity.events, action = 'READ') AS reads,
    sumIf(activity.events, action = 'UPDATE') AS updates,
    sumIf(activity.events, action = 'DELETE') AS deletes,
    sumIf(activity.events, action = 'ENABLE') AS enables,
    sumIf(activity.events, action = 'DISABLE') AS disables,
    sumIf(activity.events, action NOT IN ('CREATE', 'READ', 'UPDATE', 'DELETE', 'ENABLE', 'DISABLE')) AS others,
    sumIf(activity.events, outcome = 'failure') AS failures,
    sum(activity.events) AS events,
    min(activity.first_time) AS first_time,
    max(activity.last_time) AS last_time
FROM {database:Identifier}.activity_daily AS activity
WHERE day >= toDate32({from:DateTime64(9, 'UTC')}) AND day <= toDate32({to:DateTime64(9, 'UTC')} - INTERVAL 1 NANOSECOND)
GROUP BY tenant_id, actor_id;

-- "Content popularity" (Observe, "Track user activity with audit trails": its Audit Events dashboard)
--
--   SELECT * FROM audit.content_popularity(from = today() - 30, to = now()) ORDER BY users DESC, uses DESC
--
-- What people (actor_type user) read and run: an object's uses are the sum of the two. estimated_uses is what these stand for where
-- the policy samples. From `events`.
CREATE VIEW IF NOT EXISTS {database:Identifier}.content_popularity /*{on cluster}*/
AS SELECT
    tenant_id,
    target_type,
    target_id,
    argMax(events.target_name, timestamp) AS target_name,
    uniqExact(actor_id) AS users,
    countIf(action = 'READ') AS reads,
    countIf(action = 'EXECUTE') AS runs,
    count() AS uses,
    sum(if(sample_rate > 0, 1 / sample_rate, 1)) AS estimated_uses,
    max(timestamp) AS last_time
FROM {database:Identifier}.events AS events
WHERE action IN ('READ', 'EXECUTE') AND actor_type = 'user' AND events.target_id != ''
    AND timestamp >= {from:DateTime64(9, 'UTC')} AND timestamp < {to:DateTime64(9, 'UTC')}
GROUP BY tenant_id, target_type, target_id;
