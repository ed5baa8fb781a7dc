-- A call of every view that answers a question, on the events of month.sql. Tests compare what a cluster and a single server
-- answer, and bench/views measures them. Every view of rows over from..to has a call here (not those of one number or text, or of the
-- days before now()); a condition on the tenant is added by who reads this, which is
-- why each ends with the view.

SELECT * FROM {database:Identifier}.high_cost_queries(min_cost = 16000, from = {from:DateTime64(9)}, to = {to:DateTime64(9)});
SELECT * EXCEPT p95_cost FROM {database:Identifier}.monitor_query_load(from = {from:DateTime64(9)}, to = {to:DateTime64(9)});
SELECT * FROM {database:Identifier}.dataset_usage(from = {from:DateTime64(9)}, to = {to:DateTime64(9)});
SELECT * FROM {database:Identifier}.dataset_sets(from = {from:DateTime64(9)}, to = {to:DateTime64(9)});
SELECT * FROM {database:Identifier}.ingest_by_dataset(bin_seconds = 86400, from = {from:DateTime64(9)}, to = {to:DateTime64(9)});
SELECT * FROM {database:Identifier}.ingest_total(bin_seconds = 3600, from = {from:DateTime64(9)}, to = {to:DateTime64(9)});
SELECT * FROM {database:Identifier}.query_sources(from = {from:DateTime64(9)}, to = {to:DateTime64(9)});
SELECT * FROM {database:Identifier}.query_origins(fingerprint = lower(hex(sipHash64(toUInt16(7)))), from = {from:DateTime64(9)}, to = {to:DateTime64(9)});
SELECT * FROM {database:Identifier}.operations_by_target(from = {from:DateTime64(9)}, to = {to:DateTime64(9)});
SELECT * FROM {database:Identifier}.object_history(target_type = 'monitor', target_id = 'monitor-12', from = {from:DateTime64(9)}, to = {to:DateTime64(9)});
SELECT * FROM {database:Identifier}.user_operations(from = {from:DateTime64(9)}, to = {to:DateTime64(9)});
SELECT * FROM {database:Identifier}.content_popularity(from = {from:DateTime64(9)}, to = {to:DateTime64(9)});
SELECT * FROM {database:Identifier}.logins(from = {from:DateTime64(9)}, to = {to:DateTime64(9)});
SELECT * FROM {database:Identifier}.failed_logins(threshold = 5, from = {from:DateTime64(9)}, to = {to:DateTime64(9)});
SELECT * FROM {database:Identifier}.llm_usage(from = {from:DateTime64(9)}, to = {to:DateTime64(9)});
SELECT * FROM {database:Identifier}.search(text = '', type = '', user = '', label = '', target = '', workspace = '', branch = '', from = '', to = '', tenant = 'org-1', sort = 'newest', after = '', page_size = 50);
SELECT * FROM {database:Identifier}.active_actors(from = {from:DateTime64(9)}, to = {to:DateTime64(9)});
SELECT * FROM {database:Identifier}.critical_changes(from = {from:DateTime64(9)}, to = {to:DateTime64(9)});
SELECT * FROM {database:Identifier}.compliance_report(from = {from:DateTime64(9)}, to = {to:DateTime64(9)});
SELECT * FROM {database:Identifier}.security_events(from = {from:DateTime64(9)}, to = {to:DateTime64(9)});
SELECT * FROM {database:Identifier}.team_activity(from = {from:DateTime64(9)}, to = {to:DateTime64(9)});
SELECT * FROM {database:Identifier}.unauthenticated_audit_logs(num = 100, startTime = '2026-10-03', endTime = '2026-10-20', cursor = '', tenant = 'org-1');
SELECT * FROM {database:Identifier}.authenticated_audit_logs(num = 100, startTime = '2026-10-03', endTime = '2026-10-20', cursor = '', tenant = 'org-1');
SELECT * FROM {database:Identifier}.exporter_audit_logs(num = 100, startTime = '2026-10-03', endTime = '2026-10-20', cursor = '', tenant = 'org-1');
SELECT * FROM {database:Identifier}.function_usage(from = {from:DateTime64(9)}, to = {to:DateTime64(9)});
SELECT * FROM {database:Identifier}.errors(from = {from:DateTime64(9)}, to = {to:DateTime64(9)});
SELECT * FROM {database:Identifier}.dataset_history(dataset = 'monitor-12', from = {from:DateTime64(9)}, to = {to:DateTime64(9)});
SELECT * REPLACE (round(total_seconds, 6) AS total_seconds, round(avg_seconds, 9) AS avg_seconds) FROM {database:Identifier}.operation_durations(from = {from:DateTime64(9)}, to = {to:DateTime64(9)});
SELECT * EXCEPT nearest_group REPLACE (round(similarity, 9) AS similarity) FROM {database:Identifier}.usage_profiles(from = {from:DateTime64(9)}, to = {to:DateTime64(9)});
SELECT * FROM {database:Identifier}.usage_patterns(from = {from:DateTime64(9)}, to = {to:DateTime64(9)});
