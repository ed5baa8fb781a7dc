package query

// graphqlToken is the kind of a token of GraphQL.
type graphqlToken uint8

const (
	graphqlEOF     graphqlToken = iota
	graphqlName                 // start and end are those of the content where it is a pseudonym in backticks
	graphqlLiteral              // string, block string or number
	graphqlHole                 // the placeholder, met again
	graphqlPunct                // op says which; '.' stands for "..."
	graphqlBad                  // no token of the language; reason says why
)

// graphqlLexer reads tokens of GraphQL. Commas and comments are white space. It allocates nothing and reads every byte once.
type graphqlLexer struct {
	s          string
	pos        int // behind the current token
	start, end int // the current token
	tok        graphqlToken
	op         byte   // of graphqlPunct
	reason     Reason // of graphqlBad
	quoted     bool   // a string was met
}

func (l *graphqlLexer) next() {
	l.pos = graphqlSkip(l.s, l.pos)
	l.start = l.pos
	if l.pos == len(l.s) {
		l.tok, l.end = graphqlEOF, l.pos
		return
	}
	switch c := l.s[l.pos]; {
	case identStart(c):
		l.tok, l.pos = graphqlName, identEnd(l.s, l.pos+1)
	case isDigit(c), c == '-' && isDigit(byteAt(l.s, l.pos+1)):
		l.tok, l.pos = graphqlLiteral, numberEnd(l.s, l.pos+1)
	case c == '"':
		end := graphqlStringEnd(l.s, l.pos)
		l.quoted = true
		if end == 0 {
			l.tok, l.reason = graphqlBad, ReasonUnterminated
			return
		}
		l.tok, l.pos = graphqlLiteral, end
		if c := byteAt(l.s, end); identPart(c) || c == '"' {
			l.tok, l.reason = graphqlBad, ReasonToken // a quote inside a string would look like this
		}
	case c == '?':
		l.tok, l.pos = graphqlHole, l.pos+1
	case c == '`':
		l.pseudonym()
		return
	case c == '.':
		l.tok = graphqlBad
		l.reason = ReasonToken
		if byteAt(l.s, l.pos+1) == '.' && byteAt(l.s, l.pos+2) == '.' {
			l.tok, l.op, l.pos = graphqlPunct, '.', l.pos+3
		}
	default:
		switch c {
		case '!', '$', '&', '(', ')', ':', '=', '@', '[', ']', '{', '|', '}':
			l.tok, l.op, l.pos = graphqlPunct, c, l.pos+1
		default:
			l.tok, l.reason = graphqlBad, ReasonToken
		}
	}
	l.end = l.pos
}

// pseudonym reads a name that was replaced before. Nothing else stands in backticks.
func (l *graphqlLexer) pseudonym() {
	start := l.pos + 1
	end := start
	for end < len(l.s) && end-start <= 3*maxName && l.s[end] != '`' {
		end++
	}
	if byteAt(l.s, end) != '`' || !isPseudonym(l.s[start:end]) {
		l.tok, l.reason = graphqlBad, ReasonToken
		return
	}
	l.tok, l.start, l.end, l.pos = graphqlName, start, end, end+1
}

func (l *graphqlLexer) text() string { return l.s[l.start:l.end] }

// is says whether the current token is the punctuation.
func (l *graphqlLexer) is(op byte) bool { return l.tok == graphqlPunct && l.op == op }

// word says whether the current token is the name.
func (l *graphqlLexer) word(name string) bool { return l.tok == graphqlName && l.text() == name }

// graphqlSkip returns the offset behind white space, commas and comments.
func graphqlSkip(s string, i int) int {
	for i < len(s) {
		switch c := s[i]; {
		case isSpace(c) || c == ',':
			i++
		case c == '#':
			i = lineEnd(s, i)
		default:
			return i
		}
	}
	return i
}

// graphqlStringEnd returns the offset behind the string or block string that starts at i, 0 where it does not end.
func graphqlStringEnd(s string, i int) int {
	if byteAt(s, i+1) != '"' || byteAt(s, i+2) != '"' {
		return quotedEnd(s, i, true)
	}
	for i += 3; i < len(s); i++ {
		if s[i] != '"' || byteAt(s, i+1) != '"' || byteAt(s, i+2) != '"' {
			continue
		}
		if s[i-1] != '\\' {
			return i + 3
		}
		i += 2
	}
	return 0
}
