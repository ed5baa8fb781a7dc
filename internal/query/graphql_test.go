package query

import (
	"strings"
	"testing"
)

func TestGraphQL(t *testing.T) {
	assertTold(t, GraphQL, map[string]told{
		"operation": {
			`query Find($id: ID! = "u1", $tags: [String!]! = ["a", "b"]) @cached(ttl: 60) { me: user(id: $id, kind: ADMIN, on: true) { name ...More } }`,
			"query Find($id: ID! = ?, $tags: [String!]! = [?]) @cached(ttl: ?) {me: user(id: $id, kind: ?, on: ?) {name ... More}}",
			"query user", "user",
		},
		"values of every kind": {
			"{a(b: -1.5e3, c: \"x\", d: \"\"\"y \\\"\"\" z\"\"\", e: null, f: {g: RED, h: [1, [2]]}, i: [], j: [$k, 1, 2]) {l}}",
			"{a(b: ?, c: ?, d: ?, e: ?, f: {g: ?, h: [?]}, i: [?], j: [$k, ?]) {l}}", "query a", "a",
		},
		"lists of objects of any length": {
			`mutation { add(items: [{id: 1}, {id: 2, note: "x"}]) { id } }`, "mutation {add(items: [?]) {id}}", "mutation add", "add",
		},
		"several operations, fragments, commas and comments": {
			"# it's \"x\nsubscription S { a, b }, fragment F on T @d { ... on U @skip(if: true) { c } ... @include(if: $e) { f } }",
			"subscription S {a b} fragment F on T @d {... on U @skip(if: ?) {c} ... @include(if: $e) {f}}", "subscription a b", "a b",
		},
		"schema": {
			"\"it's\" type T implements A & B @k(f: \"x\") { \"y\" a(b: Int = 5): [C!]! @deprecated(reason: \"z\") } enum E { X Y @d } " +
				"union U = | T | V input I { a: String = \"q\" } directive @d(a: Int) repeatable on FIELD | QUERY extend schema { query: Q } scalar S",
			"type T implements A & B @k(f: ?) {a(b: Int = ?): [C!]! @deprecated(reason: ?)} enum E {X Y @d} " +
				"union U = T | V input I {a: String = ?} directive @d(a: Int) repeatable on FIELD | QUERY extend schema {query: Q} scalar S",
			"type T enum E union U input I directive schema scalar S", "T E U I S",
		},
		"no value": {"{ a { b } }", "{a {b}}", "query a", "a"},
	})
}

func TestGraphQLThatIsRefused(t *testing.T) {
	assertRefused(t, GraphQL, map[string]refused{
		"empty":                       {" ,, # nothing", Withheld, ReasonEmpty, ""},
		"prose":                       {"please show salary of Jane", Withheld, ReasonNotAQuery, ""},
		"JSON":                        {`{"query": "{ jane }"}`, Withheld, ReasonToken, ""},
		"an object":                   {"{password: hunter2, user: jane}", Withheld, ReasonNotAQuery, ""},
		"cut in a string":             {`{ user(id: 5, name: "ja`, Coarse, ReasonUnterminated, "{user(id: ?, name:"},
		"cut in a block string":       {`{ user(name: """ja`, Coarse, ReasonUnterminated, "{user(name:"},
		"cut in a second string":      {`{ user(a: "x", jane: "ja`, Coarse, ReasonUnterminated, "{user(a:"},
		"cut in a selection":          {`{ user { id name`, Coarse, ReasonUnterminated, "{user {id name"},
		"a name behind a string":      {`{ a { b } } { user(a: "it"jane: "s") { c } }`, Coarse, ReasonToken, "query a query user"},
		"a value that is none":        {`{ a { b } } { user(a: ) }`, Coarse, ReasonToken, "query a query user"},
		"nested too deep":             {strings.Repeat("{a", 100) + strings.Repeat("}", 100), Withheld, ReasonTooDeep, ""},
		"a list nested too deep":      {"{a(b: [$c, " + strings.Repeat("[", 100), Withheld, ReasonTooDeep, ""},
		"a string in backticks":       {"{ `jane` }", Withheld, ReasonToken, ""},
		"a directive in no location":  {"directive @d on JANE", Withheld, ReasonToken, ""},
		"a list with brackets in it":  {"{ a(b: [1 ) 2]) }", Withheld, ReasonToken, ""},
		"no definition behind a list": {"{ a } jane doe", Coarse, ReasonNotAQuery, "query a"},
	})
}
