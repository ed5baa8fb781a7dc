package query

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// told is what a test expects of a query.
type told struct {
	text           string
	representation string
	summary        string
	datasets       string // separated by blanks
}

// assertTold checks queries that are represented in full.
func assertTold(t *testing.T, lang Language, cases map[string]told) {
	t.Helper()
	r := New(testOptions(NamesKept))
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			res := r.Represent(lang, "", tc.text)
			want := Clean
			if strings.Contains(tc.representation, "?") || strings.Contains(tc.representation, "h1:") {
				want = Redacted
			}
			assert.Equal(t, want, res.Outcome, res.Reason)
			assert.Equal(t, tc.representation, string(res.Representation))
			assert.Equal(t, tc.summary, string(res.Summary))
			var datasets []string
			for _, d := range res.Datasets {
				datasets = append(datasets, string(d))
			}
			assert.Equal(t, tc.datasets, strings.Join(datasets, " "))
			assert.NotZero(t, res.Fingerprint)
			assert.Equal(t, len(tc.text), res.Length)
		})
	}
}

// refused is what a test expects of a text that is not represented in full.
type refused struct {
	text           string
	outcome        Outcome
	reason         Reason
	representation string
}

func assertRefused(t *testing.T, lang Language, cases map[string]refused) {
	t.Helper()
	r := New(testOptions(NamesKept))
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			res := r.Represent(lang, "", tc.text)
			assert.Equal(t, tc.outcome, res.Outcome, "%s %s", res.Reason, res.Representation)
			assert.Equal(t, tc.reason, res.Reason)
			assert.Equal(t, tc.representation, string(res.Representation))
		})
	}
}

func TestAPL(t *testing.T) {
	assertTold(t, APL, map[string]told{
		"the wanted form": {
			"['http-logs']\n| where status >= 500 and user_email == \"jane@example.com\" // slow\n| summarize count() by bin_auto(_time), endpoint",
			"['http-logs'] | where status >= ? and user_email == ? | summarize count() by bin_auto(_time), endpoint",
			"http-logs where summarize", "http-logs",
		},
		"keywords and functions in any case": {
			"T | WHERE a == 1 | Summarize Count() BY b",
			"T | where a == ? | summarize count() by b", "T where summarize", "T",
		},
		"names: long runs of digits masked, functions of the language not": {
			"events_2024 | where log10(x) > atan2(y1, y2) and f10(z)",
			"events_0 | where log10(x) > atan2(y1, y2) and f10(z)", "events_0 where", "events_0",
		},
		"names that do not look like names": {
			"['Jane Roe'] | project ['salary of bob'], ['service.name'], ['a b.c']",
			"['" + pseudonymOf("Jane Roe") + "'] | project ['" + pseudonymOf("salary of bob") + "'], ['service.name'], ['" + pseudonymOf("a b.c") + "']",
			pseudonymOf("Jane Roe") + " project", pseudonymOf("Jane Roe"),
		},
		"lists of any length": {
			"T | where a in (1, 2, 3) and b !in~ ('x') and c has_any (\"y\", z, 'w') | project d = [1, 2]",
			"T | where a in (?) and b !in~ (?) and c has_any (?, z) | project d = [?]", "T where project", "T",
		},
		"arguments are no lists": {
			"T | project substring(a, 0, 3), case(a > 1, 'x', 'y')",
			"T | project substring(a, ?, ?), case(a > ?, ?, ?)", "T project", "T",
		},
		"signs belong to literals": {
			"T | where a == -5 and b > - c and d between (-1 .. +1)",
			"T | where a == ? and b > - c and d between (? .. ?)", "T where", "T",
		},
		"strings side by side": {
			"T | where a == 'x' \"y\" @'z\\'\n'w' and b == h'v'", "T | where a == ? and b == ?", "T where", "T",
		},
		"constants, durations and typed literals": {
			"T | where a == true and b > 1.5h and c > datetime(2024-01-01 10:00) and d == dynamic({\"k\": [1, \"]\"]}) and e == 0xFF",
			"T | where a == ? and b > ? and c > datetime(?) and d == dynamic(?) and e == ?", "T where", "T",
		},
		"keys are literals, members are names": {
			"T | extend a = b['k'].c[0].d, e = f.['0'].g", "T | extend a = b[?].c[?].d, e = f.['" + pseudonymOf("0") + "'].g", "T extend", "T",
		},
		"tables of every kind, names of let aside": {
			"let Mine = A | take 5; union withsource=S Mine, B*, (C | count) | join kind=LeftOuter (D) on x | lookup E on $left.y == $right.z | where x in ((F | project x))",
			"let Mine = A | take ?; union withsource=S Mine, B*, (C | count) | join kind=leftouter (D) on x | lookup E on $left.y == $right.z | where x in ((F | project x))",
			"A take union B* C count join D lookup E where F project", "A B* C D E F",
		},
		"other clusters": {
			"cluster('help').database(\"Secret\").Logs | count", "cluster(?).database(?).Logs | count", "Logs count", "Logs",
		},
		"functions": {
			"let f = (n:long, s:string = 'x') { T | where a == n }; f(3, 'y') | take 1",
			"let f = (n:long, s:string = ?) {T | where a == n}; f(?, ?) | take ?", "T where take", "T",
		},
		"inline data": {
			"datatable (a:string, b:long) ['x', 1, 'y', 2] | union (externaldata (c:string) [@'https://h/p;key'] with (format='csv'))",
			"datatable(a:string, b:long) [?] | union (externaldata(c:string) [?] with (format = ?))", "union", "",
		},
		"patterns": {
			"T | parse kind=regex m with * 'user=' user:string ' ' rest | where m matches regex '^a' and n !contains_cs 'b'",
			"T | parse kind=regex m with * ? user:string ? rest | where m matches regex ? and n !contains_cs ?", "T parse where", "T",
		},
		"a fragment": {"| where a == 1 | count", "| where a == ? | count", "where count", ""},
		"several queries": {
			"A | take 1\n\nB | take 2", "A | take ?; B | take ?", "A take B take", "A B",
		},
		"a dataset alone": {"['axiom-audit']", "['axiom-audit']", "axiom-audit", "axiom-audit"},
		"options": {
			"set querytrace; set truncationmaxsize=5; T | count", "set querytrace; set truncationmaxsize = ?; T | count", "T count", "T",
		},
	})
}

