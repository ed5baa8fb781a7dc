package query

import "strings"

// sqlSyntax: names that need quotes stand in backticks, which delimit nothing but names in any dialect. SQL ignores the
// case of words.
var sqlSyntax = syntax{quoteOpen: "`", quoteClose: "`", foldCase: true}

// maxSQLDepth is how deep brackets may nest.
const maxSQLDepth = 100

// sqlClause says what may stand at a place, in as much as it decides what a name is there and how many may follow one
// another. Two are allowed where an alias or a type may follow a name; prose has three and more.
type sqlClause uint8

const (
	inExpr     sqlClause = iota
	inSelect             // expressions, each with an alias
	inFrom               // tables, each with an alias
	inOn                 // the condition of a join: another table may follow
	inWith               // common table expressions
	inInto               // what INSERT inserts into
	inColumns            // names only: the columns of INSERT
	inValues             // a row of INSERT: bare names are values there
	inDefs               // definitions: names, types, options
	inCommand            // what follows the verb of another statement
	inSettings           // SETTINGS a = b
	inBrace              // {d '…'}, {'a': 1}: words are data
	inValue              // words that are no keywords are values
)

// sqlFrame is one open bracket; the first one is the statement.
type sqlFrame struct {
	clause  sqlClause
	run     uint8 // names and other operands since the last keyword, operator or comma
	bracket byte  // the character that closes it
	start   bool  // nothing of it was read yet
	query   bool  // it holds a SELECT or the like, so FROM has tables
	rows    bool  // the rows of VALUES are being read
	call    bool  // the arguments of a function
	ternary bool  // "a ? b" was read, so ':' is the operator that follows
	path    bool  // a subscript in the path of a document
}

// sqlReader reads one text.
type sqlReader struct {
	w              *writer
	lex            sqlLexer
	prev, cur, nxt sqlToken
	frames         [maxSQLDepth + 1]sqlFrame
	depth          int

	// The statement.
	verb        sqlVerb
	object      bool // the kind of object that DDL is about was read
	expect      bool // the name of a table, or of another object, must follow
	dataset     bool // it is a table
	listed      bool // a comma may follow, and another one
	secret      bool // names are values from here on
	policy      bool // the object is given to users
	creates     bool // it is CREATE
	complete    bool // what the statement cannot do without was read
	prefix      bool // EXPLAIN: a statement follows
	aliased     bool // so is it an alias after AS
	path        bool // the operand last read is a path in a document
	plain       bool // a keyword that may be a name is one here
	dotted      bool // so is any word, because a dot stands before it
	isName      bool // the token is read as a name, whatever it is on a list as
	afterName   bool // so was the one before
	isTarget    bool // the token ends the name of a table or other object
	afterTarget bool // so does the one before
	merged      bool // the literal last written takes in the next one

	// The text.
	bare     bool // it is an expression, not a statement
	strong   bool // a name in double quotes stands where no string can
	weak     bool // one stands where a string can
	doubles  bool // and is a name nevertheless
	verbs    int  // the length of the summary with the first verb only
	ctes     [16]uint64
	cteCount int
}

// readSQL reads SQL of any dialect.
func readSQL(w *writer, system, text string) (extent, Reason) {
	dialect := dialectOf(system)
	r := sqlReader{w: w}
	told, reason := r.read(dialect, text)
	switch names := w.opts.Names; {
	case told == nothing:
	case r.bare && names == NamesKept:
		// Without a verb it is an expression, or something else that was sent in the place of a query.
		r = sqlReader{w: w}
		w.opts.Names = NamesPseudonymised
		w.begin(sqlSyntax)
		told, reason = r.read(dialect, text)
		w.opts.Names = names
	case r.weak && r.strong && dialect.doubleNames && !dialect.looseDouble:
		// The label says that double quotes delimit names, and the text agrees with it.
		r = sqlReader{w: w, doubles: true}
		w.begin(sqlSyntax)
		told, reason = r.read(dialect, text)
	}
	return told, reason
}

// read reads the text once.
func (r *sqlReader) read(dialect sqlDialect, text string) (extent, Reason) {
	r.lex = sqlLexer{text: text, dialect: dialect, bracket: -2}
	r.lex.next(&r.nxt, &r.cur)
	r.frames[0].start, r.complete = true, true
	for {
		r.prev, r.cur = r.cur, r.nxt // advance, in place
		if r.nxt.kind > kindBreak {
			r.lex.next(&r.nxt, &r.cur)
		}
		switch r.cur.kind {
		case kindEOF:
			return r.end()
		case kindBreak:
			return r.broken(r.lex.reason)
		}
		if reason := r.token(); reason != ReasonNone {
			return r.stopped(reason)
		}
	}
}

