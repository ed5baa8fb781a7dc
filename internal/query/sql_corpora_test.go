package query

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sharedCorpus reads a corpus that is not part of the repository, and skips where it is absent.
func sharedCorpus(tb testing.TB, name string) []byte {
	tb.Helper()
	content, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "corpora", name))
	if os.IsNotExist(err) {
		tb.Skipf("no corpus %s beside the repository", name)
	}
	require.NoError(tb, err)
	return content
}

// sharedLines are the lines of a corpus.
func sharedLines(tb testing.TB, name string) []string {
	tb.Helper()
	return strings.FieldsFunc(string(sharedCorpus(tb, name)), func(r rune) bool { return r == '\n' })
}

// shares counts outcomes.
type shares map[Outcome]int

func (s shares) full(total int) float64 { return float64(s[Clean]+s[Redacted]) / float64(total) }

func TestMostSQLIsRepresented(t *testing.T) {
	lines := sharedLines(t, "sql_identity.sql")
	r := New(testOptions(NamesKept))
	for _, system := range []string{"", "postgresql", "mysql", "clickhouse", "gcp.bigquery", "snowflake", "microsoft.sql_server", "sqlite", "oracle.db"} {
		got := shares{}
		for _, line := range lines {
			res := r.Represent(SQL, system, line)
			got[res.Outcome]++
			if testing.Verbose() && system == "" && res.Outcome < Redacted {
				t.Logf("%s %s: %s", res.Outcome, res.Reason, line)
			}
		}
		t.Logf("%-20s full %.3f: %v", system, got.full(len(lines)), got)
		assert.GreaterOrEqual(t, got.full(len(lines)), 0.93, system)
	}
}

// The corpus has the 22 queries of TPC-H twice: as written, and as an optimiser writes them.
func TestTPCHIsRepresented(t *testing.T) {
	queries := splitStatements(string(sharedCorpus(t, "sql_tpch.sql")))
	assert.Len(t, queries, 2*22)
	r := New(testOptions(NamesKept))
	for _, system := range sqlSystems {
		got := shares{}
		for i, query := range queries {
			res := r.Represent(SQL, system, query)
			got[res.Outcome]++
			assert.Equal(t, Redacted, res.Outcome, "%s statement %d: %s\n%s", system, i, res.Reason, query)
		}
		t.Logf("%-20s full %.3f: %v", system, got.full(len(queries)), got)
	}
}

// splitStatements splits a file at the semicolons that end lines.
func splitStatements(text string) []string {
	var statements []string
	for _, s := range strings.Split(text, ";\n") {
		if s = strings.TrimSpace(s); s != "" {
			statements = append(statements, s)
		}
	}
	return statements
}

type leakCase struct {
	Category, Name, Dialect, Query string
	Secrets                        []string
}

func leakCases(tb testing.TB, name string) []leakCase {
	tb.Helper()
	var cases []leakCase
	scanner := bufio.NewScanner(strings.NewReader(string(sharedCorpus(tb, name))))
	for scanner.Scan() {
		var c leakCase
		require.NoError(tb, json.Unmarshal(scanner.Bytes(), &c))
		cases = append(cases, c)
	}
	return cases
}

func TestNoLeakInTheSharedSQLCases(t *testing.T) {
	r := New(testOptions(NamesKept))
	for _, c := range leakCases(t, "sql_leaks.jsonl") {
		for _, system := range sqlSystems {
			for end := 1; end <= len(c.Query); end++ {
				res := r.Represent(SQL, system, c.Query[:end])
				for _, secret := range c.Secrets {
					assertNoCanary(t, res, secret, system, c.Query[:end])
				}
			}
		}
		res := r.Represent(SQL, c.Dialect, c.Query)
		t.Logf("%-16s %-9s %-18s %s", c.Name, res.Outcome, res.Reason, res.Representation)
	}
}

// sqlSystems has a value of db.system.name for each dialect, and one that is none.
var sqlSystems = []string{
	"", "postgresql", "mysql", "clickhouse", "gcp.bigquery", "snowflake", "microsoft.sql_server", "sqlite", "oracle.db",
}
