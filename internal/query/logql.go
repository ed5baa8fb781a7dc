package query

// stage reads one stage of a LogQL pipeline at the current token, and says whether there was one.
func (r *promReader) stage() bool {
	switch {
	case r.is("|="), r.is("|~"), r.is("|>"), r.is("!>"):
		r.lineFilter()
	case r.is("!="), r.is("!~"):
		// Behind a metric expression != compares; a line filter has a string behind it.
		if next := r.peek(); r.last == promGroup && next != '"' && next != '`' && next != 'i' && next != '?' {
			return false
		}
		r.lineFilter()
	case r.is("|"):
		r.w.separator("|", false)
		r.next()
		r.parserStage()
	default:
		return false
	}
	r.found(promStream)
	return true
}

// lineFilter reads `|= "text" or "text"`, `!= ip("10.0.0.0/8")` and their like.
func (r *promReader) lineFilter() {
	r.w.operator(r.op)
	r.next()
	r.filterValue()
	for r.fail == ReasonNone && r.tok == promName && isWord(r.text(), "or") {
		if next := r.peek(); next != '"' && next != '`' && next != 'i' && next != '?' {
			return
		}
		r.w.operator("or")
		r.next()
		r.filterValue()
	}
}

// filterValue reads a string, or ip("…").
func (r *promReader) filterValue() {
	if r.tok == promName && r.text() == "ip" && r.peek() == '(' {
		r.w.keyword("ip")
		r.next()
		r.w.open('(', true, false)
		r.next()
		r.pattern()
		if r.fail == ReasonNone && !r.is(")") {
			r.refuse(ReasonToken)
		}
		if r.fail == ReasonNone {
			r.w.close(')')
			r.next()
		}
		return
	}
	r.pattern()
}

// parserStage reads what stands behind a '|'.
func (r *promReader) parserStage() {
	if r.tok != promName && !r.is("(") {
		r.refuse(ReasonToken)
		return
	}
	word, ok := logStages.find(r.text())
	if !ok || r.comparisonAhead() {
		r.labelFilter()
		return
	}
	r.w.keyword(word)
	r.w.verb(word)
	r.next()
	switch word {
	case "json", "logfmt":
		for r.tok == promBad && byteAt(r.s, r.start) == '-' {
			if !r.flag() {
				r.refuse(ReasonToken)
				return
			}
		}
		if r.tok == promName && !r.keywordBehindStage() {
			r.assignments(false)
		}
	case "pattern", "regexp", "line_format":
		r.pattern()
	case "label_format", "drop", "keep":
		r.assignments(true)
	case "unwrap":
		r.unwrap()
	}
}

// comparisonAhead says whether the current word is compared: then it is a label that is called like a stage.
func (r *promReader) comparisonAhead() bool {
	switch next := r.peek(); next {
	case '=', '>', '<':
		return true
	case '!':
		at := promSkip(r.s, r.pos)
		return r.s[r.start:r.end] != "json" && r.s[r.start:r.end] != "logfmt" && byteAt(r.s, at+1) == '='
	}
	return false
}

// keywordBehindStage says whether the word behind a stage without arguments goes on with the expression around it.
func (r *promReader) keywordBehindStage() bool {
	text := r.text()
	if _, ok := promOperatorWords.find(text); ok || isWord(text, "offset") {
		return r.peek() != '=' && r.peek() != ','
	}
	return false
}

// flag reads --strict or --keep-empty, which the lexer does not know.
func (r *promReader) flag() bool {
	for _, flag := range [...]string{"--strict", "--keep-empty"} {
		if end := r.start + len(flag); end <= len(r.s) && r.s[r.start:end] == flag && !identPart(byteAt(r.s, end)) {
			r.w.keyword(flag)
			r.pos = end
			r.next()
			return true
		}
	}
	return false
}

// assignments reads names with commas between, each with an optional `= …` behind it.
func (r *promReader) assignments(required bool) {
	for {
		if r.tok != promName {
			if required {
				r.refuse(ReasonToken)
			}
			return
		}
		r.w.word(r.text())
		r.next()
		switch {
		case r.is("="), r.is("!="), r.is("=~"), r.is("!~"):
			r.w.glue(r.op)
			if r.next(); r.tok == promName {
				r.w.word(r.text())
				r.next()
			} else if r.pattern(); r.fail != ReasonNone {
				return
			}
		}
		if !r.is(",") {
			return
		}
		r.w.comma()
		r.next()
		required = true
	}
}

// unwrap reads the label that unwrap takes its samples from.
func (r *promReader) unwrap() {
	if r.tok != promName {
		r.refuse(ReasonToken)
		return
	}
	word, ok := logConversions.find(r.text())
	if !ok || r.peek() != '(' {
		r.w.word(r.text())
		r.next()
		return
	}
	r.w.keyword(word)
	r.next()
	r.w.open('(', true, false)
	if r.next(); r.tok != promName {
		r.refuse(ReasonToken)
		return
	}
	r.w.word(r.text())
	if r.next(); !r.is(")") {
		r.refuse(ReasonToken)
		return
	}
	r.w.close(')')
	r.next()
}

// labelFilter reads `label op value`, joined by and, or, commas or nothing, in brackets or not.
func (r *promReader) labelFilter() {
	depth := 0
	for r.fail == ReasonNone {
		for r.is("(") {
			if depth++; depth+r.depth >= promDepth {
				r.refuse(ReasonTooDeep)
				return
			}
			r.w.open('(', false, false)
			r.next()
		}
		if r.predicate(); r.fail != ReasonNone {
			return
		}
		for depth > 0 && r.is(")") {
			depth--
			r.w.close(')')
			r.next()
		}
		switch {
		case r.is(","):
			r.w.comma()
			r.next()
		case r.tok == promName && (isWord(r.text(), "and") || isWord(r.text(), "or")) && r.predicateAhead():
			if isWord(r.text(), "and") {
				r.w.operator("and")
			} else {
				r.w.operator("or")
			}
			r.next()
		case r.tok == promName && !r.keywordBehindStage() && r.comparisonAhead():
		default:
			if depth > 0 {
				r.refuse(ReasonToken)
			}
			return
		}
	}
}

// predicateAhead says whether a label filter goes on behind and, or: they may also join two expressions.
func (r *promReader) predicateAhead() bool {
	at := promSkip(r.s, r.pos)
	if byteAt(r.s, at) == '(' {
		return true
	}
	if !identStart(byteAt(r.s, at)) {
		return false
	}
	switch byteAt(r.s, promSkip(r.s, promNameEnd(r.s, at))) {
	case '=', '!', '<', '>':
		return true
	}
	return false
}

// predicate reads `label op value`.
func (r *promReader) predicate() {
	if r.tok != promName {
		r.refuse(ReasonToken)
		return
	}
	r.w.word(r.text())
	r.next()
	switch {
	case r.is("="), r.is("=="), r.is("!="), r.is("=~"), r.is("!~"), r.is(">"), r.is("<"), r.is(">="), r.is("<="):
		r.w.operator(r.op)
		r.next()
	default:
		r.refuse(ReasonToken)
		return
	}
	for r.is("-") || r.is("+") {
		r.next()
	}
	if r.tok == promNumber {
		r.w.literal()
		r.next()
		return
	}
	r.filterValue()
}
