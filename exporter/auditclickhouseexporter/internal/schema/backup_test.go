package schema

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal/clickhousetest"
)

// TestBackupAndRestore tries what docs/operations.md says: a full backup and an incremental one, restored on an empty server, on which a
// collector goes on.
func TestBackupAndRestore(t *testing.T) {
	backups := t.TempDir()
	server := func() *clickhouselocal.Server {
		return clickhousetest.New(t, func(o *clickhouselocal.Options) {
			o.ConfigXML = []string{"<backups><allowed_path>" + backups + "/</allowed_path></backups>"}
		})
	}
	file := func(name string) string { return "File('" + filepath.Join(backups, name) + "')" }
	run := func(on *clickhouselocal.Server, sql string) {
		t.Helper()
		_, err := on.Query(t.Context(), sql)
		require.NoError(t, err)
	}
	first := server()
	one := connect(t, first, "audit")
	applyAll(t, one)
	days(t, one, "acme", 2, 0)
	run(first, "BACKUP DATABASE audit TO "+file("full"))
	days(t, one, "acme", 1, 0)
	run(first, "BACKUP DATABASE audit TO "+file("monday")+" SETTINGS base_backup = "+file("full"))

	other := server()
	empty := connect(t, other, "audit")
	run(other, "RESTORE DATABASE audit FROM "+file("monday"))
	assert.Equal(t, "acme 20", left(t, empty, "events"))
	assert.Equal(t, "acme 20", left(t, empty, "activity_daily"), "rollups are not filled again by their restored views")
	applyAll(t, empty) // which finds it applied
	days(t, empty, "acme", 0, 0)
	assert.Equal(t, "acme 30", left(t, empty, "events"))
	assert.Equal(t, "acme 30", left(t, empty, "activity_daily"), "rollups go on")
	different := selectColumn(t, empty, "SELECT toString(count()) FROM audit.reconcile_rollups(from = today() - 3, to = today())")
	assert.Equal(t, "0", strings.Join(different, ""))
}
