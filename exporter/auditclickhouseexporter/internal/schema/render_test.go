package schema

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/internal/clickhouselocal/clickhousetest"
)

var update = flag.Bool("update", false, "write the golden files")

// layouts are the renderings that have a golden file.
var layouts = map[string]Layout{
	"single.sql":  NewLayout("audit", ""),
	"cluster.sql": NewLayout("audit", "main"),
	"shards.sql":  {Database: "audit", Cluster: "main"},
}

func TestRenderings(t *testing.T) {
	for file, layout := range layouts {
		path := filepath.Join("testdata", file)
		if *update {
			require.NoError(t, os.WriteFile(path, []byte(layout.SQL()), 0o644))
		}
		want, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.Equal(t, string(want), layout.SQL(), "after a change of sql/: go test -run TestRenderings -update")
		assert.NotContains(t, layout.SQL(), "/*{")
		assert.NotContains(t, layout.SQL(), "{database:")
	}
}

// TestFilesOfASingleServerRunAsTheyAre because what they hold for clusters are comments.
func TestFilesOfASingleServerRunAsTheyAre(t *testing.T) {
	comment := regexp.MustCompile(`/\*\{[^}]*\}\*/`)
	text := func(statement string) string {
		statement = strings.ReplaceAll(comment.ReplaceAllString(statement, ""), "{database:Identifier}", "audit")
		return strings.Join(strings.Fields(statement), "")
	}
	rendered := NewLayout("audit", "").Migrations()
	for i, m := range Migrations() {
		require.Len(t, rendered[i].Statements, len(m.Statements))
		assert.Equal(t, m.Checksum, rendered[i].Checksum)
		for j, statement := range m.Statements {
			assert.Equal(t, text(statement), text(rendered[i].Statements[j]))
		}
	}
}

func TestEveryTableOfAClusterIsLocalOrKnownToAllServers(t *testing.T) {
	text := NewLayout("audit", "main").SQL()
	for _, table := range append(writtenTables(), Rollups()...) {
		assert.Contains(t, text, "CREATE TABLE IF NOT EXISTS audit."+table+"_local ON CLUSTER 'main'\n")
		assert.Regexp(t, `CREATE TABLE IF NOT EXISTS audit\.`+table+` ON CLUSTER 'main'\nAS audit\.`+table+`_local\n`+
			`ENGINE = Distributed\('main', 'audit', '`+table+`_local', cityHash64\([^\n]+\)\);`, text)
	}
	for _, table := range []string{"schema_migrations", "locks"} {
		assert.Regexp(t, `(?s)CREATE TABLE IF NOT EXISTS audit\.`+table+` ON CLUSTER 'main'\n[^;]*?`+
			`ENGINE = ReplicatedMergeTree\('/clickhouse/tables/\{uuid\}/all', '\{shard\}-\{replica\}'\)`, text)
	}
	create := regexp.MustCompile(`(?m)^CREATE .*$`)
	for _, line := range create.FindAllString(text, -1) {
		assert.Contains(t, line, "ON CLUSTER 'main'")
	}
	assert.NotRegexp(t, `ENGINE = (Aggregating)?MergeTree`, text)
}

func TestStatementForLocalAndDistributedTables(t *testing.T) {
	statement := []string{"ALTER TABLE {database:Identifier}.events/*{local and distributed}*/ /*{on cluster}*/ ADD COLUMN IF NOT EXISTS x String;"}
	assert.Equal(t, []string{
		"ALTER TABLE audit.events_local ON CLUSTER 'main' ADD COLUMN IF NOT EXISTS x String;",
		"ALTER TABLE audit.events ON CLUSTER 'main' ADD COLUMN IF NOT EXISTS x String;",
	}, NewLayout("audit", "main").render(statement))
	assert.Equal(t, []string{"ALTER TABLE audit.events ADD COLUMN IF NOT EXISTS x String;"}, NewLayout("audit", "").render(statement))
}

func TestNamesAreQuoted(t *testing.T) {
	text := NewLayout("au`dit", `ma'in`).SQL()
	assert.Contains(t, text, "CREATE TABLE IF NOT EXISTS `au\\`dit`.events_local ON CLUSTER 'ma\\'in'\n")
	assert.Contains(t, text, "ENGINE = Distributed('ma\\'in', 'au`dit', 'events_local', ")
	assert.Panics(t, func() { NewLayout("audit", "").fill("CREATE /*{something}*/") })
}

// TestEveryRenderingParses is all that can be tried of replicated tables and of ON CLUSTER on a server without Keeper.
func TestEveryRenderingParses(t *testing.T) {
	conn := connect(t, clickhousetest.New(t), "parse")
	for file, layout := range layouts {
		for _, m := range layout.Migrations() {
			for _, statement := range m.Statements {
				_, err := conn.Select(t.Context(), "EXPLAIN AST "+strings.TrimSuffix(strings.TrimSpace(statement), ";"))
				assert.NoError(t, err, "%s %s", file, m.File())
			}
		}
	}
}
