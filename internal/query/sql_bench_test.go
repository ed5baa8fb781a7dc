package query

import (
	"strings"
	"testing"
)

// benchmarkSQL is a query of 300 bytes.
const benchmarkSQL = `SELECT u.id, u.email, count(o.id) AS orders, sum(o.total) AS total FROM users u LEFT JOIN orders o ON o.user_id = u.id ` +
	`WHERE u.email = 'jane.doe@example.com' AND o.created_at >= '2024-01-01' AND o.status IN ('paid', 'shipped', 'done') AND o.total > 99.95 ` +
	`GROUP BY u.id, u.email ORDER BY total DESC LIMIT 100`

func BenchmarkSQL(b *testing.B) {
	for name, text := range map[string]string{
		"query_300_bytes":  benchmarkSQL,
		"insert_1000_rows": "INSERT INTO t (a, b, c) VALUES " + strings.Repeat("(1, 'value', 3.5), ", 999) + "(1, 'value', 3.5)",
		"prose":            strings.Repeat("please show me the salary of all the people who live near the sea ", 5),
	} {
		b.Run(name, func(b *testing.B) {
			r := New(testOptions(NamesKept))
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				r.Represent(SQL, "postgresql", text)
			}
		})
	}
}

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

func BenchmarkHostileSQL(b *testing.B) {
	for name, text := range hostileSQL(MaxLength - 1000) {
		b.Run(strings.ReplaceAll(name, " ", "_"), func(b *testing.B) {
			r := New(testOptions(NamesKept))
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				r.Represent(SQL, "microsoft.sql_server", text)
			}
		})
	}
}
