package query

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// oddTokens are put together at random, with the words that the reader treats apart. Those with a canary in them are
// literals under the labels that do not say that double quotes delimit names.
var oddTokens = append([]string{
	"a", "b", "t", "?", "?0", "$1", ":p", "@v", ".", ".", "::", "(", ")", "(", ")", "[", "]", "`z`", "1", ",", ",", "-", "+", "*", "=", "<>", "||", "->",
	"{d", "}", ";", ":", "d.AS", "x.y", "f(", "In", "As", "(1)", "83514277", "83514277e", "'Qzrkvwjx'", "N'Qzrkvwjx'", "E'Qzrkvwjx'", "/* Qzrkvwjx */",
	`"Qzrkvwjx"`, `"Qzrkvwjx"`, "$$Qzrkvwjx$$", "-- Qzrkvwjx\n", "jane@Qzrkvwjx", "SELECT a FROM t", "INSERT INTO t", "INSERT INTO t VALUES (1)", "NULL", "ASC", "timestamp", "day", "MAX", "count",
	"CREATE TABLE t", "UPDATE t SET a = 1", "DELETE FROM t", "GRANT", "COPY", "SHOW", "EXPLAIN", "USE", "SELECT", "FROM", "WHERE", "VALUES",
}, sqlWordsOfTheReader()...)

// sqlWordsOfTheReader are the words that the reader treats apart.
func sqlWordsOfTheReader() (words []string) {
	for _, entry := range sqlEntries[1:wNamed] {
		words = append(words, entry.text)
	}
	return words
}

// Whatever is represented of tokens in any order tells no literal, and represents to itself.
func TestTokensInAnyOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	r := New(testOptions(NamesKept))
	full := 0
	for range 300_000 / oneOf {
		var b strings.Builder
		for i := range 2 + random.IntN(7) {
			if i > 0 && random.IntN(6) > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(oddTokens[random.IntN(len(oddTokens))])
		}
		text, system := b.String(), sqlSystems[random.IntN(len(sqlSystems))]
		res := r.Represent(SQL, system, text)
		if !dialectOf(system).doubleNames || !strings.Contains(text, `"`) {
			assertNoCanary(t, res, "Qzrkvwjx", system, text)
		}
		assertNoCanary(t, res, "83514277", system, text)
		if res.Outcome < Redacted {
			continue
		}
		full++
		shape, fingerprint := string(res.Representation), res.Fingerprint
		if again := r.Represent(SQL, system, shape); string(again.Representation) != shape || again.Fingerprint != fingerprint {
			t.Errorf("%q %q\n=> %s\n=> %s %s", system, text, shape, again.Reason, again.Representation)
		}
	}
	t.Logf("%d represented in full", full)
}

// What was once told, and must not be again.
func TestLiteralsAmongOddTokens(t *testing.T) {
	r := New(testOptions(NamesKept))
	for _, text := range []string{
		`SELECT a FROM "dbo"."Qzrkvwjx"`,
		`SELECT "a" . "Qzrkvwjx" FROM t`,
		`INSERT INTO t (a) VALUES ("b"), 0("Qzrkvwjx")`,
		"GRANT SELECT ON t TO jane@localhost-- for Qzrkvwjx\n",
		"PRAGMA jane@host-- Qzrkvwjx\n",
		"SELECT a FROM t WHERE b = jane@host/* Qzrkvwjx */",
		"USE a$$Qzrkvwjx$$",
		"SELECT * FROM #Qzrkvwjx\non",
	} {
		for _, system := range sqlSystems {
			if strings.Contains(text, `"`) && dialectOf(system).doubleNames {
				continue // names, by the label
			}
			for end := len(text); end > 0; end-- {
				assertNoCanary(t, r.Represent(SQL, system, text[:end]), "Qzrkvwjx", system, text[:end])
			}
		}
	}
}
