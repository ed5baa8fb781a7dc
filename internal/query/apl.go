package query

// aplSyntax: a name that cannot stand bare is written ['name'].
var aplSyntax = syntax{quoteOpen: "['", quoteClose: "']"}

// readAPL reads a query of Axiom's APL or Kusto's KQL. The reader alternates between operands and operators, stage by
// stage of the pipeline, and refuses whatever does not fit: two names side by side (prose), a name behind a string (a
// quote that was read wrongly), another language's comment. What is told of a refused query is its datasets and
// operators up to there, and only if it got as far as a first stage.
func readAPL(w *writer, _, text string) (extent, Reason) {
	r := aplReader{w: w, aplLexer: aplLexer{s: text}, source: -1}
	r.frames[0].fresh = true
	r.pos = aplSkip(text, 0)
	switch byteAt(text, r.pos) {
	case 0:
		return nothing, ReasonEmpty
	case '.':
		return r.command()
	}
	for r.fail == ReasonNone && !r.done {
		r.single = r.state == aplAtValue
		r.next(r.state != aplAfterOperand || r.frame().pattern)
		if r.quoted {
			r.first.take(w)
		}
		switch {
		case r.tok == aplBad:
			r.refuse(r.reason)
		case r.state == aplAfterOperand:
			r.afterOperand()
		default:
			r.beforeOperand()
		}
	}
	return r.result()
}

// aplReader is the state of one reading.
type aplReader struct {
	aplLexer
	w      *writer
	first  checkpoint // at the first string
	state  aplState
	last   aplOperand // the operand before, in aplAfterOperand
	fail   Reason
	done   bool
	stages int  // operators behind a '|'
	shaped bool // a statement that is more than a single word was read

	depth  int
	frames [aplDepth]aplFrame

	source int    // where the name of a table starts in the writer's output, -1: none
	table  [2]int // and where it stands in the text
	lets   [aplLets][2]int32
	bound  int
}

const (
	aplDepth = 64 // brackets that are followed
	aplLets  = 32 // let statements whose names are told apart from tables
)

// aplState says what must come next.
type aplState uint8

const (
	aplAtSource     aplState = iota // a statement, a pipeline, or an expression
	aplAtOperator                   // the name of a tabular operator
	aplAtParameters                 // parameters of the operator, or its first operand
	aplAtValue                      // the value of a parameter
	aplAtOperand
	aplAtMember // the name behind a dot
	aplAtLet    // the name behind let
	aplAfterOperand
)

// aplOperand is the kind of the operand before.
type aplOperand uint8

const (
	aplAnOperand aplOperand = iota // a closed bracket, a clause word
	aplAName
	aplACall // the name of a function: its bracket must follow
	aplALiteral
	aplAStar
	aplATable    // datatable or externaldata: its schema must follow
	aplASchema   // a closed schema of those: its data must follow
	aplAFunction // a closed list of parameters: the body must follow
	aplData      // the closed data of datatable or externaldata
)

// aplFrame is an open bracket, and the pipeline in it.
type aplFrame struct {
	kind    aplFrameKind
	op      *aplOperator // of the current stage; nil before the first
	after   aplState     // what comes behind the closing bracket
	last    aplOperand   // and which operand it makes
	pattern bool         // in the pattern of parse
	let     bool         // behind `let name =`
	search  bool         // in the terms of search or find: a bare word is refused
	term    bool         // no operator but and, or since the term began
	steps   bool         // the steps of scan
	fresh   bool         // nothing but commas since the bracket
	schema  bool         // the next bracket holds a schema
	list    bool         // the next bracket holds a list of values, or of tables
	body    bool         // a pipeline in it may start with an operator
	tables  bool         // operands in it are tables
}

type aplFrameKind uint8

const (
	aplTop     aplFrameKind = iota
	aplGroup                // ( … ): expression or pipeline
	aplCallOf               // f( … )
	aplListOf               // in ( … )
	aplIndex                // x[ … ]
	aplArray                // [ … ]
	aplColumns              // (name: type, …)
	aplBlock                // { … }: statements
)

func (r *aplReader) frame() *aplFrame { return &r.frames[r.depth] }

// refuse ends the reading.
func (r *aplReader) refuse(reason Reason) {
	if r.fail == ReasonNone {
		r.fail = reason
	}
}

// result is what may be told at the end of the reading.
func (r *aplReader) result() (extent, Reason) {
	switch {
	case r.fail == ReasonNone && r.shaped:
		return whole, ReasonNone
	case r.fail == ReasonNone:
		return nothing, ReasonNotAQuery
	case r.stages == 0:
		return nothing, r.fail
	}
	if r.fail != ReasonUnterminated || r.tok == aplBad {
		r.first.rewind(r.w)
	}
	switch {
	case r.fail == ReasonUnterminated:
		return part, r.fail
	case r.stages == 1: // `Jane | where is the salary` got as far as that
		return nothing, r.fail
	}
	return outline, r.fail
}

// command reads the first word of a management command.
func (r *aplReader) command() (extent, Reason) {
	end := identEnd(r.s, r.pos+1)
	for byteAt(r.s, end) == '-' {
		end = identEnd(r.s, end+1)
	}
	word, ok := aplCommands.find(r.s[r.pos:end])
	if !ok {
		return nothing, ReasonNotAQuery
	}
	r.w.verb(word)
	if word == ".ingest" {
		return outline, ReasonInlineData
	}
	return outline, ReasonCredentials
}

// push opens a bracket. What follows the closing one is as after and last say.
func (r *aplReader) push(kind aplFrameKind, bracket byte, tight, fold bool, last aplOperand) {
	if r.depth == aplDepth-1 {
		r.refuse(ReasonTooDeep)
		return
	}
	outer := r.frame()
	r.w.open(bracket, tight, fold)
	r.depth++
	r.frames[r.depth] = aplFrame{kind: kind, after: aplAfterOperand, last: last, fresh: true, search: kind == aplGroup && outer.search, term: true}
	r.source = -1
	r.state = aplAtSource
	if kind == aplColumns || kind == aplIndex || kind == aplArray {
		r.state = aplAtOperand
	}
}

// pop closes a bracket.
func (r *aplReader) pop(bracket byte) {
	f := r.frame()
	if closing := [...]byte{aplTop: 0, aplGroup: ')', aplCallOf: ')', aplListOf: ')', aplIndex: ']', aplArray: ']', aplColumns: ')', aplBlock: '}'}[f.kind]; closing != bracket {
		r.refuse(ReasonToken)
		return
	}
	r.state, r.last = f.after, f.last
	r.w.close(bracket)
	r.depth--
	r.source = -1
}

// finish reads the end of the text.
func (r *aplReader) finish() {
	if r.depth > 0 {
		r.refuse(ReasonUnterminated)
		return
	}
	r.done = true
}
