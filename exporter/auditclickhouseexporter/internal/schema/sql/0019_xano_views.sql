-- What Xano's document asks of its audit log: its answer in its own shape, and its three scripts. Types are event names, so
-- other products' events are answered for as well.
--
-- What comes from the rollup `activity_daily` counts a day in full when from..to touches it, so a range of full days is exact,
-- and it outlives the events. Counts are of stored events: what a policy has sampled out is in `ledger`, not here.

-- Xano's "Response Structure": the answer to GET /api:meta/audit_log and POST /api:meta/audit_log/search, as one row with the
-- JSON text. docs/coming-from-xano.md has the HTTP request.
--
--   SELECT body FROM audit.xano_audit_log(page = 1, per_page = 50, include_data = true, after = '', text = '', type = 'Create Table',
--       user = '', label = '', target = '', workspace = '', branch = '', from = '', to = '', tenant = '', sort = 'newest')
--
-- The parameters are those of `search`. A page after the first needs the cursor of the page before: created_at and id of its last
-- item, joined by a space. itemsTotal and pageTotal cost what `search_total` does, the items what a page does. data and obj hold
-- what the redaction left of them: keys, types and pseudonyms; the name and the id of the target are readable.
CREATE VIEW IF NOT EXISTS {database:Identifier}.xano_audit_log /*{on cluster}*/
AS WITH
    (SELECT throwIf({page:UInt64} = 0 OR {per_page:UInt64} = 0, 'page and per_page count from 1')
        + throwIf({page:UInt64} > 1 AND {after:String} = '', 'after is empty: a page after the first begins after created_at and id of the last item of the page before, joined by a space')) AS wrong,
    (
        SELECT total FROM {database:Identifier}.search_total(tenant = {tenant:String}, text = {text:String}, type = {type:String},
            user = {user:String}, label = {label:String}, target = {target:String}, workspace = {workspace:String},
            branch = {branch:String}, from = {from:String}, to = {to:String})
    ) AS total,
    (raw, key, value) -> concat('{', arrayStringConcat(arrayFilter(member -> member != '',
        [if(value = '' OR key = '', '', concat(toJSONString(key), ':', toJSONString(value))), substring(raw, 2, greatest(length(raw), 2) - 2)]), ','), '}') AS with_member,
    page_items AS
    (
        SELECT
            (timestamp, record_id) AS position, -- what is grouped comes in no order
            splitByChar(' ', cursor, 2)[1] AS time,
            if(JSONHas(details, 'data') OR JSONHas(details, 'obj'), JSONExtractRaw(details, 'data'), details) AS data,
            JSONExtractRaw(details, 'obj') AS obj,
            concat('{"id":', toJSONString(record_id), ',"created_at":"', time, '","updated_at":"', time,
                '","type":', toJSONString(event_name), ',"msg":', toJSONString(message), ',"label":', toJSONString(labels),
                if({include_data:Bool}, concat(',"data":', with_member(
                    concat('{', arrayStringConcat(arrayFilter(member -> member != '', [
                        if(change_before = '', '', concat('"before":', change_before)), if(change_after = '', '', concat('"after":', change_after)),
                        substring(data, 2, greatest(length(data), 2) - 2)]), ','), '}'),
                    concat(target_type, '_name'), target_name)), ''),
                ',"obj":', with_member(obj, concat(target_type, '_id'), target_id),
                ',"user":{"id":', toJSONString(actor_id), ',"name":', toJSONString(if(actor_name != '', actor_name, directory_name)),
                ',"email":', toJSONString(if(actor_email != '', actor_email, directory_email)),
                '},"workspace":{"id":', toJSONString(workspace_id), ',"name":', toJSONString(workspace_name),
                '},"branch":{"id":', toJSONString(branch_id), ',"name":', toJSONString(branch_name), ',"is_live":', toJSONString(branch_live), '}}') AS item
        FROM {database:Identifier}.search(tenant = {tenant:String}, text = {text:String}, type = {type:String}, user = {user:String},
            label = {label:String}, target = {target:String}, workspace = {workspace:String}, branch = {branch:String},
            from = {from:String}, to = {to:String}, sort = {sort:String}, after = {after:String}, page_size = {per_page:UInt64})
    )
