package redact

import (
	"github.com/otelaudit/otelaudit/internal/pseudonym"
	"github.com/otelaudit/otelaudit/internal/redact/detect"
)

// Query is what may be stored of a query text.
type Query struct {
	Representation string   // audit.query.representation
	Fingerprint    string   // audit.query.fingerprint, 16 hex digits
	Summary        string   // db.query.summary, empty for none
	Datasets       []string // audit.datasets, where the sender gave none
	Reason         Reason   // Clean, QueryLiterals, or one of those of QueryCoarse or QueryWithheld
}

// Queries makes queries safe. language is audit.query.language and dialect db.system.name, as the sender gave them and empty
// where he did not. Nothing of text may be in the result that is not on a list of what is safe.
type Queries interface {
	Query(text, language, dialect string) Query
}

// Prompt is what may be stored of a prompt, beside its length.
type Prompt struct {
	Representation string // audit.ai.prompt.representation
	Fingerprint    string // audit.ai.prompt.fingerprint, 16 hex digits
	Reason         Reason
}

// Prompts makes prompts safe.
type Prompts interface {
	Prompt(text string) Prompt
}

// Withholder withholds every query and every prompt: of their text a stand-in and a keyed fingerprint stay.
type Withholder struct {
	keys *pseudonym.Keys
	mask detect.Masker
}

// NewWithholder gives a Withholder that hashes with keys.
func NewWithholder(keys *pseudonym.Keys) Withholder {
	return Withholder{keys: keys, mask: detect.NewMasker(keys)}
}

// Query implements [Queries].
func (w Withholder) Query(text, _, _ string) Query {
	return Query{Representation: textStandIn(w.mask, text), Fingerprint: w.keys.Fingerprint(pseudonym.Query, text), Reason: QueryWithheld}
}

// Prompt implements [Prompts].
func (w Withholder) Prompt(text string) Prompt {
	return Prompt{Representation: textStandIn(w.mask, text), Fingerprint: w.keys.Fingerprint(pseudonym.Prompt, text), Reason: PromptWithheld}
}
