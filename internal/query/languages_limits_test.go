package query

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// hostilePieces are repeated to a long text, behind each of a language's beginnings.
var hostilePieces = []string{
	"(", "[", "{", "'", "\"", "`", "```", "\\", "a.", "a,", "a ", "/", "//", "/*", "/* a */", "$", "$a", "@", "|", "|where a ", "let a=1;", "['a']",
	"['a'],", "h'", "h'a'", "-", "- ", "1", "1 ", "a(", "a[", "a[1]", "{a", "a:", "a:b ", "x in (", "?", "? ", "?,", "#", "\n", "''", "'a'", "\"\"\"",
	"...", "!", "not ", "a and ", "a=b,", "by ", "sum by (a) (", "sum(", "{a=\"b\"} |= ", "[5m]", "offset 5m ", "@a <- @b {}", "make_col a:b\n",
	"~ a ", "group_left(a,", "<", "é", "a1b2c3", "1.", "0x", "1e", "(a,", "[1,", "{a(b:", "a*", "* ", ";", "a;", "T | as a;", "1..2", "a\"b\"",
}

var hostileBeginnings = map[Language][]string{
	APL:     {"", "T | where ", "T | where a in (", "T | parse x with ", "let a = ", "T | project-away ", "search ", "T | extend x = dynamic(", "datatable(a:string)["},
	OPAL:    {"", "filter ", "make_col a:", "filter a ~ ", "@a <- @b {"},
	PromQL:  {"", "sum(", "a{", "sum by (a) (", "a[", "a + on (", "a offset ", "a + group_left("},
	LogQL:   {"", "{a=\"b\"} ", "{a=\"b\"} | ", "rate({a=\"b\"} | json ", "{a=\"b\"} | label_format a="},
	GraphQL: {"", "{a(b:", "{", "query(", "{a(b:[", "type T {", "union U = "},
}

// Reading is linear: with a reader that is not, this test does not end.
func TestHostileTextIsReadInLinearTime(t *testing.T) {
	for lang, beginnings := range hostileBeginnings {
		t.Run(string(lang), func(t *testing.T) {
			r := New(testOptions(NamesKept))
			for i, piece := range hostilePieces {
				for j, beginning := range beginnings {
					length := 1 << 15 / oneOf
					if (i+j)%len(beginnings) == 0 { // each piece at least once
						length = MaxLength / oneOf
					}
					text := beginning + strings.Repeat(piece, (length-len(beginning))/len(piece))
					assert.Equal(t, len(text), r.Represent(lang, "", text).Length)
				}
			}
		})
	}
}

func TestNothingIsAllocatedInSteadyState(t *testing.T) {
	eachOwnQuery(t, func(t *testing.T, l *languageCorpus, r *Representer, query string) {
		t.Helper()
		text := unmark(query)
		r.Represent(l.lang, "", text)
		assert.Zero(t, testing.AllocsPerRun(10, func() { r.Represent(l.lang, "", text) }))
	})
}

// benchmarkQueries are of about 300 bytes each.
var benchmarkQueries = map[Language]string{
	APL: `['http-logs']
| where _time > ago(1h) and status >= 500 and user_email == "jane@example.com" // slow ones
| extend endpoint = extract(@"^/api/(\w+)", 1, uri), slow = req_duration_ms > 1000
| where endpoint in ("login", "signup", "checkout")
| summarize count(), avg(req_duration_ms) by endpoint | take 20`,
	OPAL: `make_col schema:string(EXTRA.schema), took:duration_ms(int64(FIELDS.took))
filter schema = "audit_log" and FIELDS.operation = "llm_invocation" // by Jane
filter FIELDS.user in ("jane", "bob", "alice") or message ~ /error|fail/i
statsby n:count(), p95:percentile(took, 0.95), group_by(FIELDS.object_kind, FIELDS.operation)
sort desc(n)`,
	PromQL: `sum by (job, instance) (rate(http_requests_total{job="api-server", code=~"5..", user!="jane"}[5m]))
  / ignoring (code) group_left (team)
sum without (code) (rate(http_requests_total{job="api-server", env="production"}[5m] offset 1h)) > bool 0.05
  and on (instance) up{job="api-server"} == 1 # for Jane`,
	LogQL: `sum by (user) (count_over_time({app="web", namespace=~"prod|dev"} |= "login" != "healthz" |~ "user=\\d+"
  | json user="request.user", ip | logfmt | status >= 500 and duration > 10s | line_format "{{.user}} bought {{.item}}" [5m]))
  / on (user) group_left sum(rate({job="audit"} | unpack [1m])) > 100`,
	GraphQL: `query Users($id: ID!, $tags: [String!] = ["vip", "gold"]) {
  user(id: $id, email: "jane@example.com", age: 42, kind: ADMIN) { # Jane
    id name: fullName
    orders(first: 10, filter: {status: OPEN, tags: $tags, price: {min: 5, max: 99.95}}, ids: [1, 2, 3]) { edges { node { ...Parts total(in: "USD") } } }
  }
}`,
}

func BenchmarkRepresentLanguages(b *testing.B) {
	for _, lang := range languages {
		query := benchmarkQueries[lang]
		b.Run(fmt.Sprintf("%s/%d", lang, len(query)), func(b *testing.B) {
			r := New(testOptions(NamesKept))
			b.ReportAllocs()
			b.SetBytes(int64(len(query)))
			for b.Loop() {
				if r.Represent(lang, "", query).Outcome != Redacted {
					b.Fatal("not represented in full")
				}
			}
		})
	}
}
