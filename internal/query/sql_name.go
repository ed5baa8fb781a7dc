package query

import (
	"strings"

	"github.com/cespare/xxhash/v2"
)

// name reads a name that is no keyword, or a keyword in the place of one.
func (r *sqlReader) name(f *sqlFrame, merged bool) bool {
	if !r.mayFollow() {
		return false
	}
	if f.clause == inBrace && r.prev.kind == kindOpen && r.cur.kind == kindWord && r.nxt.kind != kindColon {
		switch text := r.text(r.cur); text {
		case "d", "t", "ts", "fn", "oj", "guid", "call": // escapes of ODBC and JDBC
			r.w.keyword(text)
			return true
		}
	}
	if r.verb == verbDefine && !r.object && r.depth == 0 && !f.query && !r.secret && r.prev.kind != kindOperator {
		return false
	}
	if r.asValue(f) || merged {
		return r.valueName(f, merged)
	}
	if f.run >= r.limit(f) || f.clause == inCommand && r.depth == 0 && r.nxt.kind == kindWord {
		return false
	}
	alias := r.prev.kind == kindWord && r.prev.word == wAs
	if f.clause == inWith && f.run == 0 && (r.nxt.kind == kindOpen || r.nxt.word == wAs) {
		r.addCTE(r.text(r.cur))
	}
	r.plain = !r.defines() && (f.run == 0 || alias)
	f.run++
	var ok bool
	switch {
	case r.expect:
		ok = r.target(f)
	case r.nxt.kind == kindOpen && r.lex.text[r.nxt.start] == '(':
		r.function()
		r.aliased, ok = alias, r.parts(f)
	default:
		r.part()
		r.aliased, ok = alias, r.parts(f)
	}
	return ok && (f.clause != inCommand || r.depth > 0 || r.nxt.kind != kindWord)
}

// asValue says whether a bare name is a value here.
func (r *sqlReader) asValue(f *sqlFrame) bool {
	switch {
	case r.expect && !r.secret:
		return false
	case r.secret || f.clause == inValue:
		return true
	case f.clause == inValues || f.clause == inBrace:
		return r.nxt.kind != kindOpen && r.nxt.kind != kindDot && !r.cur.path
	case f.clause == inSettings:
		return r.prev.kind == kindOperator
	case f.clause == inDefs && !f.query, f.clause == inCommand:
		return r.prev.kind == kindOperator && r.lex.text[r.prev.start] == '=' && (r.nxt.kind != kindOpen || r.depth == 0 && !r.object)
	}
	return false
}

// valueName reads a name that stands for a value. The name of a setting that is assigned to is kept.
func (r *sqlReader) valueName(f *sqlFrame, merged bool) bool {
	assigned := r.verb == verbSet && r.depth == 0 && r.nxt.kind == kindOperator && (r.text(r.nxt) == "=" || r.text(r.nxt) == ":=") &&
		(r.isWord(classSoft, classClause) || r.prev.kind == kindComma) && (!r.cur.path || r.cur.plain && r.w.opts.Names == NamesKept)
	if assigned {
		r.part()
		f.run = 1
		return true
	}
	if merged {
		r.w.redacted = true
	} else {
		r.literalPath()
	}
	f.run, r.merged, r.isName = 1, true, true
	if r.prev.kind == kindWord && r.prev.word == wTop {
		f.run = 0
	}
	return true
}

// function writes the name of a function.
func (r *sqlReader) function() {
	if r.isName = true; r.cur.kind == kindWord && r.cur.class != classNone {
		r.w.keyword(r.text(r.cur))
	} else {
		r.part()
	}
}

// part writes the name cur.
func (r *sqlReader) part() {
	switch r.cur.kind {
	case kindQuoted, kindDouble:
		r.isName = true
		r.quotedName(r.content(r.cur))
	default:
		r.dotted, r.isName = false, true
		name := r.text(r.cur)
		if r.cur.class > classFunc || r.cur.plain && r.w.opts.Names == NamesKept {
			r.w.keyword(name) // a word of the lists, whatever it stands for, or a name that is kept as it is
			return
		}
		for more := true; more; {
			var first string
			if first, name, more = strings.Cut(name, "."); sqlEntries[sqlLookup(first)].class > classFunc {
				r.w.keyword(first)
			} else {
				r.w.name(first, false)
			}
			if more {
				r.w.glue(".")
			}
		}
	}
}

