package profile

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestGraphQLOperations(t *testing.T) {
	for name, c := range map[string]struct{ text, operation, kind, verb string }{
		"a mutation":                  {`mutation M($a: X = {b: ["c"]}) @d(e: "}") { createMonitor(i: $a) { id } }`, "M", "mutation", "CREATE"},
		"a query by its braces":       {`{ node { id } }`, "", "query", "READ"},
		"an unknown mutation":         {`mutation { frobnicate }`, "", "mutation", "UPDATE"},
		"an alias":                    {`mutation { getThing: deleteThing(id: 1) { id } }`, "", "mutation", "DELETE"},
		"a comment":                   {"# mutation { createX }\nmutation { deleteX # createX\n }", "", "mutation", "DELETE"},
		"a brace in a string":         {`mutation { deleteX(a: "} mutation { createX }", b: """ " } \""" """) { id } }`, "", "mutation", "DELETE"},
		"several of a kind":           {`mutation { a: deleteX, b: deleteY { id } }`, "", "mutation", "DELETE"},
		"several of different ones":   {`mutation { createX deleteY }`, "", "mutation", "UPDATE"},
		"a fragment may do more":      {`mutation { createX ...F } fragment F on Mutation { deleteY }`, "", "mutation", "UPDATE"},
		"an inline fragment":          {`mutation { ... on Mutation @x { deleteY } }`, "", "mutation", "UPDATE"},
		"a fragment before":           {`fragment F on X { createA } query Q { viewX ...F }`, "Q", "query", "READ"},
		"the one that runs":           {`query A { x } mutation B { deleteX }`, "B", "mutation", "DELETE"},
		"the other one that runs":     {`query A { listX } mutation B { deleteX }`, "A", "query", "READ"},
		"the only one":                {`mutation B { deleteX }`, "unknown", "mutation", "DELETE"},
		"a query of what was created": {`{ createdModels { id } deleted }`, "", "query", "READ"},
		"a mutation called a reading": {`mutation { getModel }`, "", "mutation", "UPDATE"},
		"a subscription":              {`subscription S { watch }`, "", "subscription", "READ"},
		"commas and a mark":           {"\uFEFF,,query{a,b}", "", "query", "READ"},
	} {
		t.Run(name, func(t *testing.T) {
			op, ok := parseGraphQL(c.text, c.operation)
			assert.True(t, ok)
			assert.Equal(t, c.kind, op.kind)
			assert.Equal(t, c.verb, op.verb(&actions{}))
		})
	}
}

func TestTextThatIsNoGraphQL(t *testing.T) {
	for _, text := range []string{
		"", "select 1", "mutation", "mutation {", "mutation { a ", `mutation { a(b: "c) }`, "mutation (", "{ a } }", "{ a { b }", "query Q($a",
		`"`, `"""`, "{ 5 }", "query A { a } query B { b }", "{" + strings.Repeat("a ", maxGraphQLFields+1) + "}", "{ a(" + strings.Repeat("(", 1<<16),
	} {
		_, ok := parseGraphQL(text, "")
		assert.False(t, ok, "%.40q", text)
	}
}
