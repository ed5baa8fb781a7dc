package query

// mayFollow says whether a literal or name may follow the token before without white space between them. A word and a
// quote that touch are the mark of a text that is not read as it was meant.
func (r *sqlReader) mayFollow() bool {
	if !r.cur.glued {
		return true
	}
	switch r.prev.kind {
	case kindWord:
		if r.cur.kind == kindWord || r.cur.kind == kindNumber {
			return false
		}
		switch r.prev.word {
		case wDate, wTime, wTimestamp, wDatetime, wInterval, wLike, wIn, wAs:
			return true
		}
		return false
	case kindNumber, kindString, kindDouble, kindQuoted:
		return false
	}
	return true
}

// literal reads a literal.
func (r *sqlReader) literal(f *sqlFrame, merged bool) bool {
	account := r.prev.kind == kindOpaque && r.cur.glued
	if !account && !r.mayFollow() {
		return false
	}
	joined := account || r.cur.kind == kindString && r.prev.kind == kindString || merged && r.valued(f)
	if joined {
		r.w.redacted = true
		r.merged = r.valued(f)
		return true
	}
	if f.run > 0 && !r.isWord(classSoft, classClause) && !r.valued(f) && f.clause != inBrace && f.clause != inDefs && (f.run >= 2 || r.limit(f) < 2) {
		return false
	}
	r.w.literal()
	f.run, r.expect, r.merged = min(f.run+1, 2), false, r.valued(f)
	if r.prev.kind == kindWord && r.prev.word == wTop {
		f.run = 0
	} else if f.clause == inDefs {
		f.run = 1
	}
	return true
}

// isWord says whether the last token is a word of one of the classes from low to high.
func (r *sqlReader) isWord(low, high sqlClass) bool { //nolint:unparam // callers read as the range they ask for
	return r.prev.kind == kindWord && !r.afterName && r.prev.class >= low && r.prev.class <= high
}

// valued says whether names are values here, so that adjacent ones are told as one.
func (r *sqlReader) valued(f *sqlFrame) bool { return r.secret || f.clause == inValue }

// limit is how many names may follow one another here.
func (r *sqlReader) limit(f *sqlFrame) uint8 {
	if f.clause == inSelect || f.clause == inFrom || f.clause == inDefs {
		return 2
	}
	return 1
}

// parameter reads a bind parameter or placeholder, and says whether one may stand here. PostgreSQL has an operator of the
// same name.
func (r *sqlReader) parameter(f *sqlFrame) bool {
	r.expect = false
	if f.run > 0 && r.mayOperate(f) {
		plain := r.text(r.cur) == "?"
		switch {
		case !plain && (r.prev.kind != kindWord || r.afterName):
			return false // one with a number or a name is no operator, and nothing else may stand behind an operand
		case plain && r.operandNext():
			f.ternary = true
			r.w.operator("?")
			f.run = 0
			return true
		}
	}
	r.w.parameter()
	f.run = 1
	if r.prev.kind == kindWord && r.prev.word == wTop {
		f.run = 0
	}
	return true
}

// operandNext says whether an operand follows.
func (r *sqlReader) operandNext() bool {
	switch r.nxt.kind {
	case kindWord:
		return r.nxt.class <= classValue
	case kindString, kindParam, kindNumber, kindQuoted, kindDouble, kindOpen:
		return true
	}
	return false
}

// mayOperate says whether '?' may be an operator: in an expression, behind an operand.
func (r *sqlReader) mayOperate(f *sqlFrame) bool {
	if f.clause != inExpr && f.clause != inSelect && f.clause != inOn || r.verb > verbMerge || r.prev.kind == kindDot {
		return false
	}
	return r.prev.kind != kindWord || r.afterName ||
		r.prev.class <= classValue && f.run == 1 && r.nxt.kind != kindParam && sqlBeforeText[r.prev.word] == 0
}

// operator reads an operator.
func (r *sqlReader) operator(f *sqlFrame) {
	op := r.text(r.cur)
	r.aliased = false
	switch {
	case op == "::":
		r.w.glue(op)
	case op == "*" && f.run == 0:
		r.w.keyword(op)
		r.expect = false
		f.run = 1
		return
	case (op == "-" || op == "+") && f.run == 0:
		r.w.sign(op)
	default:
		r.w.operator(op)
	}
	f.run = 0
}

// colon reads a colon: what follows it is a path in a document, and data, unless it belongs to "a ? b : c".
func (r *sqlReader) colon(f *sqlFrame) bool {
	if r.bare && r.depth == 0 {
		return false // a label, an address, a message: anything but SQL
	}
	if r.nxt.kind == kindOperator || r.prev.kind != kindOpen && (f.run == 0 || !endsOperand(r.prev.kind)) {
		return false
	}
	r.w.glue(":")
	f.run = 0
	if f.ternary {
		f.ternary = false
		return true
	}
	if r.nameNext() && (r.nxt.kind != kindWord || r.nxt.class < classValue) {
		r.advance()
		r.literalPath()
		f.run, r.path = 1, true
	}
	return true
}

// nameNext says whether a name follows.
func (r *sqlReader) nameNext() bool {
	return r.nxt.kind == kindWord || r.nxt.kind == kindQuoted || r.nxt.kind == kindDouble
}

// endsPath says whether what follows a dot, and is no name, may follow one: the place in a tuple, or nothing any more.
func (r *sqlReader) endsPath() bool {
	switch r.nxt.kind {
	case kindNumber, kindParam, kindEOF, kindBreak, kindDot, kindOpen, kindString:
		return true
	}
	return false
}

// dot reads a dot that follows no name: after a bracket, a literal or another dot. path says that the part of a path
// stands before it.
func (r *sqlReader) dot(f *sqlFrame, path bool) bool {
	if !endsOperand(r.prev.kind) && r.prev.kind != kindDot && (r.prev.kind != kindOperator || r.lex.text[r.prev.start] != '*') {
		return false
	}
	if r.prev.kind == kindWord && r.prev.class > classFunc && !r.afterName {
		return false // a keyword, with a comment behind it
	}
	r.w.glue(".")
	if !r.nameNext() {
		f.run = 0
		return r.endsPath() || r.nxt.kind == kindOperator && r.text(r.nxt) == "*"
	}
	r.advance()
	f.run = max(f.run, 1)
	if path || r.valued(f) {
		r.literalPath()
		r.path, r.isName = path, true
		return true
	}
	if r.cur.kind == kindDouble && !r.named() {
		r.w.literal()
		return r.parts(f)
	}
	r.dotted = true
	r.part()
	return r.parts(f)
}
