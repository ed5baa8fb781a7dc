package query

// opalSyntax: OPAL has no quotes for names that stand alone, so a pseudonym stands in backticks, which mean nothing else.
var opalSyntax = syntax{quoteOpen: "`", quoteClose: "`"}

// readOPAL reads a query of Observe's OPAL: statements that begin with a verb, in the order of a pipeline, and definitions
// of subqueries. Verbs separate statements as much as line ends and '|' do, so that white space makes no difference.
func readOPAL(w *writer, _, text string) (extent, Reason) {
	r := opalReader{w: w, opalLexer: opalLexer{s: text}, statement: true}
	if at, reason := opalSkip(text, 0); reason == ReasonNone && at == len(text) {
		return nothing, ReasonEmpty
	}
	r.advance()
	for r.fail == ReasonNone && !r.done {
		switch {
		case r.tok == opalBad:
			r.refuse(r.reason)
		case r.statement:
			r.beginStatement()
		case r.behind:
			r.afterOperand()
		default:
			r.operand()
		}
	}
	switch {
	case r.fail == ReasonNone && r.verbs > 0 && (r.shaped || r.verbs > 1):
		return whole, ReasonNone
	case r.fail == ReasonNone:
		return nothing, ReasonNotAQuery
	case r.verbs == 0 || !r.shaped:
		return nothing, r.fail
	}
	if r.fail != ReasonUnterminated || r.tok == opalBad {
		r.strings.rewind(w)
	}
	if r.fail == ReasonUnterminated {
		return part, r.fail
	}
	if r.verbs > 1 {
		return outline, r.fail
	}
	return nothing, r.fail
}

// opalReader is the state of one reading. Its methods start at the current token and leave the first one behind what
// they read as the current one.
type opalReader struct {
	opalLexer
	w         *writer
	strings   checkpoint // at the first string
	statement bool       // a statement must begin
	behind    bool       // an operand was read
	verb      bool       // nothing stands behind the verb yet
	alone     bool       // and nothing has to
	first     bool       // a statement was read in this block, so a separator goes before the next
	last      opalOperand
	fail      Reason
	done      bool
	verbs     int
	shaped    bool // more than verbs and words was read
	depth     int
	frames    [opalDepth]opalFrame
	bound     [opalBound][2]int32
	names     int
}

const (
	opalDepth = 64 // brackets that are followed
	opalBound = 32 // subqueries whose names are told apart from datasets
)

// opalOperand is the kind of the operand before.
type opalOperand uint8

const (
	opalValue    opalOperand = iota // literal
	opalColumn                      // name, or a path
	opalFunction                    // the name of a function: its bracket must follow
	opalClosed                      // a closed bracket
)

// opalFrame is an open bracket.
type opalFrame struct {
	closing byte // 0: the query itself
	list    bool // behind `in`: the next bracket holds a list
	fresh   bool // nothing but a comma stands before
}

// advance reads the next token where an operand could stand next, after reads it where an operator must.
func (r *opalReader) advance() { r.next(true) }
func (r *opalReader) after()   { r.next(false) }

// next reads the next token. All that was written then stands before it.
func (r *opalReader) next(wantOperand bool) {
	r.opalLexer.next(wantOperand)
	if r.quoted {
		r.strings.take(r.w)
	}
}

func (r *opalReader) refuse(reason Reason) {
	if r.fail == ReasonNone {
		r.fail = reason
	}
	if r.tok == opalEOF && r.fail == ReasonToken {
		r.fail = ReasonUnterminated
	}
}

func (r *opalReader) frame() *opalFrame { return &r.frames[r.depth] }

// found ends an operand; the token behind it is read.
func (r *opalReader) found(kind opalOperand) {
	r.behind, r.last, r.verb = true, kind, false
	r.frame().fresh = false
	r.after()
}

// open opens a bracket.
func (r *opalReader) open(bracket, closing byte, tight, fold bool) {
	if r.depth == opalDepth-1 {
		r.refuse(ReasonTooDeep)
		return
	}
	r.w.open(bracket, tight, fold)
	r.depth++
	r.frames[r.depth] = opalFrame{closing: closing, fresh: true}
	r.behind, r.verb = false, false
	r.advance()
}

