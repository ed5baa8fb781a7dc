package query

// double reads what stands in double quotes.
func (r *sqlReader) double(f *sqlFrame, merged bool) bool {
	if r.named() && !r.valued(f) {
		return r.name(f, merged)
	}
	if !r.mayFollow() {
		return false
	}
	if merged && r.valued(f) || r.prev.kind == kindOpaque && r.cur.glued {
		r.w.redacted, r.merged = true, r.valued(f)
		return true
	}
	if f.run > 0 && !r.isWord(classSoft, classClause) && !r.valued(f) && f.clause != inBrace && f.run >= r.limit(f) {
		return false
	}
	r.w.literal()
	f.run, r.expect, r.merged = min(f.run+1, 2), false, r.valued(f)
	if r.prev.kind == kindWord && r.prev.word == wTop {
		f.run = 0
	}
	return true
}

// named says whether the double quotes of cur delimit a name. The label must say so, because they delimit strings
// elsewhere. Since it may be wrong, so must the place: no string can stand there in any dialect, or none is likely to and
// such a name is in the text, which no dialect with strings in double quotes allows.
func (r *sqlReader) named() bool {
	if !r.lex.dialect.doubleNames || r.lex.text[r.cur.start] != '"' {
		return false
	}
	f := &r.frames[r.depth]
	switch {
	case r.expect, r.prev.kind == kindDot, r.nxt.kind == kindDot && r.dotsName():
	case r.verb == verbInsert && f.clause == inColumns && (r.prev.kind == kindOpen || r.prev.kind == kindComma) && (r.nxt.kind == kindClose || r.nxt.kind == kindComma):
	case f.clause == inWith && f.run == 0 && r.nxt.word == wAs:
	case r.prev.kind == kindWord && r.prev.word == wAs && f.query, r.column(f):
		r.weak = true
		return r.doubles
	default:
		return false
	}
	r.strong = true
	return true
}

// dotsName says whether a name follows the dot that is next, and not the call of a method: BigQuery has those of strings.
func (r *sqlReader) dotsName() bool {
	s, i := r.lex.text, int(r.nxt.end)
	for i < len(s) && s[i] <= ' ' {
		i++
	}
	if i < len(s) && s[i] == '"' {
		return true
	}
	end := wordEnd(s, i)
	for i = end; i < len(s) && s[i] <= ' '; {
		i++
	}
	return i < len(s) && s[i] != '(' // at the end, it may have been cut
}

// column says whether a column is far more likely at the place of cur than a string: an element of the SELECT list, of
// ORDER BY or GROUP BY, or what is compared or assigned to.
func (r *sqlReader) column(f *sqlFrame) bool {
	starts := r.prev.kind == kindComma || r.prev.kind == kindOpen ||
		r.prev.kind == kindWord && (r.prev.class == classClause || r.prev.class == classOp && r.prev.word != wLike && r.prev.word != wIn)
	if !starts || f.run > 0 {
		return false
	}
	switch r.nxt.kind {
	case kindOperator:
		return true
	case kindWord:
		if f.clause == inSelect || r.prev.word == wBy {
			return true
		}
		return r.nxt.class == classOp && r.nxt.word != wThen && r.nxt.word != wElse
	case kindComma, kindEOF, kindClose, kindSemicolon:
		return f.clause == inSelect || f.query && (r.prev.word == wBy || r.prev.kind == kindComma)
	}
	return false
}
