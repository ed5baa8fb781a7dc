package query

// graphqlSyntax: GraphQL has no quotes for names, so a pseudonym stands in backticks, which mean nothing else.
var graphqlSyntax = syntax{quoteOpen: "`", quoteClose: "`"}

// readGraphQL reads a GraphQL document: operations, fragments and type definitions. The names of fields, arguments,
// variables, types and operations are names; every value is a literal, enum values too. Descriptions are dropped like
// comments. A reader of our own rather than a parser library: the parsers at hand build trees, which costs allocations and
// puts the text into error messages, and what must be known of the structure is little (a value never leaves value).
func readGraphQL(w *writer, _, text string) (extent, Reason) {
	r := graphqlReader{w: w, graphqlLexer: graphqlLexer{s: text}}
	if graphqlSkip(text, 0) == len(text) {
		return nothing, ReasonEmpty
	}
	r.next()
	for r.fail == ReasonNone && r.tok != graphqlEOF {
		r.definition()
	}
	switch {
	case r.fail == ReasonNone:
		return whole, ReasonNone
	case r.definitions == 0 && (r.fields == 0 || r.fail != ReasonUnterminated):
		return nothing, r.fail
	}
	if r.fail != ReasonUnterminated || r.tok == graphqlBad {
		r.strings.rewind(w)
	}
	switch {
	case len(w.summary) == 0:
		return nothing, r.fail
	case r.fail == ReasonUnterminated:
		return part, r.fail
	}
	return outline, r.fail
}

// graphqlReader is the state of one reading. Its methods start at the current token and leave the first one behind what
// they read as the current one.
type graphqlReader struct {
	graphqlLexer
	w           *writer
	strings     checkpoint // at the first string
	fail        Reason
	definitions int // complete ones
	fields      int
	anonymous   bool // in an operation that begins with its selection
}

// graphqlDepth is how deep selections and values are followed.
const graphqlDepth = 64

func (r *graphqlReader) refuse(reason Reason) {
	if r.fail != ReasonNone {
		return
	}
	switch r.tok {
	case graphqlBad:
		r.fail = r.reason
	case graphqlEOF:
		r.fail = ReasonUnterminated
	default:
		r.fail = reason
	}
}

// next reads the next token. All that was written then stands before it.
func (r *graphqlReader) next() {
	r.graphqlLexer.next()
	if r.quoted {
		r.strings.take(r.w)
	}
}

// name reads a name and writes it as the policy has it.
func (r *graphqlReader) name() bool {
	if r.tok != graphqlName {
		r.refuse(ReasonToken)
		return false
	}
	r.w.word(r.text())
	r.next()
	return true
}

// glued writes punctuation that stands close to the name behind it.
func (r *graphqlReader) glued(op string) {
	r.w.keyword(op)
	r.w.end = endOpen
	r.next()
}

// behind writes punctuation that stands close to the word before it.
func (r *graphqlReader) behind(op string) {
	r.w.glue(op)
	r.w.end = endWord
	r.next()
}

// definition reads one definition of the document.
func (r *graphqlReader) definition() {
	if r.is('{') {
		r.w.verb("query")
		r.anonymous = true
		r.selections(1, true)
		r.anonymous = false
		r.end()
		return
	}
	if r.tok == graphqlLiteral && r.s[r.start] == '"' {
		r.w.redacted = true // a description
		r.next()
	}
	if r.tok != graphqlName {
		r.refuse(ReasonNotAQuery)
		return
	}
	switch text := r.text(); text {
	case "query", "mutation", "subscription":
		r.operation(graphqlOperations[text])
	case "fragment":
		r.w.keyword("fragment")
		r.next()
		if !r.name() {
			return
		}
		r.variables()
		if !r.word("on") {
			r.refuse(ReasonNotAQuery)
			return
		}
		r.condition()
		r.directives(0)
		r.selections(1, false)
	default:
		r.typeDefinition()
	}
	r.end()
}

// end counts a definition that is complete.
func (r *graphqlReader) end() {
	if r.fail == ReasonNone {
		r.definitions++
	}
}

var graphqlOperations = wordSet(`query mutation subscription`)

func (r *graphqlReader) operation(word string) {
	r.w.keyword(word)
	r.w.verb(word)
	r.next()
	if r.tok == graphqlName {
		r.name()
	}
	r.variables()
	r.directives(0)
	r.selections(1, true)
}

// condition reads `on Type`.
func (r *graphqlReader) condition() {
	r.w.keyword("on")
	r.next()
	r.name()
}

// variables reads the variables of an operation, if there are any.
func (r *graphqlReader) variables() {
	if r.fail != ReasonNone || !r.is('(') {
		return
	}
	r.w.open('(', true, false)
	r.next()
	for first := true; !r.is(')'); first = false {
		if !first {
			r.w.comma()
		}
		if !r.is('$') {
			r.refuse(ReasonToken)
			return
		}
		r.glued("$")
		if !r.name() || !r.typed() {
			return
		}
		r.defaultValue()
		if r.directives(0); r.fail != ReasonNone {
			return
		}
	}
	r.w.close(')')
	r.next()
}

// typed reads `: Type`.
func (r *graphqlReader) typed() bool {
	if !r.is(':') {
		r.refuse(ReasonToken)
		return false
	}
	r.behind(":")
	r.typeReference(1)
	return r.fail == ReasonNone
}

// typeReference reads `Type`, `Type!` or `[Type!]!`.
func (r *graphqlReader) typeReference(depth int) {
	switch {
	case depth > graphqlDepth:
		r.refuse(ReasonTooDeep)
		return
	case r.is('['):
		r.w.open('[', false, false)
		r.next()
		if r.typeReference(depth + 1); r.fail != ReasonNone {
			return
		}
		if !r.is(']') {
			r.refuse(ReasonToken)
			return
		}
		r.w.close(']')
		r.next()
	case !r.name():
		return
	}
	if r.is('!') {
		r.behind("!")
	}
}

// defaultValue reads `= value`, if there is one.
func (r *graphqlReader) defaultValue() {
	if r.is('=') {
		r.w.operator("=")
		r.next()
		r.value(1, false)
	}
}

// directives reads the directives at the current token, if there are any.
func (r *graphqlReader) directives(depth int) {
	for r.fail == ReasonNone && r.is('@') {
		r.glued("@")
		if r.name() {
			r.arguments(depth)
		}
	}
}

// arguments reads `(name: value …)`, if there are any.
func (r *graphqlReader) arguments(depth int) {
	if r.fail != ReasonNone || !r.is('(') {
		return
	}
	r.w.open('(', true, false)
	r.next()
	for first := true; !r.is(')'); first = false {
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
		if r.value(depth+1, false); r.fail != ReasonNone {
			return
		}
	}
	r.w.close(')')
	r.next()
}
