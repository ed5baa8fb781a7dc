package query

// afterOperand reads the token behind an operand.
func (r *promReader) afterOperand() {
	switch r.tok {
	case promEOF:
		if r.depth > 0 {
			r.refuse(ReasonUnterminated)
			return
		}
		r.done = true
	case promName:
		r.wordAfter()
	case promPunct:
		r.punctuationAfter()
	default:
		r.refuse(ReasonToken)
	}
}

func (r *promReader) punctuationAfter() {
	if r.logs && (r.last == promStream || r.last == promGroup) && r.stage() {
		return
	}
	switch r.op {
	case "(", "}", "]", "=", "=~", "!~", "|", "|=", "|~", "|>", "!>":
		r.refuse(ReasonToken)
	case ")":
		r.close()
	case ",":
		if !r.calls[r.depth].call {
			r.refuse(ReasonNotAQuery)
			return
		}
		r.w.comma()
		r.next()
		r.behind = false
	case "{":
		if r.last != promMetric {
			r.refuse(ReasonToken)
			return
		}
		r.selector(true)
	case "[":
		if r.last == promLiteral {
			r.refuse(ReasonToken)
			return
		}
		r.window()
	case "@":
		r.w.operator("@")
		r.next()
		r.instant()
	default:
		r.w.operator(r.op)
		r.next()
		r.modifiers()
	}
}

// wordAfter reads a word behind an operand.
func (r *promReader) wordAfter() {
	text := r.text()
	if word, ok := promClauses.find(text); ok && r.last == promGroup {
		r.next()
		r.labels(word)
		return
	}
	if word, ok := promSuffixes.find(text); ok {
		r.shaped = true
		r.w.keyword(word)
		r.next()
		return
	}
	if isWord(text, "offset") {
		r.w.keyword("offset")
		r.next()
		r.instant()
		return
	}
	word, ok := promOperatorWords.find(text)
	if !ok {
		r.refuse(ReasonNotAQuery)
		return
	}
	r.w.operator(word)
	r.next()
	r.modifiers()
}

// modifiers reads what may stand between a binary operator and its right side.
func (r *promReader) modifiers() {
	r.behind = false
	for r.tok == promName && r.fail == ReasonNone {
		text := r.text()
		if isWord(text, "bool") {
			r.w.keyword("bool")
			r.next()
			continue
		}
		if r.peek() == '(' {
			if word, ok := promMatchers.find(text); ok {
				r.next()
				r.labels(word)
				continue
			}
			if word, ok := promFills.find(text); ok {
				r.next()
				r.fill(word)
				continue
			}
		}
		word, ok := promGroupings.find(text)
		if !ok {
			return
		}
		if r.next(); r.is("(") && r.groupingLabels() {
			r.labels(word)
		} else {
			r.w.keyword(word)
		}
	}
}

// groupingLabels says whether the bracket behind group_left holds labels: it may also begin the right side.
func (r *promReader) groupingLabels() bool {
	i := promSkip(r.s, r.pos)
	for {
		switch c := byteAt(r.s, i); {
		case c == ')':
			return true
		case identStart(c):
			i = promSkip(r.s, promNameEnd(r.s, i))
		default:
			return false
		}
		switch byteAt(r.s, i) {
		case ',':
			i = promSkip(r.s, i+1)
		case ')':
			return true
		default:
			return false
		}
	}
}

// fill reads the value that stands for missing series, in brackets.
func (r *promReader) fill(word string) {
	r.w.keyword(word)
	r.w.open('(', true, false)
	r.next()
	for r.is("-") || r.is("+") {
		r.next()
	}
	r.value()
	if !r.is(")") {
		r.refuse(ReasonToken)
		return
	}
	r.w.close(')')
	r.next()
}

// value reads a number or placeholder.
func (r *promReader) value() {
	switch r.tok {
	case promNumber:
		r.w.literal()
		r.next()
	case promHole:
		r.hole()
	case promName:
		if _, ok := promConstants.find(r.text()); ok {
			r.w.literal()
			r.next()
			return
		}
		r.refuse(ReasonToken)
	default:
		r.refuse(ReasonToken)
	}
}

// instant reads the operand of offset or @: a number with its sign, start(), end(), or an expression in brackets, of
// which nothing is told.
func (r *promReader) instant() {
	for r.is("-") || r.is("+") {
		r.next()
	}
	switch {
	case r.is("("):
		r.arithmetic("(", ")")
	case r.tok == promName && r.peek() == '(':
		word, ok := promFunctions.find(r.text())
		if !ok {
			r.refuse(ReasonToken)
			return
		}
		r.w.keyword(word)
		r.next()
		r.w.open('(', true, false)
		if empty := r.peek() == ')'; empty {
			r.next()
			r.next()
		} else {
			r.arithmetic("(", ")")
		}
		r.w.close(')')
	default:
		r.value()
	}
	r.shaped = true
	r.found(r.last)
}

// arithmetic reads durations up to the closing bracket, which is balanced, and writes one placeholder.
func (r *promReader) arithmetic(open, closing string) {
	depth := 0
	hole := true
	for {
		switch {
		case r.is(open):
			if depth++; depth > 1 {
				hole = false
			}
		case r.is(closing):
			depth--
		case r.tok == promEOF:
			r.refuse(ReasonUnterminated)
			return
		case r.tok == promBad:
			r.refuse(r.reason)
			return
		case r.tok == promString, r.is("{"), r.is("}"), r.is("|"), r.is("="):
			r.refuse(ReasonToken)
			return
		case r.tok != promHole || r.text() != "?":
			hole = false
		}
		r.next()
		if depth == 0 {
			break
		}
	}
	if hole {
		r.w.parameter()
	} else {
		r.w.literal()
	}
}

// window reads the range or the subquery in square brackets: `[5m]`, `[1h:5m]`, `[1h:]`, `[$__range]`.
func (r *promReader) window() {
	end, colon := r.pos, 0
	for ; byteAt(r.s, end) != ']'; end++ {
		switch c := byteAt(r.s, end); {
		case c == 0:
			r.refuse(ReasonUnterminated)
			return
		case c == ':' && colon == 0:
			colon = end
		case identPart(c) || isSpace(c):
		case c == '.' || c == '+' || c == '-' || c == '*' || c == '/' || c == '(' || c == ')' || c == '?' || c == '$' || c == '{' || c == '}' ||
			c == ',' || c == '%' || c == '^':
		default:
			r.refuse(ReasonToken)
			return
		}
	}
	r.w.open('[', true, false)
	if colon == 0 {
		r.duration(r.s[r.pos:end])
	} else {
		r.duration(r.s[r.pos:colon])
		r.w.glue(":")
		r.duration(r.s[colon+1 : end])
	}
	r.w.close(']')
	r.pos = end + 1
	r.next()
	r.shaped = true
	if r.last == promStream {
		r.found(promStream)
		return
	}
	r.found(promRange)
}

// duration writes the placeholder of what stands in a window, if anything does.
func (r *promReader) duration(text string) {
	i := promSkip(text, 0)
	switch {
	case i == len(text):
	case text[i] == '?' && promSkip(text, i+1) == len(text):
		r.w.parameter()
	default:
		r.w.literal()
	}
}
