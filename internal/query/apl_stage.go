package query

// operatorName reads the name of a tabular operator.
func (r *aplReader) operatorName() {
	switch r.tok {
	case aplName:
	case aplEOF:
		r.refuse(ReasonUnterminated)
		return
	default:
		r.refuse(ReasonToken)
		return
	}
	op := r.findOperator()
	if op == nil {
		r.refuse(ReasonNotAQuery)
		return
	}
	r.stages++
	r.operator(op)
}

// operator begins a stage.
func (r *aplReader) operator(op *aplOperator) {
	f := r.frame()
	f.op, f.pattern, f.fresh = op, false, false
	f.search, f.term, f.tables = op.traits&aplSearch != 0, true, op.traits&aplTables != 0
	r.w.keyword(op.name)
	r.w.verb(op.name)
	r.shaped = true
	r.source = -1
	r.state = aplAtParameters
}

// findOperator finds the tabular operator that the current token starts: its name may have hyphens.
func (r *aplReader) findOperator() *aplOperator {
	end := r.end
	for byteAt(r.s, end) == '-' && identStart(byteAt(r.s, end+1)) {
		end = identEnd(r.s, end+1)
	}
	op, ok := aplOperators.find(r.s[r.start:end])
	if !ok {
		return nil
	}
	r.pos, r.end = end, end
	return op
}

// sourceOperator reads a tabular operator that stands where a table may stand, or at the start of a bracket that takes a
// pipeline without its table.
func (r *aplReader) sourceOperator(f *aplFrame, text string) bool {
	if f.body {
		op := r.findOperator()
		if op == nil || r.peek() == '|' {
			return false
		}
		r.operator(op)
		return true
	}
	switch text[0] | 0x20 {
	case 'e', 'f', 'p', 'r', 's', 'u': // what evaluate, find, print, range, search and union begin with
	default:
		return false
	}
	op, ok := aplOperators.find(text)
	if !ok || op.traits&aplSource == 0 {
		return false
	}
	next := r.peek()
	switch {
	case identStart(next):
		at := aplSkip(r.s, r.pos)
		if word, ok := aplWords.find(r.s[at:identEnd(r.s, at)]); ok && word.negated != "" && op.first&word.clause == 0 {
			return false
		}
	case next == '(' && op.name == "range":
		return false
	case next == '(' || next == '[' || next == '\'' || next == '"' || next == '@' || next == '*' || next == '?':
	case op.name == "print" && (isDigit(next) || next == '-' || next == '`'):
	default:
		return false
	}
	r.operator(op)
	return true
}

// parameter reads `name=` where the operator takes parameters.
func (r *aplReader) parameter(f *aplFrame, text string) bool {
	if f.op.traits&(aplParams|aplTail) == 0 {
		return false
	}
	end := r.end
	if text == "hint" && byteAt(r.s, end) == '.' {
		end = identEnd(r.s, end+1)
	}
	at := aplSkip(r.s, end)
	if byteAt(r.s, at) != '=' || byteAt(r.s, at+1) == '=' || byteAt(r.s, at+1) == '~' {
		return false
	}
	word, ok := aplParameters.find(r.s[r.start:end])
	if !ok {
		return false
	}
	r.pos = at + 1
	r.w.keyword(word)
	r.w.glue("=")
	r.state = aplAtValue
	return true
}

// clause reads a word that begins a clause of the stage, or ends an operand of it (`asc`).
func (r *aplReader) clause(f *aplFrame, allowed aplClause, word *aplWord) bool {
	if word == nil || word.clause&allowed == 0 {
		return false
	}
	c := word.clause
	r.w.keyword(word.text)
	r.source = -1
	f.fresh, f.tables = false, false
	r.state = aplAtOperand
	switch {
	case c >= clauseAsc:
		r.state, r.last = aplAfterOperand, aplAnOperand
	case c == clauseWith && f.op.traits&aplParse != 0:
		f.pattern = true
	case (c == clauseAs || c == clauseDeclare) && f.op.traits&aplSchema != 0:
		f.schema = true
	case c == clauseIn && f.op.traits&aplSearch != 0:
		f.list = true
	case c == clauseWhere:
		f.search = false
	}
	return true
}

