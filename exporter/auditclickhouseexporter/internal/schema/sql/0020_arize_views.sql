-- Arize's three audit logs, of every product that writes such events: the newest first, page by page, with the names that Arize's
-- GraphQL document gives the fields of a node. docs/coming-from-arize.md has its three queries as HTTP requests, `pageInfo` included.
--
--   num        rows of a page
--   startTime  '' is 30 days ago; included
--   endTime    '' is now; not included
--   cursor     '' for the first page; else the endCursor of the page before, which is the `cursor` of its last row
--   tenant     '' is the tenant `default`
--
-- Times are text of UTC where they say nothing else. hasNextPage says whether there is more after this page. A page costs the same wherever
-- it is: see `search`. Rows are events, so nothing is weighed with the sample rate.

-- "Unauthenticated Audit Logs: user login attempts, whether successful or unsuccessful" (Arize, "Arize Audit Log")
--
--   SELECT * FROM audit.unauthenticated_audit_logs(num = 100, startTime = '', endTime = '', cursor = '', tenant = '')
--
-- user.email is the e-mail that was typed, else that of the directory, else the actor's id. success is NULL where the product did not say. mutationName is the
-- operation, and the event's name for products without one.
CREATE VIEW IF NOT EXISTS {database:Identifier}.unauthenticated_audit_logs /*{on cluster}*/
AS WITH
    (SELECT throwIf({num:UInt64} = 0, 'num counts from 1')
        + throwIf({cursor:String} != '' AND NOT match({cursor:String}, '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z .'), 'cursor is not the endCursor of a page')
        + throwIf({startTime:String} != '' AND parseDateTime64BestEffortOrNull({startTime:String}) IS NULL, 'startTime is not a time such as 2025-01-01T00:00:00Z')
        + throwIf({endTime:String} != '' AND parseDateTime64BestEffortOrNull({endTime:String}) IS NULL, 'endTime is not a time such as 2025-01-01T00:00:00Z')) AS wrong,
    parseDateTime64BestEffortOrZero(if({cursor:String} = '', '1970-01-01', splitByChar(' ', {cursor:String}, 2)[1]), 9, 'UTC') AS after_time,
    splitByChar(' ', {cursor:String}, 2)[2] AS after_id,
    rest AS
    (
        SELECT
            timestamp, record_id, tenant_id, service_name, if(actor_email != '', actor_email, if(directory_email != '', directory_email, actor_id)) AS email, source_address AS ip,
            multiIf(outcome = 'success', true, outcome = 'failure', false, NULL) AS success,
            if(operation_name != '', operation_name, event_name) AS mutationName
        FROM {database:Identifier}.events
        WHERE tenant_id = if({tenant:String} = '', 'default', {tenant:String})
            AND action = 'LOGIN' AND actor_on_behalf_of = ''
            AND timestamp >= if({startTime:String} = '', now64(9, 'UTC') - INTERVAL 30 DAY, parseDateTime64BestEffortOrZero({startTime:String}, 9, 'UTC'))
            AND timestamp < if({endTime:String} = '', now64(9, 'UTC'), parseDateTime64BestEffortOrZero({endTime:String}, 9, 'UTC'))
            AND wrong = 0
            AND ({cursor:String} = '' OR timestamp <= after_time AND (timestamp < after_time OR record_id < after_id))
    ),
    page_and_one AS
    (
        SELECT *, (count() OVER () > {num:UInt64})::Bool AS more
        FROM
        (
            SELECT * FROM rest
            WHERE timestamp GLOBAL IN (SELECT timestamp FROM rest ORDER BY timestamp DESC LIMIT {num:UInt64} + 1)
            ORDER BY timestamp DESC, record_id DESC
            LIMIT {num:UInt64} + 1
        )
    )
SELECT
    tenant_id,
    record_id AS id,
    CAST(tuple(email), 'Tuple(email String)') AS user,
    ip,
    success,
    mutationName,
    timestamp AS loggedAt,
    concat(replaceOne(replaceRegexpOne(toString(timestamp), '\\.?0+$', ''), ' ', 'T'), 'Z ', record_id) AS cursor,
    more AS hasNextPage,
    service_name
FROM page_and_one
ORDER BY timestamp DESC, record_id DESC
LIMIT {num:UInt64};

