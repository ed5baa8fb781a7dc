-- One tenant's rows and no others, in every table that has tenants, and so in every view: a role beside audit_analyst or
-- audit_investigator, which say what columns. Whoever has several such roles sees the rows of each.
--
-- Users without such a role see all tenants, unless the servers' users_without_row_policies_can_read_rows is false.

CREATE ROLE IF NOT EXISTS {role:Identifier} /*{on cluster}*/;

CREATE ROW POLICY IF NOT EXISTS {role:Identifier} /*{on cluster}*/ ON
    {database:Identifier}.events/*{local}*/,
    {database:Identifier}.quarantine/*{local}*/,
    {database:Identifier}.ledger/*{local}*/,
    {database:Identifier}.query_cost_hourly/*{local}*/,
    {database:Identifier}.query_shape_daily/*{local}*/,
    {database:Identifier}.actor_cost_daily/*{local}*/,
    {database:Identifier}.dataset_usage_daily/*{local}*/,
    {database:Identifier}.ingest_hourly/*{local}*/,
    {database:Identifier}.activity_daily/*{local}*/
FOR SELECT USING tenant_id = {tenant:String} TO {role:Identifier};
