package query

// aplOperator is a tabular operator of the KQL family, and what may stand in its stage besides expressions.
type aplOperator struct {
	name    string
	clauses aplClause // words that may follow an operand
	first   aplClause // words that may follow the operator itself
	traits  aplTrait
}

// aplTrait is a peculiarity of a tabular operator.
type aplTrait uint16

const (
	aplParams  aplTrait = 1 << iota // `kind=inner hint.strategy=shuffle` may follow the operator
	aplTail                         // parameters may follow an operand (render)
	aplAlone                        // needs no operand
	aplWild                         // names may have wildcards (`push*`)
	aplTables                       // operands are tables
	aplParse                        // `with` starts a pattern: strings, names and stars side by side
	aplBody                         // takes pipelines that start with an operator, in brackets
	aplSource                       // may stand where a table may
	aplSearch                       // searches all columns: a bare word would be a search term
	aplTyped                        // a schema follows its operand after a colon
	aplSchema                       // a bracketed schema follows `as` or `declare`
	aplSteps                        // `with` starts a list of steps
	aplRepeats                      // is named again after a comma (top-nested)
	aplBinds                        // gives what is before it a name
)

// aplClause is a set of clause words.
type aplClause uint32

const (
	clauseBy aplClause = 1 << iota
	clauseOn
	clauseWith
	clauseAs
	clauseOf
	clauseFrom
	clauseTo
	clauseStep
	clauseIn
	clauseLimit
	clauseWhere
	clauseProject
	clauseDeclare
	clauseAsc // the words from here on are complete: no operand follows
	clauseDesc
	clauseNulls
	clauseFirst
	clauseLast
	clauseDefault
	clauseGrannyAsc
	clauseGrannyDesc

	clauseOrder = clauseAsc | clauseDesc | clauseNulls | clauseFirst | clauseLast
)

// aplWord is a word that may stand behind an operand: it begins or ends a clause, joins operands, or both.
type aplWord struct {
	text    string // in its canonical spelling
	negated string // behind a '!'; empty where the word joins nothing
	clause  aplClause
	list    bool // a list of values in brackets follows
}

var aplWords = func() words[*aplWord] {
	m := map[string]*aplWord{}
	for word, clause := range map[string]aplClause{
		"by": clauseBy, "on": clauseOn, "with": clauseWith, "as": clauseAs, "of": clauseOf, "from": clauseFrom, "to": clauseTo,
		"step": clauseStep, "in": clauseIn, "limit": clauseLimit, "where": clauseWhere, "project": clauseProject,
		"declare": clauseDeclare, "asc": clauseAsc, "desc": clauseDesc, "nulls": clauseNulls, "first": clauseFirst,
		"last": clauseLast, "default": clauseDefault, "granny-asc": clauseGrannyAsc, "granny-desc": clauseGrannyDesc,
	} {
		m[word] = &aplWord{text: word, clause: clause}
	}
	for word := range wordSet(`and between contains contains_cs containscs endswith endswith_cs has has_all has_any has_cs hasprefix
		hasprefix_cs hassuffix hassuffix_cs in in~ like matches notcontains notcontainscs nothas or startswith startswith_cs`) {
		list := word == "in" || word == "in~" || word == "has_any" || word == "has_all"
		if m[word] == nil {
			m[word] = &aplWord{text: word}
		}
		m[word].negated, m[word].list = "!"+word, list
	}
	return newWords(m)
}()

