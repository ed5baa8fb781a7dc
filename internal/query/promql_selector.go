package query

// selector reads `{label="value", …}`. tight: it follows the name of a metric.
func (r *promReader) selector(tight bool) {
	r.w.open('{', tight, false)
	r.next()
	for first := true; !r.is("}"); first = false {
		if !first {
			switch {
			case r.is(","):
				if r.next(); !r.is("}") {
					r.w.comma()
				}
			case r.tok == promName && isWord(r.text(), "or"):
				r.w.operator("or")
				r.next()
			default:
				r.refuse(ReasonToken)
				return
			}
			if r.is("}") {
				break
			}
		}
		if r.matcher(!tight); r.fail != ReasonNone {
			return
		}
	}
	r.w.close('}')
	r.next()
	r.shaped = true
	r.found(promSelector)
	if r.logs {
		r.last = promStream
	}
}

// matcher reads one element of a selector. target: its label is told in the summary, for want of a metric's name.
func (r *promReader) matcher(target bool) {
	switch r.tok {
	case promName:
		mark := r.w.mark()
		r.w.word(r.text())
		if target {
			r.w.target(mark, false)
		}
	case promString: // a quoted label, or the quoted name of a metric
		r.w.literal()
	case promHole:
		if r.text() == "?" {
			r.w.parameter()
		} else {
			r.w.literal()
		}
	default:
		r.refuse(ReasonToken)
		return
	}
	quoted := r.tok != promName
	r.next()
	switch {
	case r.is("="), r.is("!="), r.is("=~"), r.is("!~"):
		r.w.glue(r.op)
		r.next()
	case quoted && (r.is(",") || r.is("}")):
		return
	default:
		r.refuse(ReasonToken)
		return
	}
	r.pattern()
}

// pattern reads a string or a placeholder.
func (r *promReader) pattern() {
	switch r.tok {
	case promString:
		r.w.literal()
		r.next()
	case promHole:
		r.hole()
	case promBad:
		r.refuse(r.reason)
	default:
		r.refuse(ReasonToken)
	}
}
