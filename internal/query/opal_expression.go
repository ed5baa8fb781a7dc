package query

// operand reads the token where an operand must stand.
func (r *opalReader) operand() {
	switch r.tok {
	case opalName:
		r.word()
	case opalLiteral:
		r.shaped = true
		r.w.literal()
		r.found(opalValue)
	case opalHole:
		r.shaped = true
		r.w.parameter()
		r.found(opalValue)
	case opalPunct:
		r.punctuationBefore()
	default:
		if r.verb && r.alone {
			r.statement = true
			return
		}
		r.refuse(ReasonToken)
	}
}

func (r *opalReader) punctuationBefore() {
	f := r.frame()
	switch r.op {
	case "(":
		list := f.list
		f.list, f.fresh = false, false
		r.open('(', ')', false, list)
	case "[":
		f.fresh = false
		r.open('[', ']', false, true)
	case ")", "]":
		if !f.fresh {
			r.refuse(ReasonToken)
			return
		}
		r.close(r.op[0])
	case "@":
		r.input(false)
		r.behind, r.last, r.verb = true, opalColumn, false
		f.fresh = false
	case "-", "+":
		r.w.sign(r.op)
		r.advance()
	case "~":
		r.w.operator("~")
		r.term()
	case "*":
		r.w.keyword("*")
		r.found(opalColumn)
	case "^":
		r.w.keyword("^")
		r.w.end = endOpen
		if r.advance(); r.tok != opalName && r.tok != opalLiteral && r.tok != opalHole {
			r.refuse(ReasonToken)
		}
	case "|", ";", "}":
		if !r.verb || !r.alone {
			r.refuse(ReasonToken)
			return
		}
		r.statement = true
	default:
		r.refuse(ReasonToken)
	}
}

// word reads a name that stands for a value or a function.
func (r *opalReader) word() {
	text := r.text()
	next := r.peek()
	if r.verb && r.alone && next != ',' && next != ':' && next != '.' {
		if _, ok := opalVerbs.find(text); ok {
			r.statement = true
			return
		}
	}
	switch {
	case next == '(':
		if isWord(text, "not") {
			break
		}
		if word, ok := opalFunctions.find(text); ok {
			r.w.keyword(word)
		} else {
			r.w.word(text)
		}
		r.found(opalFunction)
		return
	case isConstant(text) && next != ':':
		r.shaped = true
		r.w.literal()
		r.found(opalValue)
		return
	}
	if isWord(text, "not") && next != ':' && next != ',' && next != ')' {
		r.w.operator("not")
		r.verb = false
		r.advance()
		return
	}
	r.w.word(text)
	r.found(opalColumn)
}

// afterOperand reads the token behind an operand.
func (r *opalReader) afterOperand() {
	if r.last == opalFunction {
		r.open('(', ')', true, false)
		return
	}
	switch r.tok {
	case opalEOF:
		if r.depth > 0 {
			r.refuse(ReasonUnterminated)
			return
		}
		r.done = true
	case opalName:
		r.wordAfter()
	case opalPunct:
		r.punctuationAfter()
	default:
		r.refuse(ReasonToken)
	}
}

func (r *opalReader) wordAfter() {
	text := r.text()
	switch {
	case isWord(text, "and"):
		r.operator("and")
	case isWord(text, "or"):
		r.operator("or")
	case isWord(text, "in"):
		r.operator("in")
		r.frame().list = true
	case isWord(text, "not"):
		if r.after(); r.tok != opalName || !isWord(r.text(), "in") {
			r.refuse(ReasonToken)
			return
		}
		r.w.operator("not")
		r.operator("in")
		r.frame().list = true
	case r.inExpression():
		r.refuse(ReasonToken)
	default:
		r.statement = true
	}
}

// operator writes an operator between operands.
func (r *opalReader) operator(op string) {
	r.w.operator(op)
	r.behind, r.shaped = false, true
	r.advance()
}

func (r *opalReader) punctuationAfter() {
	switch r.op {
	case ",":
		r.w.comma()
		r.behind = false
		r.frame().fresh = r.inExpression()
		r.advance()
	case ")", "]":
		r.close(r.op[0])
	case "|", ";", "}":
		if r.inExpression() {
			r.refuse(ReasonToken)
			return
		}
		r.statement = true
	case ".":
		r.member()
	case ":", "::":
		if r.last == opalClosed && r.op == ":" {
			r.refuse(ReasonToken)
			return
		}
		r.w.glue(r.op)
		r.behind, r.shaped = false, true
		r.advance()
	case "[":
		if r.last == opalValue {
			r.refuse(ReasonToken)
			return
		}
		r.open('[', ']', true, false)
	case "~", "!~":
		r.w.operator(r.op)
		r.behind = false
		r.term()
	case "<-": // less than a negative number
		r.pos = r.start + 1
		r.operator("<")
	case "=", "==", "!=", "<", "<=", ">", ">=", "<>", "+", "-", "*", "/", "%":
		r.operator(r.op)
	default:
		r.refuse(ReasonToken)
	}
}

// member reads the name or the quoted key behind a dot.
func (r *opalReader) member() {
	if r.last == opalValue {
		r.refuse(ReasonToken)
		return
	}
	r.w.glue(".")
	r.advance()
	switch r.tok {
	case opalName:
		r.w.word(r.text())
	case opalLiteral:
		if c := r.s[r.start]; c != '"' && c != '\'' {
			r.refuse(ReasonToken)
			return
		}
		r.w.literal()
	case opalHole:
		r.w.parameter()
	case opalBad:
		r.refuse(r.reason)
		return
	default:
		r.refuse(ReasonToken)
		return
	}
	r.found(opalColumn)
}

// term reads what a column is searched for. Words there are data.
func (r *opalReader) term() {
	at, reason := opalSkip(r.s, r.pos)
	if reason != ReasonNone {
		r.refuse(reason)
		return
	}
	r.shaped = true
	switch c := byteAt(r.s, at); c {
	case '/', '$', '?':
		if r.advance(); r.tok == opalBad {
			r.refuse(r.reason)
			return
		}
		r.operand()
		return
	}
	end := opalTermEnd(r.s, at)
	switch end {
	case 0:
		r.refuse(ReasonUnterminated)
		return
	case at:
		r.refuse(ReasonToken)
		return
	}
	r.quoted = true
	r.strings.take(r.w)
	r.w.literal()
	r.pos = end
	r.found(opalValue)
}
