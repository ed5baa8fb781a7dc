package query

import "strings"

// clauseWord reads a keyword that joins operands or starts a clause.
func (r *sqlReader) clauseWord(f *sqlFrame) Reason {
	word := r.cur.word
	if sqlObjects[word] > 0 && r.kindOfObject(f) {
		return ReasonNone
	}
	if r.isQuery() && !r.standsRight(f) {
		return ReasonNotAQuery
	}
	keeps := r.expect && r.keepsExpecting()
	switch word {
	case wSelect:
		if r.verb != verbGrant && (r.verb != verbDefine || r.prev.word != wFor) {
			return r.query(f)
		}
	case wWith:
		if f.clause == inInto || r.prev.kind == kindWord && r.prev.word == wAs {
			return r.query(f)
		}
	case wValues:
		if f.clause == inInto && r.prev.word != wDefault {
			r.w.keyword("VALUES")
			return r.values(f)
		}
		if f.clause == inFrom && r.nxt.kind == kindOpen && r.prev.kind == kindOpen {
			return r.query(f)
		}
	case wFrom:
		if reason := r.from(f); reason != ReasonNone {
			return reason
		}
		keeps = true
	case wJoin, wApply, wStraightJoin:
		if f.query && r.prev.word != wArray {
			f.clause, r.expect, r.dataset, keeps = inFrom, true, true, true
		} else if f.query {
			f.clause = inSelect
		}
	case wWhen:
		r.complete = r.complete || r.verb == verbMerge
	case wUsing:
		if (r.verb == verbDelete || r.verb == verbMerge) && r.nxt.kind != kindOpen {
			f.clause, r.expect, r.dataset, keeps = inFrom, true, true, true
		}
	case wInto:
		if f.clause == inInto && r.afterName {
			return ReasonNotAQuery
		}
		if r.nxt.kind == kindWord || r.nxt.kind == kindQuoted || r.nxt.kind == kindDouble {
			r.expect, r.dataset, keeps = true, true, true
		}
	case wOn:
		keeps = r.on(f)
	case wSet:
		r.complete = true
		if f.query || r.verb == verbInsert {
			f.clause = inExpr
		}
	case wTo:
		r.secret = r.secret || r.depth == 0 && (r.policy || r.verb == verbCopy) // names of users follow, or an address
		if r.verb == verbDefine && f.clause == inValue {
			r.expect, keeps = true, true // RENAME a TO b
		}
	case wTable:
		if r.verb >= verbExplain && r.nameNext() {
			r.expect, r.dataset = true, true
			keeps = true
		}
	case wExec, wExecute:
		if f.clause == inInto {
			return r.statement(f, verbCall)
		}
	case wSettings:
		f.clause = inSettings
	case wReturning:
		f.clause = inSelect
	default:
		r.startsClause(f)
		if sqlClauses[word] == 2 {
			r.expect, r.dataset, keeps = r.nxt.kind != kindOpen, true, true
		}
	}
	if word == wAs && f.call && !f.query {
		f.clause = inDefs
	}
	r.expect = r.expect && keeps
	f.run = 0
	r.w.keyword(sqlEntries[word].text)
	return ReasonNone
}

// isQuery says whether the statement is one whose grammar is checked closely.
func (r *sqlReader) isQuery() bool {
	return r.verb >= verbQuery && r.verb <= verbMerge
}

// standsRight says whether a word of a query stands where it can stand. It is what tells "SELECT the name of Jane" from SQL.
func (r *sqlReader) standsRight(f *sqlFrame) bool {
	afterWord := r.isWord(classSoft, classClause)
	switch r.cur.word {
	case wBy, wOf:
		return afterWord || r.prev.kind == kindNumber || r.prev.kind == kindParam
	case wTo:
		return !r.afterName && (afterWord || r.prev.kind != kindWord)
	case wOn:
		return f.clause != inSelect || !f.query || afterWord || r.nxt.kind == kindWord && r.nxt.class >= classSoft // ON CONFLICT
	case wFor:
		return r.depth > 0 || f.clause == inFrom || r.prev.word == wValue || r.nxt.kind == kindWord && r.nxt.class >= classSoft
	case wWith:
		if f.clause == inInto || afterWord {
			return r.nxt.kind == kindOpen || r.nameNext() || r.nxt.kind == kindParam
		}
		return r.nxt.kind == kindOpen || r.nxt.kind == kindWord && r.nxt.class >= classSoft
	case wFrom, wWhere:
		return f.clause != inWith
	}
	return true
}

