package columns

import (
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// Reason is the code for which an event could not become a row of `events`. Codes are stored in `quarantine` and are
// labels of metrics, so they stay.
type Reason string

// Reasons, by who is to mend them: the pipeline (the first two), the sender, the database.
const (
	// ReasonNotRedacted: the record does not say that it was redacted, so nothing is known about what it holds.
	ReasonNotRedacted Reason = "not_redacted"
	// ReasonRawValue: an attribute (or the body) that only ever is stored in a safe form is still there.
	ReasonRawValue Reason = "raw_value"
	// ReasonUnexplained: no action, and no profile that explains the event in the body. Found by the receiver or the
	// processor, which say so in the record.
	ReasonUnexplained Reason = audit.QuarantineUnexplained
	// ReasonInvalid: not what the conventions ask for, found by the processor where it took the record from another receiver.
	ReasonInvalid Reason = audit.QuarantineInvalid
	// ReasonMissing: a field without which a row has no identity or no time.
	ReasonMissing Reason = "missing"
	// ReasonWrongType: an attribute of the conventions with another type than theirs.
	ReasonWrongType Reason = "wrong_type"
	// ReasonOutOfRange: a value that the column cannot hold as it is.
	ReasonOutOfRange Reason = "out_of_range"
	// ReasonTooDeep: nested deeper than [audit.MaxDepth].
	ReasonTooDeep Reason = "too_deep"
	// ReasonDuplicate: the same attribute twice, so that neither can be trusted.
	ReasonDuplicate Reason = "duplicate"
	// ReasonRejected: the database refused the row for what is in it. Not found while encoding, but by package insert.
	ReasonRejected Reason = "rejected_by_database"
)

// Refusal is an event that cannot become a row, and why.
type Refusal struct {
	Event  audit.Event
	Reason Reason
	Field  string // the attribute or field of the record; for an unknown attribute just "attributes", its name may be content
}

// Fields that are not attributes, as a refusal names them.
const (
	fieldTimestamp  = "timestamp"
	fieldObserved   = "observed_timestamp"
	fieldBody       = "body"
	fieldAttributes = "attributes"
	fieldResource   = "resource.attributes"
)

// redacted reports whether a record carries the processor's stamp.
func redacted(attrs pcommon.Map) bool {
	v, ok := attrs.Get(audit.AttrRedactionOutcome)
	if !ok || v.Type() != pcommon.ValueTypeStr {
		return false
	}
	return isRedacted(v.Str())
}

func isRedacted(outcome string) bool {
	switch outcome {
	case audit.RedactionClean, audit.RedactionRedacted, audit.RedactionCoarse, audit.RedactionWithheld:
		return true
	}
	return false
}
