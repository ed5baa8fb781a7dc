package redact

import (
	"cmp"
	"fmt"
	"strconv"
	"sync"

	"github.com/otelaudit/otelaudit/internal/pseudonym"
	"github.com/otelaudit/otelaudit/internal/query"
	"github.com/otelaudit/otelaudit/internal/redact/detect"
)

// Representer makes queries safe by representing them, see package query. A query that cannot be represented is withheld as
// [Withholder] does. It is safe for concurrent use.
type Representer struct {
	withheld Withholder
	readers  sync.Pool // of *query.Representer
}

// NewRepresenter gives a Representer whose pseudonyms of names are made with keys.
func NewRepresenter(keys *pseudonym.Keys, names query.Names) *Representer {
	mask := detect.NewMasker(keys)
	r := &Representer{withheld: NewWithholder(keys)}
	r.readers.New = func() any {
		return query.New(query.Options{
			Names:     names,
			Pseudonym: func(dst, name []byte) []byte { return mask.AppendPseudonym(dst, string(name)) },
		})
	}
	return r
}

// Query implements [Queries]. A query without a language is taken as SQL where its database system is named.
func (r *Representer) Query(text, language, dialect string) Query {
	if language == "" && dialect != "" {
		language = string(query.SQL)
	}
	reader := r.readers.Get().(*query.Representer)
	defer r.readers.Put(reader)
	res := reader.Represent(query.Language(language), dialect, text)
	q := Query{
		Representation: string(res.Representation),
		Fingerprint:    fmt.Sprintf("%016x", res.Fingerprint),
		Summary:        string(res.Summary),
	}
	for _, name := range res.Datasets {
		q.Datasets = append(q.Datasets, string(name))
	}
	switch res.Outcome {
	case query.Clean:
		q.Reason = Clean
	case query.Redacted:
		q.Reason = QueryLiterals
	case query.Coarse:
		q.Reason = queryReason(QueryCoarse, res.Reason)
		q.Representation = cmp.Or(q.Representation, q.Summary) + " … (" + strconv.Itoa(res.Length) + " bytes)"
	default:
		q = r.withheld.Query(text, language, dialect)
		q.Reason = queryReason(QueryWithheld, res.Reason)
	}
	return q
}