// startsClause ends the list of tables, or what else there was.
func (r *sqlReader) startsClause(f *sqlFrame) {
	if r.cur.class != classClause || !f.query {
		if r.cur.word == wWhere {
			f.clause = inExpr
		}
		return
	}
	switch r.cur.word {
	case wWhere:
		r.complete = true
		f.clause = inExpr
	case wExcept:
		if r.nxt.kind != kindOpen {
			f.clause = inExpr
		}
	default:
		if sqlClauses[r.cur.word] == 1 && (r.cur.word != wGroup || r.nxt.kind != kindOpen) { // WITHIN GROUP (…)
			f.clause = inExpr
		}
	}
}

// sqlClauses is what words do: 1 ends the list of tables, 2 is followed by the name of a table.
var sqlClauses = sqlSet("", "GROUP ORDER UNION OFFSET HAVING PREWHERE LIMIT FETCH CONNECT SORT DISTRIBUTE INTERSECT MINUS WINDOW", "REFERENCES CLONE")

// from reads FROM.
func (r *sqlReader) from(f *sqlFrame) Reason {
	switch {
	case r.prev.kind == kindWord && (r.prev.word == wDistinct && f.run == 0 || r.prev.word == wFill):
		return ReasonNone // IS DISTINCT FROM
	case f.query:
		f.clause, r.expect, r.dataset = inFrom, true, true
		r.complete = r.complete || r.verb == verbDelete
	case r.depth == 0 && (r.verb == verbCopy || r.verb == verbGrant):
		r.secret = true
	case r.verb == verbCommand && r.isWord(classSoft, classSoft):
		r.expect, r.dataset = true, r.prev.word != wTables // SHOW COLUMNS FROM t
	}
	return ReasonNone
}

// on reads ON, and says whether the name of a table follows.
func (r *sqlReader) on(f *sqlFrame) bool {
	switch {
	case r.verb == verbInsert && f.clause != inFrom && f.clause != inOn:
		f.clause = inExpr
	case f.query && f.clause == inFrom:
		f.clause = inOn
	case (r.verb == verbDefine || r.verb == verbGrant) && r.depth == 0 && !f.query:
		next := r.nxt.word
		r.expect = r.verb == verbGrant || r.object || r.nxt.class >= classSoft // COMMENT ON TABLE
		r.expect = r.expect && next != wDelete && next != wUpdate && sqlEntries[next].text != "CLUSTER" && sqlEntries[next].text != "COMMIT"
		r.dataset = r.object || r.verb == verbGrant
		r.object = true
		return true
	}
	return false
}

// sqlObjects is the kinds of objects of DDL: 1 is an object, 2 a dataset, 3 something whose definition is of credentials.
var sqlObjects = sqlSet("",
	`INDEX DATABASE SCHEMA FUNCTION PROCEDURE TRIGGER SEQUENCE TYPE DOMAIN EXTENSION STAGE STREAM TASK PIPE WAREHOUSE TABLESPACE POLICY
	RULE SYNONYM EVENT PUBLICATION CATALOG COLUMN CONSTRAINT AGGREGATE COLLATION MODEL TABLES PROJECTION SYSTEM PROC OPERATOR
	LANGUAGE WORKLOAD GRAPH`,
	"TABLE VIEW DICTIONARY",
	`USER USERS ROLE LOGIN ACCOUNT CREDENTIAL CREDENTIALS CONNECTION INTEGRATION LINK KEY MASTER PASSWORD MAPPING SERVER
	SUBSCRIPTION PROFILE QUOTA AUTHORIZATION SESSION NAMED TOKEN`)

