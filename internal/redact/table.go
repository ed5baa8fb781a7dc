package redact

import "github.com/otelaudit/otelaudit/internal/audit"

// freedom says which actions the user's rules may choose for an attribute.
type freedom uint8

const (
	free     freedom = iota // any that fits its type
	required                // any after which it still has a value of its own
	raw                     // withhold or drop: the raw text must never be stored
	fixed                   // none: the stored event would not be one without it
)

// entry is one line of the table.
type entry struct {
	name    string
	action  Action
	freedom freedom
}

// recordTable has every attribute that stands on a record. Those that this bundle sets are fixed; of them only what is set
// before redaction is kept, any other is forged and dropped.
var recordTable = []entry{
	{audit.AttrRecordID, Name, fixed},
	{audit.AttrTenantID, Name, free},
	{audit.AttrWorkspaceID, Name, free},
	{audit.AttrWorkspaceName, Name, free},
	{audit.AttrBranchID, Name, free},
	{audit.AttrBranchName, Name, free},
	{audit.AttrBranchLive, Keep, free},
	{audit.AttrSchemaVersion, Actor, free}, // four numbers of a version look like an address

	{audit.AttrActorID, Actor, required},
	{audit.AttrActorType, Name, fixed},
	{audit.AttrActorOnBehalfOf, Actor, free},
	{audit.AttrUserName, Actor, free},
	{audit.AttrUserFullName, Actor, free},
	{audit.AttrUserEmail, Actor, free},
	{audit.AttrUserRoles, Actor, free},

	{audit.AttrAction, Name, fixed},
	{audit.AttrOutcome, Name, fixed},
	{audit.AttrOutcomeReason, Mask, free},
	{audit.AttrErrorType, Name, free},
	{audit.AttrExceptionMessage, Mask, free},
	{audit.AttrExceptionStacktrace, stackTrace, raw},
	{audit.AttrOrigin, Name, free},
	{audit.AttrMessage, Mask, free},
	{audit.AttrLabels, Name, free},
	{audit.AttrDuration, Keep, free},

	{audit.AttrTargetID, Name, free},
	{audit.AttrTargetType, Name, free},
	{audit.AttrTargetName, Name, free},
	{audit.AttrSourceID, Actor, free},
	{audit.AttrSourceType, Actor, free},
	{audit.AttrClientAddress, Actor, free},
	{audit.AttrUserAgent, Actor, free},
	{audit.AttrSessionID, Actor, free},
	{audit.AttrAuthMethod, Name, free},
	{audit.AttrDetails, SkeletonOf, free},
	{audit.AttrChangeBefore, SkeletonOf, free},
	{audit.AttrChangeAfter, SkeletonOf, free},

	{audit.AttrQueryID, Name, free},
	{audit.AttrQueryText, queryText, raw},
	{audit.AttrQueryLanguage, Name, free},
	{audit.AttrDBSystemName, Name, free},
	{audit.AttrQueryParameters, SkeletonOf, free},
	{audit.AttrGraphQLOperationName, Name, free},
	{audit.AttrGraphQLOperationType, Name, free},
	{audit.AttrQueryCost, Keep, free},
	{audit.AttrQueryBytesScanned, Keep, free},
	{audit.AttrReturnedRows, Keep, free},
	{audit.AttrDatasets, Name, free},
	{audit.AttrIngestBytes, Keep, free},
	{audit.AttrIngestRecords, Keep, free},
	{audit.AttrIngestPeriod, Keep, free},
	{audit.AttrExportRows, Keep, free},
	{audit.AttrExportBytes, Keep, free},
	{audit.AttrExportFormat, Name, free},

	{audit.AttrAIProvider, Name, free},
	{audit.AttrAIModel, Name, free},
	{audit.AttrAIInputTokens, Keep, free},
	{audit.AttrAIOutputTokens, Keep, free},
	{audit.AttrAIFeature, Name, free},
	{audit.AttrAIPrompt, promptText, raw},
	{audit.AttrFunctionName, Name, free},
	{audit.AttrFunctionInputs, SkeletonOf, free},
	{audit.AttrFunctionOutputs, SkeletonOf, free},

	{audit.AttrSequenceNumber, Keep, free},
	{audit.AttrSequencePrevHash, Name, free},
	{audit.AttrIntegrityValue, Name, free},

	{audit.AttrReceivedTime, Keep, fixed},
	{audit.AttrReceivedHash, Drop, fixed},
	{audit.AttrQuarantineReason, Name, fixed},
	{audit.AttrQuarantineField, Name, fixed},
	{audit.AttrSequenceWarning, Name, fixed},
	{audit.AttrRecordHash, Name, fixed},
	{audit.AttrActorEnrichment, Name, fixed},
	{audit.AttrActorDirectory, Name, fixed},
	{audit.AttrDirectoryName, Actor, free},
	{audit.AttrDirectoryEmail, Actor, free},
	{audit.AttrDirectoryRoles, Actor, free},
	{audit.AttrDirectoryGroups, Actor, free},
	{audit.AttrDirectoryDepartment, Actor, free},
	{audit.AttrDirectoryActive, Keep, free},
	{audit.AttrDirectoryChange, Name, fixed},
	{audit.AttrDirectoryValidFrom, Keep, fixed},
	{audit.AttrDirectoryValidTo, Keep, fixed},

	{audit.AttrQueryRepresentation, Drop, fixed},
	{audit.AttrQueryFingerprint, Drop, fixed},
	{audit.AttrQuerySummary, Drop, fixed},
	{audit.AttrPromptRepresentation, Drop, fixed},
	{audit.AttrPromptLength, Drop, fixed},
	{audit.AttrPromptFingerprint, Drop, fixed},
	{audit.AttrErrorFingerprint, Drop, fixed},
	{audit.AttrCaptureLevel, Drop, fixed},
	{audit.AttrSampleRate, Drop, fixed},
	{audit.AttrRetentionDays, Drop, fixed},
	{audit.AttrRedactionOutcome, Drop, fixed},
	{audit.AttrRedactionReason, Drop, fixed},
	{audit.AttrRedactionPolicy, Drop, fixed},
	{audit.AttrWithheld, Drop, fixed},
}

