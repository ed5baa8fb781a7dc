package redact

import (
	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/query"
)

// Reason says what was done to a record, and so its outcome. Reasons are ordered: of two the greater is the worse, and max gives
// the one to report.
type Reason uint8

// Reasons, by outcome from the least to the most. Of [QueryCoarse] and [QueryWithheld] there is one for each of causes: see
// queryReason.
const (
	Clean Reason = iota

	LeftOut       // The capture level does not keep an attribute.
	Pseudonymized // A rule asked for the pseudonym of a value.
	Bucketed      // A rule asked for the size of a number only.
	AddressMasked // A rule asked for the network of an address only.
	DroppedByRule // A rule asked for an attribute to be dropped.
	Skeleton      // Values of a map were replaced by their types.
	Stacktrace    // A stack trace was replaced by its fingerprint.
	UnsafeKey     // A key of a map that is no identifier was replaced by its pseudonym.
	PersonalValue // A personal value in a text was replaced by its pseudonym.
	SecretValue   // A secret in a text was replaced by a marker.
	QueryLiterals // A query was stored with its literals replaced.
	PromptMasked  // A prompt was stored with personal values and secrets replaced, as the operator asked.
	QueryCoarse   // Of a query only verb, targets and length were stored.
)

// Reasons to withhold, from here on.
const (
	WithheldByRule = QueryCoarse + Reason(len(causes)) + iota // A rule asked for a value to be withheld.
	PromptWithheld                                            // A prompt was withheld.
	QueryWithheld                                             // A query was withheld: of its text only length and hash were stored.
)

// Reasons to withhold that are worse than that a query cannot be read.
const (
	BodyWithheld    = QueryWithheld + Reason(len(causes)) + iota // The body was withheld: it has no place in the model.
	UnknownName                                                  // An attribute was withheld that no rule names.
	NotANumber                                                   // A value was withheld of which a rule asked for the size, and which is no number.
	NotAnAddress                                                 // A value was withheld of which a rule asked for the network, and which is no address.
	NotAName                                                     // A name or id was withheld that is too long for one or has control characters.
	WrongType                                                    // A value was withheld that does not have the type of its attribute.
	TooDeep                                                      // A value was withheld that is nested deeper than audit.MaxDepth.
	TooLarge                                                     // Values were withheld because the record has more of them than MaxNodes, or one text too many personal values.
	numberOfReasons                                              // Keep last.
)

// causes are the reasons of package query, from the least to the most severe: that a text is cut off or too large says little of
// what is in it, that nobody can read it says that it may be anything, and last come texts that carry data or secrets for certain.
var causes = [...]struct {
	cause query.Reason
	code  string
}{
	{query.ReasonNone, "query_unsupported"}, // a reason that is not in this list, too
	{query.ReasonEmpty, "query_empty"},
	{query.ReasonUnterminated, "query_unterminated"},
	{query.ReasonTooLong, "query_too_long"},
	{query.ReasonTooDeep, "query_too_deep"},
	{query.ReasonLanguage, "query_language_unknown"},
	{query.ReasonNotUTF8, "query_not_utf8"},
	{query.ReasonToken, "query_token_unknown"},
	{query.ReasonNotAQuery, "query_not_a_query"},
	{query.ReasonAmbiguous, "query_dialects_disagree"},
	{query.ReasonInlineData, "query_inline_data"},
	{query.ReasonCredentials, "query_credentials"},
}

// queryReason gives the Reason of a query that is not represented in full. first is [QueryCoarse] or [QueryWithheld].
func queryReason(first Reason, cause query.Reason) Reason {
	for i, c := range causes {
		if c.cause == cause {
			return first + Reason(i)
		}
	}
	return first
}

type meaning struct{ code, outcome string }

var reasons = func() [numberOfReasons]meaning {
	all := [numberOfReasons]meaning{
		Clean:          {"", audit.RedactionClean},
		LeftOut:        {"capture_level", audit.RedactionRedacted},
		Pseudonymized:  {"pseudonymized_by_rule", audit.RedactionRedacted},
		Bucketed:       {"bucketed_by_rule", audit.RedactionRedacted},
		AddressMasked:  {"address_masked_by_rule", audit.RedactionRedacted},
		DroppedByRule:  {"dropped_by_rule", audit.RedactionRedacted},
		Skeleton:       {"skeleton", audit.RedactionRedacted},
		Stacktrace:     {"stacktrace", audit.RedactionRedacted},
		UnsafeKey:      {"unsafe_key", audit.RedactionRedacted},
		PersonalValue:  {"personal_value", audit.RedactionRedacted},
		SecretValue:    {"secret_value", audit.RedactionRedacted},
		QueryLiterals:  {"query_literals", audit.RedactionRedacted},
		PromptMasked:   {"prompt_masked", audit.RedactionRedacted},
		WithheldByRule: {"withheld_by_rule", audit.RedactionWithheld},
		PromptWithheld: {"prompt", audit.RedactionWithheld},
		BodyWithheld:   {"body", audit.RedactionWithheld},
		UnknownName:    {"unknown_attribute", audit.RedactionWithheld},
		NotANumber:     {"not_a_number", audit.RedactionWithheld},
		NotAnAddress:   {"not_an_address", audit.RedactionWithheld},
		NotAName:       {"not_a_name", audit.RedactionWithheld},
		WrongType:      {"wrong_type", audit.RedactionWithheld},
		TooDeep:        {"too_deep", audit.RedactionWithheld},
		TooLarge:       {"too_large", audit.RedactionWithheld},
	}
	for i, c := range causes {
		all[QueryCoarse+Reason(i)] = meaning{c.code, audit.RedactionCoarse}
		all[QueryWithheld+Reason(i)] = meaning{c.code, audit.RedactionWithheld}
	}
	return all
}()

// Code is the fixed text of audit.redaction.reason, empty for [Clean].
func (r Reason) Code() string { return reasons[r].code }

// Outcome is the value of audit.redaction.outcome.
func (r Reason) Outcome() string { return reasons[r].outcome }
