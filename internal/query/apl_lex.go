package query

// aplToken is the kind of a token of the KQL family.
type aplToken uint8

const (
	aplEOF     aplToken = iota
	aplName             // identifier, or one with a leading $ ($left)
	aplBracket          // ['name'] or ["name"]; start and end are those of the name
	aplLiteral          // string (adjacent ones are one), number or duration
	aplHole             // the placeholder, met again
	aplPunct            // operator or bracket: op says which
	aplBad              // no token of the language; reason says why
)

// aplLexer reads tokens of the KQL family. Its rules are Kusto's: strings in '…' and "…" with backslash escapes that end on
// their line, verbatim ones with a doubled quote (@'…'), multi-line ones (```…``` and ~~~…~~~), each with an optional h
// (hidden in traces); line comments only. It allocates nothing and reads every byte a bounded number of times.
type aplLexer struct {
	s          string
	pos        int // behind the current token
	start, end int // the current token; of a bracketed name, the name
	tok        aplToken
	op         aplOp  // of aplPunct
	reason     Reason // of aplBad
	single     bool   // strings side by side are several
	quoted     bool   // the current token, or one that could not be read, is a string
}

// aplOp is an operator or bracket of one or two bytes, the first byte in the low half.
type aplOp uint16

func aplPair(a, b byte) aplOp { return aplOp(a) | aplOp(b)<<8 }

// next reads the next token. Only where an operand is wanted does '[' open a bracketed name.
func (l *aplLexer) next(wantOperand bool) {
	l.pos = aplSkip(l.s, l.pos)
	l.start, l.quoted = l.pos, false
	if l.pos == len(l.s) {
		l.tok, l.end = aplEOF, l.pos
		return
	}
	c := l.s[l.pos]
	switch c {
	case '\'', '"', '@', '`', '~', 'h', 'H':
		if n, reason := aplString(l.s, l.pos); n != 0 || reason != ReasonNone {
			l.quoted = true
			l.literal(n, reason)
			return
		}
	case '$':
		if identStart(byteAt(l.s, l.pos+1)) {
			l.pos = identEnd(l.s, l.pos+1)
			l.tok, l.end = aplName, l.pos
			return
		}
	case '?':
		l.pos++
		l.tok, l.end = aplHole, l.pos
		return
	case '[':
		if wantOperand {
			l.bracket()
			return
		}
	}
	switch {
	case identStart(c):
		l.pos = identEnd(l.s, l.pos+1)
		l.tok, l.end = aplName, l.pos
	case isDigit(c) || c == '.' && isDigit(byteAt(l.s, l.pos+1)):
		l.pos = numberEnd(l.s, l.pos)
		l.tok, l.end = aplLiteral, l.pos
	default:
		l.punctuation(c)
	}
}

// literal takes a string of n bytes and the strings that follow it without an operator between: they are one literal.
func (l *aplLexer) literal(n int, reason Reason) {
	at := l.pos
	for n != 0 {
		l.pos = at + n
		if l.single {
			break
		}
		at = aplSkip(l.s, l.pos)
		n, reason = aplString(l.s, at)
	}
	if identPart(byteAt(l.s, l.pos)) && reason == ReasonNone {
		reason = ReasonToken // a quote inside a string would look like this
	}
	if reason != ReasonNone {
		l.bad(reason)
		return
	}
	l.tok, l.end = aplLiteral, l.pos
}

// bracket reads ['name'] or ["name"]; any other bracket is punctuation.
func (l *aplLexer) bracket() {
	at := aplSkip(l.s, l.pos+1)
	if quote := byteAt(l.s, at); quote != '\'' && quote != '"' {
		l.punctuation('[')
		return
	}
	n, reason := aplString(l.s, at)
	if reason != ReasonNone {
		l.bad(reason)
		return
	}
	end := aplSkip(l.s, at+n)
	if byteAt(l.s, end) != ']' {
		l.punctuation('[')
		return
	}
	l.tok, l.start, l.end, l.pos = aplBracket, at+1, at+n-1, end+1
}

func (l *aplLexer) bad(reason Reason) {
	l.tok, l.reason = aplBad, reason
}

