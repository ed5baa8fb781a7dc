package redact

import (
	"cmp"
	"strconv"
	"strings"
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

// stored makes texts of a result, which are parts of one.
func stored(res *query.Result) Query {
	n := len(res.Representation) + len(res.Summary) + fingerprintDigits
	for _, name := range res.Datasets {
		n += len(name)
	}
	var b strings.Builder
	b.Grow(n)
	b.Write(res.Representation)
	b.Write(res.Summary)
	for shift := 64 - 4; shift >= 0; shift -= 4 {
		b.WriteByte("0123456789abcdef"[res.Fingerprint>>shift&15])
	}
	for _, name := range res.Datasets {
		b.Write(name)
	}
	all := b.String()
	take := func(n int) (text string) {
		text, all = all[:n], all[n:]
		return text
	}
	q := Query{Representation: take(len(res.Representation)), Summary: take(len(res.Summary)), Fingerprint: take(fingerprintDigits)}
	if len(res.Datasets) > 0 {
		q.Datasets = make([]string, len(res.Datasets))
	}
	for i, name := range res.Datasets {
		q.Datasets[i] = take(len(name))
	}
	return q
}

// fingerprintDigits is how many hex digits a fingerprint has.
const fingerprintDigits = 16

// Query implements [Queries]. A query without a language is taken as SQL where its database system is named.
func (r *Representer) Query(text, language, dialect string) Query {
	if language == "" && dialect != "" {
		language = string(query.SQL)
	}
	reader := r.readers.Get().(*query.Representer)
	defer r.readers.Put(reader)
	res := reader.Represent(query.Language(language), dialect, text)
	q := stored(&res)
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
