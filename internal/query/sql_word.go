package query

// word reads a word.
func (r *sqlReader) word(f *sqlFrame, merged bool) Reason {
	if r.cur.class == classNone && r.plainlyName(f, merged) {
		f.run++
		r.aliased = r.prev.kind == kindWord && r.prev.word == wAs
		r.part()
		if r.nxt.kind == kindDot && !r.parts(f) {
			return ReasonNotAQuery
		}
		return ReasonNone
	}
	if r.prefix && r.depth == 0 && r.introduces() || f.clause == inWith && f.run > 0 && r.introduces() {
		r.prefix = false
		return r.statement(f, sqlVerb(sqlVerbs[r.cur.word]))
	}
	if r.cur.class <= classFunc || !r.isKeyword(f) {
		if !r.name(f, merged) {
			return ReasonNotAQuery
		}
		return ReasonNone
	}
	if !r.mayFollow() {
		return ReasonNotAQuery
	}
	r.aliased = false
	if r.cur.class >= classOp && f.run == 0 && r.standsAlone() {
		r.w.keyword(r.text(r.cur)) // SELECT update, SELECT end FROM a
		f.run, r.expect = 1, false
		return ReasonNone
	}
	switch r.cur.class {
	case classSoft:
		return r.soft(f)
	case classValue:
		if f.clause == inValues {
			r.w.literal()
		} else {
			r.w.keyword(sqlEntries[r.cur.word].text)
		}
		f.run, r.expect = 1, false
		return ReasonNone
	case classAfter:
		r.w.keyword(sqlEntries[r.cur.word].text)
		f.run = 1
		return ReasonNone
	}
	return r.clauseWord(f)
}

// plainlyName says whether a word that is on no list is the name of a column, alias or function, which most words are.
func (r *sqlReader) plainlyName(f *sqlFrame, merged bool) bool {
	return f.clause <= inOn && !merged && !r.secret && !r.expect && f.run < r.limit(f) && r.isQuery() && (!r.cur.glued || r.mayFollow())
}

// introduces says whether cur starts a statement after WITH … or EXPLAIN.
func (r *sqlReader) introduces() bool {
	switch sqlVerb(sqlVerbs[r.cur.word]) {
	case verbInsert, verbUpdate, verbDelete, verbMerge:
		return r.nxt.kind == kindWord || r.nxt.kind == kindQuoted || r.nxt.kind == kindDouble
	case verbDefine:
		return r.cur.word == wCreate || r.cur.word == wAlter || r.cur.word == wDrop
	case verbQuery:
		return r.cur.word == wSelect || r.cur.word == wWith
	}
	return false
}

// isKeyword says whether a word that can be a keyword is one at its place.
func (r *sqlReader) isKeyword(f *sqlFrame) bool {
	if r.nxt.kind == kindDot {
		return false
	}
	if r.prev.kind == kindWord && r.prev.word == wAs {
		return r.followsAs(f)
	}
	if f.clause == inWith && f.run == 0 && (r.nxt.kind == kindOpen || r.nxt.kind == kindWord && r.nxt.word == wAs) {
		return r.cur.word == wRecursive || r.cur.class == classOp || r.cur.class == classValue
	}
	if !r.expect || r.secret {
		return true
	}
	named := r.nxt.kind == kindWord || r.nxt.kind == kindQuoted || r.nxt.kind == kindDouble
	switch r.cur.word {
	case wSelect, wFrom, wWhere, wSet, wInto, wOverwrite, wJoin, wStdin:
		return true
	case wWith:
		return r.depth > 0
	case wValues:
		return r.nxt.kind == kindOpen
	case wIf:
		return r.nxt.kind == kindWord && (r.nxt.word == wNot || r.nxt.word == wExists)
	case wNot, wExists:
		return r.prev.word == wIf || r.prev.word == wNot
	case wTable:
		if r.prev.word == wFrom || r.prev.word == wJoin || r.prev.kind == kindComma {
			return r.nxt.kind == kindOpen
		}
		return named && r.nxt.class < classClause || r.nxt.word == wIf
	case wLateral, wOnly, wTop:
		return named || r.nxt.kind == kindOpen || r.nxt.kind == kindNumber
	case wUnnest:
		return false
	}
	if sqlBeforeText[r.cur.word] > 0 {
		return r.verb == verbCall || r.nxt.kind == kindString || r.nxt.kind == kindOpaque || r.nxt.kind == kindParam || r.nxt.kind == kindDouble
	}
	if r.cur.class == classSoft && (r.verb == verbGrant || r.verb == verbDefine && r.prev.word == wOn || r.verb >= verbExplain && sqlObjects[r.cur.word] > 0) {
		return named && r.nxt.class < classOp // ON SCHEMA x, ON COLUMN x, USE DATABASE x
	}
	return named && r.keepsExpecting() && (r.nxt.class < classOp || r.nxt.word == wIf || r.nxt.word == wInto)
}

