package query

// graphqlTypes are the words that begin a type definition.
var graphqlTypes = wordSet(`directive enum extend input interface scalar schema type union`)

// graphqlLocations are where a directive may stand.
var graphqlLocations = wordSet(`ARGUMENT_DEFINITION ENUM ENUM_VALUE FIELD FIELD_DEFINITION FRAGMENT_DEFINITION FRAGMENT_SPREAD
	INLINE_FRAGMENT INPUT_FIELD_DEFINITION INPUT_OBJECT INTERFACE MUTATION OBJECT QUERY SCALAR SCHEMA SUBSCRIPTION UNION
	VARIABLE_DEFINITION`)

// typeDefinition reads a definition of the schema language.
func (r *graphqlReader) typeDefinition() {
	word := graphqlTypes[r.text()]
	if word == "extend" {
		r.w.keyword("extend")
		r.next()
		if word = graphqlTypes[r.text()]; r.tok != graphqlName || word == "directive" || word == "extend" {
			word = ""
		}
	}
	if word == "" {
		r.refuse(ReasonNotAQuery)
		return
	}
	r.w.keyword(word)
	r.w.verb(word)
	r.next()
	if word == "directive" {
		r.directiveDefinition()
		return
	}
	if word != "schema" {
		mark := r.w.mark()
		if !r.name() {
			return
		}
		r.w.target(mark, true)
	}
	if r.word("implements") {
		r.w.keyword("implements")
		r.next()
		r.alternatives('&', false)
	}
	r.directives(0)
	switch {
	case r.fail != ReasonNone:
	case word == "union" && r.is('='):
		r.w.operator("=")
		r.next()
		r.alternatives('|', false)
	case r.is('{'):
		r.fieldDefinitions('{', '}', word == "enum")
	}
}

// alternatives reads names with an operator between, and one in front where the text has it.
func (r *graphqlReader) alternatives(op byte, locations bool) {
	if r.is(op) {
		r.next()
	}
	for r.fail == ReasonNone {
		if locations {
			location, ok := graphqlLocations[r.text()]
			if r.tok != graphqlName || !ok {
				r.refuse(ReasonToken)
				return
			}
			r.w.keyword(location)
			r.next()
		} else if !r.name() {
			return
		}
		if !r.is(op) {
			return
		}
		if op == '&' {
			r.w.operator("&")
		} else {
			r.w.operator("|")
		}
		r.next()
	}
}

func (r *graphqlReader) directiveDefinition() {
	if !r.is('@') {
		r.refuse(ReasonNotAQuery)
		return
	}
	r.glued("@")
	if !r.name() {
		return
	}
	if r.is('(') {
		r.fieldDefinitions('(', ')', false)
	}
	if r.word("repeatable") {
		r.w.keyword("repeatable")
		r.next()
	}
	if r.fail == ReasonNone && !r.word("on") {
		r.refuse(ReasonNotAQuery)
	}
	if r.fail == ReasonNone {
		r.w.keyword("on")
		r.next()
		r.alternatives('|', true)
	}
}

// fieldDefinitions reads the definitions of fields, arguments or enum values in brackets.
func (r *graphqlReader) fieldDefinitions(open, closing byte, values bool) {
	r.w.open(open, open == '(', false)
	r.next()
	for !r.is(closing) {
		if r.tok == graphqlLiteral && r.s[r.start] == '"' {
			r.w.redacted = true // a description
			r.next()
		}
		if !r.name() {
			return
		}
		if !values {
			if open == '{' && r.is('(') {
				r.fieldDefinitions('(', ')', false)
			}
			if r.fail != ReasonNone || !r.typed() {
				return
			}
			r.defaultValue()
		}
		r.fields++
		if r.directives(0); r.fail != ReasonNone {
			return
		}
	}
	r.w.close(closing)
	r.next()
}
