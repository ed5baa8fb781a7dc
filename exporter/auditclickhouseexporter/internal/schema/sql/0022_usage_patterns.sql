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
    counts AS
    (
        SELECT tenant_id, actor_id, trimRight(concat(action, ' ', target_type)) AS operation, sum(activity.events) AS n
        FROM {database:Identifier}.activity_daily AS activity
        WHERE day >= toDate32({from:DateTime64(9, 'UTC')}) AND day <= toDate32({to:DateTime64(9, 'UTC')} - INTERVAL 1 NANOSECOND)
            AND action != 'REPORT'
        GROUP BY tenant_id, actor_id, operation
    ),
    shares AS
    (
        SELECT tenant_id, actor_id, operation, n, n / sum(n) OVER (PARTITION BY tenant_id, actor_id) AS share FROM counts
    ),
    actors AS
    (
        SELECT tenant_id, actor_id, name, actor_type, directory_groups, directory_department
        FROM {database:Identifier}.active_actors(from = {from:DateTime64(9, 'UTC')}, to = {to:DateTime64(9, 'UTC')})
    ),
    members AS
    (
        SELECT tenant_id, actor_id, arrayJoin(directory_groups) AS member_of FROM actors
    ),
    group_shares AS
    (
        SELECT members.tenant_id AS tenant_id, member_of, operation, sum(share) AS group_share
        FROM members INNER JOIN shares ON members.tenant_id = shares.tenant_id AND members.actor_id = shares.actor_id
        GROUP BY tenant_id, member_of, operation
    ),
    group_lengths AS
    (
        SELECT tenant_id, member_of, sqrt(sum(group_share * group_share)) AS group_length FROM group_shares GROUP BY tenant_id, member_of
    ),
    products AS
    (
        SELECT shares.tenant_id AS tenant_id, shares.actor_id AS actor_id, group_shares.member_of AS member_of, sum(share * group_share) AS product
        FROM shares INNER JOIN group_shares ON shares.tenant_id = group_shares.tenant_id AND shares.operation = group_shares.operation
        GROUP BY tenant_id, actor_id, member_of
    ),
    users AS
    (
        SELECT
            tenant_id, actor_id, sum(n) AS events, sqrt(sum(share * share)) AS user_length,
            arrayReverseSort(groupArray((share, operation))) AS parts,
            arraySort(arrayMap(p -> p.2, arraySlice(arrayFilter(p -> p.1 >= 0.1, parts), 1, 2))) AS main
        FROM shares GROUP BY tenant_id, actor_id
    ),
    nearest AS
    (
        SELECT
            products.tenant_id AS tenant_id, products.actor_id AS actor_id,
            max((product / user_length / group_length, products.member_of)) AS best
        FROM products
        INNER JOIN users ON products.tenant_id = users.tenant_id AND products.actor_id = users.actor_id
        INNER JOIN group_lengths ON products.tenant_id = group_lengths.tenant_id AND products.member_of = group_lengths.member_of
        GROUP BY tenant_id, actor_id
    )
SELECT
    users.tenant_id AS tenant_id, users.actor_id AS actor_id, name, actor_type, directory_department, directory_groups, users.events AS events,
    if(empty(main), ['mixed'], main) AS pattern,
    CAST(arrayMap(p -> (p.2, p.1), parts), 'Map(String, Float64)') AS profile,
    toString(nearest.best.2) AS nearest_group, nearest.best.1 AS similarity
FROM users
LEFT JOIN actors ON users.tenant_id = actors.tenant_id AND users.actor_id = actors.actor_id
LEFT JOIN nearest ON users.tenant_id = nearest.tenant_id AND users.actor_id = nearest.actor_id;

-- Which clusters there are, and which groups they are made of: one row a cluster and group that have users in common, and one with the
-- group '' for users of no group.
--
--   SELECT * FROM audit.usage_patterns(from = today() - 30, to = now()) ORDER BY pattern_users DESC, users DESC
--
-- users are in both. lift says how much more often the group is found in the cluster than among all users: 1 means that the pattern
-- has nothing to do with the group, 3 that it is found there three times as often.
CREATE VIEW IF NOT EXISTS {database:Identifier}.usage_patterns /*{on cluster}*/
AS WITH
    profiles AS
    (
        SELECT tenant_id, actor_id, pattern, events, directory_groups
        FROM {database:Identifier}.usage_profiles(from = {from:DateTime64(9, 'UTC')}, to = {to:DateTime64(9, 'UTC')})
    ),
    everybody AS
    (
        SELECT tenant_id, count() AS all_users FROM profiles GROUP BY tenant_id
    ),
    patterns AS
    (
        SELECT tenant_id, pattern, count() AS pattern_users, sum(profiles.events) AS pattern_events FROM profiles GROUP BY tenant_id, pattern
    ),
    memberships AS
    (
        SELECT tenant_id, actor_id, pattern, toString(arrayJoin(if(empty(directory_groups), [''], directory_groups))) AS group FROM profiles
    ),
    group_sizes AS
    (
        SELECT tenant_id, group, uniqExact(actor_id) AS group_users FROM memberships GROUP BY tenant_id, group
    ),
    both AS
    (
        SELECT tenant_id, pattern, group, uniqExact(actor_id) AS users, arraySort(groupUniqArray(actor_id)) AS actor_ids
        FROM memberships GROUP BY tenant_id, pattern, group
    )
SELECT
    both.tenant_id AS tenant_id, both.pattern AS pattern, pattern_users, pattern_events, both.group AS group, group_users, users,
    users / pattern_users AS share_of_pattern, users / group_users AS share_of_group,
    share_of_pattern / (group_users / all_users) AS lift, actor_ids
FROM both
INNER JOIN patterns ON both.tenant_id = patterns.tenant_id AND both.pattern = patterns.pattern
INNER JOIN group_sizes ON both.tenant_id = group_sizes.tenant_id AND both.group = group_sizes.group
INNER JOIN everybody ON both.tenant_id = everybody.tenant_id;
