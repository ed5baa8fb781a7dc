package redact

import "github.com/otelaudit/otelaudit/internal/audit"

// Reason says what was done to a record, and so its outcome. Reasons are ordered: of two the greater is the worse, and max gives
// the one to report.
type Reason uint8

// Reasons, by outcome from the least to the most.
const (
	Clean Reason = iota

	Pseudonymized   // A rule asked for the pseudonym of a value.
	DroppedByRule   // A rule asked for an attribute to be dropped.
	Skeleton        // Values of a map were replaced by their types.
	Stacktrace      // A stack trace was replaced by its fingerprint.
	UnsafeKey       // A key of a map that is no identifier was replaced by its pseudonym.
	PersonalValue   // A personal value in a text was replaced by its pseudonym.
	SecretValue     // A secret in a text was replaced by a marker.
	QueryLiterals   // A query was stored with its literals replaced.
	PromptMasked    // A prompt was stored with personal values and secrets replaced, as the operator asked.
	QueryCoarse     // Of a query only verb, targets and length were stored.
	WithheldByRule  // A rule asked for a value to be withheld.
	PromptWithheld  // A prompt was withheld.
	QueryWithheld   // A query was withheld, because nothing that makes it safe understands it.
	BodyWithheld    // The body was withheld: it has no place in the model.
	UnknownName     // An attribute was withheld that no rule names.
	NotAName        // A name or id was withheld that is too long for one or has control characters.
	WrongType       // A value was withheld that does not have the type of its attribute.
	TooDeep         // A value was withheld that is nested deeper than audit.MaxDepth.
	TooLarge        // Values were withheld because the record has more of them than MaxNodes, or one text too many personal values.
	numberOfReasons // Keep last.
)

var reasons = [numberOfReasons]struct{ code, outcome string }{
	Clean:          {"", audit.RedactionClean},
	Pseudonymized:  {"pseudonymized_by_rule", audit.RedactionRedacted},
	DroppedByRule:  {"dropped_by_rule", audit.RedactionRedacted},
	Skeleton:       {"skeleton", audit.RedactionRedacted},
	Stacktrace:     {"stacktrace", audit.RedactionRedacted},
	UnsafeKey:      {"unsafe_key", audit.RedactionRedacted},
	PersonalValue:  {"personal_value", audit.RedactionRedacted},
	SecretValue:    {"secret_value", audit.RedactionRedacted},
	QueryLiterals:  {"query_literals", audit.RedactionRedacted},
	PromptMasked:   {"prompt_masked", audit.RedactionRedacted},
	QueryCoarse:    {"query_coarse", audit.RedactionCoarse},
	WithheldByRule: {"withheld_by_rule", audit.RedactionWithheld},
	PromptWithheld: {"prompt", audit.RedactionWithheld},
	QueryWithheld:  {"query_unsupported", audit.RedactionWithheld},
	BodyWithheld:   {"body", audit.RedactionWithheld},
	UnknownName:    {"unknown_attribute", audit.RedactionWithheld},
	NotAName:       {"not_a_name", audit.RedactionWithheld},
	WrongType:      {"wrong_type", audit.RedactionWithheld},
	TooDeep:        {"too_deep", audit.RedactionWithheld},
	TooLarge:       {"too_large", audit.RedactionWithheld},
}

// Code is the fixed text of audit.redaction.reason, empty for [Clean].
func (r Reason) Code() string { return reasons[r].code }

// Outcome is the value of audit.redaction.outcome.
func (r Reason) Outcome() string { return reasons[r].outcome }
