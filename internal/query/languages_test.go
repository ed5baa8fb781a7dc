package query

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// eachLanguage runs a test for each language.
func eachLanguage(t *testing.T, test func(t *testing.T, l *languageCorpus)) {
	t.Helper()
	for i := range languageCorpora {
		t.Run(string(languageCorpora[i].lang), func(t *testing.T) { test(t, &languageCorpora[i]) })
	}
}

// eachOwnQuery runs a test for each query of our own, marks and all.
func eachOwnQuery(t *testing.T, test func(t *testing.T, l *languageCorpus, r *Representer, query string)) {
	t.Helper()
	eachLanguage(t, func(t *testing.T, l *languageCorpus) {
		t.Helper()
		r := New(testOptions(NamesKept))
		for i, query := range readSlots(t, l.slots) {
			t.Run(fmt.Sprint(i), func(t *testing.T) { test(t, l, r, query) })
		}
	})
}

// eachFullQuery runs a test for the representation of each query, ours and those of others, that is represented in full.
func eachFullQuery(t *testing.T, test func(t *testing.T, l *languageCorpus, r *Representer, query string)) {
	t.Helper()
	eachLanguage(t, func(t *testing.T, l *languageCorpus) {
		t.Helper()
		r := New(testOptions(NamesKept))
		var queries []string
		for _, query := range readSlots(t, l.slots) {
			queries = append(queries, unmark(query))
		}
		for i, query := range append(queries, l.readShared(t)...) {
			if i%oneOf == 0 && r.Represent(l.lang, "", query).Outcome >= Redacted {
				t.Run(fmt.Sprint(i), func(t *testing.T) { test(t, l, r, query) })
			}
		}
	})
}

func TestOurOwnQueriesAreRepresentedInFull(t *testing.T) {
	eachOwnQuery(t, func(t *testing.T, l *languageCorpus, r *Representer, query string) {
		t.Helper()
		res := r.Represent(l.lang, "", unmark(query))
		require.Equal(t, Redacted, res.Outcome, "%s\n%s", res.Reason, unmark(query))
		assert.NotEmpty(t, res.Summary)
		assert.LessOrEqual(t, len(res.Summary), MaxSummary)
	})
}

func TestMostQueriesOfOthersAreRepresentedInFull(t *testing.T) {
	eachLanguage(t, func(t *testing.T, l *languageCorpus) {
		t.Helper()
		queries := l.readShared(t)
		if queries == nil {
			t.Skip("no shared corpus of this language")
		}
		r, outcomes := New(testOptions(NamesKept)), [4]int{}
		for _, query := range queries {
			outcomes[r.Represent(l.lang, "", query).Outcome]++
		}
		t.Logf("%d queries: clean %d, redacted %d, coarse %d, withheld %d", len(queries), outcomes[Clean], outcomes[Redacted], outcomes[Coarse], outcomes[Withheld])
		assert.GreaterOrEqual(t, float64(outcomes[Clean]+outcomes[Redacted])/float64(len(queries)), l.share)
	})
}

// No piece of a literal is told, wherever the text is cut and whatever language it is taken for.
func TestNoLiteralOfOurOwnQueriesIsTold(t *testing.T) {
	eachOwnQuery(t, func(t *testing.T, l *languageCorpus, r *Representer, query string) {
		t.Helper()
		want := r.Represent(l.lang, "", unmark(query)).Fingerprint
		for _, c := range canaries {
			text := plantSlots(query, c)
			res := r.Represent(l.lang, "", text)
			assert.Equal(t, want, res.Fingerprint, "a literal makes a difference:\n%s\n%s %s", text, res.Reason, res.Representation)
			assertNothingTold(t, r, l.lang, text, c)
		}
	})
}

func TestNoLiteralOfQueriesOfOthersIsTold(t *testing.T) {
	eachLanguage(t, func(t *testing.T, l *languageCorpus) {
		t.Helper()
		queries := l.readShared(t)
		if queries == nil {
			t.Skip("no shared corpus of this language")
		}
		r := New(testOptions(NamesKept))
		for _, query := range queries {
			for _, c := range canaries[:2] {
				if !assertNothingTold(t, r, l.lang, l.plantFound(query, c), c) {
					return
				}
			}
		}
	})
}