// aplOperators are the tabular operators that are represented. Those of graphs are not: their patterns are a language of
// their own.
var aplOperators = func() words[*aplOperator] {
	list := []aplOperator{
		{name: "as", traits: aplParams | aplBinds},
		{name: "consume", traits: aplParams | aplAlone},
		{name: "count", traits: aplAlone, first: clauseAs},
		{name: "distinct", traits: aplParams | aplWild},
		{name: "evaluate", traits: aplParams | aplTyped | aplSource},
		{name: "extend"},
		{name: "extend-valid"},
		{name: "facet", first: clauseBy, clauses: clauseWith, traits: aplBody},
		{name: "filter"},
		{name: "find", first: clauseIn | clauseWhere, clauses: clauseWhere | clauseProject, traits: aplParams | aplSource | aplSearch | aplWild},
		{name: "fork", traits: aplBody},
		{name: "getschema", traits: aplAlone},
		{name: "invoke"},
		{name: "join", clauses: clauseOn | clauseWhere, traits: aplParams | aplTables},
		{name: "limit"},
		{name: "lookup", clauses: clauseOn, traits: aplParams | aplTables},
		{name: "make-series", clauses: clauseBy | clauseOn | clauseFrom | clauseTo | clauseStep | clauseIn | clauseDefault, traits: aplParams},
		{name: "mv-apply", clauses: clauseOn | clauseTo | clauseLimit, traits: aplParams | aplBody},
		{name: "mv-expand", clauses: clauseTo | clauseLimit, traits: aplParams},
		{name: "mvexpand", clauses: clauseTo | clauseLimit, traits: aplParams},
		{name: "order", first: clauseBy, clauses: clauseBy | clauseOrder, traits: aplParams},
		{name: "parse", clauses: clauseWith, traits: aplParams | aplParse},
		{name: "parse-kv", clauses: clauseAs | clauseWith, traits: aplSchema},
		{name: "parse-where", clauses: clauseWith, traits: aplParams | aplParse},
		{name: "partition", first: clauseBy, clauses: clauseBy, traits: aplParams | aplBody},
		{name: "print", traits: aplSource},
		{name: "project", traits: aplWild},
		{name: "project-away", traits: aplWild},
		{name: "project-by-names", traits: aplWild},
		{name: "project-keep", traits: aplWild},
		{name: "project-rename"},
		{name: "project-reorder", clauses: clauseAsc | clauseDesc | clauseGrannyAsc | clauseGrannyDesc, traits: aplWild},
		{name: "project-smart", traits: aplWild},
		{name: "range", clauses: clauseFrom | clauseTo | clauseStep, traits: aplSource},
		{name: "redact", clauses: clauseOn, traits: aplParams},
		{name: "reduce", first: clauseBy, clauses: clauseWith, traits: aplParams},
		{name: "render", clauses: clauseWith, traits: aplParams | aplTail},
		{name: "sample"},
		{name: "sample-distinct", clauses: clauseOf},
		{name: "scan", first: clauseDeclare | clauseWith, clauses: clauseDeclare | clauseWith, traits: aplParams | aplSchema | aplSteps},
		{name: "search", first: clauseIn, traits: aplParams | aplSource | aplSearch},
		{name: "serialize", traits: aplParams | aplAlone},
		{name: "sort", first: clauseBy, clauses: clauseBy | clauseOrder, traits: aplParams},
		{name: "summarize", first: clauseBy, clauses: clauseBy, traits: aplParams},
		{name: "take"},
		{name: "top", clauses: clauseBy | clauseOrder},
		{name: "top-hitters", clauses: clauseOf | clauseBy},
		{name: "top-nested", first: clauseOf, clauses: clauseOf | clauseBy | clauseWith | clauseAsc | clauseDesc, traits: aplRepeats},
		{name: "union", traits: aplParams | aplTables | aplSource | aplWild},
		{name: "where"},
	}
	m := make(map[string]*aplOperator, len(list))
	for i := range list {
		m[list[i].name] = &list[i]
	}
	return newWords(m)
}()

// aplParameters are the names of operator parameters, aplParameterValues what they may be set to besides literals.
var (
	aplParameters = newWordList(`bagexpansion decodeblocks expandoutput flags isfuzzy kind legend output redactgroups replacehash replacetoken series title
		with_itemindex with_match_id with_node_id with_source with_step_name withsource xaxis xcolumn xtitle yaxis ycolumns ymax ymin
		ysplit ytitle hint.concurrency hint.distribution hint.key hint.materialized hint.num_partitions hint.pass_filters
		hint.progressive_top hint.remote hint.shufflekey hint.spread hint.strategy`)
	aplParameterValues = newWordList(`all anti array auto axes bag broadcast case_insensitive case_sensitive centralized default fullouter hidden
		inner innerunique last left leftanti leftantisemi leftouter leftsemi legacy linear local log map native nodes none outer
		panels per_node per_shard regex relaxed right rightanti rightantisemi rightouter rightsemi shuffle simple single stacked
		stacked100 unstacked visible table`)
	aplCharts = newWordList(`anomalychart areachart barchart card columnchart graph ladderchart linechart map piechart pivotchart plotly
		scatterchart stackedareachart table timechart timepivot timeline treemap`)
)

// aplTypes are the scalar types.
var aplTypes = newWordList(`bool boolean byte char date datetime decimal double dynamic float guid int int16 int32 int64 int8 long real
	string time timespan uint uint16 uint32 uint64 uint8 ulong uniqueid uuid`)

// aplCommands are the management commands whose first word is told, and nothing else of them: what follows names
// storage accounts, principals and keys, or holds data.
var aplCommands = newWordList(`.add .alter .alter-merge .append .attach .cancel .clear .create .create-merge .create-or-alter .create-set .delete
	.detach .disable .drop .drop-pretend .dup-next-failed-ingest .dup-next-ingest .enable .execute .export .get .ingest .load
	.move .purge .rebuild .rename .replace .run .save .seal .set .set-or-append .set-or-replace .show .undo .unload .update`)
