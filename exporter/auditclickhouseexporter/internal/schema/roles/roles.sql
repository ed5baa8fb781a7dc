-- Who may see what, for an administrator to run: it takes a user with ACCESS MANAGEMENT, which a collector must not be.
-- Run it after the migrations, and again after an upgrade: grants on a table that is not there yet are kept for it.
--
--	audit_owner         reads everything, gives access to others, changes retention, deletes
--	audit_investigator  reads everything
--	audit_analyst       reads everything but who a person is
--	audit_service       what a collector needs that migrates nothing: it inserts, and counts what it inserted
--
-- Then: GRANT audit_analyst TO jane.

CREATE ROLE IF NOT EXISTS audit_owner /*{on cluster}*/;
CREATE ROLE IF NOT EXISTS audit_investigator /*{on cluster}*/;
CREATE ROLE IF NOT EXISTS audit_analyst /*{on cluster}*/;
CREATE ROLE IF NOT EXISTS audit_service /*{on cluster}*/;

-- The owner gives a team access to a part of the log by a view, as in Axiom: a view with SQL SECURITY DEFINER shows what it
-- selects to whoever may read the view, and nothing else of the log.
GRANT /*{on cluster}*/ SELECT, CREATE VIEW, DROP VIEW, ALTER TABLE, ALTER VIEW, OPTIMIZE ON {database:Identifier}.* TO audit_owner WITH GRANT OPTION;

GRANT /*{on cluster}*/ SELECT ON {database:Identifier}.* TO audit_investigator;

-- The columns that say who a person is, as a set. `attributes` is one of them: it holds the claims that no column does. The id of
-- an actor is not: it is what analysts count by. Where ids are e-mail addresses, a policy of the processor makes them pseudonyms.
-- A view that reads one of these columns is refused as a whole.
GRANT /*{on cluster}*/ SELECT ON {database:Identifier}.* TO audit_analyst;
REVOKE /*{on cluster}*/ SELECT(
    actor_name, actor_email,
    directory_name, directory_email, directory_roles, directory_groups, directory_department, directory_active,
    source_address, attributes
) ON {database:Identifier}.events/*{local and distributed}*/ FROM audit_analyst;
REVOKE /*{on cluster}*/ SELECT ON {database:Identifier}.quarantine/*{local and distributed}*/ FROM audit_analyst;

GRANT /*{on cluster}*/ INSERT ON {database:Identifier}.events TO audit_service;
GRANT /*{on cluster}*/ INSERT ON {database:Identifier}.quarantine TO audit_service;
GRANT /*{on cluster}*/ INSERT ON {database:Identifier}.blocks TO audit_service;
GRANT /*{on cluster}*/ INSERT ON {database:Identifier}.ledger TO audit_service;
-- To count by block what an insert has left whose answer was lost. Without these the token alone decides.
GRANT /*{on cluster}*/ SELECT(record_id, block_id, received_at) ON {database:Identifier}.events TO audit_service;
GRANT /*{on cluster}*/ SELECT(record_id, block_id, received_at) ON {database:Identifier}.quarantine TO audit_service;
GRANT /*{on cluster}*/ SELECT ON {database:Identifier}.locks TO audit_service;
GRANT /*{on cluster}*/ SELECT ON system.processes TO audit_service;
