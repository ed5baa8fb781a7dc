package query

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// wordEnd is where the word that goes on at i ends. Letters beyond ASCII belong to words in most dialects.
func wordEnd(s string, i int) int {
	for i < len(s) {
		if isWordByte(s[i]) {
			i++
			continue
		}
		if s[i] < utf8.RuneSelf {
			break
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) {
			break
		}
		i += size
	}
	return i
}

// readWord reads a word, several with dots between them, or the string or account that it is the first part of. It returns
// where that ends. Before and behind a dot a word is a name, whatever it is elsewhere.
func (l *sqlLexer) readWord(t *sqlToken, start int) (int, Reason) {
	s := l.text
	rest := s[start:]
	all, next, length := uint8(0), uint8(0), 0
	for ; length < len(rest); length++ {
		c := rest[length]
		traits := byteTraits[c]
		if traits&traitWord == 0 {
			if c != '.' || length+1 == len(rest) || byteTraits[rest[length+1]]&traitLetter == 0 {
				next = traits
				break
			}
			t.path = true
		}
		all |= traits
	}
	end := start + length
	if next&traitHigh != 0 {
		if end = wordEnd(s, end); end == start {
			return start, ReasonToken // a character that belongs to no dialect, such as a typographic quote
		}
		all = traitDigit // as good as
	}
	if next&(traitTail|traitHigh) != 0 && end < len(s) {
		if read, reason := l.readTail(t, start, end); read {
			return l.pos, reason
		}
	}
	t.kind = kindWord
	t.plain = all&(traitDigit|traitDollar) == 0 && length <= maxName
	if !t.path && l.prev != kindDot && end == start+length && !dotFollows(s, end) {
		t.word, t.class = sqlFind(rest[:length])
	}
	return end, ReasonNone
}

// readTail reads what the word s[start:end] is only the first part of, if it is that.
func (l *sqlLexer) readTail(t *sqlToken, start, end int) (bool, Reason) {
	s := l.text
	word := s[start:end]
	l.pos = end
	switch s[end] {
	case '\'', '"':
		if !t.path {
			return l.readPrefixed(t, word, end)
		}
	case '&':
		if end+1 < len(s) && (word == "u" || word == "U") && (s[end+1] == '\'' || s[end+1] == '"') {
			return true, l.readString(t, start, end+1, s[end+1])
		}
	case '@', '-':
		if e := accountEnd(s, start, end); e > 0 {
			t.kind, l.pos = kindOpaque, e
			return true, ReasonNone
		}
	}
	return false, ReasonNone
}

// dotFollows says whether a dot follows white space at i: the word before it is a name, whatever it is elsewhere.
func dotFollows(s string, i int) bool {
	if i < len(s) && s[i] == '.' {
		return true
	}
	for i < len(s) && s[i] <= ' ' {
		i++
	}
	return i < len(s) && s[i] == '.' && !(i+1 < len(s) && isDigit(s[i+1]))
}

// readPrefixed reads the string that word is the prefix of, if it is one. at is the place of the quote.
func (l *sqlLexer) readPrefixed(t *sqlToken, word string, at int) (bool, Reason) {
	s, start := l.text, l.pos-len(word)
	if s[at] == '\'' && (equalFold("Q", word) || equalFold("NQ", word)) {
		end, reason := l.alternativeEnd(at)
		t.kind, l.pos = kindString, end
		return true, reason
	}
	if s[at] == '\'' && equalFold("E", word) {
		end := escapedEnd(s, at, '\'') // no dialect but those where it means "backslash escapes" has it
		if end < 0 {
			return true, ReasonUnterminated
		}
		t.kind, l.pos = kindString, end
		return true, ReasonNone
	}
	for _, prefix := range [...]string{"N", "B", "X", "R", "RB", "BR"} {
		if equalFold(prefix, word) {
			return true, l.readString(t, start, at, s[at])
		}
	}
	if word[0] == '_' {
		return true, l.readString(t, start, at, s[at]) // the character set of a string
	}
	return false, ReasonNone
}

// readString reads the string whose quote is at at.
func (l *sqlLexer) readString(t *sqlToken, start, at int, q byte) Reason {
	end, reason := l.stringEnd(at, q)
	if reason != ReasonNone {
		return reason
	}
	t.kind, l.pos = kindString, end
	if e := accountEnd(l.text, start, end); e > 0 && l.text[end] == '@' {
		t.kind, l.pos = kindOpaque, e
	}
	return ReasonNone
}

// accountEnd is the end of the account (jane@host, 'jane'@'%') or UUID whose first part is s[start:end], else 0.
func accountEnd(s string, start, end int) int {
	if end >= len(s) {
		return 0
	}
	if s[end] == '-' {
		return uuidEnd(s, start, end)
	}
	if s[end] != '@' || end+1 >= len(s) {
		return 0
	}
	c := s[end+1]
	switch {
	case c == '\'' || c == '"' || c == '`':
		return end + 1 // the quoted host follows as a literal of its own
	case c == '%' || isWordByte(c) || c >= utf8.RuneSelf:
		return pathEnd(s, end+1)
	}
	return 0
}

