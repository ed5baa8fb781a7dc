package query

import "strings"

// Dialects disagree about where strings and comments end: whether a backslash escapes, whether ”' opens a long string,
// whether comments nest, what '#', '//' and "--x" start. A label cannot decide it, because it may be wrong. So a literal is
// read under all of these rules at once, and accepted only where they agree on its end; ReasonAmbiguous where they do not.

// stringEnd finds the end of the string that opens at at with the quote character q.
func (l *sqlLexer) stringEnd(at int, q byte) (int, Reason) {
	s := l.text
	doubled, backslash := doubledEnd(s, at, q)
	if backslash && doubled == at+3 && (l.last == wEscape || l.last == wUescape) {
		return doubled, ReasonNone // one character stands after ESCAPE, so '\' is nothing but a backslash
	}
	escaped := doubled
	if backslash {
		escaped = escapedEnd(s, at, q)
	}
	tripled := doubled
	if strings.HasPrefix(s[at:], tripleQuote(q)) {
		tripled = tripledEnd(s, at, q)
	}
	if escaped == doubled && tripled == doubled {
		if doubled < 0 {
			return 0, ReasonUnterminated
		}
		return doubled, ReasonNone
	}
	// They disagree, but it makes no difference where nothing that could be told follows.
	end := max(doubled, escaped, tripled)
	for _, e := range [...]int{doubled, escaped, tripled} {
		if e >= 0 && e < end {
			end = e
		}
	}
	if strings.Trim(s[end:], " \t\r\n)]};,") == "" {
		return end, ReasonNone
	}
	return 0, ReasonAmbiguous
}

// doubledEnd is the end of a string in which a doubled quote is the only escape, -1 if it does not end, and whether a
// backslash is in it.
func doubledEnd(s string, at int, q byte) (end int, backslash bool) {
	for i := at + 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			backslash = true
		case q:
			if i+1 < len(s) && s[i+1] == q {
				i++
				continue
			}
			return i + 1, backslash
		}
	}
	return -1, backslash
}

// escapedEnd is the end of a string in which a backslash escapes too.
func escapedEnd(s string, at int, q byte) int {
	for i := at + 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case q:
			if i+1 < len(s) && s[i+1] == q {
				i++
				continue
			}
			return i + 1
		}
	}
	return -1
}

// tripledEnd is the end of a string that opens and closes with three quotes.
func tripledEnd(s string, at int, q byte) int {
	end := strings.Index(s[at+3:], tripleQuote(q))
	if end < 0 {
		return -1
	}
	return at + 3 + end + 3
}

func tripleQuote(q byte) string {
	if q == '"' {
		return `"""`
	}
	return "'''"
}

// alternativeEnd is the end of Oracle's q'[…]', where at is the place of the quote.
func (l *sqlLexer) alternativeEnd(at int) (int, Reason) {
	s := l.text
	if at+1 >= len(s) {
		return 0, ReasonUnterminated
	}
	var closing string
	switch c := s[at+1]; {
	case c == '[':
		closing = "]'"
	case c == '(':
		closing = ")'"
	case c == '{':
		closing = "}'"
	case c == '<':
		closing = ">'"
	case c > ' ' && c < 0x7f && !isWordByte(c) && c != '\'':
		closing = string([]byte{c, '\''})
	default:
		return 0, ReasonAmbiguous
	}
	end := strings.Index(s[at+2:], closing)
	if end < 0 {
		return 0, ReasonUnterminated
	}
	return at + 2 + end + 2, ReasonNone
}

// dollarEnd is the end of $tag$…$tag$, where tag includes its dollars and opens at at.
func (l *sqlLexer) dollarEnd(at int, tag string) (int, Reason) {
	body := l.text[at+len(tag):]
	end := strings.Index(body, tag)
	if end < 0 {
		return 0, ReasonUnterminated
	}
	if body = body[:end]; !l.dialect.dollars && (!closesQuotes(body) || strings.Contains(body, "--") || strings.Contains(body, "#")) {
		return 0, ReasonAmbiguous
	}
	return at + end + 2*len(tag), ReasonNone
}

// blockEnd is the end of the comment /* … */ that opens at at.
func (l *sqlLexer) blockEnd(at int) (int, Reason) {
	s := l.text
	end := strings.Index(s[at+2:], "*/")
	if end < 0 {
		return 0, ReasonUnterminated
	}
	body := s[at+2 : at+2+end]
	executed := strings.HasPrefix(body, "!") || strings.HasPrefix(body, "M!")
	if strings.Contains(body, "/*") || executed && strings.ContainsAny(body, "'\"`\\") {
		return 0, ReasonAmbiguous
	}
	return at + 2 + end + 2, ReasonNone
}

// lineEnd is the end of a comment that ends with the line. certain says that all dialects take it for one; otherwise the
// line must also end outside of everything if it is read as code.
func (l *sqlLexer) lineEnd(at int, certain bool) (int, Reason) {
	line := l.text[at:]
	end := strings.IndexByte(line, '\n')
	if end < 0 {
		end = len(line)
	}
	line = line[:end]
	if cr := strings.IndexByte(line, '\r'); cr >= 0 && cr < len(line)-1 {
		return 0, ReasonAmbiguous // PostgreSQL ends the comment there
	}
	if !certain && !closesQuotes(line) {
		return 0, ReasonAmbiguous
	}
	return at + end, ReasonNone
}

// closesQuotes says whether a piece of text, read as code, surely ends outside of strings and comments.
func closesQuotes(line string) bool {
	for i := 0; i < len(line); i++ {
		switch c := line[i]; c {
		case '\'', '"', '`':
			end := strings.IndexByte(line[i+1:], c)
			if end < 0 {
				return false
			}
			i += end + 1
		case '\\', '$':
			return false
		case '/':
			if strings.HasPrefix(line[i:], "/*") {
				return false
			}
		}
	}
	return true
}
