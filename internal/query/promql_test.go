package query

import "testing"

func TestPromQL(t *testing.T) {
	assertTold(t, PromQL, map[string]told{
		"aggregation": {
			"SUM BY (job,instance) (rate(http_requests_total{job=\"api\", code=~'5..',}[5m]))",
			"sum by (job, instance) (rate(http_requests_total{job=?, code=~?}[?]))", "sum rate http_requests_total", "http_requests_total",
		},
		"clause behind the bracket": {"sum(up) WITHOUT (a)", "sum(up) without (a)", "sum up", "up"},
		"matching": {
			"a_b / on(c) group_left(d) e_f > bool 1 or g_h unless ignoring (i) j_k",
			"a_b / on (c) group_left (d) e_f > bool ? or g_h unless ignoring (i) j_k", "a_b e_f g_h j_k", "a_b e_f g_h j_k",
		},
		"time": {
			"a_b[5m:1m] offset -1h @ 1609746000 + c_d @ end() - e_f[1h:] ^ g_h[$__interval]",
			"a_b[?:?] offset ? @ ? + c_d @ end() - e_f[?:] ^ g_h[?]", "a_b c_d e_f g_h", "a_b c_d e_f g_h",
		},
		"recording rules, digits masked": {
			"job:http_requests:rate5m{} > 0.5 and instance:cpu_20240102:sum", "job:http_requests:rate5m{} > ? and instance:cpu_0:sum",
			"job:http_requests:rate5m instance:cpu_0:sum", "job:http_requests:rate5m instance:cpu_0:sum",
		},
		"quoted names are literals": {`{"my.metric", "my.label"="x", a!~"y"}`, "{?, ?=?, a!~?}", "a", ""},
		"functions and strings": {
			"label_replace(up, \"a\", '$1', `b`, \"(.*)\") # it's\n", "label_replace(up, ?, ?, ?, ?)", "label_replace up", "up",
		},
		"signs and numbers": {"-up * -1 + +Inf - NaN", "- up * ? + ? - ?", "up", "up"},
		"a metric alone":    {"node_load1", "node_load1", "node_load1", "node_load1"},
	})
}

func TestPromQLThatIsRefused(t *testing.T) {
	assertRefused(t, PromQL, map[string]refused{
		"empty":                  {" # nothing", Withheld, ReasonEmpty, ""},
		"prose":                  {"please show salary of Jane", Withheld, ReasonNotAQuery, ""},
		"a word":                 {"hunter2", Withheld, ReasonNotAQuery, ""},
		"a pair":                 {"password:hunter2", Withheld, ReasonNotAQuery, ""},
		"a heading":              {"Authentication and authorization (new)", Withheld, ReasonNotAQuery, ""},
		"arithmetic of words":    {"salary / jane * 2", Withheld, ReasonNotAQuery, ""},
		"LogQL":                  {`{app="x"} |= "jane"`, Withheld, ReasonToken, ""},
		"SQL":                    {"SELECT a FROM t WHERE b = 'c'", Withheld, ReasonNotAQuery, ""},
		"a name behind a string": {`up{a="it"jane"}`, Withheld, ReasonToken, ""},
		"cut in a string":        {`sum(a_b) / c_d{e="ja`, Coarse, ReasonUnterminated, "sum(a_b) / c_d{e="},
		"cut in a second string": {`sum(a_b) / c_d{e="x", jane="ja`, Coarse, ReasonUnterminated, "sum(a_b) / c_d{e="},
		"cut in a call":          {`sum(rate(a_b{c="d"}[5m]`, Coarse, ReasonUnterminated, "sum(rate(a_b{c=?}[?]"},
		"no matcher":             {`up{jane}`, Withheld, ReasonToken, ""},
		"brackets":               {`sum(up]`, Withheld, ReasonToken, ""},
	})
}
