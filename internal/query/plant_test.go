package query

import (
	"bufio"
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// languageCorpus is what the tests of a language run over: queries of our own in which every literal is marked by hand, so
// that the place of a literal does not depend on any reader of this package, and queries of others.
type languageCorpus struct {
	lang    Language
	slots   string         // in testdata; queries with marked literals, separated by lines of three hyphens
	shared  string         // in the folder beside the repository; "" where there is none
	share   float64        // of the shared queries that must be represented in full
	literal *regexp.Regexp // finds literals and comments in them
	comment string         // a comment that holds quotes and brackets, with the line end that ends it
	upper   *regexp.Regexp // words whose case makes no difference
}

var languageCorpora = []languageCorpus{
	{
		lang: APL, slots: "apl_slots.txt", shared: "apl_docs.jsonl", share: 0.97,
		literal: regexp.MustCompile("(?s)//[^\n]*|```.*?```|[hH]?@'(?:[^']|'')*'|[hH]?@\"(?:[^\"]|\"\")*\"|" +
			"[hH]?'(?:[^'\\\\\n]|\\\\.)*'|[hH]?\"(?:[^\"\\\\\n]|\\\\.)*\"|\\b[0-9][0-9A-Za-z_.]*"),
		comment: " // it's \"Zq8Xw3Vy\" ) ] } | where\n ",
		upper:   regexp.MustCompile(`\| (?:where|extend|summarize|project|take|limit|top|order|sort|join|union|count|distinct)\b| (?:by|and|or|asc|desc|on|has|contains|startswith) `),
	},
	{
		lang: OPAL, slots: "opal_slots.txt",
		literal: regexp.MustCompile(`(?s)//[^\n]*|#[^\n]*|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\b[0-9][0-9A-Za-z_.]*`),
		comment: " // it's \"Zq8Xw3Vy\" ) ] } | filter\n ",
		upper:   regexp.MustCompile(` (?:and|or|not) `),
	},
	{
		lang: PromQL, slots: "promql_slots.txt", shared: "promql_rules.jsonl", share: 1,
		literal: regexp.MustCompile("(?s)#[^\n]*|`[^`]*`|'(?:[^'\\\\\n]|\\\\.)*'|\"(?:[^\"\\\\\n]|\\\\.)*\"|\\b[0-9][0-9A-Za-z_.]*"),
		comment: " # it's \"Zq8Xw3Vy\" ) ] } or\n ",
		upper:   regexp.MustCompile(`(?:sum|avg|max|min|count|topk)(?: by| without| ?\()| (?:and|or|unless|offset|bool|on|ignoring|group_left) `),
	},
	{
		lang: LogQL, slots: "logql_slots.txt",
		literal: regexp.MustCompile("(?s)#[^\n]*|`[^`]*`|\"(?:[^\"\\\\\n]|\\\\.)*\"|\\b[0-9][0-9A-Za-z_.]*"),
		comment: " # it's \"Zq8Xw3Vy\" ) ] } or\n ",
		upper:   regexp.MustCompile(`(?:sum|topk)(?: by| ?\()| (?:offset|on|group_left) `),
	},
	{
		lang: GraphQL, slots: "graphql_slots.txt", shared: "graphql_kitchen_sink.graphql", share: 1,
		literal: regexp.MustCompile(`(?s)#[^\n]*|"""(?:[^\\]|\\.)*?"""|"(?:[^"\\\n]|\\.)*"|\b[0-9][0-9A-Za-z_.]*`),
		comment: " # it's \"Zq8Xw3Vy\" ) ] } query\n ",
		upper:   regexp.MustCompile(`\bno such word\b`),
	},
}

// languages are those that this file's corpora belong to.
var languages = []Language{APL, OPAL, PromQL, LogQL, GraphQL}

// slotMark finds the marks around the literals of our own queries: ‹kind:text›.
var slotMark = regexp.MustCompile(`(?s)‹(\w):(.*?)›`)

// readSlots reads the queries of our own, marks and all.
func readSlots(tb testing.TB, name string) []string {
	tb.Helper()
	text, err := os.ReadFile("testdata/" + name)
	require.NoError(tb, err)
	return strings.Split(strings.TrimSpace(string(text)), "\n---\n")
}

// unmark gives a query of our own as it is written without marks.
func unmark(query string) string { return slotMark.ReplaceAllString(query, "$2") }

// plantSlots puts the canary of its kind into each marked literal.
func plantSlots(query string, c canary) string {
	var b strings.Builder
	last := 0
	for _, m := range slotMark.FindAllStringSubmatchIndex(query, -1) {
		b.WriteString(query[last:m[0]])
		last = m[1]
		text := query[m[4]:m[5]]
		quote := byte('"')
		if i := strings.LastIndexAny(query[:m[0]], "\"'`"); i >= 0 {
			quote = query[i]
		}
		switch kind := query[m[2]]; kind {
		case 's', 'c':
			b.WriteString(strings.ReplaceAll(c.text, string(quote), "x"))
		case 'n':
			b.WriteString(c.digits)
		case 'd':
			b.WriteString(c.digits + strings.TrimLeft(text, "0123456789."))
		case 'r', 'x', 't', 'e':
			b.WriteString(c.word)
		default:
			panic("no such mark: " + string(kind))
		}
	}
	return b.String() + query[last:]
}

// canary is what is planted: into strings and comments, into numbers, and where only letters and digits may stand.
type canary struct{ text, digits, word string }

// pieces are the parts of a canary that must not be found again.
func (c canary) pieces() []string { return []string{"Qz7Rk2Vw8Lm", c.digits} }

// canaries are planted one after the other. All are of letters and digits where it counts; what stands around them looks
// like the syntax of a query.
var canaries = []canary{
	{"Qz7Rk2Vw8Lm", "83514277", "Qz7Rk2Vw8Lm"},
	{"jane.Qz7Rk2Vw8Lm@example.com", "8351427783514277", "Qz7Rk2Vw8Lm"},
	{"x) ] } | where Qz7Rk2Vw8Lm == Qz7Rk2Vw8Lm, // # /* -- Qz7Rk2Vw8Lm", "83514277.5", "Qz7Rk2Vw8Lm"},
	{"it's \"Qz7Rk2Vw8Lm\" and `Qz7Rk2Vw8Lm`; let Qz7Rk2Vw8Lm = {Qz7Rk2Vw8Lm", "0", "Qz7Rk2Vw8Lm"},
}

// plantFound puts a canary into every literal and comment that the language's expression finds in a query of others.
// Names in brackets are names, also in APL.
func (l *languageCorpus) plantFound(query string, c canary) string {
	var b strings.Builder
	last := 0
	for _, m := range l.literal.FindAllStringIndex(query, -1) {
		token := query[m[0]:m[1]]
		b.WriteString(query[last:m[0]])
		last = m[1]
		switch {
		case token[0] == '#' || strings.HasPrefix(token, "//"):
			b.WriteString(token[:1] + token[:1] + c.text)
			if l.lang == APL || token[0] == '#' {
				b.WriteString(" it's")
			}
		case token[0] >= '0' && token[0] <= '9':
			b.WriteString(c.digits)
			if unit := strings.TrimLeft(token, "0123456789."); len(unit) <= 2 {
				b.WriteString(unit)
			}
		case l.lang == APL && isBracketName(query, m[0], m[1]):
			b.WriteString(token)
		default:
			quote := strings.IndexAny(token, "'\"`")
			width := 1
			if len(token) >= 6 && token[quote+1] == token[quote] && token[quote+2] == token[quote] {
				width = 3
			}
			b.WriteString(token[:quote+width] + strings.ReplaceAll(c.text, token[quote:quote+1], "x") + token[len(token)-width:])
		}
	}
	return b.String() + query[last:]
}

// isBracketName says whether the quoted text is the name in ['name'], and not the key in x['key'].
func isBracketName(query string, start, end int) bool {
	if start == 0 || end >= len(query) || query[start-1] != '[' || query[end] != ']' {
		return false
	}
	return start == 1 || !regexp.MustCompile(`[\w\])]`).MatchString(query[start-2:start-1])
}

// readShared reads the queries of others; none where the folder beside the repository is absent.
func (l *languageCorpus) readShared(tb testing.TB) []string {
	tb.Helper()
	if l.shared == "" {
		return nil
	}
	return readSharedCorpus(tb, l.shared)
}

// readSharedCorpus reads a corpus from the folder beside the repository; nothing where it is absent.
func readSharedCorpus(tb testing.TB, name string) []string {
	tb.Helper()
	text, err := os.ReadFile("../../../shared/corpora/" + name)
	if err != nil {
		tb.Logf("no shared corpora beside this repository: %v", err)
		return nil
	}
	if !strings.HasSuffix(name, ".jsonl") {
		return []string{string(text)}
	}
	var queries []string
	lines := bufio.NewScanner(strings.NewReader(string(text)))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var line struct{ Query string }
		require.NoError(tb, json.Unmarshal(lines.Bytes(), &line))
		queries = append(queries, line.Query)
	}
	return queries
}

// protected finds, in a query of our own, marked literals with what they are part of, and quoted names.
var protected = regexp.MustCompile("(?s)[^\\s()\\[\\],{}]*‹[^›]*›(?:[^\\s()\\[\\],{}]*‹[^›]*›)*[^\\s()\\[\\],{}]*|\\['[^']*'\\]|\"[^\"\n‹]*\"|//.*?\n|#.*?\n|\"\"\".*?\"\"\"|/\\*.*?\\*/")