SELECT concat(
    '{"items":[', arrayStringConcat(arrayMap(i -> i.2, if({sort:String} = 'oldest',
        arraySort(i -> i.1, groupArray((position, item))), arrayReverseSort(i -> i.1, groupArray((position, item))))), ','),
    '],"itemsReceived":', toString(count()),
    ',"curPage":', toString({page:UInt64}),
    ',"nextPage":', if({page:UInt64} * {per_page:UInt64} < total, toString({page:UInt64} + 1), 'null'),
    ',"prevPage":', if({page:UInt64} > 1, toString({page:UInt64} - 1), 'null'),
    ',"offset":', toString(({page:UInt64} - 1) * {per_page:UInt64}),
    ',"perPage":', toString({per_page:UInt64}),
    ',"itemsTotal":', toString(total),
    ',"pageTotal":', toString(intDiv(total + {per_page:UInt64} - 1, {per_page:UInt64})), '}') AS body
FROM page_items
WHERE wrong = 0;

-- Who was active in a period, and what they were called at last. Names are personal columns. Who has no events left (retention)
-- has no name either. From `activity_daily`, and from `events` the last one of each.
--
--   SELECT * FROM audit.active_actors(from = today() - 30, to = now())
CREATE VIEW IF NOT EXISTS {database:Identifier}.active_actors /*{on cluster}*/
AS WITH
    active AS
    (
        SELECT tenant_id, actor_id, sum(activity.events) AS events, min(activity.first_time) AS first_time, max(activity.last_time) AS last_time
        FROM {database:Identifier}.activity_daily AS activity
        WHERE day >= toDate32({from:DateTime64(9, 'UTC')}) AND day <= toDate32({to:DateTime64(9, 'UTC')} - INTERVAL 1 NANOSECOND)
        GROUP BY tenant_id, actor_id
    ),
    latest AS
    (
        SELECT
            tenant_id, actor_id, timestamp AS last_time, any(events.actor_type) AS actor_type, any(events.actor_name) AS actor_name,
            any(events.actor_email) AS actor_email, any(events.directory_name) AS directory_name, any(events.directory_email) AS directory_email,
            any(events.directory_department) AS directory_department, any(events.directory_groups) AS directory_groups
        FROM {database:Identifier}.events AS events
        WHERE (tenant_id, timestamp) GLOBAL IN (SELECT tenant_id, last_time FROM active)
        GROUP BY tenant_id, actor_id, timestamp
    )
SELECT
    tenant_id, actor_id, actor_type, if(directory_name != '', directory_name, if(actor_name != '', actor_name, actor_id)) AS name,
    if(directory_email != '', directory_email, actor_email) AS email, directory_department, directory_groups, events, first_time, last_time
FROM active LEFT JOIN latest USING (tenant_id, actor_id, last_time);

-- "Flag critical changes" (Xano, "Compliance Monitoring"): one row an event that deletes or that sets a live branch.
--
--   SELECT * FROM audit.critical_changes(from = today() - 30, to = now()) ORDER BY timestamp DESC
--
-- reason is `named` where the event's name says so, which is what Xano's script looks at ('Delete', 'Live Branch'), and `emptied` where the
-- action is DELETE and the name does not: Truncate Table, Reset Workspace. From `events`.
CREATE VIEW IF NOT EXISTS {database:Identifier}.critical_changes /*{on cluster}*/
AS SELECT
    tenant_id, timestamp, if(match(event_name, '(?i)delete|live branch'), 'named', 'emptied') AS reason, event_name, action, outcome,
    actor_id, if(directory_name != '', directory_name, if(actor_name != '', actor_name, actor_id)) AS name, message,
    target_type, target_id, target_name, workspace_id, workspace_name, branch_name, branch_live, record_id