// close closes it.
func (r *opalReader) close(bracket byte) {
	if r.frame().closing != bracket {
		r.refuse(ReasonToken)
		return
	}
	r.w.close(bracket)
	r.depth--
	r.shaped = true
	r.found(opalClosed)
}

// inExpression says whether a bracket of the current statement is open.
func (r *opalReader) inExpression() bool {
	c := r.frame().closing
	return c == ')' || c == ']'
}

// beginStatement reads the verb of a statement, the head of a subquery, or the end of a block.
func (r *opalReader) beginStatement() {
	switch {
	case r.tok == opalEOF:
		if r.depth > 0 {
			r.refuse(ReasonUnterminated)
			return
		}
		r.done = true
	case r.is("|"), r.is(";"):
		r.advance()
	case r.is("}"):
		if r.frame().closing != '}' {
			r.refuse(ReasonToken)
			return
		}
		r.w.close('}')
		r.depth--
		r.first = true
		r.advance()
	case r.is("@"), r.is("<-"):
		r.definition()
	case r.tok == opalName:
		r.verbName()
	default:
		r.refuse(ReasonNotAQuery)
	}
}

func (r *opalReader) verbName() {
	word, ok := opalVerbs.find(r.text())
	if !ok {
		r.refuse(ReasonNotAQuery)
		return
	}
	if r.first {
		r.w.separator("|", false)
	}
	r.w.keyword(word)
	r.w.verb(word)
	r.first, r.statement, r.behind, r.verb = true, false, false, true
	r.alone = opalAlone.has(word)
	r.shaped = r.shaped || len(r.s) > r.end && identUnderscore(word)
	r.verbs++
	r.advance()
}

// identUnderscore says whether a verb is no word of prose.
func identUnderscore(word string) bool {
	for i := 0; i < len(word); i++ {
		if word[i] == '_' {
			return true
		}
	}
	return false
}

// definition reads `@name <- @source {` or `<- @source {`.
func (r *opalReader) definition() {
	if r.depth > 0 {
		r.refuse(ReasonToken)
		return
	}
	if r.first {
		r.w.separator(";", true)
	}
	if r.is("@") {
		if r.input(true); r.fail != ReasonNone {
			return
		}
		if !r.is("<-") {
			r.refuse(ReasonNotAQuery)
			return
		}
	}
	r.w.operator("<-")
	if r.advance(); !r.is("@") {
		r.refuse(ReasonNotAQuery)
		return
	}
	if r.input(false); r.fail != ReasonNone {
		return
	}
	if !r.is("{") {
		r.refuse(ReasonNotAQuery)
		return
	}
	if r.open('{', '}', false, false); r.fail == ReasonNone {
		r.statement, r.first, r.shaped = true, false, true
	}
}

// input reads `@`, `@name` or `@"name"`. binds: the name is given here.
func (r *opalReader) input(binds bool) {
	r.w.keyword("@")
	c := byteAt(r.s, r.pos)
	r.after()
	if !identStart(c) && c != '"' && c != '\'' && c != '`' && c != '?' {
		return // nothing is glued to it: the input of the query
	}
	switch r.tok {
	case opalName:
		r.w.end = endOpen
		mark := r.w.mark()
		r.w.word(r.text())
		switch {
		case binds && r.names < opalBound:
			r.bound[r.names] = [2]int32{int32(r.start), int32(r.end)}
			r.names++
		case !binds && !r.isBound(r.text()):
			r.w.target(mark, true)
		}
	case opalLiteral:
		r.w.end = endOpen
		r.w.literal()
	case opalHole:
		r.w.end = endOpen
		r.w.parameter()
	default:
		return
	}
	r.after()
}

// isBound says whether a subquery of this text has the name.
func (r *opalReader) isBound(name string) bool {
	for _, b := range r.bound[:r.names] {
		if r.s[b[0]:b[1]] == name {
			return true
		}
	}
	return false
}
