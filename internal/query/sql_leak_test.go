package query

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sqlCanaries stand in the place of literals: words, which could be taken for names, and what no name looks like.
var sqlCanaries = []string{"Qzrkvwjx", "Qz7Rk2Vw9J", "zqvkwj xqhbnm", "7Qzrkvwjx", "83514277"}

// marked is a query in which every literal is marked.
type marked struct {
	system string
	parts  []string // code and literals by turns
}

// plant puts the canary in the place of every literal, or of the one with that number. A number becomes a number.
func (m marked) plant(canary string, only int) string {
	var b strings.Builder
	for i, part := range m.parts {
		if i%2 == 1 && (only < 0 || i/2 == only) && m.fits(canary, i) {
			part = canary
		}
		b.WriteString(part)
	}
	return b.String()
}

// fits says whether the canary can stand for the literal: a number must be one, and one word without quotes one word.
func (m marked) fits(canary string, i int) bool {
	if numbers.MatchString(m.parts[i]) && !isDigit(canary[0]) {
		return false
	}
	before := strings.TrimRight(m.parts[i-1], " ")
	return !strings.Contains(canary, " ") || before == "" || !strings.ContainsAny(before[len(before)-1:], "x.:@/=>O")
}

// original is the query as it was written.
func (m marked) original() string { return strings.Join(m.parts, "") }

var (
	marks   = regexp.MustCompile(`[‹›]`)
	numbers = regexp.MustCompile(`^[0-9][0-9a-zA-Z.-]*$`)
)

// markedQueries reads the project's own corpora of SQL.
func markedQueries(tb testing.TB) []marked {
	tb.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "sql", "*.txt"))
	require.NoError(tb, err)
	require.NotEmpty(tb, files)
	var all []marked
	for _, file := range files {
		content, err := os.ReadFile(file)
		require.NoError(tb, err)
		for _, text := range strings.Split(string(content), "\n----\n") {
			all = append(all, marked{strings.TrimSuffix(filepath.Base(file), ".txt"), marks.Split(strings.TrimSuffix(text, "\n"), -1)})
		}
	}
	return all
}

// markLiterals finds the literals of well-formed SQL without the lexer: strings with doubled quotes, numbers, comments.
func markLiterals(text string, find *regexp.Regexp) marked {
	m := marked{}
	last := 0
	for _, at := range find.FindAllStringSubmatchIndex(text, -1) {
		for g := 2; g < len(at); g += 2 {
			if at[g] < 0 {
				continue
			}
			m.parts = append(m.parts, text[last:at[g]], text[at[g]:at[g+1]])
			last = at[g+1]
		}
	}
	m.parts = append(m.parts, text[last:])
	return m
}

var (
	standardLiterals = regexp.MustCompile(`'((?:[^']|'')*)'|/\*(?s:(.*?))\*/|--([^\n]*)|\b(?:0[xX])?(\d+(?:\.\d+)?)\b`)
	doubleLiterals   = regexp.MustCompile(`'((?:[^'\\]|''|\\.)*)'|"((?:[^"\\]|""|\\.)*)"|/\*(?s:(.*?))\*/|--([^\n]*)|#([^\n]*)|\b(?:0[xX])?(\d+(?:\.\d+)?)\b`)
)

func TestNoLeakInTheProjectsOwnSQL(t *testing.T) {
	r := New(testOptions(NamesKept))
	for _, m := range markedQueries(t) {
		assertNoSQLLeak(t, r, m, true)
	}
}

func TestNoLeakInTheSharedSQL(t *testing.T) {
	r := New(testOptions(NamesKept))
	texts := append(sharedLines(t, "sql_identity.sql"), splitStatements(string(sharedCorpus(t, "sql_tpch.sql")))...)
	for _, text := range texts {
		assertNoSQLLeak(t, r, markLiterals(text, standardLiterals), false)
	}
	// The same with strings in double quotes, as MySQL and BigQuery have them.
	for _, text := range sharedLines(t, "sql_identity.sql") {
		if !strings.Contains(text, `"`) {
			assertNoSQLLeak(t, r, markLiterals(strings.ReplaceAll(text, "'", `"`), doubleLiterals), false)
		}
	}
}

// assertNoSQLLeak plants canaries and represents the query under every label, whole and truncated.
func assertNoSQLLeak(t *testing.T, r *Representer, m marked, each bool) {
	t.Helper()
	at := 0
	for i, canary := range sqlCanaries {
		for only := -1; only < len(m.parts)/2 && (each && i < 2 || only < 0); only++ {
			text := m.plant(canary, only)
			for _, system := range sqlSystems {
				for end := len(text); end > 0; end -= 7 {
					if at++; at%oneOf != 0 {
						continue
					}
					if !assertNoCanary(t, r.Represent(SQL, system, text[:end]), canary, system, text[:end]) {
						return
					}
				}
			}
		}
	}
}

func TestMostOfTheProjectsOwnSQLIsRepresented(t *testing.T) {
	r := New(testOptions(NamesKept))
	bySystem, totals := map[string]shares{}, map[string]int{}
	for _, m := range markedQueries(t) {
		if bySystem[m.system] == nil {
			bySystem[m.system] = shares{}
		}
		res := r.Represent(SQL, m.system, m.original())
		bySystem[m.system][res.Outcome]++
		totals[m.system]++
		if testing.Verbose() {
			t.Logf("%s %-9s %-17s %s\n    => %s", m.system, res.Outcome, res.Reason, m.original(), res.Representation)
		}
	}
	for system, got := range bySystem {
		t.Logf("%-22s full %.2f: %v", system, got.full(totals[system]), got)
		if system != "other_sql" { // prose and what is not SQL
			assert.GreaterOrEqual(t, got.full(totals[system]), 0.6, system)
		}
	}
}
