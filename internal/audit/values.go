package audit

// Outcomes of an action ([AttrOutcome]).
const (
	OutcomeSuccess = "success" // The action did what it was meant to do.
	OutcomeFailure = "failure" // It did not, or was refused.
	OutcomeUnknown = "unknown" // The application cannot tell.
)

// Types of actor ([AttrActorType]).
const (
	ActorUser    = "user"    // A person.
	ActorService = "service" // A program with credentials of its own.
	ActorSystem  = "system"  // The product itself.
)

// Names of an actor who is not known ([AttrActorID]).
const (
	ActorAnonymous     = "anonymous" // Nobody logged in.
	ActorNotIdentified = "unknown"   // Somebody, but the application cannot tell who.
)

// Verbs of [AttrAction]. The list is open: any upper-case verb is taken.
const (
	ActionCreate  = "CREATE"
	ActionRead    = "READ"
	ActionUpdate  = "UPDATE"
	ActionDelete  = "DELETE"
	ActionEnable  = "ENABLE"
	ActionDisable = "DISABLE"
	ActionRestore = "RESTORE"
	ActionLogin   = "LOGIN"
	ActionLogout  = "LOGOUT"
	ActionExecute = "EXECUTE" // A query, function, script or job ran.
	ActionExport  = "EXPORT"  // Data left the system.
	ActionImport  = "IMPORT"
	ActionInvoke  = "INVOKE" // A model was called.
	ActionShare   = "SHARE"
	ActionUnshare = "UNSHARE"
	ActionNotify  = "NOTIFY" // The product told somebody: a mail, a webhook, a page.
	ActionReport  = "REPORT" // The product reports a measure, such as an hour's ingest.
)

// Origins of a request ([AttrOrigin]).
const (
	OriginMonitor   = "monitor"
	OriginDirect    = "direct"
	OriginDashboard = "dashboard"
	OriginSchedule  = "schedule"
	OriginAPI       = "api"
	OriginUI        = "ui"
	OriginSystem    = "system"
)

// Why a record is no event that can be stored ([AttrQuarantineReason]).
const (
	QuarantineUnexplained = "unexplained" // It has no action, and no profile explains the event in its body.
	QuarantineInvalid     = "invalid"     // It is not what the conventions ask for, and nobody was there who could be told.
)

// IsQuarantineReason reports whether a text is one of them.
func IsQuarantineReason(text string) bool {
	return text == QuarantineUnexplained || text == QuarantineInvalid
}

// Breaks in the sequence that a producer gives its records ([AttrSequenceWarning]).
const (
	SequenceGap      = "gap"       // Numbers are missing before this one.
	SequenceRepeat   = "repeat"    // Another record had this number.
	SequenceOrder    = "order"     // It came after a higher number, or its number is below 1.
	SequenceRestart  = "restart"   // The stream begins again at 1.
	SequencePrevHash = "prev_hash" // It names another record as its predecessor than the one that came.
)

// IsSequenceWarning reports whether a text is one of the breaks in a sequence.
func IsSequenceWarning(text string) bool {
	switch text {
	case SequenceGap, SequenceRepeat, SequenceOrder, SequenceRestart, SequencePrevHash:
		return true
	}
	return false
}

// How the look-up of an actor ended ([AttrActorEnrichment]).
const (
	EnrichmentHit   = "hit"   // The directory knows the actor.
	EnrichmentMiss  = "miss"  // It does not.
	EnrichmentStale = "stale" // It did when it last answered.
	EnrichmentError = "error" // It could not be asked.
)

// What redaction did to a record ([AttrRedactionOutcome]), from the least to the most.
const (
	RedactionClean    = "clean"    // Nothing had to be changed.
	RedactionRedacted = "redacted" // Values were replaced, the shape is whole.
	RedactionCoarse   = "coarse"   // Verb, targets and length only.
	RedactionWithheld = "withheld" // Nothing of at least one value is kept but type, length and keyed hash.
)
