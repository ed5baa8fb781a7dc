package query

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// represented are the queries of the corpora that are represented in full, under the label they are right for.
func represented(t *testing.T, r *Representer) []marked {
	t.Helper()
	all := markedQueries(t)
	for _, text := range append(sharedLines(t, "sql_identity.sql"), splitStatements(string(sharedCorpus(t, "sql_tpch.sql")))...) {
		all = append(all, markLiterals(text, standardLiterals))
	}
	var full []marked
	for i, m := range all {
		if i%oneOf == 0 && r.Represent(SQL, m.system, m.original()).Outcome >= Redacted {
			full = append(full, m)
		}
	}
	return full
}

func TestSQLRepresentsToItself(t *testing.T) {
	for _, names := range []Names{NamesKept, NamesPseudonymised} {
		r := New(testOptions(names))
		for _, m := range represented(t, r) {
			first := r.Represent(SQL, m.system, m.original())
			text, fingerprint := string(first.Representation), first.Fingerprint
			for _, system := range []string{m.system, ""} {
				again := r.Represent(SQL, system, text)
				assert.Equal(t, text, string(again.Representation), "%s %s %s", system, again.Reason, m.original())
				assert.Equal(t, fingerprint, again.Fingerprint)
			}
		}
	}
}

var (
	sqlSpace   = regexp.MustCompile(`'(?:[^']|'')*'|"[^"]*"|--[^\n]*|/\*(?s:.*?)\*/| `)
	sqlWordsRE = regexp.MustCompile("'(?:[^']|'')*'|\"[^\"]*\"|`[^`]*`|--[^\n]*|/\\*(?s:.*?)\\*/|[A-Za-z_][A-Za-z0-9_]*")
	inList     = regexp.MustCompile(`\bIN \(('[^'()]*'|\d+)((?:, *(?:'[^'()]*'|\d+))*)\)`)
)

// keywordsOfTheTest are words that are keywords wherever they stand in the corpora.
var keywordsOfTheTest = regexp.MustCompile(`^(?i:SELECT|FROM|WHERE|AND|OR|NOT|IN|LIKE|GROUP|BY|ORDER|HAVING|LIMIT|JOIN|LEFT|INNER|ON|AS|CASE|WHEN|THEN|ELSE|END|` +
	`INSERT|INTO|VALUES|UPDATE|SET|DELETE|CREATE|TABLE|WITH|UNION|ALL|DISTINCT|BETWEEN|IS|NULL|OVER|PARTITION)$`)

// sameShape are the changes after which a query has the same fingerprint as before.
var sameShape = map[string]func(m marked) string{
	"other literals": func(m marked) string {
		parts := append([]string(nil), m.parts...)
		for i := 1; i < len(parts); i += 2 {
			before, after := parts[i-1], parts[i+1]
			quoted := strings.HasSuffix(before, "'") && strings.HasPrefix(after, "'")
			switch {
			case numbers.MatchString(parts[i]) && !strings.HasSuffix(before, "x") && !strings.HasSuffix(before, "X"):
				parts[i] = "734" + parts[i]
			case quoted:
				parts[i] = "another value"
			}
		}
		return strings.Join(parts, "")
	},
	"other white space": func(m marked) string {
		return sqlSpace.ReplaceAllStringFunc(m.original(), func(s string) string {
			if s == " " {
				return "\n\t  "
			}
			return s
		})
	},
	"comments": func(m marked) string {
		first := true
		return "/* it's new */ " + sqlSpace.ReplaceAllStringFunc(m.original(), func(s string) string {
			if s == " " && first {
				first = false
				return " /* c */ -- d\n"
			}
			return s
		})
	},
	"keywords in lower case": func(m marked) string { return changeKeywords(m.original(), strings.ToLower) },
	"keywords in upper case": func(m marked) string { return changeKeywords(m.original(), strings.ToUpper) },
	"longer lists": func(m marked) string {
		return inList.ReplaceAllString(m.original(), "IN ($1$2, $1, $1, $1)")
	},
}

// layout is where white space is not just that: in data, in comments up to the end of the line, in quotes that the
// expressions above do not know.
var layout = regexp.MustCompile("FORMAT [A-Z]|STDIN|#|//|`[^`]* [^`]*`|\\[[A-Za-z]+ [A-Za-z ]+\\]|[$][a-z$]|'''|\\\\")

func changeKeywords(text string, change func(string) string) string {
	return sqlWordsRE.ReplaceAllStringFunc(text, func(s string) string {
		if keywordsOfTheTest.MatchString(s) {
			return change(s)
		}
		return s
	})
}

func TestWhatIsNoShapeOfSQLMakesNoDifference(t *testing.T) {
	r := New(testOptions(NamesKept))
	for _, m := range represented(t, r) {
		original := r.Represent(SQL, m.system, m.original())
		want := original.Fingerprint
		text := string(original.Representation)
		for name, change := range sameShape {
			changed := change(m)
			if layout.MatchString(m.original()) && name != "other literals" {
				continue
			}
			got := r.Represent(SQL, m.system, changed)
			if got.Fingerprint != want {
				t.Errorf("%s:\n%s\n=> %s\n%s\n=> %s %s", name, m.original(), text, changed, got.Representation, got.Reason)
			}
		}
	}
}

