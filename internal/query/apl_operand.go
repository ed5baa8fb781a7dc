package query

// beforeOperand reads the token that stands where an operand, a statement or an operator of the pipeline must stand.
func (r *aplReader) beforeOperand() {
	switch r.state {
	case aplAtOperator:
		r.operatorName()
		return
	case aplAtMember:
		r.member()
		return
	case aplAtLet:
		r.letName()
		return
	}
	f := r.frame()
	switch r.tok {
	case aplName:
		r.word()
	case aplBracket:
		r.begin(r.w.mark())
		r.bracketName(r.text())
		if isPseudonym(r.text()) && r.callAhead() {
			r.operand(aplACall) // the name of a function was replaced before
			return
		}
		r.operand(aplAName)
		r.shaped = true
	case aplLiteral, aplHole:
		r.value()
	case aplEOF:
		r.endBefore()
	default:
		r.punctuationBefore(f)
	}
}

// operand ends an operand.
func (r *aplReader) operand(kind aplOperand) {
	if r.state == aplAtValue {
		r.state = aplAtParameters
		if r.frame().op.traits&aplTail != 0 {
			r.state = aplAfterOperand
		}
		r.source = -1
	} else {
		if kind != aplAName || r.state != aplAtSource && !r.frame().tables {
			r.source = -1
		}
		r.state = aplAfterOperand
	}
	r.last = kind
	r.frame().fresh = false
}

// value reads a literal.
func (r *aplReader) value() {
	f := r.frame()
	if r.state == aplAtSource && f.kind == aplTop && !f.let {
		r.refuse(ReasonNotAQuery)
		return
	}
	if r.tok == aplHole {
		r.w.parameter()
	} else {
		r.w.literal()
	}
	r.operand(aplALiteral)
}

// word reads a name, or a word that begins something.
func (r *aplReader) word() {
	f, text := r.frame(), r.text()
	if text[0] == '$' {
		switch text {
		case "$left", "$right", "$table", "$command_results":
		default:
			r.value() // a variable of a dashboard
			return
		}
		r.w.keyword(text)
		r.operand(aplAnOperand)
		r.last = aplAName
		return
	}
	switch r.state {
	case aplAtSource:
		if r.statement(f, text) || r.sourceOperator(f, text) {
			return
		}
	case aplAtParameters:
		if r.parameter(f, text) {
			return
		}
		if f.op.first != 0 {
			if word, ok := aplWords.find(text); ok && r.clause(f, f.op.first, word) {
				return
			}
		}
	case aplAtValue:
		if word, ok := aplParameterValues.find(text); ok {
			r.w.keyword(word)
		} else if isConstant(text) {
			r.w.literal()
		} else {
			r.w.word(text)
		}
		r.operand(aplAnOperand)
		return
	case aplAtOperand:
		switch {
		case f.steps && text == "step" && (identStart(r.peek()) || r.peek() == '['):
			r.w.keyword("step")
			return
		case f.op != nil && f.op.traits&aplRepeats != 0 && r.startsWith("top-nested"):
			r.pos = r.start + len("top-nested")
			r.w.keyword("top-nested")
			r.state = aplAtParameters
			return
		}
	}
	if f.op != nil && f.op.traits&aplTail != 0 && r.state == aplAtParameters {
		if word, ok := aplCharts.find(text); ok {
			r.w.keyword(word)
			r.operand(aplAnOperand)
			return
		}
	}
	r.name(text)
}

// startsWith says whether the current token starts a word, hyphens included.
func (r *aplReader) startsWith(word string) bool {
	end := r.start + len(word)
	return end <= len(r.s) && r.s[r.start:end] == word && !identPart(byteAt(r.s, end))
}

// name reads a name that stands for a value, a table or a function.
func (r *aplReader) name(text string) {
	f := r.frame()
	if r.callAhead() {
		r.call(f, text)
		return
	}
	if isConstant(text) {
		r.w.literal()
		r.operand(aplALiteral)
		return
	}
	if f.kind == aplColumns {
		if word, ok := aplTypes.find(text); ok {
			r.w.keyword(word)
			r.operand(aplAnOperand)
			return
		}
		r.bind()
	}
	if f.op != nil && f.op.traits&aplBinds != 0 {
		r.bind()
	}
	r.begin(r.w.mark())
	r.w.word(text)
	r.operand(aplAName)
}