// assertNothingTold looks for the canary in what is told of the text, whole and cut at every seventh byte, and, cut more
// coarsely, taken for a text of each of the other languages.
func assertNothingTold(t *testing.T, r *Representer, own Language, text string, c canary) bool {
	t.Helper()
	for _, lang := range languages {
		step := 7
		if lang != own {
			step = max(37, len(text)/4)
		}
		for end := len(text); end > 0; end -= step {
			if (end/step+len(text))%oneOf != 0 {
				continue
			}
			res := r.Represent(lang, "", text[:end])
			for _, piece := range c.pieces() {
				if len(piece) >= pieceLength && !assertNoCanary(t, res, piece, string(lang), text[:end]) {
					return false
				}
			}
		}
	}
	return true
}

func TestNoSecretOfTheHostileCasesIsTold(t *testing.T) {
	r := New(testOptions(NamesKept))
	for _, file := range []string{"apl_leaks.jsonl", "sql_leaks.jsonl"} {
		queries := readSharedCorpus(t, file)
		if len(queries) == 0 {
			t.Skip("no shared corpora beside this repository")
		}
		for _, query := range queries {
			for _, lang := range languages {
				for end := len(query); end > 0; end-- {
					res := r.Represent(lang, "", query[:end])
					assertNoCanary(t, res, "SECRET", string(lang), query[:end])
					assertNoCanary(t, res, "83514277", string(lang), query[:end])
				}
			}
		}
	}
}

func TestARepresentationRepresentsToItself(t *testing.T) {
	for _, names := range []Names{NamesKept, NamesPseudonymised} {
		eachFullQuery(t, func(t *testing.T, l *languageCorpus, _ *Representer, query string) {
			t.Helper()
			r := New(testOptions(names))
			first := r.Represent(l.lang, "", query)
			text, fingerprint, summary := string(first.Representation), first.Fingerprint, string(first.Summary)
			again := r.Represent(l.lang, "", text)
			assert.Equal(t, text, string(again.Representation), again.Reason)
			assert.Equal(t, fingerprint, again.Fingerprint)
			assert.Equal(t, summary, string(again.Summary))
		})
	}
}

// White space, comments and the case of keywords make no difference.
func TestWhatDoesNotChangeTheShapeDoesNotChangeTheFingerprint(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	eachOwnQuery(t, func(t *testing.T, l *languageCorpus, r *Representer, query string) {
		t.Helper()
		want := r.Represent(l.lang, "", unmark(query)).Fingerprint
		for name, change := range map[string]func(between string) string{
			"white space": func(between string) string {
				return strings.Map(func(c rune) rune {
					if c == ' ' {
						return []rune{' ', '\t'}[random.IntN(2)]
					}
					return c
				}, strings.ReplaceAll(between, " ", "  "))
			},
			"comments": func(between string) string { return strings.Replace(between, " ", l.comment, 1) },
			"case": func(between string) string {
				return l.upper.ReplaceAllStringFunc(between, strings.ToUpper)
			},
		} {
			text := changeOutsideLiterals(query, change)
			res := r.Represent(l.lang, "", text)
			assert.Equal(t, want, res.Fingerprint, "%s:\n%s\n%s %s", name, text, res.Reason, res.Representation)
			assertNoCanary(t, res, "Zq8Xw3Vy", string(l.lang), text)
		}
	})
}

// changeOutsideLiterals changes what stands between the marks of a query of our own, and between quoted names.
func changeOutsideLiterals(query string, change func(string) string) string {
	var b strings.Builder
	last := 0
	for _, m := range protected.FindAllStringIndex(query, -1) {
		b.WriteString(change(query[last:m[0]]) + query[m[0]:m[1]])
		last = m[1]
	}
	return unmark(b.String() + change(query[last:]))
}
