package redact

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/query"
)

// queryReasons gives every reason that the source of package query exports, so that a new one cannot be forgotten here.
func queryReasons(t *testing.T) (all []query.Reason) {
	t.Helper()
	paths, err := filepath.Glob("../query/*.go")
	require.NoError(t, err)
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		source, err := os.ReadFile(path)
		require.NoError(t, err)
		file, err := parser.ParseFile(token.NewFileSet(), path, source, parser.SkipObjectResolution)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			if typ, ok := spec.Type.(*ast.Ident); ok && typ.Name == "Reason" && spec.Names[0].IsExported() {
				for _, v := range spec.Values {
					if lit, ok := v.(*ast.BasicLit); ok {
						text, err := strconv.Unquote(lit.Value)
						require.NoError(t, err)
						all = append(all, query.Reason(text))
					}
				}
			}
			return true
		})
	}
	require.Greater(t, len(all), 10)
	return all
}

func TestEveryReasonOfAQueryHasACodeAndAPlaceInTheOrder(t *testing.T) {
	declared := queryReasons(t)
	assert.Len(t, causes, len(declared))
	for _, cause := range declared {
		for _, first := range []Reason{QueryCoarse, QueryWithheld} {
			got := queryReason(first, cause)
			if cause == query.ReasonNone {
				assert.Equal(t, first, got)
				assert.Equal(t, "query_unsupported", got.Code())
				continue
			}
			assert.Equal(t, "query_"+string(cause), got.Code())
			assert.Greater(t, got, first)
			assert.Less(t, got, first+Reason(len(causes)))
			assert.Equal(t, map[Reason]string{QueryCoarse: audit.RedactionCoarse, QueryWithheld: audit.RedactionWithheld}[first], got.Outcome())
		}
	}
	assert.Equal(t, "query_unsupported", queryReason(QueryWithheld, "a reason that nobody told this package").Code())
}

func TestReasonsAreOrderedByOutcomeAndHaveCodesOfTheirOwn(t *testing.T) {
	severity := map[string]int{audit.RedactionClean: 0, audit.RedactionRedacted: 1, audit.RedactionCoarse: 2, audit.RedactionWithheld: 3}
	seen := map[meaning]bool{}
	for r := Clean; r < numberOfReasons; r++ {
		require.Contains(t, severity, r.Outcome(), "reason %d", r)
		if r == Clean {
			assert.Empty(t, r.Code())
			continue
		}
		assert.Regexp(t, `^[a-z_0-9]+$`, r.Code(), "reason %d", r)
		assert.False(t, seen[reasons[r]], "%s twice", r.Code())
		seen[reasons[r]] = true
		assert.GreaterOrEqual(t, severity[r.Outcome()], severity[(r-1).Outcome()], r.Code())
	}
}

// Each text is one that a sender may send; the reason is that of package query, under either level of names.
func TestTheReasonOfAQueryReachesTheRecord(t *testing.T) {
	keys := newKeys(t)
	for _, names := range []query.Names{query.NamesKept, query.NamesPseudonymised} {
		r, err := New(keys, nil, NewRepresenter(keys, names), NewWithholder(keys))
		require.NoError(t, err)
		for _, tc := range []struct{ language, text, outcome, code string }{
			{"sql", "SELECT a FROM t", audit.RedactionClean, ""},
			{"sql", "SELECT a FROM t WHERE b = 'x'", audit.RedactionRedacted, "query_literals"},
			{"sql", "SELECT a FROM t WHERE b = 'x", audit.RedactionCoarse, "query_unterminated"},
			{"apl", "['t'] | where b == 'x", audit.RedactionCoarse, "query_unterminated"},
			{"sql", `SELECT a FROM t WHERE b = 'x\' OR c = 'y'`, audit.RedactionCoarse, "query_dialects_disagree"},
			{"apl", ".ingest inline into table t <| 1,x", audit.RedactionCoarse, "query_inline_data"},
			{"apl", ".create user jane 'x'", audit.RedactionCoarse, "query_credentials"},
			{"apl", "T | take 5 | where a == 1 /* Jane */", audit.RedactionCoarse, "query_token_unknown"},
			{"apl", "search jane | take 5", audit.RedactionWithheld, "query_token_unknown"},
			{"apl", "T | take 1 | where " + strings.Repeat("(", 100), audit.RedactionCoarse, "query_too_deep"},
			{"promql", strings.Repeat("(", 1000) + "x" + strings.Repeat(")", 1000), audit.RedactionWithheld, "query_too_deep"},
			{"sql", "-- nothing but a comment", audit.RedactionWithheld, "query_empty"},
			{"sql", "SELECT '" + strings.Repeat("x", query.MaxLength) + "'", audit.RedactionWithheld, "query_too_long"},
			{"sql", "SELECT '\xff'", audit.RedactionWithheld, "query_not_utf8"},
			{"cobol", "DISPLAY x", audit.RedactionWithheld, "query_language_unknown"},
			{"other", "SELECT 1", audit.RedactionWithheld, "query_language_unknown"},
			{"sql", "meet me at the station", audit.RedactionWithheld, "query_not_a_query"},
		} {
			lr := recordWith(audit.AttrQueryText, tc.text)
			lr.Attributes().PutStr(audit.AttrQueryLanguage, tc.language)
			reason := r.Record(lr)
			wantOutcome, wantCode := tc.outcome, tc.code
			if names == query.NamesPseudonymised && tc.outcome == audit.RedactionClean {
				wantOutcome, wantCode = audit.RedactionRedacted, "query_literals"
			}
			assert.Equal(t, wantOutcome+" "+wantCode, reason.Outcome()+" "+reason.Code(), tc.text[:min(40, len(tc.text))])
		}
	}
}

func TestTheWorstReasonWinsWhateverTheOrderOfAttributes(t *testing.T) {
	keys := newKeys(t)
	r, err := New(keys, nil, NewRepresenter(keys, query.NamesKept), NewWithholder(keys))
	require.NoError(t, err)
	coarse := [][2]string{{audit.AttrQueryText, "SELECT a FROM t WHERE b = 'x"}, {audit.AttrQueryLanguage, "sql"}, {audit.AttrTargetID, "jane@corp.com"}}
	for _, tc := range []struct {
		more [][2]string
		code string
	}{
		{nil, "query_unterminated"},
		{[][2]string{{"acme.x", "y"}}, "unknown_attribute"},
		{[][2]string{{audit.AttrAIPrompt, "hello"}}, "prompt"},
		{[][2]string{{audit.AttrTargetName, "line\nbreak"}, {"acme.x", "y"}}, "not_a_name"},
	} {
		attrs := append(append([][2]string(nil), coarse...), tc.more...)
		for turn := range attrs {
			lr := recordWith(attrs[turn][0], attrs[turn][1])
			for i := range len(attrs) - 1 {
				a := attrs[(turn+1+i)%len(attrs)]
				lr.Attributes().PutStr(a[0], a[1])
			}
			assert.Equal(t, tc.code, r.Record(lr).Code())
		}
	}
}