var (
	sqlTokens = regexp.MustCompile("[A-Za-z_0-9]*'(?:[^']|'')*'|\"[^\"]*\"|`[^`]*`|--[^\\n]*|/\\*(?s:.*?)\\*/|[A-Za-z_][A-Za-z0-9_]*|[0-9][A-Za-z0-9_.]*|[^\\sA-Za-z0-9_]")

	// closely is where names are not values, and no token is unknown to the expression above.
	closely   = regexp.MustCompile(`^[(\s]*(?i:SELECT|WITH|INSERT|UPDATE|DELETE|MERGE|CREATE (?:TABLE|VIEW|INDEX|MATERIALIZED)|ALTER TABLE|DROP|TRUNCATE|RENAME)\b`)
	unclosely = regexp.MustCompile("[$\\\\#@{]|FORMAT |--|/\\*|//|:[a-z\"]|(?i:\\bq'|s3\\(|url\\(|remote\\(|mysql\\()")
)

func TestEveryWordAndOperatorOfSQLMakesADifference(t *testing.T) {
	r := New(testOptions(NamesKept))
	dropped := 0
	for _, m := range represented(t, r) {
		text := m.original()
		if !closely.MatchString(text) || unclosely.MatchString(text) {
			continue
		}
		original := r.Represent(SQL, m.system, text)
		want, shape := original.Fingerprint, string(original.Representation)
		for _, at := range sqlTokens.FindAllStringIndex(text, -1) {
			token := text[at[0]:at[1]]
			if strings.ContainsAny(token, `'"+-;:?{},.0123456789`) {
				continue // literals, their signs and parts, and what stands between the elements of a list
			}
			got := r.Represent(SQL, m.system, text[:at[0]]+" "+text[at[1]:])
			dropped++
			if got.Fingerprint == want {
				t.Errorf("without %q: %s\n=> %s", token, text, shape)
			}
		}
	}
	assert.Greater(t, dropped, 5000/oneOf)
}

// addedToSQL are changes that add something to a query that begins with SELECT and has no WITH.
var addedToSQL = map[string]func(query string) string{
	"column":       func(query string) string { return "SELECT zz, " + query[len("SELECT "):] },
	"operator":     func(query string) string { return "SELECT - zz, " + query[len("SELECT "):] },
	"call":         func(query string) string { return "SELECT max(zz), " + query[len("SELECT "):] },
	"alias":        func(query string) string { return "SELECT zz AS yy, " + query[len("SELECT "):] },
	"literal":      func(query string) string { return "SELECT 1, " + query[len("SELECT "):] },
	"table":        func(query string) string { return query + " UNION ALL SELECT zz FROM zz" },
	"other table":  func(query string) string { return query + " UNION ALL SELECT zz FROM yy" },
	"two tables":   func(query string) string { return query + " UNION ALL SELECT zz FROM zz, yy" },
	"join":         func(query string) string { return query + " UNION ALL SELECT zz FROM zz JOIN yy ON a = b" },
	"other join":   func(query string) string { return query + " UNION ALL SELECT zz FROM zz LEFT JOIN yy ON a = b" },
	"other test":   func(query string) string { return query + " UNION ALL SELECT zz FROM zz JOIN yy ON a <> b" },
	"condition":    func(query string) string { return query + " UNION ALL SELECT zz FROM zz WHERE a = 1" },
	"condition or": func(query string) string { return query + " UNION ALL SELECT zz FROM zz WHERE a = 1 OR b = 1" },
	"more of it":   func(query string) string { return query + " UNION ALL SELECT zz FROM zz WHERE a = 1 AND b = 1" },
	"group":        func(query string) string { return query + " UNION ALL SELECT zz FROM zz GROUP BY a" },
	"order":        func(query string) string { return query + " UNION ALL SELECT zz FROM zz ORDER BY a" },
	"down":         func(query string) string { return query + " UNION ALL SELECT zz FROM zz ORDER BY a DESC" },
	"limit":        func(query string) string { return query + " UNION ALL SELECT zz FROM zz LIMIT 5" },
	"union":        func(query string) string { return query + " UNION SELECT zz FROM zz" },
	"common table": func(query string) string { return "WITH zz AS (SELECT 1) " + query },
	"subquery":     func(query string) string { return "SELECT * FROM (" + query + ") AS zz" },
}

func TestWhatIsAddedToSQLMakesADifference(t *testing.T) {
	r := New(testOptions(NamesKept))
	added := 0
	for _, m := range represented(t, r) {
		query := m.original()
		if !strings.HasPrefix(query, "SELECT ") || strings.ContainsAny(query, ";#") || strings.Contains(query, "--") {
			continue
		}
		seen := map[uint64]string{r.Represent(SQL, m.system, query).Fingerprint: "nothing"}
		for name, add := range addedToSQL {
			res := r.Represent(SQL, m.system, add(query))
			if res.Outcome < Redacted {
				continue // SELECT DISTINCT …, … INTO OUTFILE …: nothing of the kind can be put there
			}
			added++
			if other, met := seen[res.Fingerprint]; met {
				t.Errorf("%s and %s: %s\n=> %s", name, other, query, res.Representation)
			}
			seen[res.Fingerprint] = name
		}
	}
	assert.Greater(t, added, 5000/oneOf)
	t.Logf("%d queries with something added", added)
}
