package query

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// quoting is one way to read quotes and comments, as a dialect does, without regard to anything else.
type quoting struct{ backslash, triple, nested, hash, slashes, cut, dollars, names bool }

// quotedName is a name in quotes, which is no literal.
var quotedName = regexp.MustCompile("^[`\"][A-Za-z0-9_.$ -]*[`\"]$")

// literals marks the bytes of text that are in literals and comments. It is a second implementation, slow and simple, of
// what the lexer must respect under all quotings at once.
func (q quoting) literals(text string) []bool {
	in := make([]bool, len(text))
	for i := 0; i < len(text); {
		end := q.end(text, i)
		if end == 0 {
			i++
			continue
		}
		name := (text[i] == '`' || text[i] == '"' && q.names) && quotedName.MatchString(text[i:end])
		for at := i; at < end && !name; at++ {
			in[at] = true
		}
		i = end
	}
	return in
}

// end is where the literal or comment that starts at i ends; 0 if none does.
func (q quoting) end(text string, i int) int {
	rest := text[i:]
	until := func(skip int, end string) int {
		if at := strings.Index(rest[min(skip, len(rest)):], end); at >= 0 {
			return i + skip + at + len(end)
		}
		return len(text)
	}
	switch c := rest[0]; {
	case strings.HasPrefix(rest, "/*"):
		if !q.nested {
			return until(2, "*/")
		}
		depth := 0
		for j := 0; j+1 < len(rest); j++ {
			switch rest[j : j+2] {
			case "/*":
				depth++
				j++
			case "*/":
				depth--
				j++
			}
			if depth == 0 {
				return i + j + 1
			}
		}
		return len(text)
	case strings.HasPrefix(rest, "--") && (!q.cut || len(rest) == 2 || rest[2] <= ' '), c == '#' && q.hash && hashOperatorEnd(text, i) == 0 && !temporaryTable(text, i), strings.HasPrefix(rest, "//") && q.slashes:
		return until(0, "\n")
	case c == '$' && q.dollars && (i == 0 || !isWordByte(text[i-1])):
		tag := 1
		for tag < len(rest) && (isWordByte(rest[tag]) && rest[tag] != '$' || rest[tag] >= utf8.RuneSelf) {
			tag++
		}
		if tag < len(rest) && rest[tag] == '$' && !isDigit(rest[1]) {
			return until(tag+1, rest[:tag+1])
		}
		return 0
	case c != '\'' && c != '"' && c != '`':
		return 0
	case q.triple && c != '`' && strings.HasPrefix(rest, strings.Repeat(rest[:1], 3)):
		return until(3, rest[:3])
	}
	backslash := q.backslash
	if word := wordBefore(text, i); rest[0] == '\'' {
		switch {
		case strings.EqualFold(word, "q"), strings.EqualFold(word, "nq"):
			if len(rest) < 2 {
				return len(text)
			}
			closing := strings.NewReplacer("[", "]", "(", ")", "{", "}", "<", ">").Replace(rest[1:2])
			return until(2, closing+"'")
		case strings.EqualFold(word, "e"):
			backslash = true
		case strings.HasPrefix(rest, `'\'`) && !strings.HasPrefix(rest, `'\''`) && strings.HasSuffix(strings.ToUpper(strings.TrimSpace(text[:i])), "ESCAPE"):
			return i + 3
		}
	}
	for j := 1; j < len(rest); j++ {
		switch {
		case rest[j] == '\\' && backslash:
			j++
		case rest[j] != rest[0]:
		case j+1 < len(rest) && rest[j+1] == rest[0]:
			j++
		default:
			return i + j + 1
		}
	}
	return len(text)
}

var (
	wantsTable = regexp.MustCompile(`(?i)\b(?:FROM|JOIN|INTO|UPDATE|TABLE)(?:\s|--[^\n]*\n|/\*[^*]*\*/)*#?$`)
	lacksTable = regexp.MustCompile(`(?i)^##?\w+[^\n]*\n\s*(?:\(|(?:WHERE|ON|JOIN|LEFT|RIGHT|ORDER|GROUP|SET|SELECT|FROM|VALUES|WITH|UNION|USING)[^\w$])`)
)

// temporaryTable says whether '#' at i starts the name of a table and no comment: with a comment there, no dialect would
// take the text, because the clause would have no table.
func temporaryTable(text string, i int) bool {
	return lacksTable.MatchString(text[i:]) && wantsTable.MatchString(text[max(0, i-100):i])
}

// wordBefore is the word that ends at i.
func wordBefore(text string, i int) string {
	start := i
	for start > 0 && isWordByte(text[start-1]) {
		start--
	}
	return text[start:i]
}

// quotings are all that a query under a label may be meant in.
func quotings(d sqlDialect) []quoting {
	var all []quoting
	for bits := range 64 {
		q := quoting{bits&1 > 0, bits&2 > 0, bits&4 > 0, bits&8 > 0, bits&16 > 0, bits&32 > 0, true, d.doubleNames}
		all = append(all, q)
		if !d.dollars {
			q.dollars = false
			all = append(all, q)
		}
	}
	return all
}

// FuzzSQL looks for a name that is told though under some reading all its occurrences are in literals.
func FuzzSQL(f *testing.F) {
	files := markedQueries(f)
	for i, m := range files {
		f.Add(uint8(i), m.plant("Qzrkvwjx", -1))
	}
	r := New(testOptions(NamesKept))
	f.Fuzz(func(t *testing.T, label uint8, text string) {
		system := sqlSystems[int(label)%len(sqlSystems)]
		res := r.Represent(SQL, system, text)
		told := append(append([]byte(nil), res.Representation...), ' ')
		if !utf8.ValidString(text) || res.Outcome == Withheld {
			return
		}
		masks := [][]bool{}
		for _, q := range quotings(dialectOf(system)) {
			masks = append(masks, q.literals(text))
		}
		for _, name := range strings.FieldsFunc(string(told), func(c rune) bool { return c < utf8.RuneSelf && !isWordByte(byte(c)) }) {
			if len(name) < pieceLength || sqlLookup(name) != wNone || strings.ContainsAny(name, "0123456789") || isPseudonym("h1:k:"+name) {
				continue
			}
			for i, mask := range masks {
				if !standsOutside(text, name, mask) {
					t.Fatalf("%q is told, but is in a literal under reading %d of %s\n%q\n=> %s", name, i, system, text, told)
				}
			}
		}
		if res.Outcome < Redacted {
			return
		}
		shape, fingerprint := string(res.Representation), res.Fingerprint
		for _, again := range []string{system, ""} {
			if res := r.Represent(SQL, again, shape); string(res.Representation) != shape || res.Fingerprint != fingerprint {
				t.Fatalf("a representation is represented in another way under %q\n%q\n=> %s\n=> %s %s", again, text, shape, res.Representation, res.Reason)
			}
		}
	})
}

// standsOutside says whether name stands somewhere in text outside of the literals.
func standsOutside(text, name string, in []bool) bool {
	for from := 0; ; {
		at := strings.Index(text[from:], name)
		if at < 0 {
			return false
		}
		if from += at; !in[from] {
			return true
		}
		from++
	}
}