func TestAPLThatIsRefused(t *testing.T) {
	assertRefused(t, APL, map[string]refused{
		"empty":                              {" // nothing\n", Withheld, ReasonEmpty, ""},
		"prose":                              {"please show salary of Jane", Withheld, ReasonNotAQuery, ""},
		"prose with a pipe":                  {"Jane | where is the salary", Withheld, ReasonToken, ""},
		"a word":                             {"hunter2", Withheld, ReasonNotAQuery, ""},
		"words with dots":                    {"jane.roe", Withheld, ReasonNotAQuery, ""},
		"SQL":                                {"SELECT a FROM t WHERE b = 'c'", Withheld, ReasonNotAQuery, ""},
		"a search term without quotes":       {"search jane | take 5", Withheld, ReasonToken, ""},
		"JSON":                               {`{"email": "jane@example.com"}`, Withheld, ReasonToken, ""},
		"an unknown operator":                {"T | graph-match (a)-->(b)", Withheld, ReasonNotAQuery, ""},
		"an unknown operator, later":         {"T | where a == 'x' | take 5 | exfiltrate jane", Coarse, ReasonNotAQuery, "T where"},
		"a name behind a string":             {"T | take 5 | where a == 'it's Jane", Coarse, ReasonToken, "T take where"},
		"a comment of another language":      {"T | take 5 | where a == 1 /* Jane */", Coarse, ReasonToken, "T take where"},
		"cut in a string":                    {"T | where a == 1 and b == 'ja", Coarse, ReasonUnterminated, "T | where a == ? and b =="},
		"cut in a string, behind another":    {"T | where a == 'x' and Jane == 'ja", Coarse, ReasonUnterminated, "T | where a =="},
		"cut in a list":                      {"T | where a in (1, 2", Coarse, ReasonUnterminated, "T | where a in (?, ?"},
		"cut behind an operator":             {"T | where a ==", Coarse, ReasonUnterminated, "T | where a =="},
		"a management command":               {".show tables | where Name == 'x'", Coarse, ReasonCredentials, ".show"},
		"a management command with data":     {".ingest inline into table T <| 1,Jane", Coarse, ReasonInlineData, ".ingest"},
		"no management command":              {".jane", Withheld, ReasonNotAQuery, ""},
		"brackets that do not match":         {"T | take 1 | where a in (1]", Coarse, ReasonToken, "T take where"},
		"nested too deep":                    {"T | take 1 | where " + strings.Repeat("(", 100), Coarse, ReasonTooDeep, "T take where"},
		"a directive of a tool":              {"#connect 'https://jane'\nT | count", Withheld, ReasonToken, ""},
		"a member of a literal":              {"T | take 1 | where 'a'.jane == 1", Coarse, ReasonToken, "T take where"},
		"a value where a statement must be":  {"'jane' | take 5", Withheld, ReasonNotAQuery, ""},
		"an operator where a table must be":  {"a + b", Withheld, ReasonNotAQuery, ""},
		"a list where a statement must be":   {"hello, world", Withheld, ReasonNotAQuery, ""},
		"a set of which is no option":        {"set jane secret; T | count", Withheld, ReasonNotAQuery, ""},
		"a carriage return ends no comment":  {"// a\rT | count", Withheld, ReasonEmpty, ""},
		"a line end ends a string":           {"T | where a == 'x\ny'", Coarse, ReasonUnterminated, "T | where a =="},
		"an escaped line end ends one too":   {"T | where a == 'x\\\ny'", Coarse, ReasonUnterminated, "T | where a =="},
		"a string that does not end in data": {"T | where a == dynamic({'x})", Coarse, ReasonUnterminated, "T | where a == dynamic"},
	})
}

// pseudonymOf is the pseudonym that the tests' options make of a name.
func pseudonymOf(name string) string {
	return string(testOptions(NamesKept).Pseudonym(nil, []byte(name)))
}

func TestAPLNamesPseudonymised(t *testing.T) {
	r := New(testOptions(NamesPseudonymised))
	res := r.Represent(APL, "", "['http-logs'] | where status == 5 and log2(size) > 3 | project kind")
	n := func(name string) string { return "['" + pseudonymOf(name) + "']" }
	assert.Equal(t, n("http-logs")+" | where "+n("status")+" == ? and log2("+n("size")+") > ? | project "+n("kind"), string(res.Representation))
	assert.Equal(t, pseudonymOf("http-logs")+" where project", string(res.Summary))
}
