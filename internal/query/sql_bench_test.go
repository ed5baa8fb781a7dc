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
