package redact

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/query"
)

func TestQueriesAreRepresented(t *testing.T) {
	keys := newKeys(t)
	tests := []struct {
		name, text, language, dialect string
		names                         query.Names
		want                          Query
	}{
		{
			name: "APL", language: "apl",
			text: `['http-logs'] | where status >= 500 and user_email == "jane@example.com" | summarize count() by bin_auto(_time), endpoint`,
			want: Query{
				Representation: `['http-logs'] | where status >= ? and user_email == ? | summarize count() by bin_auto(_time), endpoint`,
				Datasets:       []string{"http-logs"}, Reason: QueryLiterals,
			},
		},
		{
			name: "SQL of a named system", dialect: "postgresql", text: `select name from accounts where id in (1, 2, 3)`,
			want: Query{Representation: `SELECT name FROM accounts WHERE id IN (?)`, Datasets: []string{"accounts"}, Reason: QueryLiterals},
		},
		{
			name: "nothing to replace", language: "sql", text: `SELECT name FROM accounts`,
			want: Query{Representation: `SELECT name FROM accounts`, Datasets: []string{"accounts"}, Reason: Clean},
		},
		{
			name: "a language nobody knows is withheld", language: "cobol", text: `DISPLAY "jane@example.com"`,
			want: Query{Reason: queryReason(QueryWithheld, query.ReasonLanguage)},
		},
		{name: "no language", text: `SELECT 1`, want: Query{Reason: queryReason(QueryWithheld, query.ReasonLanguage)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := NewRepresenter(keys, tt.names).Query(tt.text, tt.language, tt.dialect)
			assert.Equal(t, tt.want.Reason, got.Reason)
			assert.Len(t, got.Fingerprint, 16)
			assert.NotContains(t, got.Representation, "jane")
			if tt.want.Reason.Outcome() == audit.RedactionWithheld {
				assert.Contains(t, got.Representation, "withheld:string:")
				return
			}
			assert.Equal(t, tt.want.Representation, got.Representation)
			assert.Equal(t, tt.want.Datasets, got.Datasets)
			assert.NotEmpty(t, got.Summary)
		})
	}
}

func TestATruncatedQueryIsCoarseAndSaysHowLongItWas(t *testing.T) {
	got := NewRepresenter(newKeys(t), query.NamesKept).Query(`SELECT a FROM t WHERE b = 'jane`, "sql", "")
	require.Equal(t, queryReason(QueryCoarse, query.ReasonUnterminated), got.Reason)
	assert.Contains(t, got.Representation, "(31 bytes)")
	assert.NotContains(t, got.Representation, "jane")
}

func TestNamesCanBePseudonyms(t *testing.T) {
	got := NewRepresenter(newKeys(t), query.NamesPseudonymised).Query(`SELECT salary FROM staff`, "sql", "")
	assert.NotContains(t, got.Representation, "salary")
	assert.NotContains(t, got.Representation, "staff")
	assert.Contains(t, got.Representation, "h1:")
}

func TestDatasetsOfAQueryAreToldWhereTheSenderNamesNone(t *testing.T) {
	keys := newKeys(t)
	r, err := New(keys, nil, NewRepresenter(keys, query.NamesKept), NewWithholder(keys))
	require.NoError(t, err)
	for _, given := range []string{"", "claimed"} {
		lr := plog.NewLogRecord()
		lr.Attributes().PutStr(audit.AttrQueryText, "['http-logs'] | count")
		lr.Attributes().PutStr(audit.AttrQueryLanguage, "apl")
		want := "http-logs"
		if given != "" {
			lr.Attributes().PutEmptySlice(audit.AttrDatasets).AppendEmpty().SetStr(given)
			want = given
		}
		r.Record(lr)
		assert.Equal(t, []string{want}, audit.Event{Record: lr}.Strings(audit.AttrDatasets))
		assert.Empty(t, audit.Event{Record: lr}.Str(audit.AttrQueryText))
	}
}
