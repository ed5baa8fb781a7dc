package query

// afterOperand reads the token behind an operand.
func (r *aplReader) afterOperand() {
	f := r.frame()
	r.commitTable(f)
	if f.search && f.term && r.last == aplAName && r.endsTerm() {
		r.refuse(ReasonToken) // a bare word to search for is data
		return
	}
	switch r.last {
	case aplACall, aplATable:
		if r.tok != aplPunct || r.op != '(' {
			r.refuse(ReasonToken)
			return
		}
	case aplASchema:
		if r.tok != aplPunct || r.op != '[' {
			r.refuse(ReasonToken)
			return
		}
	case aplAFunction:
		if r.tok != aplPunct || r.op != '{' {
			r.refuse(ReasonToken)
			return
		}
	}
	switch r.tok {
	case aplEOF:
		r.finish()
	case aplName:
		r.wordAfter(f)
	case aplPunct:
		r.punctuationAfter(f)
	case aplLiteral, aplHole:
		if !f.pattern {
			r.refuse(ReasonToken)
			return
		}
		r.value()
	default:
		if !f.pattern {
			r.refuse(ReasonToken)
			return
		}
		r.bracketName(r.text())
		r.operand(aplAName)
	}
}

// endsTerm says whether the current token ends a term of a search.
func (r *aplReader) endsTerm() bool {
	switch r.tok {
	case aplEOF:
		return true
	case aplName:
		return isWord(r.text(), "and") || isWord(r.text(), "or")
	case aplPunct:
		return r.op == '|' || r.op == ')' || r.op == ';'
	}
	return false
}

// wordAfter reads a word behind an operand.
func (r *aplReader) wordAfter(f *aplFrame) {
	text := r.text()
	switch {
	case r.last == aplData && isWord(text, "with"):
		r.w.keyword("with")
		r.state = aplAtOperand
		return
	case f.pattern:
		if r.peek() == '(' || text[0] == '$' {
			r.refuse(ReasonToken)
			return
		}
		r.name(text)
		return
	}
	word, _ := aplWords.find(text)
	if text == "granny" && byteAt(r.s, r.end) == '-' {
		r.pos = identEnd(r.s, r.end+1)
		r.end = r.pos
		word, _ = aplWords.find(r.text())
	}
	switch {
	case f.op != nil && r.clause(f, f.op.clauses, word):
		return
	case f.op != nil && f.op.traits&aplTail != 0 && r.parameter(f, text):
		return
	case f.op != nil && f.op.traits&aplWild != 0 && r.last == aplAStar && r.s[r.start-1] == '*':
		r.w.end = endOpen
		r.w.word(text)
		r.last = aplAName
		return
	case f.op != nil && f.op.name == "fork" && r.peek() == '=':
		r.w.word(text)
		r.last = aplAName
		return
	case f.steps && text == "output" && r.peek() == '=':
		r.next(false)
		r.next(true)
		word, ok := aplParameterValues.find(r.text())
		if r.tok != aplName || !ok {
			r.refuse(ReasonToken)
			return
		}
		r.w.keyword("output")
		r.w.glue("=")
		r.w.keyword(word)
		r.last = aplAnOperand
		return
	}
	if r.bare(f) {
		r.refuse(ReasonNotAQuery)
		return
	}
	if f.kind == aplTop && f.op != nil && r.anotherQuery(text) {
		r.endStatement(f)
		r.word()
		return
	}
	r.binary(f, word)
}

// binary reads an operator that is a word.
func (r *aplReader) binary(f *aplFrame, word *aplWord) {
	if byteAt(r.s, r.end) == '~' {
		r.end++
		r.pos = r.end
		word, _ = aplWords.find(r.text())
	}
	if word == nil || word.negated == "" {
		r.refuse(ReasonToken)
		return
	}
	r.join(f, word.text, word.list)
}

// negation reads an operator that is a word behind a '!'.
func (r *aplReader) negation(f *aplFrame) {
	end := identEnd(r.s, r.pos)
	if byteAt(r.s, end) == '~' {
		end++
	}
	word, ok := aplWords.find(r.s[r.pos:end])
	if !ok || word.negated == "" {
		r.refuse(ReasonToken)
		return
	}
	r.pos = end
	r.join(f, word.negated, word.list)
}

// join writes an operator that is a word.
func (r *aplReader) join(f *aplFrame, op string, list bool) {
	r.w.operator(op)
	if op == "matches" || op == "!matches" {
		r.next(false)
		if r.tok != aplName || !isWord(r.text(), "regex") {
			r.refuse(ReasonToken)
			return
		}
		r.w.operator("regex")
	}
	f.list = list
	f.term = op == "and" || op == "or"
	r.state = aplAtOperand
}

