package query

import "testing"

func TestOPAL(t *testing.T) {
	assertTold(t, OPAL, map[string]told{
		"the query of Observe's documentation": {
			"make_col schema:string(EXTRA.schema)\nfilter schema = \"audit_log\"\nstatsby example_events:string_agg_distinct(string(FIELDS),\"\n\"), group_by(FIELDS.object_kind,FIELDS.operation)",
			"make_col schema:string(EXTRA.schema) | filter schema = ? | statsby example_events:string_agg_distinct(string(FIELDS), ?), group_by(FIELDS.object_kind, FIELDS.operation)",
			"make_col filter statsby", "",
		},
		"lines, pipes and blanks separate alike": {
			"filter a = 1 | filter b = 2 filter c = 3;filter d = 4",
			"filter a = ? | filter b = ? | filter c = ? | filter d = ?", "filter filter filter filter", "",
		},
		"keys and search terms are literals, members are names": {
			"filter a.b.\"c d\" ~ hunter2 and e[\"f\"][0].g !~ /x/i and h ~ <two words> or ~ fig*\"bar\"",
			"filter a.b.? ~ ? and e[?][?].g !~ ? and h ~ ? or ~ ?", "filter", "",
		},
		"subqueries": {
			"@a <- @ { filter x = 1 }\n@b <- @\"Tracing/Span\" { dedup }\n<- @a { union @b, @logs\n lookup on(x = @users.id), n:@users.name }",
			"@a <- @ {filter x = ?}; @b <- @? {dedup}; <- @a {union @b, @logs | lookup on(x = @users.id), n:@users.name}",
			"filter dedup union logs lookup users users", "logs users",
		},
		"verbs without arguments": {"make_event\nfilter a = 1\ndedup", "make_event | filter a = ? | dedup", "make_event filter dedup", ""},
		"lists, signs, division and regular expressions": {
			"filter a in (1, -2, \"x\") and not b / 2 > -c\nextract_regex d, /(?P<e>[^\\/]+)/",
			"filter a in (?) and not b / ? > - c | extract_regex d, ?", "filter extract_regex", "",
		},
		"comments of all kinds": {
			"filter a = 1 // it's\n# \"x\nfilter /* jane's */ b = true", "filter a = ? | filter b = ?", "filter filter", "",
		},
		"parameters": {"filter $param = \"\" or a = ${b.c}", "filter ? = ? or a = ?", "filter", ""},
		"arguments with names": {
			"timechart options(bins:10), 5m, n:count(), \"my col\":sum(x::int64), group_by()",
			"timechart options(bins:?), ?, n:count(), ?:sum(x::int64), group_by()", "timechart", "",
		},
	})
}

func TestOPALThatIsRefused(t *testing.T) {
	assertRefused(t, OPAL, map[string]refused{
		"empty":                      {" // nothing\n # at all", Withheld, ReasonEmpty, ""},
		"prose":                      {"please show salary of Jane", Withheld, ReasonNotAQuery, ""},
		"prose that begins well":     {"filter the logs of Jane", Withheld, ReasonNotAQuery, ""},
		"two words":                  {"fill jane", Withheld, ReasonNotAQuery, ""},
		"another language":           {"['logs'] | where a == 'x'", Withheld, ReasonNotAQuery, ""},
		"SQL":                        {"SELECT a FROM t WHERE b = 'c'", Withheld, ReasonNotAQuery, ""},
		"no verb, later":             {"filter a = 1\nlimit 5\nexfiltrate jane", Coarse, ReasonNotAQuery, "filter limit"},
		"a name behind a string":     {"limit 5\nfilter a = 1\nfilter a = 'it'jane'", Coarse, ReasonToken, "limit filter filter"},
		"cut in a string":            {"filter a = 1 and b = 'ja", Coarse, ReasonUnterminated, "filter a = ? and b ="},
		"cut in a second string":     {"filter a = 'x' and jane = 'ja", Coarse, ReasonUnterminated, "filter a ="},
		"cut in a regular expressio": {"filter a = 1 and b ~ /ja", Coarse, ReasonUnterminated, "filter a = ? and b ~"},
		"cut in a comment":           {"filter a = 1 /* ja", Coarse, ReasonUnterminated, "filter a = ?"},
		"cut in a call":              {"statsby n:count(), group_by(a", Coarse, ReasonUnterminated, "statsby n:count(), group_by(a"},
		"a string in backticks":      {"filter a = `jane`", Withheld, ReasonToken, ""},
	})
}