// reasonData is not a reason but the end of what is read: literal data follows, and was written as such.
const reasonData Reason = "data"

// token reads the token cur.
func (r *sqlReader) token() Reason {
	f := &r.frames[r.depth]
	merged, path := r.merged, r.path
	r.merged, r.path = false, false
	r.afterName, r.isName = r.isName, false
	r.afterTarget, r.isTarget = r.isTarget, false
	if f.rows && r.endsRows() {
		if r.prev.kind == kindComma && r.verb == verbInsert {
			return r.dataHere() // no row
		}
		r.w.closeRows()
		f.rows = false
	}
	if f.start && r.depth == 0 && r.cur.kind != kindWord && r.cur.kind != kindSemicolon {
		switch {
		case r.cur.kind == kindOpen && r.opensQuery():
			r.verb, f.query = verbQuery, true
		case r.verbs > 0:
			return r.afterStatement()
		case r.lex.text[r.cur.start] == '{':
			return ReasonNotAQuery // JSON
		default:
			r.bare = true
		}
	}
	ok := false
	switch r.cur.kind {
	case kindWord:
		if f.start {
			f.start = false
			if known, reason := r.begins(f); known || reason != ReasonNone {
				return reason
			}
		}
		return r.word(f, merged)
	case kindQuoted:
		ok = r.quoted(f, merged)
	case kindDouble:
		ok = r.double(f, merged)
	case kindString, kindNumber, kindOpaque:
		ok = r.literal(f, merged)
	case kindParam:
		ok = r.parameter(f)
	case kindOperator:
		r.operator(f)
		ok = true
	case kindColon:
		ok = r.colon(f)
	case kindDot:
		ok = r.dot(f, path)
	case kindComma:
		ok = r.comma(f)
	case kindOpen:
		return r.open(f, path)
	case kindClose:
		ok = r.close(f)
	case kindSemicolon:
		return r.semicolon(f)
	}
	f.start = false
	if !ok {
		return ReasonNotAQuery
	}
	return ReasonNone
}

func (r *sqlReader) advance() {
	r.prev = r.cur
	r.cur = r.nxt
	if r.nxt.kind > kindBreak {
		r.lex.next(&r.nxt, &r.cur)
	}
}

func (r *sqlReader) text(t sqlToken) string { return r.lex.text[t.start:t.end] }

// content is what the quotes of a token delimit.
func (r *sqlReader) content(t sqlToken) string {
	return strings.Trim(r.lex.text[t.start+1:t.end-1], " ")
}

// end ends a text that was read to its end.
func (r *sqlReader) end() (extent, Reason) {
	if len(r.w.out) == 0 {
		return nothing, ReasonEmpty
	}
	if r.depth > 0 {
		return r.broken(ReasonUnterminated)
	}
	if r.frames[0].rows {
		r.w.closeRows()
	}
	if !r.complete {
		return r.stopped(ReasonNotAQuery)
	}
	return whole, ReasonNone
}

// broken ends a text that cannot be read on.
func (r *sqlReader) broken(reason Reason) (extent, Reason) {
	switch {
	case reason == ReasonAmbiguous && !r.bare && r.verb != verbNone:
		return outline, reason
	case reason != ReasonUnterminated:
		return r.stopped(reason)
	case r.bare || r.verb == verbNone:
		return nothing, reason
	case !r.complete || r.cur.kind == kindBreak && !r.lex.inComment && !r.mayFollow():
		return r.stopped(reason)
	case r.cur.kind == kindBreak && !r.lex.inComment:
		r.w.literal()
	}
	return part, reason
}

// stopped ends a text that is not SQL, or not SQL that is known: only the first verb is told of it.
func (r *sqlReader) stopped(reason Reason) (extent, Reason) {
	switch {
	case reason == reasonData:
		return whole, ReasonNone
	case reason == ReasonInlineData:
		return part, reason
	case r.bare || r.verbs == 0:
		return nothing, reason
	case r.verb != verbDefine || !r.object || r.expect:
		r.w.forget(r.verbs) // a definition has its target first, and then what not every dialect has
	}
	return outline, reason
}

// semicolon ends a statement.
func (r *sqlReader) semicolon(f *sqlFrame) Reason {
	if r.depth > 0 || !r.complete && !f.start {
		return ReasonNotAQuery
	}
	if r.nxt.kind == kindEOF || r.nxt.kind == kindSemicolon || len(r.w.out) == 0 {
		return ReasonNone
	}
	r.w.separator(";", true)
	r.frames[0] = sqlFrame{start: true}
	r.verb, r.object, r.expect, r.secret, r.policy, r.prefix = verbNone, false, false, false, false, false
	r.complete = true
	return ReasonNone
}