// pathEnd is where the host name or path that starts at i ends: before what may be a comment in any case.
func pathEnd(s string, i int) int {
	for i < len(s) && (isWordByte(s[i]) || s[i] >= utf8.RuneSelf || strings.IndexByte("%.-/~=:*@", s[i]) >= 0) {
		if rest := s[i:]; strings.HasPrefix(rest, "--") || strings.HasPrefix(rest, "/*") || strings.HasPrefix(rest, "//") {
			break
		}
		i++
	}
	return i
}

// uuidEnd is the end of the UUID whose first group is s[start:end], else 0.
func uuidEnd(s string, start, end int) int {
	const length = 36
	if end-start != 8 || len(s) < start+length {
		return 0
	}
	for i := range length {
		c := s[start+i]
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if c != '-' {
				return 0
			}
		} else if !isDigit(c) && (c|0x20 < 'a' || c|0x20 > 'f') {
			return 0
		}
	}
	return wordEnd(s, start+length)
}

// readNumber reads a number with everything that follows it directly: letters after digits are no name in a query that
// was meant to be safe.
func (l *sqlLexer) readNumber(t *sqlToken) Reason {
	s, start := l.text, l.pos-1 // the first character is read
	i, exponent := start, true
	for i < len(s) {
		switch c := s[i]; {
		case isDigit(c) || c == '.':
		case (c == '+' || c == '-') && exponent && i+1 < len(s) && isDigit(s[i+1]) && i > start && s[i-1]|0x20 == 'e':
			exponent = false
		case isWordByte(c):
			exponent = exponent && c|0x20 == 'e'
		case c >= utf8.RuneSelf && wordEnd(s, i) > i:
			i = wordEnd(s, i) - 1
		default:
			t.kind, l.pos = kindNumber, i
			if e := accountEnd(s, start, i); e > 0 {
				t.kind, l.pos = kindOpaque, e
			}
			return ReasonNone
		}
		i++
	}
	t.kind, l.pos = kindNumber, i
	return ReasonNone
}

// readBackticks reads a name in backticks.
func (l *sqlLexer) readBackticks(t *sqlToken) Reason {
	s, start := l.text, l.pos-1
	end, backslash := doubledEnd(s, start, '`')
	if end < 0 {
		return ReasonUnterminated
	}
	if backslash {
		return ReasonAmbiguous
	}
	t.kind, l.pos = kindQuoted, end
	if e := accountEnd(s, start, end); e > 0 && s[end] == '@' {
		t.kind, l.pos = kindOpaque, e
	}
	return ReasonNone
}

// readBrace reads what opens with '{': a parameter ({id:UInt64}, {id}), or a bracket.
func (l *sqlLexer) readBrace(t *sqlToken) Reason {
	s, i := l.text, l.pos
	if i < len(s) && (s[i] == '{' || s[i] == '%' || s[i] == '#') {
		return ReasonToken // a template, not a query yet
	}
	for i < len(s) && s[i] <= ' ' {
		i++
	}
	end := wordEnd(s, i)
	if end == i {
		return ReasonNone
	}
	for i = end; i < len(s) && s[i] <= ' '; {
		i++
	}
	if i < len(s) && s[i] != ':' && s[i] != '}' {
		return ReasonNone
	}
	for ; i < len(s); i++ {
		switch c := s[i]; {
		case c == '}':
			t.kind, l.pos = kindParam, i+1
			return ReasonNone
		case !isWordByte(c) && c > ' ' && strings.IndexByte(":(),.", c) < 0:
			return ReasonNone
		}
	}
	return ReasonUnterminated
}

// readBracket reads what opens with '[': a name, where nothing else can stand or the dialect has it so, or a bracket.
func (l *sqlLexer) readBracket(t *sqlToken) {
	s, i := l.text, l.pos
	if l.bracket < i {
		l.bracket = strings.IndexByte(s[i:], ']') + i
		if l.bracket < i {
			l.bracket = len(s)
		}
	}
	first := i
	for first < l.bracket && s[first] == ' ' {
		first++
	}
	if l.bracket == len(s) || first == l.bracket || !isLetter(s[first]) && s[first] != '_' {
		return
	}
	end := l.bracket
	subscript := t.glued && endsOperand(l.prev) && l.prev != kindClose && l.prevClass <= classSoft
	named := l.prev == kindDot || strings.HasPrefix(s[end+1:], ".[") || l.dialect.bracketed && !subscript
	switch l.last {
	case wFrom, wJoin, wInto, wUpdate, wTable:
		named = true
	}
	for j := i; named && j < end; j++ {
		named = isWordByte(s[j]) || strings.IndexByte(" #@.-", s[j]) >= 0
	}
	if named {
		t.kind, l.pos = kindQuoted, end+1
	}
}
