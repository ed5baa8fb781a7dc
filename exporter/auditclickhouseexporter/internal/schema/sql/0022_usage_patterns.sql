-- "Cluster usage by usage patterns; correlate usage patterns with the organizational groups" (Datagrok, "Audit"), over all products.
-- From the rollup `activity_daily`, a day in full when from..to touches it; the groups of somebody are those that the directory had
-- at the last event. Shares are of stored events.
--
-- An operation is a verb and a type of target ("EXECUTE query"); REPORT is none, because it tells of an operation that an event of its
-- own stands for. A profile says which share of somebody's events each operation
-- has. Two profiles are alike as far as the angle between them goes (cosine: 1 is the same mixture, 0 nothing in common). No step
-- is random, so that the same events give the same clusters, and a cluster can be read: it is the operations that make it.

-- How each user works: profile, cluster, and the group whose members work most alike.
--
--   SELECT * FROM audit.usage_profiles(from = today() - 30, to = now()) WHERE nearest_group != '' AND NOT has(directory_groups, nearest_group)
--
-- profile maps operations to shares, the largest first. pattern is the cluster: the two operations with the largest
-- shares, of those of at least a tenth, in the order of the alphabet; ['mixed'] where none is. nearest_group is the group whose average profile is the
-- nearest, and similarity how near; somebody's own groups contain themself, so small ones are near.
CREATE VIEW IF NOT EXISTS {database:Identifier}.usage_profiles /*{on cluster}*/
AS WITH
    users AS
    (
        SELECT
            n.tenant_id AS tenant_id, n.actor_id AS actor_id, name, actor_type, directory_department, directory_groups, n.events AS events,
            arrayReverseSort(arrayMap(c -> (c.1 / n.events, c.2), counts)) AS parts,
            sqrt(arraySum(p -> p.1 * p.1, parts)) AS user_length
        FROM
        (
            SELECT tenant_id, actor_id, sum(times) AS events, groupArray((times, operation)) AS counts
            FROM
            (
                SELECT tenant_id, actor_id, trimRight(concat(action, ' ', target_type)) AS operation, sum(activity.events) AS times
                FROM {database:Identifier}.activity_daily AS activity
                WHERE day >= toDate32({from:DateTime64(9, 'UTC')}) AND day <= toDate32({to:DateTime64(9, 'UTC')} - INTERVAL 1 NANOSECOND)
                    AND action != 'REPORT'
                GROUP BY tenant_id, actor_id, operation
            )
            GROUP BY tenant_id, actor_id
        ) AS n
        LEFT JOIN
        (
            SELECT tenant_id, actor_id, name, actor_type, directory_groups, directory_department
            FROM {database:Identifier}.active_actors(from = {from:DateTime64(9, 'UTC')}, to = {to:DateTime64(9, 'UTC')})
        ) AS actors ON n.tenant_id = actors.tenant_id AND n.actor_id = actors.actor_id
    ),
    group_shares AS
    (
        SELECT tenant_id, member_of, part.2 AS operation, sum(part.1) AS group_share
        FROM (SELECT tenant_id, toString(arrayJoin(directory_groups)) AS member_of, parts FROM users)
        ARRAY JOIN parts AS part
        GROUP BY tenant_id, member_of, operation
    ),
    -- One row a tenant: its groups, each with its length and its shares by operation.
    tenant_groups AS
    (
        SELECT tenant_id, groupArray((member_of, group_length, by_operation)) AS all_groups
        FROM
        (
            SELECT
                tenant_id, member_of, sqrt(sum(group_share * group_share)) AS group_length,
                CAST((groupArray(operation), groupArray(group_share)), 'Map(String, Float64)') AS by_operation
            FROM group_shares
            GROUP BY tenant_id, member_of
        )
        GROUP BY tenant_id
    )
SELECT
    users.tenant_id AS tenant_id, users.actor_id AS actor_id, name, actor_type, directory_department, directory_groups, users.events AS events,
    if(empty(arraySort(arrayMap(p -> p.2, arraySlice(arrayFilter(p -> p.1 >= 0.1, parts), 1, 2))) AS main), ['mixed'], main) AS pattern,
    CAST(arrayMap(p -> (p.2, p.1), parts), 'Map(String, Float64)') AS profile,
    (arrayMax(arrayPushBack(arrayFilter(s -> s.1 > 0, arrayMap(
        g -> (arraySum(p -> p.1 * g.3[p.2], parts) / user_length / g.2, g.1), all_groups)), (toFloat64(0), ''))) AS nearest).2 AS nearest_group,
    nearest.1 AS similarity
FROM users
LEFT JOIN tenant_groups ON users.tenant_id = tenant_groups.tenant_id;

-- Which clusters there are, and which groups they are made of: one row a cluster and group that have users in common, and one with the
-- group '' for users of no group.
--
--   SELECT * FROM audit.usage_patterns(from = today() - 30, to = now()) ORDER BY pattern_users DESC, users DESC
--
-- users are in both. lift says how much more often the group is found in the cluster than among all users: 1 means that the pattern
-- has nothing to do with the group, 3 that it is found there three times as often.
CREATE VIEW IF NOT EXISTS {database:Identifier}.usage_patterns /*{on cluster}*/
AS SELECT
    tenant_id, pattern, any(in_pattern) AS pattern_users, any(events_of_pattern) AS pattern_events, group, any(in_group) AS group_users,
    count() AS users, users / pattern_users AS share_of_pattern, users / group_users AS share_of_group,
    share_of_pattern / (group_users / any(in_all)) AS lift, arraySort(groupArray(actor_id)) AS actor_ids
FROM
(
    SELECT *, count() OVER (PARTITION BY tenant_id, group) AS in_group
    FROM
    (
        SELECT
            tenant_id, actor_id, pattern, in_pattern, events_of_pattern, in_all,
            toString(arrayJoin(if(empty(directory_groups), [''], arrayDistinct(directory_groups)))) AS group
        FROM
        (
            SELECT
                tenant_id, actor_id, pattern, directory_groups,
                count() OVER (PARTITION BY tenant_id, pattern) AS in_pattern,
                sum(profiles.events) OVER (PARTITION BY tenant_id, pattern) AS events_of_pattern,
                count() OVER (PARTITION BY tenant_id) AS in_all
            FROM {database:Identifier}.usage_profiles(from = {from:DateTime64(9, 'UTC')}, to = {to:DateTime64(9, 'UTC')}) AS profiles
        )
    )
)
GROUP BY tenant_id, pattern, group;