// sqlSecrets is the words after which, outside of brackets, a statement that is no query has credentials.
var sqlSecrets = sqlSet("", `IDENTIFIED PASSWORD CREDENTIAL CREDENTIALS CONNECTION INTEGRATION LINK TOKEN AUTHORIZATION ENCRYPTED
	LOCATION URL ROLE USER OWNER`)

// kindOfObject reads the word that says what a definition is of, if cur, which is on the list of them, is it.
func (r *sqlReader) kindOfObject(f *sqlFrame) bool {
	kind := sqlObjects[r.cur.word]
	if kind == 1 && sqlObjects[r.nxt.word] == 3 {
		return false // DATABASE LINK, EVENT TRIGGER: the next word says it
	}
	if r.verb != verbDefine || r.object || r.depth > 0 || f.query || r.prev.kind == kindOperator {
		return false
	}
	text := sqlEntries[r.cur.word].text
	r.object, r.policy = true, text == "POLICY" || text == "QUOTA" || text == "PROFILE"
	r.w.verb(text)
	r.w.keyword(text)
	f.run = 0
	switch kind {
	case 3:
		r.secret = true
	default:
		r.expect = r.nameNext()
		r.dataset = kind == 2
		if r.prev.word == wAttach && r.nxt.kind != kindWord && r.nxt.kind != kindQuoted {
			r.secret, r.expect = true, false // the name of a file
		}
		r.listed = r.prev.word == wDrop || r.prev.word == wTruncate || r.prev.word == wRename
	}
	return true
}

// inlineFormat says whether FORMAT names the format of a result, or of data that follows.
func (r *sqlReader) inlineFormat(f *sqlFrame) bool {
	if r.depth > 0 || r.prev.word == wRow || f.query && f.run == 0 {
		return false
	}
	if r.verb == verbInsert {
		return r.nxt.kind != kindOpen && r.nxt.kind != kindEOF
	}
	return r.nxt.kind == kindWord && r.verb == verbQuery && f.query && f.run > 0
}

// format reads FORMAT with the name of the format, and the data that follows in INSERT.
func (r *sqlReader) format() Reason {
	r.w.keyword("FORMAT")
	r.advance()
	r.isName = true
	if name := r.text(r.cur); r.cur.kind == kindParam {
		r.w.parameter()
	} else if r.cur.kind == kindWord && sqlFormat(name) {
		r.w.keyword(name)
	} else {
		r.w.literal()
	}
	r.frames[0].run = 2 // no alias
	if r.verb == verbInsert {
		return r.data()
	}
	return ReasonNone
}

// sqlFormat says whether a name is of a format that ClickHouse has.
func sqlFormat(name string) bool {
	for _, family := range [...]string{
		"JSON", "CSV", "TSV", "TabSeparated", "Pretty", "Values", "Native", "RowBinary", "Parquet", "ORC", "Avro", "Arrow", "Null", "Vertical", "XML",
		"Markdown", "LineAsString", "RawBLOB", "Template", "CustomSeparated", "Protobuf", "MsgPack", "CapnProto", "SQLInsert", "TSKV", "Regexp",
	} {
		if rest, ok := strings.CutPrefix(name, family); ok && sqlFormatSuffix(rest) {
			return true
		}
	}
	return false
}

// sqlFormatSuffix says whether what follows the family in the name of a format is one of the known endings.
func sqlFormatSuffix(s string) bool {
	for s != "" {
		rest := s
		for _, part := range [...]string{
			"EachRow", "Compact", "Strings", "With", "Names", "And", "Types", "Progress", "Columns", "Object", "AsString", "AsObject", "Raw",
			"Space", "NoEscapes", "Monoblock", "One", "Block", "Defaults", "Stream", "List", "Single", "IgnoreSpaces", "Array", "Lines", "Metadata",
		} {
			rest = strings.TrimPrefix(rest, part)
		}
		if rest == s {
			return false
		}
		s = rest
	}
	return true
}
