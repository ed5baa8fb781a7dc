package schema

import (
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// idempotent are the statements that a migration may hold: run again after a collector died between them, they end the
// same. Rows may only be moved into a table that the same migration empties before.
var idempotent = regexp.MustCompile(`^(CREATE (DATABASE|TABLE|VIEW|MATERIALIZED VIEW) IF NOT EXISTS|TRUNCATE TABLE|INSERT INTO|` +
	`ALTER TABLE \S+ (/\*\{on cluster\}\*/ )?(ADD COLUMN IF NOT EXISTS|ADD INDEX IF NOT EXISTS|MODIFY COLUMN|MODIFY SETTING|MODIFY COMMENT)) `)

var comment = regexp.MustCompile(`(?m)^\s*--.*$`)

func TestEveryMigrationCanBeRunTwice(t *testing.T) {
	for _, m := range later() {
		require.NotEmpty(t, m.Statements, m.File())
		emptied := map[string]bool{}
		for _, statement := range m.Statements {
			code := strings.TrimSpace(comment.ReplaceAllString(statement, ""))
			assert.Regexp(t, idempotent, code, m.File())
			assert.Contains(t, code, "{database:Identifier}", m.File())
			switch words := strings.Fields(strings.TrimSuffix(code, ";")); words[0] {
			case "TRUNCATE":
				emptied[words[2]] = true
			case "INSERT":
				assert.True(t, emptied[words[2]], "%s does not empty %s before it fills it", m.File(), words[2])
			case "ALTER":
				assert.Greater(t, m.Number, 1, "the first migration runs without the lock")
			}
		}
	}
}

func TestMigrationsAreNumberedWithoutGaps(t *testing.T) {
	entries, err := fs.ReadDir(files, "sql")
	require.NoError(t, err)
	migrations := Migrations()
	require.Len(t, migrations, len(entries))
	for i, m := range migrations {
		assert.Equal(t, entries[i].Name(), m.File())
		assert.Equal(t, i+1, m.Number)
		assert.Len(t, m.Checksum, 64)
	}
}

func TestNothingOfAFileIsLeftOut(t *testing.T) {
	for _, m := range Migrations() {
		text, err := fs.ReadFile(files, "sql/"+m.File())
		require.NoError(t, err)
		assert.Equal(t, strings.Join(strings.Fields(string(text)), " "),
			strings.Join(strings.Fields(strings.Join(m.Statements, " ")), " "), m.File())
	}
}

func TestEveryTableKeepsItsGuarantees(t *testing.T) {
	for _, m := range Migrations() {
		for _, statement := range m.Statements {
			if !strings.Contains(statement, "CREATE TABLE") {
				continue
			}
			for _, setting := range []string{
				"non_replicated_deduplication_window = 10000", "replicated_deduplication_window = 10000",
				"replicated_deduplication_window_seconds = 604800", "fsync_after_insert = 1", "fsync_part_directory = 1",
			} {
				assert.Contains(t, statement, setting, m.File())
			}
		}
	}
}

// TestRecomputedViewsAskWhatTheRollupsAsk so that there is one definition of each rollup.
func TestRecomputedViewsAskWhatTheRollupsAsk(t *testing.T) {
	const from = "FROM {database:Identifier}.events/*{local}*/ AS events"
	const days = "FROM (SELECT * FROM {database:Identifier}.events/*{local}*/ " +
		"WHERE toDate32(timestamp) BETWEEN {from:Date32} AND {to:Date32}) AS events"
	selects := map[string]string{} // by the name of the view
	view := regexp.MustCompile(`(?s)CREATE (?:MATERIALIZED )?VIEW IF NOT EXISTS \{database:Identifier\}\.(\w+) .*?\nAS (.*);`)
	for _, m := range Migrations() {
		for _, statement := range m.Statements {
			if found := view.FindStringSubmatch(statement); found != nil {
				selects[found[1]] = found[2]
			}
		}
	}
	for _, rollup := range Rollups() {
		require.Equal(t, 1, strings.Count(selects[rollup+"_mv"], from), rollup)
		assert.Equal(t, strings.Replace(selects[rollup+"_mv"], from, days, 1), selects[rollup+"_recomputed"], rollup)
		assert.Equal(t, 2, strings.Count(selects["reconcile_rollups"], "SELECT '"+rollup+"' AS table"), rollup)
	}
}

func TestSplitEndsStatementsAtTheEndOfALine(t *testing.T) {
	assert.Equal(t, []string{"-- a; comment;\nCREATE a\n(x String, -- why; not\n y String); -- done", "CREATE b;"},
		split("-- a; comment;\nCREATE a\n(x String, -- why; not\n y String); -- done\n\n\nCREATE b;\n-- the end\n"))
}

func TestMisnamedMigration(t *testing.T) {
	for _, name := range []string{"events.sql", "x_events.sql", "0001.sql", "0001_.sql"} {
		_, err := parse(name, "SELECT 1;")
		assert.ErrorContains(t, err, "NNNN_name.sql", name)
	}
	m, err := parse("0012_a_b.sql", "SELECT 1;\n")
	require.NoError(t, err)
	assert.Equal(t, "0012_a_b.sql 12 a_b", fmt.Sprint(m.File(), " ", m.Number, " ", m.Name))
}
