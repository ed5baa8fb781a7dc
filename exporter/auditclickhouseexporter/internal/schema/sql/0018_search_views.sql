-- Searching the log of one tenant and paging through it. Every parameter is text, '' means any, and an empty tenant is the
-- tenant `default`. Times are of UTC where they say nothing else; `from` is included, `to` is not.
--
-- A page begins after a cursor: the time and the record id of the last row of the page before, joined by a space. It stays right
-- while events arrive, and the last page costs what the first one does: nothing is skipped by counting. The sort key of
-- `events` pays for it, and no index: a page reads a few granules of each part. How much is read for a page of rare events
-- depends on how rare they are. Sampled events are rows, so nothing is weighed here.
--
--   tenant     its id
--   text       words that all occur in the event's name, its message or the name of its target, in any case of letters
--   type       the event's name ("Create Table") or the type of its target ("table")
--   user       id, name or e-mail of the actor, as claimed or as the directory has it
--   label      one of the event's labels
--   target     id or name
--   workspace  id or name
--   branch     id or name, or `live` for the branches that were live
--   from, to   time of the event
--   sort       newest (also '') or oldest first
--   after      the cursor of the last row of the page before; '' for the first page
--   page_size  at most so many rows

-- "Search by text, type, user, label, time, sorted and paged" (Xano, "Advanced Search and Filtering")
--
--   SELECT * FROM audit.search(text = 'merge branch', type = '', user = '', label = '', target = '', workspace = '', branch = '',
--       from = '2026-11-01', to = '', tenant = '', sort = 'newest', after = '', page_size = 50)
CREATE VIEW IF NOT EXISTS {database:Identifier}.search /*{on cluster}*/
AS WITH
    -- Asked of a column, this would not be asked where no row is read.
    (SELECT throwIf({sort:String} NOT IN ('', 'newest', 'oldest'), 'sort is newest or oldest')
        + throwIf({after:String} != '' AND NOT match({after:String}, '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z .'), 'after is not the cursor of a row')
        + throwIf({from:String} != '' AND parseDateTime64BestEffortOrNull({from:String}) IS NULL, 'from is not a time such as 2026-11-01T10:00:00Z')
        + throwIf({to:String} != '' AND parseDateTime64BestEffortOrNull({to:String}) IS NULL, 'to is not a time such as 2026-11-01T10:00:00Z')) AS wrong,
    parseDateTime64BestEffortOrZero(if({after:String} = '', '1970-01-01', splitByChar(' ', {after:String}, 2)[1]), 9, 'UTC') AS after_time,
    splitByChar(' ', {after:String}, 2)[2] AS after_id,
    rest AS
    (
        SELECT
            tenant_id,
            concat(replaceOne(replaceRegexpOne(toString(timestamp), '\\.?0+$', ''), ' ', 'T'), 'Z ', record_id) AS cursor,
            timestamp, record_id, event_name, message, action, outcome, labels,
            actor_id, actor_name, actor_email, directory_name, directory_email,
            target_type, target_id, target_name, workspace_id, workspace_name, branch_id, branch_name, branch_live,
            change_before, change_after, details
        FROM {database:Identifier}.events
        WHERE tenant_id = if({tenant:String} = '', 'default', {tenant:String})
            AND timestamp >= parseDateTime64BestEffortOrZero(if({from:String} = '', '1970-01-01', {from:String}), 9, 'UTC')
            AND timestamp < parseDateTime64BestEffortOrZero(if({to:String} = '', '2262-01-01', {to:String}), 9, 'UTC')
            AND ({type:String} = '' OR event_name = {type:String} OR target_type = {type:String})
            AND ({user:String} = '' OR {user:String} IN (actor_id, actor_name, actor_email, directory_name, directory_email))
            AND ({label:String} = '' OR has(labels, {label:String}))
            AND ({target:String} = '' OR {target:String} IN (target_id, target_name))
            AND ({workspace:String} = '' OR {workspace:String} IN (workspace_id, workspace_name))
            AND ({branch:String} = '' OR {branch:String} IN (branch_id, branch_name) OR {branch:String} = 'live' AND branch_live)
            AND (trimBoth({text:String}) = '' OR NOT has(multiSearchAllPositionsCaseInsensitiveUTF8(
                concat(event_name, ' ', message, ' ', target_name), splitByWhitespace({text:String})), 0))
            AND wrong = 0
            AND ({after:String} = '' OR {sort:String} = 'oldest' OR timestamp <= after_time AND (timestamp < after_time OR record_id < after_id))
            AND ({after:String} = '' OR {sort:String} != 'oldest' OR timestamp >= after_time AND (timestamp > after_time OR record_id > after_id))
    )
SELECT *
FROM rest
-- The times of the page first, in the order of the sort key, and then its rows: sorting by record_id as well would read on.
WHERE timestamp GLOBAL IN
(
    SELECT timestamp FROM (SELECT timestamp FROM rest WHERE {sort:String} != 'oldest' ORDER BY timestamp DESC LIMIT {page_size:UInt64})
    UNION ALL
    SELECT timestamp FROM (SELECT timestamp FROM rest WHERE {sort:String} = 'oldest' ORDER BY timestamp LIMIT {page_size:UInt64})
)
ORDER BY
    if({sort:String} = 'oldest', timestamp, toDateTime64(0, 9, 'UTC')), if({sort:String} = 'oldest', record_id, ''),
    timestamp DESC, record_id DESC
LIMIT {page_size:UInt64};

-- "How many are there?": itemsTotal of Xano's answer. A query of its own, because pages do not need it.
--
--   SELECT total FROM audit.search_total(text = '', type = 'Create Table', user = '', label = '', target = '', workspace = '',
--       branch = '', from = '', to = '', tenant = '')
CREATE VIEW IF NOT EXISTS {database:Identifier}.search_total /*{on cluster}*/
AS SELECT count() AS total
FROM {database:Identifier}.events
WHERE tenant_id = if({tenant:String} = '', 'default', {tenant:String})
    AND timestamp >= parseDateTime64BestEffortOrZero(if({from:String} = '', '1970-01-01', {from:String}), 9, 'UTC')
    AND timestamp < parseDateTime64BestEffortOrZero(if({to:String} = '', '2262-01-01', {to:String}), 9, 'UTC')
    AND ({type:String} = '' OR event_name = {type:String} OR target_type = {type:String})
    AND ({user:String} = '' OR {user:String} IN (actor_id, actor_name, actor_email, directory_name, directory_email))
    AND ({label:String} = '' OR has(labels, {label:String}))
    AND ({target:String} = '' OR {target:String} IN (target_id, target_name))
    AND ({workspace:String} = '' OR {workspace:String} IN (workspace_id, workspace_name))
    AND ({branch:String} = '' OR {branch:String} IN (branch_id, branch_name) OR {branch:String} = 'live' AND branch_live)
    AND (trimBoth({text:String}) = '' OR NOT has(multiSearchAllPositionsCaseInsensitiveUTF8(
        concat(event_name, ' ', message, ' ', target_name), splitByWhitespace({text:String})), 0));
