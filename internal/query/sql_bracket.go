package query

// open reads an opening bracket.
func (r *sqlReader) open(f *sqlFrame, path bool) Reason {
	if r.depth == maxSQLDepth {
		return ReasonTooDeep
	}
	c := r.lex.text[r.cur.start]
	operand := endsOperand(r.prev.kind)
	if r.prev.kind == kindWord {
		operand = r.afterName || r.prev.class <= classValue && (f.run > 0 || r.defines())
	}
	f.start = false
	if f.rows && r.prev.kind == kindClose {
		r.w.comma() // ClickHouse takes rows without a comma between them
		operand = false
	}
	r.complete = r.complete || r.verb == verbCall && operand && c == '('
	if f.rows && c != '(' {
		return r.dataHere()
	}
	nf := sqlFrame{bracket: c + 2, clause: r.inside(f, c, operand), start: c == '('}
	if c == '(' {
		nf.bracket = ')'
	}
	nf.call = c == '(' && operand
	nf.path = path && c == '['
	in := r.prev.kind == kindWord && r.prev.word == wIn
	array := c == '[' && (!operand || r.prev.word == wArray)
	r.w.open(c, operand, in || array)
	r.expect = nf.clause == inFrom
	r.dataset = r.expect
	r.depth++
	r.frames[r.depth] = nf
	return ReasonNone
}

// dataHere is data for a token that is no row.
func (r *sqlReader) dataHere() Reason {
	if r.depth > 0 {
		return ReasonNotAQuery
	}
	r.w.literal()
	if f := &r.frames[0]; f.rows {
		r.w.closeRows()
		f.rows = false
	}
	return reasonData
}

// opensQuery says whether the brackets that open the text hold a statement.
func (r *sqlReader) opensQuery() bool {
	lex := r.lex // a copy: the brackets are read twice
	for t, depth := r.nxt, 0; ; {
		switch t.kind {
		case kindOpen:
			if depth++; depth > maxSQLDepth {
				return false
			}
			prev := t
			lex.next(&t, &prev)
		case kindWord:
			return sqlVerb(sqlVerbs[t.word]) == verbQuery
		default:
			return false
		}
	}
}

// inside is what may stand in the brackets that open with c.
func (r *sqlReader) inside(f *sqlFrame, c byte, operand bool) sqlClause {
	switch {
	case c == '{':
		return inBrace
	case r.secret || r.prev.kind == kindWord && sqlPrivate[r.prev.word] > 0:
		return inValue
	case r.verb == verbCopy && r.afterTarget:
		return inColumns
	case c == '[':
		return f.clause
	case f.rows:
		if r.verb == verbInsert {
			return inValues
		}
		return inExpr
	}
	switch f.clause {
	case inInto:
		if f.run > 0 && (r.afterName || r.prev.kind == kindWord || r.prev.kind == kindClose || r.prev.kind == kindParam) {
			return inColumns
		}
		return inExpr // also behind a literal, which names no table
	case inFrom:
		switch {
		case r.prev.word == wColumns || r.prev.word == wWith || r.prev.word == wOption || r.aliased || f.run >= 2:
			return inDefs
		case r.expect && !operand:
			return inFrom
		}
		return inExpr
	case inDefs:
		switch r.prev.word {
		case wCheck, wAs, wDefault, wUsing, wBy, wOptions:
			if r.prev.word == wOptions {
				return inValue
			}
			return inExpr
		case wSource:
			return inValue
		}
		return inDefs
	case inValue, inValues, inCommand, inBrace:
		return f.clause
	}
	if r.prev.word == wColumns || r.prev.word == wOption {
		return inDefs
	}
	return inExpr
}

// close reads a closing bracket.
func (r *sqlReader) close(f *sqlFrame) bool {
	if r.depth == 0 || f.bracket != r.lex.text[r.cur.start] {
		return false
	}
	if f.rows {
		r.w.closeRows()
	}
	r.w.close(f.bracket)
	r.path = f.path
	r.depth--
	outer := &r.frames[r.depth]
	if outer.run == 0 && (outer.clause != inCommand || f.call) {
		outer.run = 1
	}
	r.expect, r.aliased = false, false
	return true
}

// comma reads a comma.
func (r *sqlReader) comma(f *sqlFrame) bool {
	r.w.comma()
	f.run, r.expect, r.aliased = 0, false, false
	switch {
	case f.clause == inOn && f.query:
		f.clause = inFrom
		fallthrough
	case f.clause == inFrom:
		r.expect, r.dataset = true, true
	case r.depth == 0 && r.listed:
		r.expect = true
	}
	return true
}

// sqlPrivate is the functions that take addresses and credentials, whose arguments are values even where they are names.
var sqlPrivate = sqlSet("", `S3 S3CLUSTER URL URLCLUSTER REMOTE REMOTESECURE MYSQL POSTGRESQL MONGODB REDIS SQLITE JDBC ODBC HDFS HDFSCLUSTER
	AZUREBLOBSTORAGE AZUREBLOBSTORAGECLUSTER GCS OSS COSN DELTALAKE ICEBERG ICEBERGS3 HUDI FILE EXECUTABLE RABBITMQ KAFKA NATS S3QUEUE DBLINK
	DBLINK_CONNECT OPENROWSET OPENDATASOURCE OPENQUERY EXTERNAL_QUERY ENCRYPT DECRYPT AES_ENCRYPT AES_DECRYPT PGP_SYM_ENCRYPT PGP_SYM_DECRYPT
	CRYPT PASSWORD OLD_PASSWORD SET_CONFIG`)
