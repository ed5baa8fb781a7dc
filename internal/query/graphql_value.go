package query

// value reads a value. It is the one place where values are read, and writes nothing of them but placeholders, the names
// of variables and of the fields of input objects. inList: a list around has found variables in it already.
func (r *graphqlReader) value(depth int, inList bool) {
	if depth > graphqlDepth {
		r.refuse(ReasonTooDeep)
		return
	}
	switch r.tok {
	case graphqlLiteral, graphqlName: // true, false, null and enum values are literals too
		r.w.literal()
		r.next()
	case graphqlHole:
		r.w.parameter()
		r.next()
	case graphqlPunct:
		switch r.op {
		case '$':
			r.glued("$")
			r.name()
		case '[':
			r.list(depth, inList)
		case '{':
			r.object(depth, inList)
		default:
			r.refuse(ReasonToken)
		}
	default:
		r.refuse(ReasonToken)
	}
}

// list reads a list. One without variables is a literal, whatever its length and the shape of its elements.
func (r *graphqlReader) list(depth int, inList bool) {
	if !inList && r.literalList() {
		return
	}
	if r.fail != ReasonNone {
		return
	}
	r.w.open('[', false, true)
	r.next()
	for first := true; !r.is(']'); first = false {
		if !first {
			r.w.comma()
		}
		if r.value(depth+1, true); r.fail != ReasonNone {
			return
		}
	}
	r.w.close(']')
	r.next()
}

// literalList reads a list in which there are no variables, and says whether it was one.
func (r *graphqlReader) literalList() bool {
	ahead := r.graphqlLexer
	depth, holes, others := 0, 0, 0
	for {
		switch {
		case ahead.tok == graphqlBad, ahead.tok == graphqlEOF:
			r.graphqlLexer = ahead
			r.refuse(ReasonToken)
			return false
		case ahead.is('$'):
			return false
		case ahead.is('['), ahead.is('{'):
			depth++
		case ahead.is(']'), ahead.is('}'):
			depth--
		case ahead.is('('), ahead.is(')'), ahead.is('@'), ahead.is('.'):
			r.refuse(ReasonToken)
			return false
		case ahead.tok == graphqlHole:
			holes++
		default:
			others++
		}
		ahead.next()
		if depth == 0 {
			break
		}
	}
	r.graphqlLexer = ahead
	r.w.open('[', false, true)
	if holes > 0 && others == 0 {
		r.w.parameter()
	} else {
		r.w.literal()
	}
	r.w.close(']')
	return true
}

// object reads an input object.
func (r *graphqlReader) object(depth int, inList bool) {
	r.w.open('{', false, false)
	r.next()
	for first := true; !r.is('}'); first = false {
		if !first {
			r.w.comma()
		}
		if !r.name() {
			return
		}
		if !r.is(':') {
			r.refuse(ReasonToken)
			return
		}
		r.behind(":")
		if r.value(depth+1, inList); r.fail != ReasonNone {
			return
		}
	}
	r.w.close('}')
	r.next()
}
