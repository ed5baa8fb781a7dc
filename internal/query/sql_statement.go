package query

// sqlVerb is a kind of statement.
type sqlVerb uint8

const (
	verbNone sqlVerb = iota
	verbQuery
	verbInsert
	verbUpdate
	verbDelete
	verbMerge
	verbDefine  // CREATE, ALTER, DROP …
	verbGrant   // names are of users
	verbSet     // values follow, quoted or not
	verbCall    // the same
	verbCopy    // data to or from elsewhere: addresses, credentials, and the data itself
	verbExplain // another statement may follow
	verbCommand // keywords and a name
)

// sqlVerbs is the verbs that start statements.
var sqlVerbs = sqlSet([]string{
	verbQuery:   "SELECT WITH VALUES FROM TABLE",
	verbInsert:  "INSERT REPLACE UPSERT",
	verbUpdate:  "UPDATE",
	verbDelete:  "DELETE",
	verbMerge:   "MERGE",
	verbDefine:  "CREATE ALTER DROP TRUNCATE RENAME COMMENT ATTACH DETACH UNDROP EXCHANGE",
	verbGrant:   "GRANT REVOKE DENY",
	verbSet:     "SET RESET UNSET PRAGMA",
	verbCall:    "CALL EXEC EXECUTE DO PRINT WAITFOR RAISERROR",
	verbCopy:    "COPY UNLOAD EXPORT IMPORT LOAD BACKUP RESTORE",
	verbExplain: "EXPLAIN DESCRIBE DESC",
	verbCommand: `SHOW USE BEGIN START COMMIT ROLLBACK SAVEPOINT RELEASE END KILL ANALYZE VACUUM OPTIMIZE CHECK REPAIR REFRESH CACHE UNCACHE
		MSCK LOCK UNLOCK DECLARE FETCH CLOSE OPEN PREPARE DEALLOCATE DISCARD CHECKPOINT CLUSTER REINDEX LISTEN NOTIFY UNLISTEN INSTALL
		SYSTEM EXISTS WATCH PURGE FLUSH DBCC GO MOVE REASSIGN`,
}...)

// sqlBrief is the verbs behind whose target no other names stand: 1 in definitions, 2 where the target follows directly.
var sqlBrief = sqlSet("", "DROP TRUNCATE RENAME UNDROP EXCHANGE DETACH COMMENT", "USE ANALYZE VACUUM OPTIMIZE REINDEX CLUSTER")

// begins reads the first word of the text, of a statement or of what stands in brackets. known says that it was read.
func (r *sqlReader) begins(f *sqlFrame) (known bool, reason Reason) {
	verb := sqlVerb(sqlVerbs[r.cur.word])
	if verb != verbNone && !r.leads() {
		verb = verbNone
	}
	if r.depth > 0 {
		switch verb {
		case verbQuery, verbInsert, verbUpdate, verbDelete, verbMerge:
			if f.clause == inColumns || f.clause == inFrom {
				f.clause, r.expect = inExpr, false
			}
			return true, r.statement(f, verb)
		}
		return false, ReasonNone
	}
	if verb != verbNone {
		return true, r.statement(f, verb)
	}
	if r.verbs > 0 {
		return false, r.afterStatement()
	}
	r.bare = true
	return false, ReasonNone
}

// afterStatement ends a text in which something follows a statement that is none: data, most often.
func (r *sqlReader) afterStatement() Reason {
	r.w.out = r.w.out[:len(r.w.out)-1] // the semicolon
	return ReasonInlineData
}

// leads says whether a verb is followed by what may follow one; many are the names of functions or columns too.
func (r *sqlReader) leads() bool {
	switch r.nxt.kind {
	case kindEOF, kindSemicolon:
		return r.cur.word != wValues && r.cur.word != wTable && r.cur.word != wReplace
	case kindOpen:
		switch r.cur.word {
		case wSelect, wValues, wExplain, wAnalyze, wCopy, wDo:
			return true
		}
		return sqlEntries[r.cur.word].text == "VACUUM"
	case kindDot, kindComma, kindClose, kindColon:
		return false
	case kindOperator:
		switch r.text(r.nxt) {
		case "*", "-", "+", "~", "!":
			return true
		}
		return false
	case kindWord:
		return r.nxt.word != wAs || r.cur.word == wWith
	}
	return true
}

