package query

// promSyntax: a pseudonym may stand bare, since ':' is part of a name.
var promSyntax = syntax{}

// readPromQL reads a PromQL expression.
func readPromQL(w *writer, _, text string) (extent, Reason) {
	return readProm(w, text, false)
}

// readLogQL reads a LogQL query: PromQL's expressions over log streams, with pipelines of their own.
func readLogQL(w *writer, _, text string) (extent, Reason) {
	return readProm(w, text, true)
}

// readProm alternates between operands and operators and refuses whatever does not fit, prose above all. Metric and label
// names are names; label values, patterns, durations and numbers are literals.
func readProm(w *writer, text string, logs bool) (extent, Reason) {
	r := promReader{w: w, promLexer: promLexer{s: text}, logs: logs}
	if promSkip(text, 0) == len(text) {
		return nothing, ReasonEmpty
	}
	r.next()
	for r.fail == ReasonNone && !r.done {
		if r.tok == promBad {
			r.refuse(r.reason)
			break
		}
		if r.behind {
			r.afterOperand()
		} else {
			r.operand()
		}
	}
	switch {
	case r.fail == ReasonNone && r.shaped:
		return whole, ReasonNone
	case r.fail == ReasonNone:
		return nothing, ReasonNotAQuery
	case r.fail != ReasonUnterminated || !r.shaped:
		return nothing, r.fail
	}
	if r.tok == promBad {
		r.strings.rewind(w)
	}
	if len(w.summary) == 0 {
		return nothing, r.fail
	}
	return part, r.fail
}

// promReader is the state of one reading. Its methods start at the current token and leave the first one behind what
// they read as the current one.
type promReader struct {
	promLexer
	w       *writer
	strings checkpoint // at the first string
	logs    bool
	behind  bool // an operand was read
	last    promOperand
	fail    Reason
	done    bool
	shaped  bool // what no prose has was read: a selector, a window, a function of the language, the name of a metric
	depth   int
	calls   [promDepth]promCall
}

// promDepth is how many brackets are followed.
const promDepth = 64

// promCall is an open round bracket.
type promCall struct {
	call  bool // of a function: commas may stand in it
	fresh bool // nothing stands in it yet
}

// promOperand is the kind of the operand before.
type promOperand uint8

const (
	promLiteral promOperand = iota
	promMetric              // a name: a selector may follow
	promSelector
	promStream // a LogQL selector, or a pipeline behind one
	promGroup  // a closed bracket
	promRange
)

// next reads the next token. All that was written then stands before it.
func (r *promReader) next() {
	r.promLexer.next()
	if r.quoted {
		r.strings.take(r.w)
	}
}

func (r *promReader) refuse(reason Reason) {
	if r.fail == ReasonNone {
		r.fail = reason
	}
	if r.tok == promEOF && r.fail == ReasonToken {
		r.fail = ReasonUnterminated
	}
}

// found ends an operand.
func (r *promReader) found(kind promOperand) {
	r.behind, r.last = true, kind
	r.calls[r.depth].fresh = false
}

// operand reads the token where an operand must stand.
func (r *promReader) operand() {
	switch r.tok {
	case promName:
		r.word()
	case promString, promNumber:
		r.w.literal()
		r.next()
		r.found(promLiteral)
	case promHole:
		r.hole()
		r.found(promLiteral)
	case promPunct:
		switch r.op {
		case "(":
			r.open(promCall{}, false)
		case "{":
			r.selector(false)
		case "+", "-":
			r.w.sign(r.op)
			r.next()
		case ")":
			if !r.calls[r.depth].fresh {
				r.refuse(ReasonToken)
				return
			}
			r.close()
		default:
			r.refuse(ReasonToken)
		}
	default:
		r.refuse(ReasonToken)
	}
}

// hole writes the placeholder of a placeholder, or of a dashboard's variable.
func (r *promReader) hole() {
	if r.text() == "?" {
		r.w.parameter()
	} else {
		r.w.literal()
	}
	r.next()
}

// open opens a round bracket.
func (r *promReader) open(call promCall, tight bool) {
	if r.depth == promDepth-1 {
		r.refuse(ReasonTooDeep)
		return
	}
	r.w.open('(', tight, false)
	r.depth++
	call.fresh = true
	r.calls[r.depth] = call
	r.behind = false
	r.next()
}

// close closes it.
func (r *promReader) close() {
	if r.depth == 0 {
		r.refuse(ReasonToken)
		return
	}
	r.depth--
	r.w.close(')')
	r.next()
	r.found(promGroup)
}

// word reads a name: of a function, an aggregation or a metric.
func (r *promReader) word() {
	text := r.text()
	next := r.peek()
	if word, ok := promAggregations.find(text); ok && next != '{' && next != '[' {
		after := r.s[promSkip(r.s, r.pos):]
		clause, isClause := promClauses.find(after[:promNameEnd(after, 0)])
		if next == '(' || isClause {
			r.w.keyword(word)
			r.w.verb(word)
			r.shaped = true
			r.next()
			if isClause {
				r.next()
				r.labels(clause)
			}
			r.call(!isClause)
			return
		}
	}
	if next == '(' {
		if word, ok := promFunctions.find(text); ok {
			r.w.keyword(word)
			r.w.verb(word)
			r.shaped = true
		} else {
			r.path(text)
		}
		r.next()
		r.call(true)
		return
	}
	if word, ok := promConstants.find(text); ok && word != "" {
		r.w.literal()
		r.next()
		r.found(promLiteral)
		return
	}
	mark := r.w.mark()
	r.path(text)
	r.w.target(mark, true)
	r.shaped = r.shaped || plainMetric(text)
	r.next()
	r.found(promMetric)
}

// promConstants are numbers that are words.
var promConstants = newWordList(`inf nan`)

// plainMetric says whether a name is more likely that of a metric than a word of prose or a pair such as `user:jane`.
func plainMetric(name string) bool {
	for i := 1; i < len(name)-1; i++ {
		if name[i] == '_' {
			return true
		}
	}
	return name == "up" || name == "ALERTS" || isPseudonym(name)
}

// path writes a name that may have parts between colons.
func (r *promReader) path(name string) {
	r.w.path(name, ':', false)
}

// call opens the bracket of a call.
func (r *promReader) call(tight bool) {
	if r.fail != ReasonNone {
		return
	}
	if !r.is("(") {
		r.refuse(ReasonToken)
		return
	}
	r.open(promCall{call: true}, tight)
}

// labels writes a clause with a list of labels in brackets. The current token is the one behind the clause's word.
func (r *promReader) labels(word string) {
	r.w.keyword(word)
	if !r.is("(") {
		r.refuse(ReasonToken)
		return
	}
	r.w.open('(', false, false)
	r.next()
	for first := true; !r.is(")"); first = false {
		if !first {
			if !r.is(",") {
				r.refuse(ReasonToken)
				return
			}
			if r.next(); r.is(")") {
				break
			}
			r.w.comma()
		}
		switch r.tok {
		case promName:
			r.path(r.text())
			r.next()
		case promString:
			r.w.literal()
			r.next()
		case promHole:
			r.hole()
		default:
			r.refuse(ReasonToken)
			return
		}
	}
	r.w.close(')')
	r.next()
	r.shaped = true
}
