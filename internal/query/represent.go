package query

import (
	"strings"
	"unicode/utf8"
)

// extent says how far a reader got, and with that what of the writer's content may be told.
type extent uint8

// Extents. The zero value tells nothing.
const (
	nothing extent = iota // neither shape nor targets can be trusted
	outline               // summary and datasets stand, the shape does not
	part                  // so does the shape up to where the text breaks off
	whole                 // the whole shape
)

// reader reads text, of the database system named (db.system.name; empty, unknown or wrong values are normal), and writes
// its shape. It may return whole only with [ReasonNone], and everything else only with a reason.
type reader func(w *writer, system, text string) (extent, Reason)

// readerOf finds the reader of a language, and how names that need quotes are written in it. It is the one place where a
// language is registered.
func readerOf(lang Language) (reader, syntax) {
	switch lang {
	case APL:
		return readAPL, aplSyntax
	case OPAL:
		return readOPAL, opalSyntax
	case GraphQL:
		return readGraphQL, graphqlSyntax
	case PromQL:
		return readPromQL, promSyntax
	case LogQL:
		return readLogQL, promSyntax
	case SQL:
		return readSQL, sqlSyntax
	default:
		return nil, syntax{}
	}
}

// Representer turns queries into representations. It keeps its buffers from one query to the next and is therefore not
// safe for concurrent use; keep one for each goroutine, or a pool.
type Representer struct {
	w writer
}

// New makes a Representer.
func New(opts Options) *Representer {
	return &Representer{w: writer{opts: opts}}
}

// Represent tells of text what may be told. system is db.system.name; it chooses a SQL dialect, and may be empty, unknown
// or wrong: it can make a result coarser or name more columns, but never let a literal through.
func (r *Representer) Represent(lang Language, system, text string) Result {
	res := Result{Length: len(text)}
	read, syn := readerOf(lang)
	if read == nil {
		res.Reason = ReasonLanguage
		return res
	}
	if len(text) > MaxLength {
		res.Reason = ReasonTooLong
		return res
	}
	text = trimBrokenRune(text)
	if !utf8.ValidString(text) {
		res.Reason = ReasonNotUTF8
		return res
	}
	text = strings.TrimPrefix(text, "\uFEFF")

	w := &r.w
	w.begin(syn)
	told, reason := read(w, system, text)
	res.Reason = reason
	switch told {
	case whole:
		res.Outcome = Clean
		if w.redacted {
			res.Outcome = Redacted
		}
	case part:
		res.Outcome = Coarse
	case outline:
		w.out = append(w.out[:0], w.summary...)
		res.Outcome = Coarse
	}
	if told == nothing || len(w.out) == 0 {
		res.Outcome = Withheld
		return res
	}
	res.Representation, res.Summary, res.Datasets, res.Fingerprint = w.out, w.summary, w.datasetList(), w.fingerprint()
	return res
}

// trimBrokenRune drops the first bytes of a character whose last ones are missing: where a size limit cuts a text, it
// often cuts a character.
func trimBrokenRune(text string) string {
	for back := 1; back < utf8.UTFMax && back <= len(text); back++ {
		c := text[len(text)-back]
		if c < utf8.RuneSelf {
			break
		}
		if utf8.RuneStart(c) {
			if !utf8.FullRuneInString(text[len(text)-back:]) {
				return text[:len(text)-back]
			}
			break
		}
	}
	return text
}
