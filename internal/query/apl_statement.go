package query

// statement reads the word that begins a statement other than a query.
func (r *aplReader) statement(f *aplFrame, text string) bool {
	if f.let && text == "view" && r.peek() == '(' {
		r.w.keyword("view")
		return true
	}
	if f.kind != aplTop && f.kind != aplBlock || f.let || f.op != nil {
		return false
	}
	next := r.peek()
	if !identStart(next) && next != '[' {
		return false
	}
	switch {
	case isWord(text, "let"):
		r.w.keyword("let")
		r.state = aplAtLet
	case isWord(text, "alias") && next != '[':
		r.w.keyword("alias")
		r.next(true)
		r.expect("database", aplAtLet)
	case isWord(text, "declare") && next != '[':
		r.w.keyword("declare")
		r.next(true)
		f.schema = true
		r.expect("query_parameters", aplAtOperand)
	case isWord(text, "set"):
		r.w.keyword("set")
		r.setting()
	default:
		return false
	}
	return true
}

// expect takes the current token, which must be the word, and goes on in state.
func (r *aplReader) expect(word string, state aplState) {
	if r.tok != aplName || !isWord(r.text(), word) {
		r.refuse(ReasonNotAQuery)
		return
	}
	r.w.keyword(word)
	r.shaped = true
	r.state = state
}

// setting reads the option that set sets: `set querytrace`, `set truncationmaxsize = 1048576`. Its value is a literal.
func (r *aplReader) setting() {
	if r.next(true); r.tok == aplBracket {
		r.bracketName(r.text())
	} else {
		r.w.word(r.text())
	}
	if r.peek() == '=' {
		r.next(false)
		r.w.operator("=")
		r.next(true)
		switch {
		case r.tok == aplHole:
			r.w.parameter()
		case r.tok == aplName && r.peek() == '(':
			word, ok := aplCalls.find(r.text())
			if !ok || word.kind != aplCallLiteral {
				r.refuse(ReasonNotAQuery)
				return
			}
			r.w.keyword(word.text)
			r.raw('(', ')', true)
		case r.tok == aplLiteral || r.tok == aplName:
			r.w.literal()
		default:
			r.refuse(ReasonNotAQuery)
			return
		}
	}
	if next := r.peek(); next != ';' && next != 0 {
		r.refuse(ReasonNotAQuery)
		return
	}
	r.shaped = true
	r.operand(aplAnOperand)
}

// parametersAhead says whether the bracket just read holds the parameters of a function: `()` or `(name: type…`.
func (r *aplReader) parametersAhead() bool {
	at := aplSkip(r.s, r.pos)
	if byteAt(r.s, at) == ')' {
		return true
	}
	ahead := aplLexer{s: r.s, pos: at}
	ahead.next(true)
	return (ahead.tok == aplName || ahead.tok == aplBracket) && ahead.peek() == ':'
}

// endStatement ends a statement at its semicolon.
func (r *aplReader) endStatement(f *aplFrame) {
	switch {
	case f.kind == aplTop || f.kind == aplBlock:
		f.op, f.let, f.pattern, f.fresh = nil, false, false, true
		r.state = aplAtSource
	case f.steps:
		f.fresh = true
		r.state = aplAtOperand
	default:
		r.refuse(ReasonToken)
		return
	}
	r.w.separator(";", true)
}

// letName reads the name that let binds, and the sign behind it.
func (r *aplReader) letName() {
	f := r.frame()
	switch r.tok {
	case aplName:
		r.bind()
		r.w.word(r.text())
	case aplBracket:
		r.bind()
		r.bracketName(r.text())
	case aplEOF:
		r.refuse(ReasonUnterminated)
		return
	default:
		r.refuse(ReasonNotAQuery)
		return
	}
	r.next(false)
	if r.tok != aplPunct || r.op != '=' {
		r.refuse(ReasonNotAQuery)
		return
	}
	r.w.operator("=")
	f.let, r.shaped = true, true
	r.state = aplAtSource
}

// anotherQuery says whether the word begins a query of its own, as it does in files that hold several with a blank line
// between: a table and the first stage behind it, or a let statement.
func (r *aplReader) anotherQuery(text string) bool {
	at := aplSkip(r.s, r.pos)
	switch {
	case byteAt(r.s, at) == '|':
		at = aplSkip(r.s, at+1)
		end := identEnd(r.s, at)
		for byteAt(r.s, end) == '-' && identStart(byteAt(r.s, end+1)) {
			end = identEnd(r.s, end+1)
		}
		return aplOperators.has(r.s[at:end])
	case text == "let" && identStart(byteAt(r.s, at)):
		at = aplSkip(r.s, identEnd(r.s, at))
		return byteAt(r.s, at) == '=' && byteAt(r.s, at+1) != '='
	case text == "union":
		return identStart(byteAt(r.s, at)) || byteAt(r.s, at) == '('
	}
	return false
}
