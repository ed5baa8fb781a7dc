-- Who logs in, and who fails to. From `events`, and exact to the nanosecond.

-- "Login logs are also audited, including the login type, such as SAML or local, and whether the login attempt was successful or
-- not", of one user too (Observe, "Track user activity with audit trails")
--
--   SELECT * FROM audit.logins(from = now() - INTERVAL 1 DAY, to = now()) WHERE actor_id = '1792' ORDER BY timestamp DESC
CREATE VIEW IF NOT EXISTS {database:Identifier}.logins /*{on cluster}*/
AS SELECT
    tenant_id,
    timestamp,
    actor_id,
    actor_type,
    if(directory_name != '', directory_name, events.actor_name) AS actor_name,
    actor_on_behalf_of,
    auth_method,
    outcome,
    outcome_reason,
    source_address,
    user_agent,
    session_id,
    service_name,
    event_name,
    record_id
FROM {database:Identifier}.events AS events
WHERE action = 'LOGIN' AND timestamp >= {from:DateTime64(9, 'UTC')} AND timestamp < {to:DateTime64(9, 'UTC')};

-- "Alert when the number of failed logins per user surpasses a count over a specific time range" (Observe, "Track user activity with
-- audit trails")
--
--   SELECT * FROM audit.failed_logins(threshold = 5, from = now() - INTERVAL 1 HOUR, to = now())
--
-- One row a user with more than threshold failures. succeeded_after tells whether the user got in after the first of them.
CREATE VIEW IF NOT EXISTS {database:Identifier}.failed_logins /*{on cluster}*/
AS SELECT
    tenant_id,
    actor_id,
    countIf(outcome = 'failure') AS failures,
    countIf(outcome = 'success') AS successes,
    toBool(successes > 0 AND maxIf(timestamp, outcome = 'success') > minIf(timestamp, outcome = 'failure')) AS succeeded_after,
    uniqExactIf(source_address, outcome = 'failure') AS addresses,
    arraySort(groupUniqArrayIf(auth_method, outcome = 'failure')) AS auth_methods,
    arraySort(groupUniqArrayIf(outcome_reason, outcome = 'failure')) AS reasons,
    minIf(timestamp, outcome = 'failure') AS first_failure,
    maxIf(timestamp, outcome = 'failure') AS last_failure
FROM {database:Identifier}.events
WHERE action = 'LOGIN' AND timestamp >= {from:DateTime64(9, 'UTC')} AND timestamp < {to:DateTime64(9, 'UTC')}
GROUP BY tenant_id, actor_id
HAVING failures > {threshold:UInt64};
