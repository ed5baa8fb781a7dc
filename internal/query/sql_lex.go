package query

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// sqlKind is the kind of a token.
type sqlKind uint8

const (
	kindStart    sqlKind = iota // before the first token
	kindEOF                     // the end of the text
	kindBreak                   // the text cannot be read on; the lexer's reason says why
	kindWord                    // keyword, function, name, or names with dots between them
	kindQuoted                  // a name in backticks or brackets
	kindDouble                  // what double quotes delimit: name or string
	kindString                  // a string, with its prefix
	kindNumber                  // a number, and all letters that follow it directly
	kindOpaque                  // another literal: an account, a path in a document, a stage
	kindParam                   // a bind parameter, or a placeholder met again
	kindOperator                // one of the operators below, or another character of operators
	kindComma
	kindDot
	kindColon
	kindSemicolon
	kindOpen
	kindClose
)

// sqlToken is a token: text[start:end]. Its zero value is the start of the text.
type sqlToken struct {
	start, end int32
	word       sqlWord
	kind       sqlKind
	class      sqlClass
	glued      bool // no white space and no comment before it
	plain      bool // a word of letters, which is kept as it is where names are
	path       bool // words with dots between them
}

// sqlLexer splits SQL into tokens, by the rules that all dialects agree on.
type sqlLexer struct {
	text      string
	pos       int
	dialect   sqlDialect
	reason    Reason
	inComment bool     // the text breaks off in a comment
	bracket   int      // where the first ']' after the last '[' is; below 0 if there was none yet
	newline   int      // where the line ends that was asked for last
	prev      sqlKind  // of the last token
	prevClass sqlClass // the same
	last      sqlWord  // the same
}

// next reads the next token into t; prev is the one before it.
func (l *sqlLexer) next(t, prev *sqlToken) {
	s, i, from := l.text, l.pos, l.pos
	l.prev, l.prevClass, l.last = prev.kind, prev.class, prev.word
	*t = sqlToken{glued: true}
	if i < len(s) && s[i] == ' ' {
		i++
		t.glued = false
	}
	traits := uint8(0)
	if i < len(s) {
		traits = byteTraits[s[i]]
	}
	if traits&traitPlain == 0 { // seldom: more than one space, or a comment
		if reason := l.skipSpace(t); reason != ReasonNone {
			l.stop(t, reason)
			return
		}
		if i = l.pos; i >= len(s) {
			t.start, t.kind = int32(i), kindEOF
			return
		}
		traits = byteTraits[s[i]]
	}
	t.start = int32(i)
	end, reason := i+1, ReasonNone
	switch {
	case traits&traitLetter != 0:
		end, reason = l.readWord(t, i)
	case traits&traitSingle != 0:
		t.kind = singleKinds[s[i]]
	default:
		reason = l.read(t, i)
		end = l.pos
	}
	l.pos = end
	if reason != ReasonNone {
		l.stop(t, reason)
		return
	}
	t.end = int32(end)
	if l.bracket >= from && l.bracket < end-1 && l.bracket != i {
		l.stop(t, ReasonAmbiguous) // SQL Server reads [a--b] and [it's] as names
	}
}

// stop ends the text at t. No token may be read after it.
func (l *sqlLexer) stop(t *sqlToken, reason Reason) {
	l.reason = reason
	*t = sqlToken{kind: kindBreak, start: t.start, end: t.start, glued: t.glued}
}

// skipSpace skips white space and comments.
func (l *sqlLexer) skipSpace(t *sqlToken) (reason Reason) {
	s, i := l.text, l.pos
	for ; i < len(s); t.glued = false {
		c := s[i]
		switch {
		case c == ' ' || c-'\t' <= '\r'-'\t':
			i++
			continue
		case c == '-' && strings.HasPrefix(s[i:], "--"):
			dashes := i + 2
			for dashes < len(s) && s[dashes] == '-' {
				dashes++
			}
			certain := dashes == len(s) || s[dashes] <= ' '
			if !certain && l.dialect.dashSpace {
				return ReasonAmbiguous
			}
			i, reason = l.lineEnd(i, certain)
		case c == '#':
			if !l.hashComments(i) {
				l.pos = i
				return ReasonNone
			}
			i, reason = l.lineEnd(i, false)
		case c == '/' && strings.HasPrefix(s[i:], "/*"):
			i, reason = l.blockEnd(i)
			l.inComment = reason != ReasonNone
		case c == '/' && strings.HasPrefix(s[i:], "//"):
			if !l.dialect.slashes {
				return ReasonAmbiguous
			}
			i, reason = l.lineEnd(i, false)
		case c >= utf8.RuneSelf:
			r, size := utf8.DecodeRuneInString(s[i:])
			if !unicode.IsSpace(r) {
				l.pos = i
				return ReasonNone
			}
			i += size
		default:
			l.pos = i
			return ReasonNone
		}
		if reason != ReasonNone {
			return reason
		}
	}
	l.pos = i
	return ReasonNone
}

