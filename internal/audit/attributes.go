package audit

// Identity of the record.
const (
	// AttrRecordID is the idempotency key of the event, stable over the sender's retries (string, OTEP 0267). The
	// receiver assigns a UUIDv7 where an OTLP sender gave none.
	AttrRecordID = "audit.record.id"
	// AttrTenantID is the organisation or tenant (string, otelaudit). Empty means the single tenant [DefaultTenant].
	AttrTenantID = "audit.tenant.id"
	// AttrWorkspaceID is the workspace inside the tenant (string, otelaudit).
	AttrWorkspaceID = "audit.workspace.id"
	// AttrWorkspaceName is the display name of the workspace (string, otelaudit).
	AttrWorkspaceName = "audit.workspace.name"
	// AttrBranchID is the development branch the action happened on (string, otelaudit).
	AttrBranchID = "audit.branch.id"
	// AttrBranchName is the display name of the branch (string, otelaudit).
	AttrBranchName = "audit.branch.name"
	// AttrBranchLive says whether the branch is the live one (bool, otelaudit).
	AttrBranchLive = "audit.branch.live"
	// AttrSchemaVersion is the version of the conventions the event was written to (string, OTEP 0267).
	AttrSchemaVersion = "audit.schema.version"
)

// DefaultTenant is the tenant of an event that names none.
const DefaultTenant = "default"

// Who acted.
const (
	// AttrActorID identifies who acted (string, OTEP 0267, required): "anonymous" or "unknown" where not known.
	AttrActorID = "audit.actor.id"
	// AttrActorType is one of [ActorUser], [ActorService], [ActorSystem] (string, OTEP 0267, required).
	AttrActorType = "audit.actor.type"
	// AttrActorOnBehalfOf is whom the actor impersonates (string, otelaudit).
	AttrActorOnBehalfOf = "audit.actor.on_behalf_of"
	// AttrUserName is the login name as the application claims it (string, semantic conventions).
	AttrUserName = "user.name"
	// AttrUserFullName is the person's name as the application claims it (string, semantic conventions).
	AttrUserFullName = "user.full_name"
	// AttrUserEmail is the e-mail address as the application claims it (string, semantic conventions).
	AttrUserEmail = "user.email"
	// AttrUserRoles are the roles as the application claims them (string[], semantic conventions).
	AttrUserRoles = "user.roles"
)

// What was done.
const (
	// AttrAction is the upper-case verb of the action (string, OTEP 0267, required), see [ActionCreate] and the others.
	AttrAction = "audit.action"
	// AttrOutcome is one of [OutcomeSuccess], [OutcomeFailure], [OutcomeUnknown] (string, OTEP 0267, required).
	AttrOutcome = "audit.outcome"
	// AttrOutcomeReason says why the action ended as it did (string, otelaudit): free text, masked before it is stored.
	AttrOutcomeReason = "audit.outcome.reason"
	// AttrErrorType is the class of the error (string, semantic conventions).
	AttrErrorType = "error.type"
	// AttrExceptionMessage is the error's message (string, semantic conventions): free text, masked before it is stored.
	AttrExceptionMessage = "exception.message"
	// AttrExceptionStacktrace is the stack trace (string, semantic conventions): only its fingerprint is stored.
	AttrExceptionStacktrace = "exception.stacktrace"
	// AttrOrigin is where the request came from (string, otelaudit), see [OriginMonitor] and the others.
	AttrOrigin = "audit.origin"
	// AttrMessage is the product's one-line summary (string, otelaudit): free text, masked before it is stored.
	AttrMessage = "audit.message"
	// AttrLabels are the event's categories (string[], otelaudit).
	AttrLabels = "audit.labels"
	// AttrDuration is how long the action took, in seconds (double, otelaudit).
	AttrDuration = "audit.duration"
)

// What was acted upon, and from where.
const (
	// AttrTargetID identifies what was acted upon (string, OTEP 0267).
	AttrTargetID = "audit.target.id"
	// AttrTargetType classifies it: dataset, monitor, dashboard, table … (string, OTEP 0267).
	AttrTargetType = "audit.target.type"
	// AttrTargetName is its display name (string, otelaudit).
	AttrTargetName = "audit.target.name"
	// AttrSourceID is where the actor came from, an address for network actions (string, OTEP 0267).
	AttrSourceID = "audit.source.id"
	// AttrSourceType classifies the source: ipv4, ipv6, host … (string, OTEP 0267).
	AttrSourceType = "audit.source.type"
	// AttrClientAddress is the address of the client (string, semantic conventions).
	AttrClientAddress = "client.address"
	// AttrUserAgent is the client's User-Agent header (string, semantic conventions).
	AttrUserAgent = "user_agent.original"
	// AttrSessionID is the session the actor was in (string, semantic conventions).
	AttrSessionID = "session.id"
	// AttrAuthMethod is how the actor logged in: saml, local, oidc, api_token … (string, otelaudit).
	AttrAuthMethod = "audit.auth.method"
	// AttrDetails is what else the product says of the target (map, otelaudit): kept as a skeleton.
	AttrDetails = "audit.details"
	// AttrChangeBefore is the state before a change (map, otelaudit): kept as a skeleton.
	AttrChangeBefore = "audit.change.before"
	// AttrChangeAfter is the state after a change (map, otelaudit): kept as a skeleton.
	AttrChangeAfter = "audit.change.after"
)

