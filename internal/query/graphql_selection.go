package query

// selections reads a selection set. root: its fields are told as what the query reads.
func (r *graphqlReader) selections(depth int, root bool) {
	if r.fail != ReasonNone {
		return
	}
	if !r.is('{') {
		r.refuse(ReasonNotAQuery)
		return
	}
	if depth > graphqlDepth {
		r.refuse(ReasonTooDeep)
		return
	}
	r.w.open('{', false, false)
	r.next()
	for !r.is('}') {
		if r.is('.') {
			r.spread(depth, root)
		} else {
			r.field(depth, root)
		}
		if r.fail != ReasonNone {
			return
		}
	}
	r.w.close('}')
	r.next()
}

// spread reads `...name` or `... on Type { … }`.
func (r *graphqlReader) spread(depth int, root bool) {
	r.w.keyword("...")
	r.next()
	switch {
	case r.word("on"):
		r.condition()
	case r.tok == graphqlName:
		if r.name(); r.is('(') {
			r.arguments(depth)
		}
		r.directives(depth)
		return
	}
	r.directives(depth)
	r.selections(depth+1, root)
}

// field reads `alias: name(arguments) @directives { … }`.
func (r *graphqlReader) field(depth int, root bool) {
	mark := r.w.mark()
	if !r.name() {
		return
	}
	aliased := r.is(':')
	if aliased {
		r.behind(":")
		if mark = r.w.mark(); !r.name() {
			return
		}
	}
	if root {
		r.w.target(mark, true)
	}
	r.fields++
	if aliased && root && r.anonymous && !r.is('(') && !r.is('{') && !r.is('@') {
		r.fail = ReasonNotAQuery // `{password: secret}` may be an object of any other language
		return
	}
	r.arguments(depth)
	r.directives(depth)
	if r.is('{') {
		r.selections(depth+1, false)
	}
}