func (l *aplLexer) punctuation(c byte) {
	l.op = aplOp(c)
	n := 1
	switch next := byteAt(l.s, l.pos+1); next {
	case '=', '~', '>', '.', '*', '-', '|', '&':
		switch pair := aplPair(c, next); pair {
		case aplPair('=', '='), aplPair('!', '='), aplPair('<', '='), aplPair('>', '='), aplPair('=', '~'), aplPair('!', '~'),
			aplPair('<', '>'), aplPair('.', '.'), aplPair('=', '>'):
			l.op, n = pair, 2
		case aplPair('/', '*'), aplPair('-', '-'), aplPair('<', '|'), aplPair('|', '|'), aplPair('&', '&'):
			l.bad(ReasonToken) // comments and operators of other languages: the text is not what its label says
			return
		}
	}
	switch c {
	case '(', ')', '[', ']', '{', '}', ',', ';', '|', '.', ':', '=', '<', '>', '+', '-', '*', '/', '%', '!':
	default:
		l.bad(ReasonToken)
		return
	}
	l.pos += n
	l.tok, l.end = aplPunct, l.pos
}

// text is the current token as it stands in the query.
func (l *aplLexer) text() string { return l.s[l.start:l.end] }

// peek is the byte the next token starts with, 0 at the end. It moves on to that byte.
func (l *aplLexer) peek() byte {
	l.pos = aplSkip(l.s, l.pos)
	return byteAt(l.s, l.pos)
}

// aplSkip returns the offset behind white space and comments.
func aplSkip(s string, i int) int {
	for i < len(s) {
		switch c := s[i]; {
		case c > '/':
			return i
		case isSpace(c):
			i++
		case c == '/' && byteAt(s, i+1) == '/':
			i = lineEnd(s, i)
		default:
			return i
		}
	}
	return i
}

// aplString returns the length of the string literal that starts at i, prefix included, or 0 where none starts; a reason
// where it does not end.
func aplString(s string, i int) (int, Reason) {
	start := i
	if i < len(s) && s[i]|0x20 == 'h' {
		i++
	}
	verbatim := byteAt(s, i) == '@'
	if verbatim {
		i++
	}
	quote := byteAt(s, i)
	if (quote == '`' || quote == '~') && !verbatim {
		if byteAt(s, i+1) != quote || byteAt(s, i+2) != quote {
			return 0, ReasonNone
		}
		for i += 3; i < len(s); i++ {
			if s[i] == quote && byteAt(s, i+1) == quote && byteAt(s, i+2) == quote {
				return i + 3 - start, ReasonNone
			}
		}
		return 0, ReasonUnterminated
	}
	if quote != '\'' && quote != '"' {
		return 0, ReasonNone
	}
	for i++; i < len(s); i++ {
		switch c := s[i]; {
		case c == quote && verbatim && byteAt(s, i+1) == quote:
			i++
		case c == quote:
			return i + 1 - start, ReasonNone
		case c == '\\' && !verbatim:
			i++
			if byteAt(s, i) == '\n' {
				return 0, ReasonUnterminated
			}
		case c == '\n':
			return 0, ReasonUnterminated
		}
	}
	return 0, ReasonUnterminated
}

// numberEnd returns the end of the number that starts at i: letters, digits and underscores that are glued to it belong
// to it (`0xFF`, `5m`, `83514277abc`), so do fractions and the sign of an exponent, but not the dots of a range (`1..5`).
func numberEnd(s string, i int) int {
	hex := byteAt(s, i) == '0' && byteAt(s, i+1)|0x20 == 'x'
	for i < len(s) {
		switch c := s[i]; {
		case (c == '+' || c == '-') && !hex && s[i-1]|0x20 == 'e' && isDigit(byteAt(s, i+1)):
			i++
		case c == '.' && byteAt(s, i+1) != '.' && !identStart(byteAt(s, i+1)) && byteAt(s, i+1) != '[':
			i++
		case identPart(c):
			i++
		default:
			return i
		}
	}
	return i
}

// The letters, digits and underscores that identifiers of these languages are made of.
func identStart(c byte) bool { return isLetter(c) || c == '_' }
func identPart(c byte) bool  { return identBytes[c] }

var identBytes = func() (is [256]bool) {
	for c := range is {
		is[c] = isLetter(byte(c)) || c == '_' || isDigit(byte(c))
	}
	return is
}()

// identEnd returns the end of the identifier that reaches i at least.
func identEnd(s string, i int) int {
	for i < len(s) && identBytes[s[i]] {
		i++
	}
	return i
}

// byteAt is the byte at i, 0 behind the end.
func byteAt(s string, i int) byte {
	if i < len(s) {
		return s[i]
	}
	return 0
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// lineEnd returns the end of the line that i stands in; a carriage return alone ends none.
func lineEnd(s string, i int) int {
	for i < len(s) && s[i] != '\n' {
		i++
	}
	return i
}
