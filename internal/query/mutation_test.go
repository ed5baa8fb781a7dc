package query

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Dropping or adding a clause, column, table or operator makes a difference. A representation is a query of its language,
// so this test takes each word of it away, doubles it and puts another in its place; what is still represented in full has
// another fingerprint.
func TestWhatChangesTheShapeChangesTheFingerprint(t *testing.T) {
	eachFullQuery(t, func(t *testing.T, l *languageCorpus, r *Representer, query string) {
		t.Helper()
		res := r.Represent(l.lang, "", query)
		text, want := string(res.Representation), res.Fingerprint
		words := strings.Split(text, " ")
		if len(words) > 120 {
			words = words[:120]
		}
		full := 0
		for i, word := range words {
			before, after := strings.Join(words[:i], " "), strings.Join(words[i+1:], " ")
			if i > 0 {
				before += " "
			}
			rest := strings.TrimPrefix(text, strings.Join(words, " "))
			changes := []string{before + after + rest, before + word + " " + word + " " + after + rest}
			if word[0] != '?' { // a word in the place of a literal may be one, such as an enum value or a search term
				changes = append(changes, before+"zz_other "+after+rest)
			}
			for _, changed := range changes {
				got := r.Represent(l.lang, "", changed)
				if got.Outcome < Redacted || differByRepetition(l.lang, text, changed) {
					continue
				}
				full++
				assert.NotEqual(t, want, got.Fingerprint, "%s\n%s\n%s", text, changed, got.Representation)
			}
		}
	})
}

// differByRepetition says whether two queries differ by no more than how often a placeholder or a separator is repeated: a string
// beside a string is one string, and a list of one literal is a list of any. In OPAL a verb separates as well as '|'
// does.
func differByRepetition(lang Language, a, b string) bool {
	fold := func(s string) string {
		if lang == OPAL {
			s = strings.ReplaceAll(s, " |", "")
		}
		for _, twice := range [][2]string{{"? ?", "?"}, {"?, ?", "?"}, {"? ", "?"}, {" ?", "?"}, {"; ;", ";"}, {";;", ";"}, {"| |", "|"}, {"- ", ""}, {"+ ", ""}} {
			for strings.Contains(s, twice[0]) {
				s = strings.ReplaceAll(s, twice[0], twice[1])
			}
		}
		return strings.Join(strings.Fields(s), " ")
	}
	return fold(a) == fold(b)
}

// Stages and columns that are put behind a query make a difference.
func TestAnAddedStageChangesTheFingerprint(t *testing.T) {
	for lang, added := range map[Language][]string{
		APL:    {" | extend zz = 1", " | where zz", " | project zz, yy", " | union Zz", " | summarize count() by zz", " | join Zz on zz"},
		OPAL:   {" | filter zz", " make_col zz:1", " | limit 5", " | union @zz"},
		PromQL: {" + zz", " > 1", " or zz", " and on (zz) zz", " - 1 * zz"},
		LogQL:  {},
	} {
		t.Run(string(lang), func(t *testing.T) {
			r := New(testOptions(NamesKept))
			for i := range languageCorpora {
				if languageCorpora[i].lang != lang {
					continue
				}
				for _, query := range readSlots(t, languageCorpora[i].slots) {
					query = unmark(query)
					if strings.HasSuffix(query, "}") || strings.Contains(query[strings.LastIndex(query, "\n")+1:], "#") {
						continue
					}
					seen := map[uint64]string{r.Represent(lang, "", query).Fingerprint: ""}
					for _, add := range added {
						res := r.Represent(lang, "", query+add)
						if assert.GreaterOrEqual(t, res.Outcome, Redacted, "%s%s %s", query, add, res.Reason) {
							assert.NotContains(t, seen, res.Fingerprint, "%s%s", query, add)
							seen[res.Fingerprint] = add
						}
					}
				}
			}
		})
	}
}

var (
	valueList   = regexp.MustCompile(`((?:\bin~?|!in~?|\bhas_any|\bhas_all) ?\()((?:"[^"\\]*"|'[^'\\]*'|[0-9]+)(?:, *(?:"[^"\\]*"|'[^'\\]*'|[0-9]+))*)\)`)
	plainString = regexp.MustCompile(`([=(, ])"[^"\\\n]*"`)
	bracketName = regexp.MustCompile(`\['[^'\n]*'\]`)
	plainNumber = regexp.MustCompile(`([=<>(,] )[0-9]+\b`)
)

// How long a list of values is makes no difference in any language that has lists, and neither does any literal in it or
// elsewhere, in the queries of others as in ours.
func TestTheLengthOfAListDoesNotChangeTheFingerprint(t *testing.T) {
	lists, literals := map[Language]int{}, map[Language]int{}
	eachFullQuery(t, func(t *testing.T, l *languageCorpus, r *Representer, query string) {
		t.Helper()
		want := r.Represent(l.lang, "", query).Fingerprint
		for _, changed := range []string{
			valueList.ReplaceAllString(query, "$1$2, 'Zq8Xw3Vy', $2, 7)"), valueList.ReplaceAllString(query, "$1'Zq8Xw3Vy')"),
		} {
			if changed == query || l.lang != APL && l.lang != OPAL {
				continue
			}
			lists[l.lang]++
			res := r.Represent(l.lang, "", changed)
			assert.Equal(t, want, res.Fingerprint, "%s\n%s", changed, res.Representation)
		}
		if strings.ContainsAny(bracketName.ReplaceAllString(query, ""), "'`@#") || strings.Contains(query, "//") {
			return // quotes in quotes, for which the expressions above are too simple
		}
		changed := plainNumber.ReplaceAllString(plainString.ReplaceAllString(query, `$1"Zq8Xw3Vy"`), "${1}83514277")
		if changed != query {
			literals[l.lang]++
			res := r.Represent(l.lang, "", changed)
			assert.Equal(t, want, res.Fingerprint, "%s\n%s", changed, res.Representation)
			assertNoCanary(t, res, "Zq8Xw3Vy", string(l.lang), changed)
		}
	})
	t.Logf("lists %v, literals %v", lists, literals)
	assert.NotZero(t, lists[APL])
	assert.NotZero(t, literals[APL])
}
