package audit

import (
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
)

// Facts are what a receiver asks of every record, read in one pass with its validation ([Facts.Read]). A text is empty where
// the attribute is missing.
type Facts struct {
	RecordID  string
	TenantID  string
	Signature string // audit.integrity.value
	PrevHash  string // audit.sequence.prev_hash
	Number    int64  // audit.sequence.number
	Sequenced bool   // it has a number
	Derived   bool   // it has an attribute that only this bundle sets

	actorID, actorType, action, outcome string
}

// ReadAttributes notes the same of a record that is no event, and checks no more than its attributes.
func (f *Facts) ReadAttributes(record plog.LogRecord) *FieldError {
	*f = Facts{}
	return checkAttributes(record.Attributes(), false, f)
}

// notes say which attributes become facts.
var notes = map[string]func(*Facts, pcommon.Value){
	AttrRecordID:         func(f *Facts, v pcommon.Value) { f.RecordID = v.Str() },
	AttrTenantID:         func(f *Facts, v pcommon.Value) { f.TenantID = v.Str() },
	AttrActorID:          func(f *Facts, v pcommon.Value) { f.actorID = v.Str() },
	AttrActorType:        func(f *Facts, v pcommon.Value) { f.actorType = v.Str() },
	AttrAction:           func(f *Facts, v pcommon.Value) { f.action = v.Str() },
	AttrOutcome:          func(f *Facts, v pcommon.Value) { f.outcome = v.Str() },
	AttrIntegrityValue:   func(f *Facts, v pcommon.Value) { f.Signature = v.Str() },
	AttrSequencePrevHash: func(f *Facts, v pcommon.Value) { f.PrevHash = v.Str() },
	AttrSequenceNumber:   func(f *Facts, v pcommon.Value) { f.Number, f.Sequenced = v.Int(), true },
}

// checkRequired gives what is missing, or not of its closed list.
func (f *Facts) checkRequired() *FieldError {
	switch {
	case f.action == "":
		return missing(AttrAction)
	case f.outcome == "":
		return missing(AttrOutcome)
	case f.actorID == "":
		return missing(AttrActorID)
	case f.actorType == "":
		return missing(AttrActorType)
	case !isVerb(f.action):
		return invalid(AttrAction, "must be an upper-case verb of at most 64 of A-Z, 0-9 and _, such as CREATE")
	}
	switch f.outcome {
	case OutcomeSuccess, OutcomeFailure, OutcomeUnknown:
	default:
		return invalid(AttrOutcome, "must be success, failure or unknown")
	}
	switch f.actorType {
	case ActorUser, ActorService, ActorSystem:
	default:
		return invalid(AttrActorType, "must be user, service or system")
	}
	return nil
}
