package audit

// Attributes that the bundle adds. What a sender puts under one of these names is removed on receipt: see [Derived].
const (
	// AttrReceivedTime is when the receiver took the record, in nanoseconds since the Unix epoch (int). It travels with
	// the record, so that an insert that is repeated after a restart repeats the same bytes.
	AttrReceivedTime = "audit.received_time"
	// AttrReceivedHash is the SHA-256 of the record as received, in hex (string), where a profile has mapped it since: see
	// [Event.AppendCanonical]. It goes from the receiver to the processor, which makes a keyed hash of it and takes it off.
	AttrReceivedHash = "audit.received_hash"
	// AttrQuarantineReason says that the record is no event that can be stored, and is on its way to quarantine (string): see
	// [QuarantineUnexplained] and the other one.
	AttrQuarantineReason = "audit.quarantine.reason"
	// AttrQuarantineField is the field that the reason is about (string).
	AttrQuarantineField = "audit.quarantine.field"

	// AttrSequenceWarning is what the receiver found wrong with the record's place in its stream (string): see
	// [SequenceGap] and the others.
	AttrSequenceWarning = "audit.sequence.warning"

	// AttrQueryRepresentation is the privacy-safe query: shape kept, every literal replaced (string).
	AttrQueryRepresentation = "audit.query.representation"
	// AttrQueryFingerprint is the same for the same shape of query (string, 16 hex digits).
	AttrQueryFingerprint = "audit.query.fingerprint"
	// AttrQuerySummary is the low-cardinality summary (string, at most 255 characters, semantic conventions).
	AttrQuerySummary = "db.query.summary"

	// AttrPromptRepresentation is the privacy-safe form of a prompt (string).
	AttrPromptRepresentation = "audit.ai.prompt.representation"
	// AttrPromptLength is the prompt's length in bytes (int).
	AttrPromptLength = "audit.ai.prompt.length"
	// AttrPromptFingerprint is a keyed hash of the prompt (string).
	AttrPromptFingerprint = "audit.ai.prompt.fingerprint"

	// AttrErrorFingerprint is the same for the same stack trace (string, 16 hex digits, keyed).
	AttrErrorFingerprint = "audit.error.fingerprint"

	// AttrActorEnrichment says how the look-up of the actor ended (string): see [EnrichmentHit] and the others.
	AttrActorEnrichment = "audit.actor.enrichment"
	// AttrActorDirectory names the directory that answered (string).
	AttrActorDirectory = "audit.actor.directory"
	// AttrDirectoryName is the person's name as the directory knows it (string).
	AttrDirectoryName = "audit.directory.name"
	// AttrDirectoryEmail is the e-mail address as the directory knows it (string).
	AttrDirectoryEmail = "audit.directory.email"
	// AttrDirectoryRoles are the roles the directory knows (string[]).
	AttrDirectoryRoles = "audit.directory.roles"
	// AttrDirectoryGroups are the groups or teams the directory knows (string[]).
	AttrDirectoryGroups = "audit.directory.groups"
	// AttrDirectoryDepartment is the department the directory knows (string).
	AttrDirectoryDepartment = "audit.directory.department"
	// AttrDirectoryActive says whether the account is active (bool).
	AttrDirectoryActive = "audit.directory.active"

	// AttrDirectoryChange marks a record that is no event but something that a directory says anew, for the table `users`
	// (string): see [DirectoryPresent] and the others.
	AttrDirectoryChange = "audit.directory.change"
	// AttrDirectoryValidFrom is since when it holds, in nanoseconds since the Unix epoch (int).
	AttrDirectoryValidFrom = "audit.directory.valid_from"
	// AttrDirectoryValidTo is until when it held, in nanoseconds since the Unix epoch (int); missing where that is open.
	AttrDirectoryValidTo = "audit.directory.valid_to"

	// AttrCaptureLevel is how much the policy lets through (string): none, metadata, standard, verbose or custom.
	AttrCaptureLevel = "audit.capture.level"
	// AttrSampleRate is the share of such events that is kept (double, over 0 and at most 1).
	AttrSampleRate = "audit.sample.rate"
	// AttrRetentionDays is how many days the event is kept (int); 0 means without limit.
	AttrRetentionDays = "audit.retention.days"

	// AttrRecordHash is the keyed hash of the record as received (string): see [Event.AppendCanonical].
	AttrRecordHash = "audit.record.hash"
	// AttrRedactionOutcome is clean, redacted, coarse or withheld (string).
	AttrRedactionOutcome = "audit.redaction.outcome"
	// AttrRedactionReason is a fixed code that says why (string).
	AttrRedactionReason = "audit.redaction.reason"
	// AttrRedactionPolicy is the name and version of the policy that was applied (string).
	AttrRedactionPolicy = "audit.redaction.policy"
	// AttrWithheld holds what no rule names, each value as a stand-in that gives type, length and keyed hash (map).
	AttrWithheld = "audit.withheld"
)

// Values of [AttrDirectoryChange].
const (
	// DirectoryPresent: the user was seen to be there like this.
	DirectoryPresent = "present"
	// DirectoryDated: the directory itself says that the user was like this during that time.
	DirectoryDated = "dated"
	// DirectoryRemoved: the user was seen to be there no longer.
	DirectoryRemoved = "removed"
	// DirectorySnapshot: who was not said to be present at that time was there no longer. It is about no user.
	DirectorySnapshot = "snapshot"
)

// RoomForDerived is how many attributes a list of a record's attributes needs room for beyond those that came, to take what the
// bundle adds to most records. The receiver makes lists with that room, and the processor counts on it: were it to ask for one
// more, every list would be copied into a new one, which was a quarter of all that was allocated. A record that gets more, such
// as one with a full entry of a directory and a query, has its list grown.
const RoomForDerived = 18

// Derived reports whether name is an attribute that only this bundle may set. A sender that could set one could claim
// a directory entry, a retention or a clean redaction for itself, so the receiver removes them.
func Derived(name string) bool {
	if n := len(name); n == 0 || n >= len(derivedEnds) || !derivedEnds[len(name)][name[len(name)-1]&0x7f] {
		return false
	}
	d := find(name)
	return d != nil && d.Derived
}

// derivedEnds holds which last letters derived names of each length have. It is asked of every attribute of every record,
// several times, and mostly says no.
var derivedEnds = func() (ends [64][128]bool) {
	for _, d := range attributes {
		if d.Derived {
			ends[len(d.Name)][d.Name[len(d.Name)-1]] = true
		}
	}
	return ends
}()