// Queries, ingest and export.
const (
	// AttrQueryID joins the events of one execution (string, otelaudit).
	AttrQueryID = "audit.query.id"
	// AttrQueryText is the raw query text (string, semantic conventions): it enters, and never leaves the processor.
	AttrQueryText = "db.query.text"
	// AttrQueryLanguage is apl, sql, opal, graphql, promql, logql, xano or other (string, otelaudit).
	AttrQueryLanguage = "audit.query.language"
	// AttrDBSystemName refines the dialect of a SQL query (string, semantic conventions).
	AttrDBSystemName = "db.system.name"
	// AttrQueryParameters are the variables passed with the query (map, otelaudit): kept as a skeleton.
	AttrQueryParameters = "audit.query.parameters"
	// AttrGraphQLOperationName is the operation's name as the client claims it (string, semantic conventions): never to be
	// trusted for a security decision.
	AttrGraphQLOperationName = "graphql.operation.name"
	// AttrGraphQLOperationType is query, mutation or subscription (string, semantic conventions).
	AttrGraphQLOperationType = "graphql.operation.type"
	// AttrQueryCost is the cost of the query in query units, GB·ms (double, otelaudit).
	AttrQueryCost = "audit.query.cost"
	// AttrQueryBytesScanned is how many bytes of storage were read (int, otelaudit).
	AttrQueryBytesScanned = "audit.query.bytes_scanned"
	// AttrReturnedRows is how many rows the query returned (int, semantic conventions).
	AttrReturnedRows = "db.response.returned_rows"
	// AttrDatasets are the datasets, tables or models touched (string[], otelaudit).
	AttrDatasets = "audit.datasets"
	// AttrIngestBytes is how many bytes went into the dataset named by [AttrTargetID] during the period that ends at the
	// event's timestamp (int, otelaudit).
	AttrIngestBytes = "audit.ingest.bytes"
	// AttrIngestRecords is how many records did (int, otelaudit).
	AttrIngestRecords = "audit.ingest.records"
	// AttrIngestPeriod is the length of that period in seconds (double, otelaudit), [DefaultIngestPeriod] where missing.
	AttrIngestPeriod = "audit.ingest.period"
	// AttrExportRows is how many rows left the system (int, otelaudit).
	AttrExportRows = "audit.export.rows"
	// AttrExportBytes is how many bytes left the system (int, otelaudit).
	AttrExportBytes = "audit.export.bytes"
	// AttrExportFormat is the format of the export: csv, json, parquet … (string, otelaudit).
	AttrExportFormat = "audit.export.format"
)

// DefaultIngestPeriod is the ingest period in seconds of an event that names none.
const DefaultIngestPeriod = 3600.0

// Model calls and function runs.
const (
	// AttrAIProvider is the provider of the model (string, semantic conventions).
	AttrAIProvider = "gen_ai.provider.name"
	// AttrAIModel is the model that was asked for (string, semantic conventions).
	AttrAIModel = "gen_ai.request.model"
	// AttrAIInputTokens is how many tokens the prompt had (int, semantic conventions).
	AttrAIInputTokens = "gen_ai.usage.input_tokens"
	// AttrAIOutputTokens is how many tokens the answer had (int, semantic conventions).
	AttrAIOutputTokens = "gen_ai.usage.output_tokens"
	// AttrAIFeature is the product feature that called the model (string, otelaudit).
	AttrAIFeature = "audit.ai.feature"
	// AttrAIPrompt is the raw prompt (string, otelaudit): it enters, and never leaves the processor.
	AttrAIPrompt = "audit.ai.prompt"
	// AttrFunctionName is the function, script or job that ran (string, otelaudit).
	AttrFunctionName = "audit.function.name"
	// AttrFunctionInputs are the run's inputs (map, otelaudit): kept as a skeleton.
	AttrFunctionInputs = "audit.function.inputs"
	// AttrFunctionOutputs are the run's outputs (map, otelaudit): kept as a skeleton.
	AttrFunctionOutputs = "audit.function.outputs"
)

// Integrity, as the producer claims it.
const (
	// AttrSequenceNumber counts the records of one stream from 1 (int, OTEP 0267).
	AttrSequenceNumber = "audit.sequence.number"
	// AttrSequencePrevHash is the hash of the record before (string, OTEP 0267).
	AttrSequencePrevHash = "audit.sequence.prev_hash"
	// AttrIntegrityValue is the producer's signature or HMAC (string, base64, OTEP 0267).
	AttrIntegrityValue = "audit.integrity.value"
)

// Resource attributes.
const (
	// AttrServiceName names the application (string, semantic conventions, required).
	AttrServiceName = "service.name"
	// AttrServiceVersion is its version (string, semantic conventions).
	AttrServiceVersion = "service.version"
	// AttrEnvironment is where it is deployed: production, staging … (string, semantic conventions).
	AttrEnvironment = "deployment.environment.name"
	// AttrProfile is the product the event came from: axiom, observe, xano, datagrok, arize (string, otelaudit); empty for
	// events that are canonical already.
	AttrProfile = "audit.profile"
	// AttrIntegrityAlgorithm is the algorithm of [AttrIntegrityValue] (string, OTEP 0267).
	AttrIntegrityAlgorithm = "audit.integrity.algorithm"
	// AttrIntegrityCertificate refers to the key of [AttrIntegrityValue] (string, OTEP 0267).
	AttrIntegrityCertificate = "audit.integrity.certificate"
)