// followsAs says whether a word after AS is a keyword and not an alias.
func (r *sqlReader) followsAs(f *sqlFrame) bool {
	switch r.cur.word {
	case wSelect, wWith, wNot, wMaterialized, wOf, wBegin, wCase, wInterval:
		return r.nxt.kind != kindEOF && r.nxt.kind != kindSemicolon && r.nxt.kind != kindComma && r.nxt.kind != kindClose && r.nxt.word != wFrom
	case wValues:
		return r.nxt.kind == kindOpen
	}
	return f.call && r.cur.class == classSoft || !f.query && f.clause == inDefs
}

// standsAlone says whether a word that would need something after it has nothing, so that it is a name.
func (r *sqlReader) standsAlone() bool {
	switch r.nxt.kind {
	case kindEOF, kindComma, kindClose, kindSemicolon:
		return r.prev.kind != kindStart && r.prev.kind != kindSemicolon
	case kindOperator:
		switch op := r.text(r.nxt); op {
		case "*", "-", "+", "~", "!", "@":
			return false
		}
		return r.cur.class == classClause || r.cur.word == wEnd || r.cur.word == wInterval
	case kindWord:
		return r.nxt.word == wFrom && r.cur.word != wDistinct && r.cur.word != wDelete && r.frames[r.depth].clause == inSelect
	}
	return false
}

// soft reads a word that may be a keyword or a name.
func (r *sqlReader) soft(f *sqlFrame) Reason {
	word := r.cur.word
	text := sqlEntries[word].text
	if written := r.text(r.cur); f.run == 0 && !r.defines() || isMixedCase(written) {
		text = written // as a name is, or a type of ClickHouse
	}
	switch {
	case sqlObjects[word] > 0 && r.kindOfObject(f):
		return ReasonNone
	case word == wView && r.prev.kind == kindWord && (r.prev.word == wLateral || r.prev.word == wOuter):
		f.clause, f.run, r.expect = inSelect, 0, false
	case word == wFormat && r.inlineFormat(f):
		return r.format()
	case word == wStdin && r.verb == verbCopy:
		r.w.keyword(text)
		return r.data()
	case sqlSecrets[word] > 0 && r.depth == 0 && r.defines():
		r.secret = true
	case word == wColumns && f.call:
		f.clause, f.run = inDefs, 0
	case f.clause == inWith && word == wRecursive:
		f.run = 0
	case r.verb >= verbExplain && (sqlObjects[word] == 1 || sqlObjects[word] == 2) && r.nameNext() && r.nxt.class <= classFunc:
		r.w.keyword(text)
		r.expect, r.dataset, f.run = true, sqlObjects[word] == 2, 0
		return ReasonNone
	case r.expect && (r.keepsExpecting() || r.verb == verbGrant), f.run == 0 && r.defines():
		f.run = 0
	case (f.clause == inExpr || f.clause == inOn) && f.run > 0 && r.afterName && f.query &&
		sqlFollowers[word] == 0:
		return ReasonNotAQuery
	case f.run > 0 && !r.defines() && r.prev.kind != kindNumber && r.prev.kind != kindString && r.prev.kind != kindParam:
		f.run++
	default:
		f.run = 1
	}
	if !r.keepsExpecting() && r.verb != verbGrant {
		r.expect = false
	}
	r.w.keyword(text)
	return ReasonNone
}

// defines says whether the statement is one in which keywords follow one another freely.
func (r *sqlReader) defines() bool {
	return r.verb > verbMerge && !r.frames[r.depth].query
}

// keepsExpecting says whether the name of a table may still follow cur.
func (r *sqlReader) keepsExpecting() bool {
	return sqlModifiers[r.cur.word] > 0
}

// sqlFollowers is the words that may stand behind the name of a column in a query, outside of the SELECT list.
var sqlFollowers = sqlSet("", `FILTER WITHIN NULLS RESPECT ROWS ROW GLOBAL SAMPLE NOWAIT WAIT FORMAT PARTITION LAST NATURAL ASOF ONLY SKIP LOCK OPTION START
	CACHE FILL MATCH EMPTY ERROR FORCE PRIORITY STRICT OVERFLOW RETURN VALUE KEY LOGS INCLUDING TIES SEARCH CYCLE NEXT CLUSTER GROUPING SYMMETRIC
	DAY DAYS HOUR HOURS MINUTE MINUTES SECOND SECONDS WEEK WEEKS MONTH MONTHS QUARTER YEAR YEARS MILLISECOND MICROSECOND NANOSECOND`)

// sqlBeforeText is the words that stand between the verb and a string in the place of a name.
var sqlBeforeText = sqlSet("", "OUTFILE DUMPFILE INFILE INPATH DIRECTORY IMMEDIATE")

// sqlModifiers is the words that may stand before the name of a table or other object.
var sqlModifiers = sqlSet("", `IF NOT EXISTS ONLY TABLE LATERAL IGNORE INTO OR TEMPORARY CONCURRENTLY FUNCTION OVERWRITE TOP LOCAL LOW_PRIORITY
	HIGH_PRIORITY DELAYED QUICK ALL REPLACE ROLLBACK TEMP UNLOGGED`)

// isMixedCase says whether a word has small letters and capitals.
func isMixedCase(word string) bool {
	small, capital := false, false
	for i := 0; i < len(word); i++ {
		c := word[i]
		small = small || c-'a' <= 'z'-'a'
		capital = capital || c-'A' <= 'Z'-'A'
	}
	return small && capital
}
