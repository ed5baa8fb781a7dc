package query

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// departures are the official cases whose expected text or summary is not ours, with the reason and what is told instead.
// White space is not compared: ours is canonical, and the conventions keep what the query has.
var departures = map[string]struct{ text, summary, why string }{
	"arithmetic_on_numeric_literals": {
		text: "SELECT ? + ?", why: "an operator between two literals is part of the shape, and stays",
	},
	"insert_into": {
		text: "INSERT INTO X VALUES (?, ?, ?, ? + ?)", why: "the same",
	},
	"select_nested_query_case_preserved": {
		text:    "SELECT order_date FROM (SELECT * FROM orders o JOIN customers c ON o.customer_id = c.customer_id)",
		summary: "SELECT SELECT orders customers", why: "keywords have one spelling, so that their case makes no difference",
	},
	"case_preserved": {
		text: "SELECT order_date FROM ORders", summary: "SELECT ORders", why: "the same",
	},
	"alter_table": {
		text: "ALTER TABLE MyTable ADD Name VARCHAR(?)", why: "the same: VARCHAR is a keyword",
	},
}

func TestTheOfficialCasesOfTheSemanticConventions(t *testing.T) {
	var cases []struct {
		Name  string
		Input struct {
			System string `json:"db.system.name"`
			Query  string
		}
		Expected struct {
			Text    []string `json:"db.query.text"`
			Summary string   `json:"db.query.summary"`
		}
	}
	require.NoError(t, json.Unmarshal(sharedCorpus(t, "semconv_db_cases.json"), &cases))
	require.NotEmpty(t, cases)
	r, departed := New(testOptions(NamesKept)), 0
	for _, tc := range cases {
		t.Run(tc.Name, func(t *testing.T) {
			res := r.Represent(SQL, tc.Input.System, tc.Input.Query)
			departure, departs := departures[tc.Name]
			if departs {
				departed++
			}
			if departure.text == "" {
				var want []string
				for _, text := range tc.Expected.Text {
					want = append(want, strings.Join(strings.Fields(text), ""))
				}
				assert.Contains(t, want, strings.ReplaceAll(string(res.Representation), " ", ""))
			} else {
				assert.Equal(t, departure.text, string(res.Representation), departure.why)
			}
			if departure.summary == "" {
				assert.Equal(t, tc.Expected.Summary, string(res.Summary))
			} else {
				assert.Equal(t, departure.summary, string(res.Summary), departure.why)
			}
			assert.Equal(t, departs, departure.why != "")
		})
	}
	assert.Len(t, departures, departed)
	t.Logf("%d cases as the conventions have them, %d otherwise", len(cases)-departed, departed)
}
