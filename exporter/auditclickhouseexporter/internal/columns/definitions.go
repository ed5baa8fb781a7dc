package columns

import "github.com/otelaudit/otelaudit/internal/audit"

// definition is one column of `events`: its name, its type, and the attribute that fills it. Columns without an attribute
// are filled from the record's own fields, see [Encoder].
type definition struct {
	name string
	kind kind
	attr string
}

// definitions lists every column that the exporter writes, in the order of the table. `inserted_at` is not among them:
// the server fills it, so that repeating an insert repeats the same bytes.
var definitions = []definition{
	{"record_id", text, audit.AttrRecordID},
	{"timestamp", instant, ""},
	{"observed_at", instant, ""},
	{"received_at", instant, audit.AttrReceivedTime},
	{"trace_id", hexadecimal, ""},
	{"span_id", hexadecimal, ""},
	{"tenant_id", text, audit.AttrTenantID},
	{"workspace_id", text, audit.AttrWorkspaceID},
	{"workspace_name", text, audit.AttrWorkspaceName},
	{"branch_id", text, audit.AttrBranchID},
	{"branch_name", text, audit.AttrBranchName},
	{"branch_live", boolean, audit.AttrBranchLive},
	{"profile", text, audit.AttrProfile},
	{"service_name", text, audit.AttrServiceName},
	{"service_version", text, audit.AttrServiceVersion},
	{"environment", text, audit.AttrEnvironment},

	{"event_name", text, ""},
	{"message", text, audit.AttrMessage},
	{"action", text, audit.AttrAction},
	{"outcome", text, audit.AttrOutcome},
	{"outcome_reason", text, audit.AttrOutcomeReason}, // or exception.message, see fallbacks
	{"error_type", text, audit.AttrErrorType},
	{"error_fingerprint", text, audit.AttrErrorFingerprint},
	{"origin", text, audit.AttrOrigin},
	{"labels", texts, audit.AttrLabels},
	{"duration_seconds", number, audit.AttrDuration},

	{"actor_id", text, audit.AttrActorID},
	{"actor_type", text, audit.AttrActorType},
	{"actor_on_behalf_of", text, audit.AttrActorOnBehalfOf},
	{"actor_name", text, audit.AttrUserFullName}, // or user.name, see fallbacks
	{"actor_email", text, audit.AttrUserEmail},
	{"actor_roles", texts, audit.AttrUserRoles},
	{"directory_name", text, audit.AttrDirectoryName},
	{"directory_email", text, audit.AttrDirectoryEmail},
	{"directory_roles", texts, audit.AttrDirectoryRoles},
	{"directory_groups", texts, audit.AttrDirectoryGroups},
	{"directory_department", text, audit.AttrDirectoryDepartment},
	{"directory_active", boolean, audit.AttrDirectoryActive},
	{"actor_enrichment", text, audit.AttrActorEnrichment},

	{"target_type", text, audit.AttrTargetType},
	{"target_id", text, audit.AttrTargetID},
	{"target_name", text, audit.AttrTargetName},
	{"source_address", text, audit.AttrClientAddress}, // or audit.source.id, see fallbacks
	{"session_id", text, audit.AttrSessionID},
	{"user_agent", text, audit.AttrUserAgent},
	{"auth_method", text, audit.AttrAuthMethod},

	{"change_before", object, audit.AttrChangeBefore},
	{"change_after", object, audit.AttrChangeAfter},
	{"details", object, audit.AttrDetails},

	{"query_id", text, audit.AttrQueryID},
	{"operation_name", text, audit.AttrGraphQLOperationName},
	{"query_parameters", object, audit.AttrQueryParameters},
	{"query_language", text, audit.AttrQueryLanguage},
	{"query_representation", text, audit.AttrQueryRepresentation},
	{"query_fingerprint", text, audit.AttrQueryFingerprint},
	{"query_summary", text, audit.AttrQuerySummary},
	{"query_cost", number, audit.AttrQueryCost},
	{"query_bytes_scanned", integer, audit.AttrQueryBytesScanned},
	{"returned_rows", integer, audit.AttrReturnedRows},
	{"datasets", texts, audit.AttrDatasets},

	{"ingest_bytes", integer, audit.AttrIngestBytes},
	{"ingest_records", integer, audit.AttrIngestRecords},
	{"ingest_period_seconds", number, audit.AttrIngestPeriod},
	{"export_rows", integer, audit.AttrExportRows},
	{"export_bytes", integer, audit.AttrExportBytes},
	{"export_format", text, audit.AttrExportFormat},

	{"ai_provider", text, audit.AttrAIProvider},
	{"ai_model", text, audit.AttrAIModel},
	{"ai_feature", text, audit.AttrAIFeature},
	{"ai_prompt_representation", text, audit.AttrPromptRepresentation},
	{"ai_prompt_length", integer, audit.AttrPromptLength},
	{"ai_prompt_fingerprint", text, audit.AttrPromptFingerprint},
	{"ai_input_tokens", integer, audit.AttrAIInputTokens},
	{"ai_output_tokens", integer, audit.AttrAIOutputTokens},
	{"function_name", text, audit.AttrFunctionName},
	{"function_inputs", object, audit.AttrFunctionInputs},
	{"function_outputs", object, audit.AttrFunctionOutputs},

	{"redaction_outcome", text, audit.AttrRedactionOutcome},
	{"redaction_reason", text, audit.AttrRedactionReason},
	{"redaction_policy", text, audit.AttrRedactionPolicy},
	{"capture_level", text, audit.AttrCaptureLevel},
	{"sample_rate", share, audit.AttrSampleRate},
	{"attributes", attributeMap, ""},
	{"record_hash", digest, audit.AttrRecordHash},
	{"retention_days", days, audit.AttrRetentionDays},
}

// fallbacks are attributes that fill a column when the attribute it is defined by is missing. When both are there, the
// second one goes to the column `attributes`.
var fallbacks = []struct{ column, attr string }{
	{"actor_name", audit.AttrUserName},
	{"source_address", audit.AttrSourceID},
	{"outcome_reason", audit.AttrExceptionMessage},
}

// marks are the attributes by which a record says that it is to go to quarantine.
var marks = []string{audit.AttrQuarantineReason, audit.AttrQuarantineField}

// raw are the attributes whose values must never be stored: the processor replaces them, so a record that still has one
// was not redacted.
var raw = []string{audit.AttrQueryText, audit.AttrAIPrompt, audit.AttrExceptionStacktrace, audit.AttrReceivedHash}
