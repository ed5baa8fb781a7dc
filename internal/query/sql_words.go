package query

import "strings"

// sqlWord is a word on the lists of sql_lists.go; 0 is none.
type sqlWord uint16

// Words that the reader treats apart. Their classes are with all the others in sql_lists.go.
const (
	wNone sqlWord = iota
	wAdd
	wAlter
	wAnalyze
	wApply
	wArray
	wAs
	wAttach
	wBegin
	wBy
	wCall
	wCase
	wCheck
	wClone
	wColumns
	wComment
	wConcurrently
	wConnect
	wConnection
	wCopy
	wCreate
	wDatabase
	wDate
	wDatetime
	wDeclare
	wDefault
	wDelete
	wDeny
	wDesc
	wDescribe
	wDetach
	wDistinct
	wDo
	wDrop
	wDuplicate
	wElse
	wEnd
	wEngine
	wEscape
	wExcept
	wExchange
	wExec
	wExecute
	wExists
	wExplain
	wFill
	wFinal
	wFirst
	wFor
	wFormat
	wFrom
	wFull
	wFunction
	wGrant
	wGroup
	wIf
	wIgnore
	wIn
	wIndex
	wInfile
	wInsert
	wInterval
	wInto
	wIs
	wJoin
	wLateral
	wLeft
	wLike
	wLoad
	wLocal
	wMaterialized
	wMerge
	wNot
	wOf
	wOffset
	wOn
	wOnly
	wOption
	wOptions
	wOr
	wOrder
	wOuter
	wOutfile
	wOverwrite
	wPartition
	wPragma
	wPrepare
	wProcedure
	wRecursive
	wRename
	wReplace
	wReturning
	wReturns
	wRevoke
	wRight
	wRow
	wSchema
	wSelect
	wSet
	wSettings
	wShare
	wShow
	wSource
	wStdin
	wStraightJoin
	wTable
	wTables
	wTemporary
	wThen
	wTime
	wTimestamp
	wTo
	wTop
	wTrigger
	wTruncate
	wUescape
	wUnion
	wUnnest
	wUnset
	wUpdate
	wUpsert
	wUse
	wUser
	wUsing
	wValue
	wValues
	wView
	wWhen
	wWhere
	wWindow
	wWith
	wNamed // the number of words above
)

var sqlNamedWords = [wNamed]string{
	wAdd: "ADD", wAlter: "ALTER", wAnalyze: "ANALYZE", wApply: "APPLY", wArray: "ARRAY", wAs: "AS", wAttach: "ATTACH", wBegin: "BEGIN",
	wBy: "BY", wCall: "CALL", wCase: "CASE", wCheck: "CHECK", wClone: "CLONE", wColumns: "COLUMNS", wComment: "COMMENT",
	wConcurrently: "CONCURRENTLY", wConnect: "CONNECT", wConnection: "CONNECTION", wCopy: "COPY", wCreate: "CREATE", wDatabase: "DATABASE",
	wDate: "DATE", wDatetime: "DATETIME", wDeclare: "DECLARE", wDefault: "DEFAULT", wDelete: "DELETE", wDeny: "DENY", wDesc: "DESC",
	wDescribe: "DESCRIBE", wDetach: "DETACH", wDistinct: "DISTINCT", wDo: "DO", wDrop: "DROP", wDuplicate: "DUPLICATE", wElse: "ELSE",
	wEnd: "END", wEngine: "ENGINE", wEscape: "ESCAPE", wExcept: "EXCEPT", wExchange: "EXCHANGE", wExec: "EXEC", wExecute: "EXECUTE",
	wExists: "EXISTS", wExplain: "EXPLAIN", wFill: "FILL", wFinal: "FINAL", wFirst: "FIRST", wFor: "FOR", wFormat: "FORMAT", wFrom: "FROM", wFull: "FULL",
	wFunction: "FUNCTION", wGrant: "GRANT", wGroup: "GROUP", wIf: "IF", wIgnore: "IGNORE", wIn: "IN", wIndex: "INDEX", wInfile: "INFILE",
	wInsert: "INSERT", wInterval: "INTERVAL", wInto: "INTO", wIs: "IS", wJoin: "JOIN", wLateral: "LATERAL", wLeft: "LEFT", wLike: "LIKE",
	wLoad: "LOAD", wLocal: "LOCAL", wMaterialized: "MATERIALIZED", wMerge: "MERGE", wNot: "NOT", wOf: "OF", wOffset: "OFFSET", wOn: "ON",
	wOnly: "ONLY", wOption: "OPTION", wOptions: "OPTIONS", wOr: "OR", wOrder: "ORDER", wOuter: "OUTER", wOutfile: "OUTFILE", wOverwrite: "OVERWRITE",
	wPartition: "PARTITION", wPragma: "PRAGMA", wPrepare: "PREPARE", wProcedure: "PROCEDURE", wRecursive: "RECURSIVE", wRename: "RENAME",
	wReplace: "REPLACE", wReturning: "RETURNING", wReturns: "RETURNS", wRevoke: "REVOKE", wRight: "RIGHT", wRow: "ROW", wSchema: "SCHEMA",
	wSelect: "SELECT", wSet: "SET", wSettings: "SETTINGS", wShare: "SHARE", wShow: "SHOW", wSource: "SOURCE", wStdin: "STDIN", wStraightJoin: "STRAIGHT_JOIN", wTable: "TABLE",
	wTables: "TABLES", wTemporary: "TEMPORARY", wThen: "THEN", wTime: "TIME", wTimestamp: "TIMESTAMP", wTo: "TO", wTop: "TOP",
	wTrigger: "TRIGGER", wTruncate: "TRUNCATE", wUescape: "UESCAPE", wUnion: "UNION", wUnnest: "UNNEST", wUnset: "UNSET",
	wUpdate: "UPDATE", wUpsert: "UPSERT", wUse: "USE", wUser: "USER", wUsing: "USING", wValue: "VALUE", wValues: "VALUES", wView: "VIEW", wWhen: "WHEN",
	wWhere: "WHERE", wWindow: "WINDOW", wWith: "WITH",
}