FROM {database:Identifier}.events
WHERE (action = 'DELETE' OR match(event_name, '(?i)delete|live branch'))
    AND timestamp >= {from:DateTime64(9, 'UTC')} AND timestamp < {to:DateTime64(9, 'UTC')};

-- "Daily compliance report" (Xano, "Compliance Monitoring", generateComplianceReport): one row a tenant.
--
--   SELECT * FROM audit.compliance_report(from = toStartOfMonth(today()) - INTERVAL 1 MONTH, to = toStartOfMonth(today()))
--
-- events_by_type and user_activity are maps of counts, the largest first, the latter by name; people of one name count together, as in the
-- script. critical_changes are those of the view, the oldest first. Counts come from `activity_daily` by day.
CREATE VIEW IF NOT EXISTS {database:Identifier}.compliance_report /*{on cluster}*/
AS WITH
    (counts) -> CAST(arrayReverseSort(c -> (c.2, c.1), arrayZip(mapKeys(counts), mapValues(counts))), 'Map(String, UInt64)') AS largest_first,
    by_type AS
    (
        SELECT tenant_id, event_name, sum(activity.events) AS events
        FROM {database:Identifier}.activity_daily AS activity
        WHERE day >= toDate32({from:DateTime64(9, 'UTC')}) AND day <= toDate32({to:DateTime64(9, 'UTC')} - INTERVAL 1 NANOSECOND)
        GROUP BY tenant_id, event_name
    ),
    types AS
    (
        SELECT tenant_id, sum(by_type.events) AS total_events, largest_first(sumMap(map(toString(event_name), by_type.events))) AS events_by_type
        FROM by_type GROUP BY tenant_id
    ),
    users AS
    (
        SELECT tenant_id, largest_first(sumMap(map(name, events))) AS user_activity
        FROM {database:Identifier}.active_actors(from = {from:DateTime64(9, 'UTC')}, to = {to:DateTime64(9, 'UTC')})
        GROUP BY tenant_id
    ),
    critical AS
    (
        SELECT tenant_id, arraySort(groupArray((timestamp, toString(event_name), name, message, toString(reason))))
            ::Array(Tuple(time DateTime64(9, 'UTC'), type String, user String, description String, reason String)) AS critical_changes
        FROM {database:Identifier}.critical_changes(from = {from:DateTime64(9, 'UTC')}, to = {to:DateTime64(9, 'UTC')})
        GROUP BY tenant_id
    )
SELECT
    tenant_id, toDate32({from:DateTime64(9, 'UTC')}) AS first_day, toDate32({to:DateTime64(9, 'UTC')} - INTERVAL 1 NANOSECOND) AS last_day,
    total_events, events_by_type, user_activity, critical_changes
FROM types LEFT JOIN users USING (tenant_id) LEFT JOIN critical USING (tenant_id);

-- "Monitor for unauthorized or suspicious activities" (Xano, "Security Monitoring", monitorSecurityEvents): one row an event.
--
--   SELECT * FROM audit.security_events(from = now() - INTERVAL 1 DAY, to = now()) ORDER BY timestamp DESC
--
-- rule says why, the first that holds:
--
--   listed          the five types of Xano's script
--   impersonation   somebody acts on behalf of somebody else
--   access_control  users, groups, roles, permissions, tokens, keys and shares are changed
--   failed_login    of whoever
--   denied          refused for lack of rights
--
-- From `events`.
CREATE VIEW IF NOT EXISTS {database:Identifier}.security_events /*{on cluster}*/
AS SELECT
    tenant_id, timestamp,
    multiIf(
        event_name IN ('Delete Workspace', 'Delete Table', 'Impersonate Tenant', 'Update Tenant License', 'Set Live Branch'), 'listed',
        actor_on_behalf_of != '', 'impersonation',
        action NOT IN ('', 'READ', 'LOGIN', 'LOGOUT', 'EXECUTE', 'REPORT', 'INVOKE', 'EXPORT', 'NOTIFY')
            AND (action IN ('SHARE', 'UNSHARE') OR match(target_type, '^(user|group|role|rbac.*|permission|policy|.*token|.*key|share_link|org|organization|member)$')), 'access_control',
        action = 'LOGIN' AND outcome = 'failure', 'failed_login',
        outcome = 'failure' AND match(concat(outcome_reason, ' ', error_type), '(?i)forbidden|denied|unauthorized|unauthenticated|permission'), 'denied',
        '') AS rule,
    event_name, action, outcome, outcome_reason, actor_id, if(directory_name != '', directory_name, if(actor_name != '', actor_name, actor_id)) AS name,
    actor_on_behalf_of, source_address, message, target_type, target_id, target_name, workspace_id, workspace_name, record_id
