package query

// Language is a query language, as audit.query.language names it.
type Language string

// Languages. Any other value is treated as [Other].
const (
	APL     Language = "apl" // Axiom's APL and Kusto's KQL
	SQL     Language = "sql"
	OPAL    Language = "opal"
	GraphQL Language = "graphql"
	PromQL  Language = "promql"
	LogQL   Language = "logql"
	Other   Language = "other" // withheld
)

// Outcome says how much of a query is represented.
type Outcome uint8

// Outcomes, from the most to the least that is told. The zero value tells nothing, so that a forgotten outcome withholds.
const (
	Withheld Outcome = iota // nothing but the length
	Coarse                  // verb, targets and length
	Redacted                // the whole shape, at least one value replaced
	Clean                   // the whole shape, and there was no value to replace
)

// String is the value of audit.redaction.outcome.
func (o Outcome) String() string {
	return [...]string{"withheld", "coarse", "redacted", "clean"}[o]
}

// Reason is a fixed code that says why a query is not represented in full; empty where it is.
type Reason string

// Reasons.
const (
	ReasonNone         Reason = ""
	ReasonLanguage     Reason = "language_unknown"  // no such language, or none was named
	ReasonEmpty        Reason = "empty"             // nothing but white space and comments
	ReasonTooLong      Reason = "too_long"          // longer than [MaxLength]
	ReasonTooDeep      Reason = "too_deep"          // nested deeper than the reader follows
	ReasonNotUTF8      Reason = "not_utf8"          // the text is not UTF-8
	ReasonToken        Reason = "token_unknown"     // a token that the language does not have
	ReasonUnterminated Reason = "unterminated"      // a string, comment or bracket that does not end: truncated input
	ReasonAmbiguous    Reason = "dialects_disagree" // dialects disagree about where a literal ends
	ReasonNotAQuery    Reason = "not_a_query"       // tokens of the language, but no statement of it
	ReasonInlineData   Reason = "inline_data"       // data follows the statement in the same text
	ReasonCredentials  Reason = "credentials"       // a statement whose arguments are secrets
)

// MaxLength is the longest text that is read, in bytes; a longer one is withheld. Reading is linear, so the bound is for
// memory: a [Representer] keeps buffers of about the size of the longest text it has seen.
const MaxLength = 1 << 20

// MaxSummary is the longest summary, in characters (semantic conventions, db.query.summary).
const MaxSummary = 255

// Names says what becomes of the names of tables, columns and other objects.
type Names uint8

// What becomes of names.
const (
	NamesKept          Names = iota // names that look like identifiers stay, digits in them masked; others become pseudonyms
	NamesPseudonymised              // every name that is not on a list of the language becomes a pseudonym
)

// Options of a [Representer].
type Options struct {
	Names Names
	// Pseudonym appends the keyed pseudonym of a name to dst. It must be the same for the same name, contain only
	// letters, digits, ':' and '_', and must not keep name. Required.
	Pseudonym func(dst []byte, name []byte) []byte
}

// Result is what is told of one query. Its byte slices are valid until the next call of Represent.
type Result struct {
	Representation []byte   // empty where nothing but the length is told
	Summary        []byte   // at most MaxSummary characters: verb and targets, by the semantic conventions
	Datasets       [][]byte // datasets, tables, models, metrics or root fields the query names, each once, in order
	Fingerprint    uint64   // same shape, same value; 0 where nothing is represented
	Length         int      // of the text, in bytes
	Outcome        Outcome
	Reason         Reason
}
