package query

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// hostileSQL is text on which a careless reader takes more than linear time.
func hostileSQL(size int) map[string]string {
	hostile := map[string]string{}
	for name, unit := range map[string]string{
		"open parens": "(", "open brackets": "[", "open braces": "{a ", "parens": "()", "quotes": "'", "doubled quotes": "''", "double quotes": `"`,
		"backslashes": `'\\' `, "dollars": "$$", "tags": "$a$ ", "dollar digits": "$1 ", "comments": "/* */", "open comments": "/*", "dashes": "--",
		"dashes and line feeds": "--x\n", "hashes": "#", "hash operators": "#> ", "temporary tables": "from #a ", "semicolons": ";", "commas": ",",
		"dots": "a.", "names": "a ", "numbers": "1 ", "operators": "- ", "questions": "? ", "colons": "a:b ", "ats": "@", "accounts": "a@b ",
		"backticks": "`a` ", "q strings": "q'[", "format placeholders": "%(", "braces": "{a:b}", "uuids": "deadbeef-", "lists": "in (1,2) ",
		"values": "(1,2),", "brackets and quotes": "['a]' ", "triple quotes": "''' ", "selects": "select a from b union ", "long name": "abcdefgh",
	} {
		hostile[name] = "SELECT " + strings.Repeat(unit, size/len(unit))
	}
	hostile["datasets"] = "SELECT * FROM " + strings.Repeat("abc, ", size/5)
	hostile["rows"] = "INSERT INTO t VALUES " + strings.Repeat("(1,'a'),", size/8)
	hostile["different rows"] = "INSERT INTO t VALUES " + strings.Repeat("(1,'a'),(f(),1),", size/16)
	hostile["lists of lists"] = "SELECT " + strings.Repeat("[[1],[2]],", size/10)
	return hostile
}

// Reading is linear under every label: with a reader that is not, this test does not end.
func TestHostileSQLIsReadInLinearTime(t *testing.T) {
	r := New(testOptions(NamesKept))
	at := 0
	for size, labels := range map[int]int{MaxLength - 1000: 1, 1 << 15: len(sqlSystems)} {
		texts := hostileSQL(size / oneOf)
		for i, piece := range hostilePieces {
			beginning := hostileSQLBeginnings[i%len(hostileSQLBeginnings)]
			texts[piece] = beginning + strings.Repeat(piece, size/oneOf/len(piece))
		}
		for _, text := range texts {
			for range labels {
				at++
				assert.Equal(t, len(text), r.Represent(SQL, sqlSystems[at%len(sqlSystems)], text).Length)
			}
		}
	}
}

var hostileSQLBeginnings = []string{
	"", "SELECT ", "SELECT * FROM ", "SELECT a FROM t WHERE b IN (", "INSERT INTO t VALUES ", "INSERT INTO t VALUES (", "CREATE TABLE t (",
	"SET x = ", "WITH a AS (", "UPDATE t SET a = ", "CALL f(", "SELECT '", "SELECT $a$", "/*",
}

// What a text that is as long as any may be says of its shape does not depend on its length.
func TestOneMegabyteOfSQLIsRepresented(t *testing.T) {
	r := New(testOptions(NamesKept))
	for long, short := range map[string]string{
		"INSERT INTO t (a, b) VALUES " + strings.Repeat("(1, 'x'), ", 100_000) + "(2, 'y')": "INSERT INTO t (a, b) VALUES (3, 'z')",
		"SELECT a FROM t WHERE b IN (" + strings.Repeat("12345678, ", 100_000) + "1)":       "SELECT a FROM t WHERE b IN (2)",
		"SELECT a FROM t WHERE b = '" + strings.Repeat("it''s ", 150_000) + "'":             "SELECT a FROM t WHERE b = ''",
		"SELECT a " + strings.Repeat("/* it is */ ", 80_000) + "FROM t WHERE b = 1":         "SELECT a FROM t WHERE b = 2",
	} {
		want := r.Represent(SQL, "", short).Fingerprint
		res := r.Represent(SQL, "", long)
		assert.Equal(t, want, res.Fingerprint, "%s: %s", short, res.Reason)
		assert.Equal(t, Redacted, res.Outcome)
	}
}