FROM {database:Identifier}.events
WHERE rule != '' AND timestamp >= {from:DateTime64(9, 'UTC')} AND timestamp < {to:DateTime64(9, 'UTC')};

-- "Team activity dashboard" (Xano, getTeamActivity): one row a tenant and workspace, which is a team's place.
--
--   SELECT * FROM audit.team_activity(from = now() - INTERVAL 7 DAY, to = now()) WHERE workspace_id = '456'
--
-- activity_by_day and top_actions are maps of counts, by day and the largest first; active_users counts actors, of programs as
-- well. All that comes from `activity_daily` by day; recent_activity are the ten newest events of from..to.
CREATE VIEW IF NOT EXISTS {database:Identifier}.team_activity /*{on cluster}*/
AS WITH
    newest AS
    (
        SELECT tenant_id, workspace_id, groupArraySorted(10)(-toUnixTimestamp64Nano(timestamp)) AS times
        FROM {database:Identifier}.events
        WHERE timestamp >= {from:DateTime64(9, 'UTC')} AND timestamp < {to:DateTime64(9, 'UTC')}
        GROUP BY tenant_id, workspace_id
    ),
    newest_times AS
    (
        SELECT tenant_id, fromUnixTimestamp64Nano(-arrayJoin(times), 'UTC') AS timestamp FROM newest
    ),
    recent AS
    (
        SELECT tenant_id, workspace_id, any(workspace_name) AS workspace_name, arraySlice(arrayReverseSort(r -> (r.1, r.5), groupArray((
                timestamp, toString(event_name), if(directory_name != '', directory_name, if(actor_name != '', actor_name, actor_id)), message, record_id))), 1, 10)
            ::Array(Tuple(time DateTime64(9, 'UTC'), type String, user String, description String, id String)) AS recent_activity
        FROM {database:Identifier}.events
        WHERE (tenant_id, timestamp) GLOBAL IN (SELECT tenant_id, timestamp FROM newest_times)
            AND timestamp >= {from:DateTime64(9, 'UTC')} AND timestamp < {to:DateTime64(9, 'UTC')}
        GROUP BY tenant_id, workspace_id
    ),
    activity AS
    (
        SELECT
            tenant_id,
            workspace_id,
            sum(a.events) AS total_activity,
            uniqExact(actor_id) AS active_users,
            sumMap(map(toString(day), a.events)) AS activity_by_day,
            sumMap(map(toString(event_name), a.events)) AS actions
        FROM {database:Identifier}.activity_daily AS a
        WHERE day >= toDate32({from:DateTime64(9, 'UTC')}) AND day <= toDate32({to:DateTime64(9, 'UTC')} - INTERVAL 1 NANOSECOND)
        GROUP BY tenant_id, workspace_id
    )
SELECT
    tenant_id, workspace_id, workspace_name, total_activity, active_users, activity_by_day,
    CAST(arrayReverseSort(c -> (c.2, c.1), arrayZip(mapKeys(actions), mapValues(actions))), 'Map(String, UInt64)') AS top_actions,
    recent_activity
FROM activity LEFT JOIN recent USING (tenant_id, workspace_id);
