package query

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// sqlGenerator makes queries of one dialect, with literals and comments of all forms that it has, full of what ends
// literals and comments in other dialects.
type sqlGenerator struct {
	random   *rand.Rand
	canary   string
	literals []func(g *sqlGenerator) string
	comments []func(g *sqlGenerator) string
}

// pieces are what the content of a literal is made of, besides the canary.
var pieces = []string{
	"'", `"`, "`", "--", "-- ", "/*", "*/", "#", "$$", "$a$", `\`, `\\`, ";", "(", ")", "[", "]", "{", "}", ",", " ", " AND ", " FROM t ", " = ",
	"\n", "x", "q'[", "]'", "''", "'''", `"""`, ":", "@", "?", "1", ".", " SELECT ", " OR a = ", "E'", "N'", "//", "/*!", "é", "‘",
}

func (g *sqlGenerator) content() string {
	var b strings.Builder
	for range g.random.IntN(4) {
		b.WriteString(pieces[g.random.IntN(len(pieces))])
	}
	b.WriteString(g.canary)
	for range g.random.IntN(4) {
		b.WriteString(pieces[g.random.IntN(len(pieces))])
	}
	return b.String()
}

// doubled is a string in which quotes are doubled, and a backslash is a backslash.
func doubled(prefix, quote string) func(g *sqlGenerator) string {
	return func(g *sqlGenerator) string {
		return prefix + quote + strings.ReplaceAll(g.content(), quote, quote+quote) + quote
	}
}

// escaped is a string in which a backslash escapes.
func escaped(prefix, quote string) func(g *sqlGenerator) string {
	return func(g *sqlGenerator) string {
		content := strings.ReplaceAll(g.content(), `\`, `\\`)
		if g.random.IntN(2) == 0 {
			return prefix + quote + strings.ReplaceAll(content, quote, `\`+quote) + quote
		}
		return prefix + quote + strings.ReplaceAll(content, quote, quote+quote) + quote
	}
}

// between is a literal or comment that ends where its end first stands.
func between(start, end string) func(g *sqlGenerator) string {
	return func(g *sqlGenerator) string {
		content := g.content()
		for strings.Contains((content + end)[:len(content)+len(end)-1], end) {
			content = strings.Replace(content, end[:1], "", 1)
		}
		return start + content + end
	}
}

// escapedBetween is the same for strings in which a backslash escapes.
func escapedBetween(start, end string) func(g *sqlGenerator) string {
	inner := between(start, end)
	return func(g *sqlGenerator) string {
		s := inner(g)
		body := s[len(start) : len(s)-len(end)]
		body = strings.ReplaceAll(body, `\`, `\\`)
		body = strings.Trim(body, end[:1])
		return start + body + end
	}
}

func line(start string) func(g *sqlGenerator) string {
	return func(g *sqlGenerator) string { return start + strings.ReplaceAll(g.content(), "\n", " ") + "\n" }
}

// nested is a comment in which comments nest.
func nested(g *sqlGenerator) string {
	content := strings.NewReplacer("/*", "", "*/", "", "*", "", "/", "").Replace(g.content())
	return "/* a /* " + content + " */ " + g.canary + " */"
}

func number(g *sqlGenerator) string { return "83514277" }

// sqlGenerators are the dialects.
func sqlGenerators(canary string, random *rand.Rand) []*sqlGenerator {
	block := between("/*", "*/")
	dialects := []*sqlGenerator{
		{ // PostgreSQL
			literals: []func(g *sqlGenerator) string{doubled("", "'"), doubled("N", "'"), escaped("E", "'"), between("$$", "$$"), between("$tag$", "$tag$"), number},
			comments: []func(g *sqlGenerator) string{line("--"), line("-- "), nested},
		},
		{ // MySQL
			literals: []func(g *sqlGenerator) string{escaped("", "'"), escaped("", `"`), escaped("_utf8mb4", "'"), number},
			comments: []func(g *sqlGenerator) string{line("-- "), line("#"), line("# "), block},
		},
		{ // ClickHouse
			literals: []func(g *sqlGenerator) string{escaped("", "'"), between("$$", "$$"), number},
			comments: []func(g *sqlGenerator) string{line("--"), line("# "), line("#!"), nested},
		},
		{ // BigQuery
			literals: []func(g *sqlGenerator) string{escaped("", "'"), escaped("", `"`), escapedBetween("'''", "'''"), escapedBetween(`"""`, `"""`), number},
			comments: []func(g *sqlGenerator) string{line("--"), line("#"), block},
		},
		{ // Snowflake
			literals: []func(g *sqlGenerator) string{escaped("", "'"), between("$$", "$$"), number},
			comments: []func(g *sqlGenerator) string{line("--"), line("//"), block},
		},
		{ // SQL Server
			literals: []func(g *sqlGenerator) string{doubled("", "'"), doubled("N", "'"), number},
			comments: []func(g *sqlGenerator) string{line("--"), nested},
		},
		{ // Oracle
			literals: []func(g *sqlGenerator) string{doubled("", "'"), between("q'[", "]'"), between("q'(", ")'"), between("Q'!", "!'"), between("nq'{", "}'"), number},
			comments: []func(g *sqlGenerator) string{line("--"), block},
		},
		{ // SQLite
			literals: []func(g *sqlGenerator) string{doubled("", "'"), doubled("", `"`), number},
			comments: []func(g *sqlGenerator) string{line("--"), block},
		},
	}
	for _, g := range dialects {
		g.random, g.canary = random, canary
	}
	return dialects
}

// templates hold %l for a literal and %c for white space that may be a comment.
var templates = []string{
	"SELECT a,%c%l AS b FROM t%cWHERE c = %l%cAND d IN (%l, %l)%cORDER BY e",
	"SELECT f(%l, x)%c, %l FROM t AS u%cJOIN v ON u.a = v.b AND v.c <> %l%cLIMIT 5",
	"INSERT INTO t (a, b)%cVALUES (%l, %l), (%l,%c%l)",
	"UPDATE t SET a = %l,%cb = %l WHERE%cc LIKE %l",
	"DELETE FROM t%cWHERE a = %l OR%cb = %l",
	"SELECT CASE WHEN a = %l THEN %l ELSE b END%cFROM t",
	"SELECT [%l, %l]%c, m[%l] FROM t WHERE a%c= %l",
	"CREATE TABLE t (a INT DEFAULT %l,%cb TEXT COMMENT %l)",
	"SET x = %l%c;%cSELECT %l",
	"WITH a AS (SELECT %l AS x%c) SELECT * FROM a WHERE%cb = %l",
	"a = %l%cAND b = %l",
	"CREATE USER u IDENTIFIED BY %l%cPASSWORD %l",
	"%cSELECT%c%l%c,%l%cFROM%ct",
	"ALTER TABLE t ADD COLUMN a INT DEFAULT %l%c, COMMENT = %l",
	"CALL p(%l,%c%l)",
	"SELECT a FROM t WHERE b LIKE %l ESCAPE '!'%cAND c = %l",
}

func (g *sqlGenerator) query() string {
	template := templates[g.random.IntN(len(templates))]
	var b strings.Builder
	for i := 0; i < len(template); i++ {
		if template[i] != '%' {
			b.WriteByte(template[i])
			continue
		}
		i++
		switch {
		case template[i] == 'l':
			b.WriteString(g.literals[g.random.IntN(len(g.literals))](g))
		case g.random.IntN(4) == 0:
			b.WriteString(" " + g.comments[g.random.IntN(len(g.comments))](g) + " ")
		default:
			b.WriteByte(' ')
		}
	}
	return b.String()
}

func TestNoLeakInRandomSQL(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	r := New(testOptions(NamesKept))
	full, total, at := 0, 0, 0
	for _, canary := range []string{"Qzrkvwjx", "Qz7Rk2Vw9J", "zqvkwj xqhbnm"} {
		for range 100 {
			for _, g := range sqlGenerators(canary, random) {
				text := g.query()
				for _, system := range sqlSystems {
					for end := len(text); end > 0; end -= 11 {
						if at++; at%oneOf != 0 {
							continue
						}
						res := r.Represent(SQL, system, text[:end])
						assertNoCanary(t, res, canary, system, text[:end])
						assertNoCanary(t, res, "83514277", system, text[:end])
						if end == len(text) {
							total++
							if res.Outcome >= Redacted {
								full++
							}
						}
					}
				}
			}
		}
	}
	t.Logf("%d of %d represented in full", full, total)
}
