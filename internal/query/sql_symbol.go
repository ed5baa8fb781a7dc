package query

import (
	"strings"
	"unicode/utf8"
)

// readDollar reads what starts with '$': a string between dollars, or a parameter.
func (l *sqlLexer) readDollar(t *sqlToken) Reason {
	s, start := l.text, l.pos-1
	i := l.pos
	for i < len(s) && (isWordByte(s[i]) && s[i] != '$' || s[i] >= utf8.RuneSelf) {
		i++
	}
	if i < len(s) && s[i] == '$' {
		if isDigit(s[l.pos]) {
			return ReasonAmbiguous // ClickHouse takes "$1$" for the start of a string
		}
		end, reason := l.dollarEnd(start, s[start:i+1])
		t.kind, l.pos = kindString, end
		return reason
	}
	if i == l.pos {
		return ReasonToken
	}
	t.kind, l.pos = kindParam, i
	return ReasonNone
}

// readColon reads what starts with ':': a parameter, a string that holds one's name, an operator or the colon itself.
func (l *sqlLexer) readColon(t *sqlToken) {
	s, i := l.text, l.pos
	t.kind = kindColon
	if i >= len(s) {
		return
	}
	switch c := s[i]; {
	case c == ':' || c == '=':
		t.kind, l.pos = kindOperator, i+1
	case t.glued && endsOperand(l.prev) || l.prev == kindOpen:
	case isWordByte(c):
		t.kind, l.pos = kindParam, wordEnd(s, i)
	}
}

// readAt reads what starts with '@': a variable, an account, a stage, or an operator.
func (l *sqlLexer) readAt(t *sqlToken) {
	s, start := l.text, l.pos-1
	i := l.pos
	for i < len(s) && s[i] == '@' && i < start+2 {
		i++
	}
	t.kind = kindOperator
	c := byte(' ')
	if i < len(s) {
		c = s[i]
	}
	switch {
	case c == '\'' || c == '"' || c == '`':
		t.kind, l.pos = kindOpaque, i // what is quoted follows as a literal of its own
	case c == '~' || c == '%':
		if i+1 == len(s) || s[i+1] <= ' ' || s[i+1] == '/' || isWordByte(s[i+1]) {
			t.kind, l.pos = kindOpaque, pathEnd(s, i)
		}
	case isWordByte(c) || c >= utf8.RuneSelf:
		end := i
		for end < len(s) && (isWordByte(s[end]) || s[end] >= utf8.RuneSelf || strings.IndexByte(".#@", s[end]) >= 0) {
			end++
		}
		t.kind, l.pos = kindParam, end
		if end+1 < len(s) && s[end] == '/' && (isWordByte(s[end+1]) || s[end+1] == '.') {
			t.kind, l.pos = kindOpaque, pathEnd(s, end)
		}
	default:
		for _, op := range [...]string{"@@@", "@-@", "@@", "@>", "@?"} {
			if strings.HasPrefix(s[start:], op) {
				l.pos = start + len(op)
				return
			}
		}
	}
}

// readFormat reads the placeholders of drivers, "%s" and "%(name)s", where no operand stands before them. The '%' is read.
func (l *sqlLexer) readFormat(t *sqlToken) bool {
	s, i := l.text, l.pos
	joins := l.prev == kindWord && (l.prevClass == classOp || l.prevClass == classClause)
	if i >= len(s) || endsOperand(l.prev) && !joins {
		return false
	}
	if s[i] == '(' {
		if i = wordEnd(s, i+1); i >= len(s) || s[i] != ')' {
			return false
		}
		i++
	}
	if i >= len(s) || strings.IndexByte("sdifb", s[i]) < 0 || i+1 < len(s) && isWordByte(s[i+1]) {
		return false
	}
	t.kind, l.pos = kindParam, i+1
	return true
}

// readHash reads what starts with '#' at i where it starts no comment.
func (l *sqlLexer) readHash(t *sqlToken, i int) Reason {
	s := l.text
	if end := hashOperatorEnd(s, i); end > 0 {
		l.pos = end
		return ReasonNone
	}
	if l.dialect.hash != hashTemporary {
		return ReasonAmbiguous
	}
	// #name is a temporary table where a comment would leave the clause without one.
	switch l.last {
	case wFrom, wJoin, wInto, wUpdate, wTable:
	default:
		return ReasonAmbiguous
	}
	name := i + 1
	if name < len(s) && s[name] == '#' {
		name++
	}
	end := wordEnd(s, name)
	if end == name || !l.lacksTable(end) {
		return ReasonAmbiguous
	}
	t.kind, t.start, l.pos = kindWord, int32(name), end
	return ReasonNone
}

// lacksTable says whether what follows the line that i is in shows that the name of a table stands in it: with a comment
// up to its end, the clause would have none.
func (l *sqlLexer) lacksTable(i int) bool {
	s := l.text
	if l.newline < i { // looked for once a line, whatever the number of names in it
		l.newline = len(s)
		if n := strings.IndexByte(s[i:], '\n'); n >= 0 {
			l.newline = i + n
		}
	}
	next := l.newline
	for next < len(s) && s[next] <= ' ' {
		next++
	}
	if next == len(s) {
		return false // a comment may have been cut
	}
	if s[next] == '(' {
		return l.last == wTable || l.last == wInto
	}
	end := wordEnd(s, next)
	if end == len(s) {
		return false // a word may have been cut: "on" of "online_users"
	}
	switch sqlLookup(s[next:end]) {
	case wWhere, wOn, wJoin, wLeft, wRight, wOrder, wGroup, wSet, wSelect, wFrom, wValues, wWith, wUnion, wUsing:
		return true
	}
	return false
}