// statement reads the verb of a statement.
func (r *sqlReader) statement(f *sqlFrame, verb sqlVerb) Reason {
	word := sqlEntries[r.cur.word].text
	if r.depth == 0 {
		r.verb, r.prefix = verb, verb == verbExplain
	}
	f.run = 0
	switch verb {
	case verbQuery:
		return r.query(f)
	case verbInsert:
		f.clause = inInto
		r.expect, r.dataset = true, true
		r.complete = true
	case verbUpdate, verbDelete, verbMerge:
		f.clause, f.query = inFrom, true
		r.expect, r.dataset = true, true
		r.complete = r.depth > 0
	case verbDefine:
		f.clause = inDefs
		if sqlBrief[r.cur.word] == 1 {
			f.clause = inValue
		}
		r.creates = r.cur.word == wCreate
		r.complete = true
		r.secret = r.cur.word == wAttach && r.nxt.kind != kindWord && r.nxt.kind != kindQuoted
		r.object = r.secret
		if r.cur.word == wTruncate && sqlEntries[r.nxt.word].class != classSoft && r.nxt.word != wTable {
			r.object, r.expect, r.dataset = true, true, true
		}
	case verbGrant, verbSet, verbCall, verbCopy:
		f.clause = inValue
		switch r.cur.word {
		case wCall, wExec, wExecute, wCopy, wPragma:
			r.expect = r.nxt.kind != kindOpen && r.nxt.kind != kindString
		}
		r.dataset = verb == verbCopy
		r.complete = r.cur.word != wCall
	case verbExplain:
		f.clause = inCommand
	default:
		f.clause = inValue
		r.expect, r.dataset = sqlBrief[r.cur.word] == 2 && r.nxt.kind != kindOpen && r.nxt.kind != kindString, r.cur.word != wUse
	}
	r.w.verb(word)
	r.noteVerb()
	r.w.keyword(word)
	return ReasonNone
}

// noteVerb notes how long the summary is with the first verb only.
func (r *sqlReader) noteVerb() {
	if r.verbs == 0 {
		r.verbs = len(r.w.summary)
	}
}

// query reads the first word of a query.
func (r *sqlReader) query(f *sqlFrame) Reason {
	f.run, r.expect = 0, false
	r.w.noFold()
	switch r.cur.word {
	case wSelect:
		f.query, f.clause = true, inSelect
		r.complete = r.complete || r.depth == 0
		r.secret = r.secret && r.depth > 0
		r.w.verb("SELECT")
	case wWith:
		f.clause = inWith
		r.complete = r.depth > 0
	case wFrom, wTable:
		f.query, f.clause = true, inFrom
		r.expect, r.dataset = true, true
		if r.cur.word == wTable {
			f.clause = inExpr // no alias
		} else {
			r.complete = r.depth > 0
		}
		r.w.verb(sqlEntries[r.cur.word].text)
	case wValues:
		r.w.verb("VALUES")
		r.w.keyword("VALUES")
		r.noteVerb()
		return r.values(f)
	}
	r.noteVerb()
	r.w.keyword(sqlEntries[r.cur.word].text)
	return ReasonNone
}

// values starts the rows of VALUES, the word already written. What is no row is data.
func (r *sqlReader) values(f *sqlFrame) Reason {
	switch r.nxt.kind {
	case kindOpen, kindParam, kindEOF, kindBreak, kindClose, kindSemicolon:
	case kindWord:
		if r.nxt.word != wRow {
			return r.data()
		}
	default:
		return r.data()
	}
	r.w.openRows()
	f.rows, f.run = true, 0
	return ReasonNone
}

// endsRows says whether the token ends the rows of VALUES.
func (r *sqlReader) endsRows() bool {
	switch r.cur.kind {
	case kindComma, kindOpen, kindParam:
		return false
	case kindWord:
		return r.cur.word != wRow
	}
	return true
}

// data writes the rest of the text, which is not SQL, as one literal. Nothing but a semicolon must end it, because data may
// hold any character.
func (r *sqlReader) data() Reason {
	if r.depth > 0 {
		return ReasonNotAQuery
	}
	if r.nxt.kind == kindParam && r.text(r.nxt) == "?" {
		r.w.parameter()
	} else if r.nxt.kind != kindEOF {
		r.w.literal()
	}
	return reasonData
}
