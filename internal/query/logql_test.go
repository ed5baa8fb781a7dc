package query

import "testing"

func TestLogQL(t *testing.T) {
	assertTold(t, LogQL, map[string]told{
		"filters": {
			"{app=\"web\",ns=~`a|b`} |= \"jane\" or \"bob\" != `x` |~ \"y\" !~ \"z\" |> \"<_>\" !> \"v\" # it's",
			"{app=?, ns=~?} |= ? or ? != ? |~ ? !~ ? |> ? !> ?", "app ns", "",
		},
		"parsers": {
			`{a="b"} | json c="d.e", f | logfmt --strict --keep-empty g | pattern "<h>" | regexp "(?P<i>.)" | unpack | decolorize`,
			"{a=?} | json c=?, f | logfmt --strict --keep-empty g | pattern ? | regexp ? | unpack | decolorize",
			"a json logfmt pattern regexp unpack decolorize", "",
		},
		"labels": {
			`{a="b"} | line_format "{{.c}}" | label_format d=e, f="{{.g}}" | drop h, i="j" | keep k`,
			"{a=?} | line_format ? | label_format d=e, f=? | drop h, i=? | keep k", "a line_format label_format drop keep", "",
		},
		"label filters": {
			`{a="b"} | c >= 5 and (d="e" or f > 10s), g=ip("10.0.0.0/8") | h == 20kb i!="j"`,
			"{a=?} | c >= ? and (d = ? or f > ?), g = ip(?) | h == ? i != ?", "a", "",
		},
		"metrics": {
			`sum by (a) (rate({b="c"} | json | unwrap duration(d) | __error__="" [5m] offset 1h)) / on (a) count_over_time({e="f"}[1m]) > 100`,
			"sum by (a) (rate({b=?} | json | unwrap duration(d) | __error__ = ?[?] offset ?)) / on (a) count_over_time({e=?}[?]) > ?",
			"sum rate b json unwrap count_over_time e", "",
		},
	})
}

func TestLogQLThatIsRefused(t *testing.T) {
	assertRefused(t, LogQL, map[string]refused{
		"empty":                      {"# nothing", Withheld, ReasonEmpty, ""},
		"prose":                      {"please show salary of Jane", Withheld, ReasonNotAQuery, ""},
		"a name behind a string":     {`{a="it"jane"}`, Withheld, ReasonToken, ""},
		"cut in a string":            {`{a="b"} |= "ja`, Coarse, ReasonUnterminated, "{a="},
		"cut in a string, in a call": {`sum(rate({a="b"} |= "ja`, Coarse, ReasonUnterminated, "sum(rate({a="},
		"no stage":                   {`{a="b"} | salary of jane`, Withheld, ReasonToken, ""},
		"GraphQL":                    {`{ user(id: "jane") { name } }`, Withheld, ReasonToken, ""},
	})
}