// sqlClass is what a word of SQL does to what may follow it.
type sqlClass uint8

const (
	classNone   sqlClass = iota // not on a list: a name
	classFunc                   // a function where '(' follows, else a name
	classSoft                   // types, units, kinds of objects: may be a name where an operand is expected
	classValue                  // a value by itself: NULL, CURRENT_DATE
	classAfter                  // stands after an operand and ends it: ASC, UNSIGNED
	classOp                     // stands between operands: AND, LIKE
	classClause                 // starts a clause, or joins words of one
)

// sqlEntry is a word of the lists.
type sqlEntry struct {
	text  string // in upper case
	key   wordKey
	class sqlClass
}

const (
	maxSQLWords  = 2048
	sqlTableBits = 12 // of the hash table: three times as many places as words, so that a probe seldom goes on
)

// sqlSlot is a place of the hash table: a word, its class, and some bits of its hash that are not in its place.
type sqlSlot struct {
	word  sqlWord
	class sqlClass
	check uint8
}

// sqlEntries is the words by their numbers, sqlTable their hash table, and sqlFilter what words look like.
var sqlEntries, sqlTable, sqlFilter = sqlWordTable()

// sqlWordTable builds the tables of words from the lists.
func sqlWordTable() ([]sqlEntry, [1 << sqlTableBits]sqlSlot, wordFilter) {
	filter := wordFilter{}
	entries := make([]sqlEntry, wNamed, maxSQLWords)
	numbers := map[string]sqlWord{}
	for w, text := range sqlNamedWords {
		entries[w].text = text
		numbers[text] = sqlWord(w)
	}
	for class, words := range sqlLists {
		for _, text := range strings.Fields(words) {
			w, known := numbers[text]
			if !known {
				w = sqlWord(len(entries))
				numbers[text] = w
				entries = append(entries, sqlEntry{text: text})
			}
			entries[w].class = sqlClass(class)
		}
	}
	table := [1 << sqlTableBits]sqlSlot{}
	for w, entry := range entries[1:] {
		filter.add(entry.text)
		key := keyOf(entry.text)
		entries[w+1].key = key
		place, check := sqlPlace(key)
		for table[place].word != wNone {
			place = (place + 1) % (1 << sqlTableBits)
		}
		table[place] = sqlSlot{word: sqlWord(w + 1), class: entry.class, check: check}
	}
	return entries, table, filter
}

// sqlSet numbers words of the lists by the set they are in; a word that is in no set has 0.
func sqlSet(sets ...string) *[maxSQLWords]uint8 {
	of := new([maxSQLWords]uint8)
	for number, words := range sets {
		for _, text := range strings.Fields(words) {
			w := sqlLookup(text)
			if w == wNone {
				panic("not on a list of words: " + text)
			}
			of[w] = uint8(number)
		}
	}
	return of
}

// sqlPlace is where in the table a word is looked for first, and what must stand there.
func sqlPlace(key wordKey) (place uint32, check uint8) {
	hash := key.hash()
	return uint32(hash >> (64 - sqlTableBits)), uint8(hash >> 32)
}

// sqlLookup finds a word in any case; wNone if it is on no list.
func sqlLookup(s string) sqlWord {
	w, _ := sqlFind(s)
	return w
}

func sqlFind(s string) (sqlWord, sqlClass) {
	if s == "" || !sqlFilter.mayHave(s) {
		return wNone, classNone
	}
	key := keyOf(s)
	place, check := sqlPlace(key)
	for {
		slot := sqlTable[place%(1<<sqlTableBits)]
		if slot.word == wNone || slot.check == check && sqlEntries[slot.word].is(s, key) {
			return slot.word, slot.class
		}
		place++
	}
}

// is says whether s, whose key is given, is the word of the entry.
func (e *sqlEntry) is(s string, key wordKey) bool {
	return e.key == key && len(e.text) == len(s) && (len(s) <= maxKeyed || equalFold(e.text, s))
}

// equalFold compares s in any case with an upper-case word.
func equalFold(upper, s string) bool {
	if len(upper) != len(s) {
		return false
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c-'a' <= 'z'-'a' {
			c -= 0x20
		}
		if c != upper[i] {
			return false
		}
	}
	return true
}