// punctuationBefore reads an operator or bracket where an operand must stand.
func (r *aplReader) punctuationBefore(f *aplFrame) {
	top := r.state == aplAtSource && f.kind == aplTop && !f.let
	switch r.op {
	case '(':
		r.openBefore(f)
	case '[':
		if top || r.state == aplAtValue {
			r.refuse(ReasonNotAQuery)
			return
		}
		r.push(aplArray, '[', false, true, aplAnOperand)
	case '*':
		if top || f.kind == aplIndex || r.state == aplAtValue {
			r.refuse(ReasonNotAQuery)
			return
		}
		r.w.keyword("*")
		r.operand(aplAStar)
	case '-', '+':
		if top {
			r.refuse(ReasonNotAQuery)
			return
		}
		r.w.sign(r.text())
		if r.state != aplAtValue {
			r.state = aplAtOperand
		}
	case ')', ']', '}':
		if !f.fresh && !r.stageMayEnd(f) {
			r.refuse(ReasonToken)
			return
		}
		r.pop(byte(r.op))
	case '|':
		r.pipeBefore(f, top)
	case ':':
		if f.kind != aplIndex || !f.fresh {
			r.refuse(ReasonToken)
			return
		}
		r.slice(f)
	case ';':
		switch {
		case r.state == aplAtSource && (f.kind == aplTop || f.kind == aplBlock) && !f.let:
		case r.stageMayEnd(f):
			r.endStatement(f)
		default:
			r.refuse(ReasonToken)
		}
	default:
		r.refuse(ReasonToken)
	}
}

// pipeBefore reads a '|' where an operand could stand: behind an operator that needs none, or at the start of a fragment
// that is put behind some table later.
func (r *aplReader) pipeBefore(f *aplFrame, top bool) {
	if fragment := top && f.fresh; !fragment && !r.stageMayEnd(f) {
		r.refuse(ReasonToken)
		return
	}
	r.w.separator("|", len(r.w.out) == 0)
	r.state = aplAtOperator
}

// stageMayEnd says whether the stage is complete without an operand.
func (r *aplReader) stageMayEnd(f *aplFrame) bool {
	return r.state == aplAtParameters && f.op != nil && f.op.traits&aplAlone != 0
}

// slice reads the colon in x[a:b].
func (r *aplReader) slice(f *aplFrame) {
	r.w.operator(":")
	f.fresh = true
	r.state = aplAtOperand
}

// openBefore opens a round bracket where an operand must stand.
func (r *aplReader) openBefore(f *aplFrame) {
	kind, last := aplGroup, aplAnOperand
	switch {
	case r.state == aplAtValue:
		r.refuse(ReasonToken)
		return
	case f.schema || f.kind == aplColumns:
		kind, f.schema = aplColumns, false
	case r.state == aplAtSource && f.let && r.parametersAhead():
		kind, last = aplColumns, aplAFunction
	case f.list:
		kind = aplListOf
	}
	search := f.list && f.search
	tables := f.tables || search
	f.list, f.fresh = false, false
	op := f.op
	r.push(kind, '(', false, kind == aplListOf && !search, last)
	if inner := r.frame(); r.fail == ReasonNone && op != nil {
		inner.body = op.traits&aplBody != 0
		inner.steps = op.traits&aplSteps != 0 && kind == aplGroup
		inner.tables = tables
		if search && op.name == "search" {
			inner.after = aplAtOperand
		}
		if inner.steps {
			r.state = aplAtOperand
		}
	}
}

// endBefore reads the end of the text where an operand could stand.
func (r *aplReader) endBefore() {
	f := r.frame()
	if r.stageMayEnd(f) || r.state == aplAtSource && f.kind == aplTop && !f.let && r.shaped {
		r.finish()
		return
	}
	r.refuse(ReasonUnterminated)
}
