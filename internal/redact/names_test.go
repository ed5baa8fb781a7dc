package redact

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/query"
)

// named has queries in which every name that is not the language's own begins with mark, in every place where one may stand.
const mark = "zqxjkv"

var named = []struct{ language, system, text string }{
	{"sql", "postgresql", `WITH zqxjkv_cte (zqxjkv_c1) AS (SELECT zqxjkv_col FROM zqxjkv_schema.zqxjkv_table AS zqxjkv_alias)
		SELECT zqxjkv_f(zqxjkv_alias.zqxjkv_a) AS zqxjkv_b, "zqxjkv quoted", count(*) OVER zqxjkv_w FROM zqxjkv_cte zqxjkv_t JOIN zqxjkv_u USING (zqxjkv_id)
		WHERE zqxjkv_x = 'v' AND EXISTS (SELECT 1 FROM zqxjkv_sub) WINDOW zqxjkv_w AS (PARTITION BY zqxjkv_p) ORDER BY zqxjkv_o`},
	{"sql", "mysql", "INSERT INTO `zqxjkv_db`.`zqxjkv_t` (`zqxjkv_a`, zqxjkv_b) VALUES (1, 'x') ON DUPLICATE KEY UPDATE zqxjkv_a = VALUES(zqxjkv_a)"},
	{"sql", "microsoft.sql_server", "UPDATE [zqxjkv db].[dbo].[zqxjkv_t] SET [zqxjkv_a] = @zqxjkv_p WHERE zqxjkv_b = 1"},
	{"sql", "clickhouse", "SELECT zqxjkv_a.zqxjkv_b, zqxjkv_m['k'] FROM zqxjkv_db.zqxjkv_t FINAL PREWHERE zqxjkv_c IN (1, 2) SETTINGS max_threads = 1"},
	{"sql", "", "CREATE TABLE zqxjkv_t (zqxjkv_a INT, zqxjkv_b TEXT, CONSTRAINT zqxjkv_k PRIMARY KEY (zqxjkv_a))"},
	{"sql", "", "DROP TABLE zqxjkv_t; DELETE FROM zqxjkv_u WHERE zqxjkv_a = 1"},
	{"sql", "", "CALL zqxjkv_proc(1)"},
	{"sql", "", "GRANT SELECT ON zqxjkv_t TO zqxjkv_user"},
	{"apl", "", `let zqxjkv_v = 5; ['zqxjkv-logs'] | where zqxjkv_status >= zqxjkv_v and zqxjkv_obj.zqxjkv_f == "x" | extend zqxjkv_new = strcat(zqxjkv_a, "b"), ['zqxjkv col'] = 1
		| join kind=inner (zqxjkv_other | project zqxjkv_id) on zqxjkv_id | summarize zqxjkv_n = count() by bin(_time, 1h), zqxjkv_g | project-away zqxjkv_z | order by zqxjkv_n desc`},
	{"opal", "", `filter zqxjkv_a = "x" | make_col zqxjkv_b:zqxjkv_c + 1, zqxjkv_d:string(zqxjkv_e.zqxjkv_f) | statsby zqxjkv_n:count(1), group_by(zqxjkv_g) | sort desc(zqxjkv_n)`},
	{"graphql", "", `query ZqxjkvOp($zqxjkvVar: ZqxjkvType! = {zqxjkvIn: "x"}) @zqxjkvDir(zqxjkvArg: 1) { zqxjkvAlias: zqxjkvField(zqxjkvA: $zqxjkvVar, zqxjkvE: ZQXJKV_ENUM) { ...ZqxjkvFrag
		... on ZqxjkvOther { zqxjkvDeep } } } fragment ZqxjkvFrag on ZqxjkvType { zqxjkvName }`},
	{"graphql", "", "mutation { zqxjkvDelete(zqxjkvId: 7) { zqxjkvOk } }"},
	{"promql", "", `sum by (zqxjkv_l) (rate(zqxjkv_metric{zqxjkv_label="v", zqxjkv_other=~"x.*"}[5m])) / on (zqxjkv_on) group_left (zqxjkv_left) zqxjkv_total`},
	{"logql", "", `sum by (zqxjkv_l) (count_over_time({zqxjkv_app="x"} |= "y" | json zqxjkv_f="zqxjkv.path" | zqxjkv_status >= 500 | label_format zqxjkv_n=zqxjkv_o [5m]))`},
}

func TestNoNameIsToldWhereNamesArePseudonyms(t *testing.T) {
	r := NewRepresenter(newKeys(t), query.NamesPseudonymised)
	kept := NewRepresenter(newKeys(t), query.NamesKept)
	for _, q := range named {
		require.Contains(t, strings.ToLower(kept.Query(q.text, q.language, q.system).Representation), mark, "the queries test what they say: %s", q.text)
		whole := r.Query(q.text, q.language, q.system)
		assert.NotEqual(t, audit.RedactionWithheld, whole.Reason.Outcome(), "%s: %s", whole.Reason.Code(), q.text)
		assert.Contains(t, whole.Representation, "h1:k1:")
		for end := range len(q.text) + 1 {
			for _, system := range []string{q.system, "", "oracle"} {
				got := r.Query(q.text[:end], q.language, system)
				told := strings.ToLower(strings.Join(append(got.Datasets, got.Representation, got.Summary), "\n"))
				require.NotContains(t, told, mark, "%s %s", q.language, q.text[:end])
			}
		}
	}
}

// An analyst joins datasets that a query names with those that the sender names: the pseudonyms are the same.
func TestADatasetHasOnePseudonym(t *testing.T) {
	keys := newKeys(t)
	r, err := New(keys, []Rule{{Name: audit.AttrDatasets, Action: Pseudonymize}}, NewRepresenter(keys, query.NamesPseudonymised), NewWithholder(keys))
	require.NoError(t, err)
	for _, name := range []string{"http-logs", "events_2024", "Ünïcode"} {
		var of [2][]string
		for i := range of {
			lr := plog.NewLogRecord()
			if i == 0 {
				lr.Attributes().PutEmptySlice(audit.AttrDatasets).AppendEmpty().SetStr(name)
			}
			lr.Attributes().PutStr(audit.AttrQueryText, "['"+name+"'] | count")
			lr.Attributes().PutStr(audit.AttrQueryLanguage, "apl")
			r.Record(lr)
			of[i] = audit.Event{Record: lr}.Strings(audit.AttrDatasets)
		}
		assert.Len(t, of[0], 1)
		assert.NotContains(t, of[0], name)
		assert.Equal(t, of[0], of[1], name)
	}
}
