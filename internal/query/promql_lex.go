package query

// promToken is the kind of a token of PromQL and LogQL.
type promToken uint8

const (
	promEOF    promToken = iota
	promName             // metric, label, function or keyword; ':' is part of a name
	promString           // "…", '…' or `…`
	promNumber           // number, duration or size, with whatever is glued to it
	promHole             // the placeholder, met again, or the variable of a dashboard ($__interval)
	promPunct            // operator or bracket: op says which
	promBad              // no token of the language; reason says why
)

// promLexer reads tokens of PromQL and LogQL, whose rules for strings, names and comments (# to the end of the line) are
// the same. It allocates nothing and reads every byte a bounded number of times.
type promLexer struct {
	s          string
	pos        int // behind the current token
	start, end int // the current token
	tok        promToken
	op         string // of promPunct
	reason     Reason // of promBad
	quoted     bool   // a string was met
}

func (l *promLexer) next() {
	l.pos = promSkip(l.s, l.pos)
	l.start = l.pos
	if l.pos == len(l.s) {
		l.tok, l.end = promEOF, l.pos
		return
	}
	switch c := l.s[l.pos]; {
	case identStart(c) || c == ':':
		l.pos = promNameEnd(l.s, l.pos)
		l.tok = promName
	case isDigit(c) || c == '.' && isDigit(byteAt(l.s, l.pos+1)):
		l.pos = numberEnd(l.s, l.pos)
		l.tok = promNumber
	case c == '"' || c == '\'' || c == '`':
		end := quotedEnd(l.s, l.pos, c != '`')
		l.quoted = true
		if end == 0 {
			l.tok, l.reason = promBad, ReasonUnterminated
			return
		}
		l.pos = end
		l.tok = promString
		if identPart(byteAt(l.s, end)) {
			l.tok, l.reason = promBad, ReasonToken // a quote inside a string would look like this
		}
	case c == '?':
		l.pos++
		l.tok = promHole
	case c == '$':
		l.variable()
	default:
		l.punctuation()
	}
	l.end = l.pos
}

// variable reads $name or ${name:format}, which a dashboard replaces before the query runs.
func (l *promLexer) variable() {
	i := l.pos + 1
	braced := byteAt(l.s, i) == '{'
	if braced {
		i++
	}
	end := i
	for end < len(l.s) && (identPart(l.s[end]) || braced && (l.s[end] == ':' || l.s[end] == '.')) {
		end++
	}
	if end == i || braced && byteAt(l.s, end) != '}' {
		l.tok, l.reason = promBad, ReasonToken
		return
	}
	if braced {
		end++
	}
	l.tok, l.pos = promHole, end
}

func (l *promLexer) punctuation() {
	l.tok = promPunct
	n := 1
	rest := l.s[l.pos:]
	if len(rest) > 1 {
		switch rest[1] {
		case '=', '~', '>', '/', '-', '+', '*', '|', '&', '[':
			switch rest[:2] {
			case "==", "!=", "=~", "!~", ">=", "<=", ">/", "</", "|=", "|~", "|>", "!>":
				n = 2
			case "--", "++", "//", "/*", "||", "&&", "[[": // operators and comments of other languages
				l.tok, l.reason = promBad, ReasonToken
				return
			}
		}
	}
	switch rest[0] {
	case '(', ')', '[', ']', '{', '}', ',', '=', '<', '>', '+', '-', '*', '/', '%', '^', '@', '|':
	default:
		if n == 1 || rest[0] != '!' {
			l.tok, l.reason = promBad, ReasonToken
			return
		}
	}
	l.op = rest[:n]
	l.pos += n
}

func (l *promLexer) text() string { return l.s[l.start:l.end] }

// is says whether the current token is the operator or bracket.
func (l *promLexer) is(op string) bool { return l.tok == promPunct && l.op == op }

// peek is the byte the next token starts with, 0 at the end.
func (l *promLexer) peek() byte { return byteAt(l.s, promSkip(l.s, l.pos)) }

// promSkip returns the offset behind white space and comments.
func promSkip(s string, i int) int {
	for i < len(s) {
		switch c := s[i]; {
		case isSpace(c):
			i++
		case c == '#':
			i = lineEnd(s, i)
		default:
			return i
		}
	}
	return i
}

// promNameEnd returns the end of the name that starts at i.
func promNameEnd(s string, i int) int {
	for i < len(s) && (identPart(s[i]) || s[i] == ':') {
		i++
	}
	return i
}

// quotedEnd returns the offset behind the string whose quote stands at i, 0 where it does not end. A string with
// backslash escapes may not run over the end of a line.
func quotedEnd(s string, i int, escapes bool) int {
	quote := s[i]
	for i++; i < len(s); i++ {
		switch c := s[i]; {
		case c == quote:
			return i + 1
		case c == '\\' && escapes:
			i++
		case c == '\n' && escapes:
			return 0
		}
	}
	return 0
}
