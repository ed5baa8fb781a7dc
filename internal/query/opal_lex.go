package query

// opalToken is the kind of a token of OPAL.
type opalToken uint8

const (
	opalEOF     opalToken = iota
	opalName              // identifier; start and end are those of the content where it is a pseudonym in backticks
	opalLiteral           // string, number, duration, regular expression, or a parameter ($name)
	opalHole              // the placeholder, met again
	opalPunct             // operator or bracket: op says which
	opalBad               // no token of the language; reason says why
)

// opalLexer reads tokens of OPAL: strings in '…' and "…" with backslash escapes or a doubled quote, over several lines if need
// be; regular expressions in /…/; comments from // or # to the end of the line, and between /* and */. It allocates nothing
// and reads every byte a bounded number of times.
type opalLexer struct {
	s          string
	pos        int // behind the current token
	start, end int // the current token
	tok        opalToken
	op         string // of opalPunct
	reason     Reason // of opalBad
	quoted     bool   // a string or regular expression was met
}

// next reads the next token. Only where an operand is wanted does '/' begin a regular expression.
func (l *opalLexer) next(wantOperand bool) {
	i, reason := opalSkip(l.s, l.pos)
	l.pos, l.start = i, i
	if reason != ReasonNone {
		l.bad(reason)
		return
	}
	if i == len(l.s) {
		l.tok, l.end = opalEOF, i
		return
	}
	switch c := l.s[i]; {
	case identStart(c):
		l.pos = identEnd(l.s, i+1)
		l.tok = opalName
	case isDigit(c) || c == '.' && isDigit(byteAt(l.s, i+1)):
		l.pos = numberEnd(l.s, i)
		l.tok = opalLiteral
	case c == '"' || c == '\'':
		l.literal(opalStringEnd(l.s, i))
	case c == '/' && wantOperand:
		l.literal(opalRegexEnd(l.s, i))
	case c == '$':
		l.parameter()
	case c == '?':
		l.pos++
		l.tok = opalHole
	case c == '`':
		l.pseudonym()
		return
	default:
		l.punctuation()
	}
	l.end = l.pos
}

func (l *opalLexer) bad(reason Reason) { l.tok, l.reason = opalBad, reason }

// literal takes the token that ends at end; 0: it does not end.
func (l *opalLexer) literal(end int) {
	l.quoted = true
	if end == 0 {
		l.bad(ReasonUnterminated)
		return
	}
	l.tok, l.pos = opalLiteral, end
	if identPart(byteAt(l.s, end)) {
		l.bad(ReasonToken) // a quote inside a string would look like this
	}
}

// parameter reads $name, $name.name or ${name}.
func (l *opalLexer) parameter() {
	i := l.pos + 1
	braced := byteAt(l.s, i) == '{'
	if braced {
		i++
	}
	end := i
	for identPart(byteAt(l.s, end)) || byteAt(l.s, end) == '.' {
		end++
	}
	if end == i || braced && byteAt(l.s, end) != '}' {
		l.bad(ReasonToken)
		return
	}
	if braced {
		end++
	}
	l.tok, l.pos = opalLiteral, end
}

// pseudonym reads a name that was replaced before. Nothing else stands in backticks.
func (l *opalLexer) pseudonym() {
	start := l.pos + 1
	end := start
	for end < len(l.s) && end-start <= 3*maxName && l.s[end] != '`' {
		end++
	}
	if byteAt(l.s, end) != '`' || !isPseudonym(l.s[start:end]) {
		l.bad(ReasonToken)
		return
	}
	l.tok, l.start, l.end, l.pos = opalName, start, end, end+1
}

func (l *opalLexer) punctuation() {
	l.tok = opalPunct
	n := 1
	rest := l.s[l.pos:]
	if len(rest) > 1 {
		switch rest[1] {
		case '=', '-', '>', '~', ':', '|', '&':
			switch rest[:2] {
			case "<-", "!=", "<=", ">=", "<>", "==", "!~", "::", "->":
				n = 2
			case "||", "&&", "--": // operators and comments of other languages
				l.bad(ReasonToken)
				return
			}
		}
	}
	switch rest[0] {
	case '(', ')', '[', ']', '{', '}', ',', ';', '|', '.', ':', '=', '<', '>', '+', '-', '*', '/', '%', '~', '@', '^':
	default:
		if n == 1 || rest[0] != '!' {
			l.bad(ReasonToken)
			return
		}
	}
	l.op = rest[:n]
	l.pos += n
}

func (l *opalLexer) text() string { return l.s[l.start:l.end] }

// is says whether the current token is the operator or bracket.
func (l *opalLexer) is(op string) bool { return l.tok == opalPunct && l.op == op }

// peek is the byte the next token starts with, 0 at the end.
func (l *opalLexer) peek() byte {
	i, _ := opalSkip(l.s, l.pos)
	return byteAt(l.s, i)
}

// opalSkip returns the offset behind white space and comments.
func opalSkip(s string, i int) (int, Reason) {
	for i < len(s) {
		switch c := s[i]; {
		case isSpace(c):
			i++
		case c == '#' || c == '/' && byteAt(s, i+1) == '/':
			i = lineEnd(s, i)
		case c == '/' && byteAt(s, i+1) == '*':
			end := i + 2
			for byteAt(s, end) != '*' || byteAt(s, end+1) != '/' {
				if end++; end >= len(s) {
					return i, ReasonUnterminated
				}
			}
			i = end + 2
		default:
			return i, ReasonNone
		}
	}
	return i, ReasonNone
}

// opalStringEnd returns the offset behind the string whose quote stands at i, 0 where it does not end.
func opalStringEnd(s string, i int) int {
	quote := s[i]
	for i++; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case quote:
			if byteAt(s, i+1) != quote {
				return i + 1
			}
			i++
		}
	}
	return 0
}

// opalRegexEnd returns the offset behind the regular expression that starts at i, with its flags, 0 where it does not end
// on its line.
func opalRegexEnd(s string, i int) int {
	for i++; i < len(s) && s[i] != '\n'; i++ {
		switch s[i] {
		case '\\':
			i++
		case '/':
			return identEnd(s, i+1)
		}
	}
	return 0
}

// opalTermEnd returns the offset behind the search term that starts at i: letters, digits, globs and quoted strings in a
// row, or `<several terms>`; i where there is none, 0 where a part of it does not end.
func opalTermEnd(s string, i int) int {
	group := byteAt(s, i) == '<'
	if group {
		i++
	}
	for i < len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\'':
			if i = opalStringEnd(s, i); i == 0 {
				return 0
			}
		case identPart(c) || c == '*' || c >= 0x80 || group && c != '>' && c != '\n' && c != '{' && c != '}':
			i++
		case group && c == '>':
			return i + 1
		default:
			if group {
				return 0
			}
			return i
		}
	}
	if group {
		return 0
	}
	return i
}