// literalPath writes cur as a literal, or as many as it has names.
func (r *sqlReader) literalPath() {
	r.w.literal()
	if r.cur.path {
		for range strings.Count(r.text(r.cur), ".") {
			r.w.glue(".")
			r.w.literal()
		}
	}
}

// quotedName writes the content of quotes as a name; BigQuery quotes whole paths.
func (r *sqlReader) quotedName(name string) {
	for first, rest, more := strings.Cut(name, "."); more && looksLikePath(name, '.'); first, rest, more = strings.Cut(name, ".") {
		r.w.name(first, !isPlainWord(first))
		r.w.glue(".")
		r.dotted = true
		name = rest
	}
	reserved := !isPlainWord(name)
	if !reserved && !r.dotted && r.nxt.kind != kindDot {
		class := sqlEntries[sqlLookup(name)].class
		reserved = class > classSoft || class == classSoft && !r.plain
	}
	r.w.name(name, reserved)
	r.dotted = false
}

// isPlainWord says whether a name is a word by its characters.
func isPlainWord(name string) bool {
	for i := 0; i < len(name); i++ {
		if !isWordByte(name[i]) {
			return false
		}
	}
	return true
}

// parts reads what follows the first part of a name: .b.c
func (r *sqlReader) parts(f *sqlFrame) bool {
	for r.nxt.kind == kindDot {
		r.advance()
		r.w.glue(".")
		for r.nxt.kind == kindDot {
			r.advance()
			r.w.glue(".")
		}
		if !r.nameNext() {
			if r.nxt.kind == kindOperator && r.text(r.nxt) == "*" {
				r.advance()
				r.w.keyword("*")
				return true
			}
			return r.endsPath()
		}
		r.advance()
		if r.cur.kind == kindDouble && !r.named() {
			r.w.literal()
			continue
		}
		r.dotted = true
		if r.nxt.kind == kindOpen && r.lex.text[r.nxt.start] == '(' {
			r.function()
		} else {
			r.part()
		}
	}
	f.run = max(f.run, 1)
	return true
}

// target reads the name of a table or other object.
func (r *sqlReader) target(f *sqlFrame) bool {
	mark := r.w.mark()
	single := r.nxt.kind != kindDot && !r.cur.path
	first := r.cur
	if r.nxt.kind == kindOpen && r.lex.text[r.nxt.start] == '(' && f.clause == inFrom {
		r.function()
	} else {
		r.part()
	}
	r.expect, r.isTarget = false, true
	if !r.parts(f) {
		return false
	}
	if r.creates && r.depth == 0 && (r.nxt.kind == kindWord && r.nxt.class <= classFunc || r.nxt.kind == kindQuoted ||
		r.nxt.kind == kindDouble && r.lex.dialect.doubleNames) {
		return false // nothing that is created has two names
	}
	called := r.nxt.kind == kindOpen && f.clause == inFrom
	if !called && (!single || !r.isCTE(r.text(first))) {
		r.w.target(mark, r.dataset)
	}
	return true
}

// addCTE notes the name of a common table expression: it is no table.
func (r *sqlReader) addCTE(name string) {
	if r.cteCount < len(r.ctes) {
		r.ctes[r.cteCount] = xxhash.Sum64String(name)
		r.cteCount++
	}
}

func (r *sqlReader) isCTE(name string) bool {
	if r.cteCount == 0 {
		return false
	}
	hash := xxhash.Sum64String(name)
	for _, cte := range r.ctes[:r.cteCount] {
		if cte == hash {
			return true
		}
	}
	return false
}

// quoted reads a name in backticks or brackets.
func (r *sqlReader) quoted(f *sqlFrame, merged bool) bool { return r.name(f, merged) }