// callAhead says whether a bracket follows that makes a name the name of a function. Behind the column that partition
// divides by it holds a pipeline.
func (r *aplReader) callAhead() bool {
	op := r.frame().op
	return r.peek() == '(' && (op == nil || op.name != "partition")
}

// isConstant says whether a word is a literal.
func isConstant(text string) bool {
	switch text {
	case "true", "false", "null", "True", "False", "TRUE", "FALSE", "NULL":
		return true
	}
	return false
}

// call reads the name of a function, or a literal that is written like a call (`datetime(2024-01-01)`, `dynamic({…})`).
func (r *aplReader) call(f *aplFrame, text string) {
	word, ok := aplCalls.find(text)
	switch {
	case !ok:
		r.w.word(text)
	case word.kind == aplCallLiteral:
		r.w.keyword(word.text)
		r.raw('(', ')', true)
		r.operand(aplALiteral)
		return
	case word.kind == aplCallTable:
		r.w.keyword(word.text)
		r.operand(aplATable)
		r.shaped = true
		return
	default:
		r.w.keyword(word.text)
		f.schema = word.text == "typeof"
	}
	r.operand(aplACall)
}

// raw reads a bracket whose content is data, and writes it with a placeholder in it.
func (r *aplReader) raw(open, closing byte, tight bool) {
	at := aplSkip(r.s, r.pos)
	r.first.take(r.w)
	end, hole, reason := aplRaw(r.s, at)
	if reason != ReasonNone {
		r.refuse(reason)
		return
	}
	r.w.open(open, tight, false)
	if hole {
		r.w.parameter()
	} else {
		r.w.literal()
	}
	r.w.close(closing)
	r.pos = end
}

// aplRaw returns the end of the bracket that starts at i, whatever is in it, and whether that is a placeholder.
func aplRaw(s string, i int) (end int, hole bool, reason Reason) {
	start, depth := i+1, 0
	for i < len(s) {
		n, reason := aplString(s, i)
		if reason != ReasonNone {
			return 0, false, reason
		}
		if n > 0 {
			i += n
			continue
		}
		switch s[i] {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
			if depth == 0 {
				return i + 1, aplSkip(s, aplSkip(s, start)+1) == i && s[aplSkip(s, start)] == '?', ReasonNone
			}
		case '/':
			if byteAt(s, i+1) == '/' {
				i = lineEnd(s, i)
				continue
			}
		}
		i++
	}
	return 0, false, ReasonUnterminated
}

// bracketName writes the name in ['name'].
func (r *aplReader) bracketName(name string) { r.w.path(name, '.', true) }

// member reads the name behind a dot.
func (r *aplReader) member() {
	mark := r.w.mark()
	switch {
	case r.tok == aplBracket:
		if r.bracketName(r.text()); isPseudonym(r.text()) && r.callAhead() {
			r.state = aplAtOperand
			r.operand(aplACall)
			return
		}
	case r.tok == aplName && r.peek() == '(':
		r.state = aplAtOperand
		r.call(r.frame(), r.text())
		return
	case r.tok == aplName && r.text()[0] != '$':
		r.w.word(r.text())
	case r.tok == aplPunct && r.op == '[' && !r.bare(r.frame()):
		r.push(aplIndex, '[', true, false, aplAnOperand)
		return
	case r.tok == aplEOF:
		r.refuse(ReasonUnterminated)
		return
	default:
		r.refuse(ReasonToken)
		return
	}
	if r.source >= 0 || r.frame().op == nil && r.depth == 0 {
		r.begin(mark)
		r.shaped = r.shaped || r.last == aplAnOperand // cluster('c').database('d').T
	}
	r.state, r.last = aplAfterOperand, aplAName
}