// resourceTable has every attribute of the conventions that stands on a resource.
var resourceTable = []entry{
	{audit.AttrServiceName, Name, required},
	{audit.AttrServiceVersion, Actor, free},
	{audit.AttrEnvironment, Name, free},
	{audit.AttrProfile, Name, free},
	{audit.AttrIntegrityAlgorithm, Name, free},
	{audit.AttrIntegrityCertificate, Name, free},
}

// sdkTable has the resource attributes that OpenTelemetry SDKs and their detectors send of themselves, all strings. Without it
// hardly any record would be clean. What may carry arguments, environment or labels of a user's choice is not in it.
var sdkTable = []entry{
	{"telemetry.sdk.name", Name, free},
	{"telemetry.sdk.language", Name, free},
	{"telemetry.sdk.version", Actor, free},
	{"telemetry.distro.name", Name, free},
	{"telemetry.distro.version", Actor, free},
	{"service.namespace", Name, free},
	{"service.instance.id", Name, free},
	{"host.name", Name, free},
	{"host.id", Name, free},
	{"host.arch", Name, free},
	{"os.type", Name, free},
	{"os.name", Name, free},
	{"os.version", Actor, free},
	{"process.runtime.name", Name, free},
	{"process.runtime.version", Actor, free},
	{"container.id", Name, free},
	{"container.name", Name, free},
	{"k8s.cluster.name", Name, free},
	{"k8s.namespace.name", Name, free},
	{"k8s.node.name", Name, free},
	{"k8s.pod.name", Name, free},
	{"k8s.pod.uid", Name, free},
	{"k8s.container.name", Name, free},
	{"k8s.deployment.name", Name, free},
	{"cloud.provider", Name, free},
	{"cloud.platform", Name, free},
	{"cloud.region", Name, free},
	{"cloud.availability_zone", Name, free},
	{"cloud.account.id", Name, free},
}