-- "Authenticated Audit Logs: operations performed by users after they have logged in" (Arize, "Arize Audit Log")
--
--   SELECT * FROM audit.authenticated_audit_logs(num = 100, startTime = '', endTime = '', cursor = '', tenant = '')
--
-- GraphQL operations. operationText has its literals replaced, variables are types and pseudonyms: raw text is never stored.
-- "operationName is client-supplied … and should not be solely relied upon for security-critical decisions": `action`, which the text
-- decides, is beside it.
CREATE VIEW IF NOT EXISTS {database:Identifier}.authenticated_audit_logs /*{on cluster}*/
AS WITH
    (SELECT throwIf({num:UInt64} = 0, 'num counts from 1')
        + throwIf({cursor:String} != '' AND NOT match({cursor:String}, '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z .'), 'cursor is not the endCursor of a page')
        + throwIf({startTime:String} != '' AND parseDateTime64BestEffortOrNull({startTime:String}) IS NULL, 'startTime is not a time such as 2025-01-01T00:00:00Z')
        + throwIf({endTime:String} != '' AND parseDateTime64BestEffortOrNull({endTime:String}) IS NULL, 'endTime is not a time such as 2025-01-01T00:00:00Z')) AS wrong,
    parseDateTime64BestEffortOrZero(if({cursor:String} = '', '1970-01-01', splitByChar(' ', {cursor:String}, 2)[1]), 9, 'UTC') AS after_time,
    splitByChar(' ', {cursor:String}, 2)[2] AS after_id,
    rest AS
    (
        SELECT
            timestamp, record_id, tenant_id, service_name, if(actor_email != '', actor_email, if(directory_email != '', directory_email, actor_id)) AS email, operation_name AS operationName,
            query_representation AS operationText, query_parameters AS variables, action
        FROM {database:Identifier}.events
        WHERE tenant_id = if({tenant:String} = '', 'default', {tenant:String})
            AND query_language = 'graphql'
            AND timestamp >= if({startTime:String} = '', now64(9, 'UTC') - INTERVAL 30 DAY, parseDateTime64BestEffortOrZero({startTime:String}, 9, 'UTC'))
            AND timestamp < if({endTime:String} = '', now64(9, 'UTC'), parseDateTime64BestEffortOrZero({endTime:String}, 9, 'UTC'))
            AND wrong = 0
            AND ({cursor:String} = '' OR timestamp <= after_time AND (timestamp < after_time OR record_id < after_id))
    ),
    page_and_one AS
    (
        SELECT *, (count() OVER () > {num:UInt64})::Bool AS more
        FROM
        (
            SELECT * FROM rest
            WHERE timestamp GLOBAL IN (SELECT timestamp FROM rest ORDER BY timestamp DESC LIMIT {num:UInt64} + 1)
            ORDER BY timestamp DESC, record_id DESC
            LIMIT {num:UInt64} + 1
        )
    )
SELECT
    tenant_id,
    record_id AS id,
    CAST(tuple(email), 'Tuple(email String)') AS user,
    operationName,
    operationText,
    variables,
    action,
    timestamp AS loggedAt,
    concat(replaceOne(replaceRegexpOne(toString(timestamp), '\\.?0+$', ''), ' ', 'T'), 'Z ', record_id) AS cursor,
    more AS hasNextPage,
    service_name
FROM page_and_one
ORDER BY timestamp DESC, record_id DESC
LIMIT {num:UInt64};

-- "Exporter Audit Logs: who is downloading data and from which models" (Arize, "Arize Audit Log")
--
--   SELECT * FROM audit.exporter_audit_logs(num = 100, startTime = '', endTime = '', cursor = '', tenant = '')
--
-- "Export requests that return zero rows will not be logged": nor are they shown here. An event that does not say how many is.
CREATE VIEW IF NOT EXISTS {database:Identifier}.exporter_audit_logs /*{on cluster}*/
AS WITH
    (SELECT throwIf({num:UInt64} = 0, 'num counts from 1')
        + throwIf({cursor:String} != '' AND NOT match({cursor:String}, '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z .'), 'cursor is not the endCursor of a page')
        + throwIf({startTime:String} != '' AND parseDateTime64BestEffortOrNull({startTime:String}) IS NULL, 'startTime is not a time such as 2025-01-01T00:00:00Z')
        + throwIf({endTime:String} != '' AND parseDateTime64BestEffortOrNull({endTime:String}) IS NULL, 'endTime is not a time such as 2025-01-01T00:00:00Z')) AS wrong,
    parseDateTime64BestEffortOrZero(if({cursor:String} = '', '1970-01-01', splitByChar(' ', {cursor:String}, 2)[1]), 9, 'UTC') AS after_time,
    splitByChar(' ', {cursor:String}, 2)[2] AS after_id,
    rest AS
    (
        SELECT
            timestamp, record_id, tenant_id, service_name, if(actor_email != '', actor_email, if(directory_email != '', directory_email, actor_id)) AS email, if(target_name != '', target_name, target_id) AS name, export_rows AS rows
        FROM {database:Identifier}.events
        WHERE tenant_id = if({tenant:String} = '', 'default', {tenant:String})
            AND action = 'EXPORT' AND ifNull(export_rows, 1) > 0
            AND timestamp >= if({startTime:String} = '', now64(9, 'UTC') - INTERVAL 30 DAY, parseDateTime64BestEffortOrZero({startTime:String}, 9, 'UTC'))
            AND timestamp < if({endTime:String} = '', now64(9, 'UTC'), parseDateTime64BestEffortOrZero({endTime:String}, 9, 'UTC'))
            AND wrong = 0
            AND ({cursor:String} = '' OR timestamp <= after_time AND (timestamp < after_time OR record_id < after_id))
    ),
    page_and_one AS
    (
        SELECT *, (count() OVER () > {num:UInt64})::Bool AS more
        FROM
        (
            SELECT * FROM rest
            WHERE timestamp GLOBAL IN (SELECT timestamp FROM rest ORDER BY timestamp DESC LIMIT {num:UInt64} + 1)
            ORDER BY timestamp DESC, record_id DESC
            LIMIT {num:UInt64} + 1
        )
    )
SELECT
    tenant_id,
    record_id AS id,
    CAST(tuple(email), 'Tuple(email String)') AS user,
    CAST(tuple(name), 'Tuple(name String)') AS model,
    rows,
    timestamp AS loggedAt,
    concat(replaceOne(replaceRegexpOne(toString(timestamp), '\\.?0+$', ''), ' ', 'T'), 'Z ', record_id) AS cursor,
    more AS hasNextPage,
    service_name
FROM page_and_one
ORDER BY timestamp DESC, record_id DESC
LIMIT {num:UInt64};