// punctuationAfter reads an operator or bracket behind an operand.
func (r *aplReader) punctuationAfter(f *aplFrame) {
	switch r.op {
	case '|':
		if f.kind >= aplIndex && f.kind != aplBlock || f.steps || f.op == nil && r.last == aplALiteral {
			r.refuse(ReasonToken)
			return
		}
		r.w.separator("|", false)
		r.state = aplAtOperator
	case ',':
		r.comma(f)
	case ';':
		r.endStatement(f)
	case ')', ']', '}':
		r.pop(byte(r.op))
	case '(':
		r.openAfter(f)
	case '[':
		r.index(f)
	case '{':
		if r.last != aplAFunction && (f.op == nil || f.op.traits&aplBody == 0) {
			r.refuse(ReasonToken)
			return
		}
		r.push(aplBlock, '{', false, false, aplAnOperand)
	case '.':
		if r.last != aplAName && r.last != aplAnOperand {
			r.refuse(ReasonToken)
			return
		}
		r.w.glue(".")
		r.state = aplAtMember
	case ':':
		r.colon(f)
	case '!':
		if !identStart(byteAt(r.s, r.pos)) || r.bare(f) {
			r.refuse(ReasonToken)
			return
		}
		r.negation(f)
	case aplPair('=', '>'):
		if !f.steps {
			r.refuse(ReasonToken)
			return
		}
		r.w.operator("=>")
		r.state = aplAtOperand
	default:
		r.arithmetic(f)
	}
}

// arithmetic reads an operator between operands, or the star of a wildcard.
func (r *aplReader) arithmetic(f *aplFrame) {
	if r.op == '*' && f.pattern {
		r.w.keyword("*")
		r.last = aplAStar
		return
	}
	if r.op == '*' && f.op != nil && f.op.traits&aplWild != 0 && r.last == aplAName {
		at := aplSkip(r.s, r.pos)
		next := byteAt(r.s, at)
		word, isClause := aplWords.find(r.s[at:identEnd(r.s, at)])
		if next == 0 || next == ',' || next == '|' || next == ')' || next == ';' || isClause && f.op.clauses&word.clause != 0 {
			r.w.glue("*")
			r.w.end = endWord
			r.last = aplAStar
			return
		}
	}
	if r.bare(f) || r.last == aplAStar && r.op == '*' {
		r.refuse(ReasonNotAQuery)
		return
	}
	r.w.operator(r.text())
	f.term = false
	r.state = aplAtOperand
}

// comma ends an element of a list.
func (r *aplReader) comma(f *aplFrame) {
	if f.kind == aplIndex || (f.kind == aplTop || f.kind == aplBlock) && f.op == nil || f.pattern {
		r.refuse(ReasonNotAQuery)
		return
	}
	r.w.comma()
	f.fresh = true
	r.state = aplAtOperand
	if f.op == nil && (f.kind == aplCallOf || f.kind == aplGroup || f.kind == aplListOf) && !f.steps {
		r.state = aplAtSource
	}
}

// openAfter opens the bracket of a call, a schema, or a body behind an operand.
func (r *aplReader) openAfter(f *aplFrame) {
	switch {
	case r.last == aplACall && f.schema:
		f.schema = false
		r.push(aplColumns, '(', true, false, aplAnOperand)
	case r.last == aplACall:
		r.push(aplCallOf, '(', true, false, aplAnOperand)
	case r.last == aplATable:
		r.push(aplColumns, '(', true, false, aplASchema)
	case f.op != nil && f.op.traits&aplBody != 0:
		r.openBefore(f)
	default:
		r.refuse(ReasonToken)
	}
}

// index reads the bracket of an index, or the data of an inline table.
func (r *aplReader) index(f *aplFrame) {
	switch {
	case r.last == aplASchema:
		r.pos = r.start
		r.raw('[', ']', false)
		r.state, r.last = aplAfterOperand, aplData
	case (r.last == aplAName || r.last == aplAnOperand) && !r.bare(f):
		r.push(aplIndex, '[', true, false, aplAnOperand)
	default:
		r.refuse(ReasonToken)
	}
}

// colon reads the colon before a type, a schema, or the term that a column is searched for.
func (r *aplReader) colon(f *aplFrame) {
	switch {
	case f.kind == aplColumns || f.pattern || f.search:
		r.w.glue(":")
		f.term = false
	case f.kind == aplIndex:
		r.slice(f)
		return
	case f.steps:
		r.w.glue(":")
		r.w.end = endWord
	case f.op != nil && f.op.traits&aplTyped != 0:
		r.w.operator(":")
		f.schema = true
	default:
		r.refuse(ReasonToken)
		return
	}
	r.state = aplAtOperand
}