// hashComments says whether the '#' at i starts a comment. PostgreSQL's path operators are recognised by what must follow
// them; no comment starts like that.
func (l *sqlLexer) hashComments(i int) bool {
	return l.dialect.hash == hashComment && hashOperatorEnd(l.text, i) == 0
}

// hashOperatorEnd is the end of the operator "#>", "#>>" or "#-" at i if a path follows it, else 0.
func hashOperatorEnd(s string, i int) int {
	for _, op := range [...]string{"#>>", "#>", "#-"} {
		if !strings.HasPrefix(s[i:], op) {
			continue
		}
		path := strings.TrimLeft(s[i+len(op):], " \t\r\n")
		if strings.HasPrefix(path, "'{") || strings.HasPrefix(path, "?") || strings.HasPrefix(path, "$1") || strings.HasPrefix(path, "ARRAY[") {
			return i + len(op)
		}
	}
	return 0
}

// read reads the token that starts at i, which is neither an ASCII word nor a character that is a token by itself.
func (l *sqlLexer) read(t *sqlToken, i int) (reason Reason) {
	s := l.text
	c := s[i]
	traits := byteTraits[c]
	if traits&traitHigh != 0 {
		l.pos, reason = l.readWord(t, i)
		return reason
	}
	l.pos = i + 1
	switch c {
	case '.':
		if i+1 < len(s) && isDigit(s[i+1]) && !(t.glued && endsOperand(l.prev)) {
			return l.readNumber(t)
		}
		t.kind = kindDot
	case '\'':
		return l.readString(t, i, i, '\'')
	case '"':
		reason := l.readString(t, i, i, '"')
		t.kind = kindDouble
		return reason
	case '`':
		return l.readBackticks(t)
	case '{':
		t.kind = kindOpen
		return l.readBrace(t)
	case '[':
		t.kind = kindOpen
		l.readBracket(t)
	case '$':
		return l.readDollar(t)
	case ':':
		l.readColon(t)
	case '@':
		l.readAt(t)
	case '?':
		t.kind = kindParam
		for l.pos < len(s) && isDigit(s[l.pos]) {
			l.pos++
		}
	default:
		if traits&traitDigit != 0 {
			return l.readNumber(t)
		}
		return l.readOperator(t)
	}
	return ReasonNone
}

// sqlOperators is the operators of more than one character, the longest first.
var sqlOperators = [...]string{
	"!~~*", "||/", "->>", "#>>", "<=>", "<->", "<#>", "<@>", "-|-", "!~*", "~~*", "!~~", "@@@", "|&>", "&<|", "|>>", "<<|",
	"::", ":=", "||", "&&", "!=", "<>", "<=", ">=", "=>", "->", "<<", ">>", "~*", "!~", "~~", "==", "|/", "^@", "&<", "&>", "#>", "#-", "@>",
	"<@", "@@", "@?", "?|", "?&", "~>", "~=", "**", "^=", "!<", "!>", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "|>",
}

// readOperator reads an operator whose first character stands before pos.
func (l *sqlLexer) readOperator(t *sqlToken) Reason {
	s, i := l.text, l.pos-1
	t.kind = kindOperator
	switch s[i] {
	case '#':
		return l.readHash(t, i)
	case '%':
		if l.readFormat(t) {
			return ReasonNone
		}
	case '*':
		if strings.HasPrefix(s[l.pos:], "/") {
			return ReasonToken
		}
	case '=', '<', '>', '!', '+', '-', '/', '&', '|', '^', '~':
	default:
		return ReasonToken
	}
	if l.pos < len(s) && isOperatorByte(s[l.pos]) {
		for _, op := range sqlOperators {
			if s[i] == op[0] && strings.HasPrefix(s[i:], op) {
				l.pos = i + len(op)
				break
			}
		}
	}
	return ReasonNone
}

func isOperatorByte(c byte) bool { return strings.IndexByte("=<>!+-*/&|^~@#?%", c) >= 0 }

// endsOperand says whether an operand ends with a token of the kind.
func endsOperand(kind sqlKind) bool {
	switch kind {
	case kindWord, kindQuoted, kindDouble, kindString, kindNumber, kindOpaque, kindParam, kindClose:
		return true
	}
	return false
}
