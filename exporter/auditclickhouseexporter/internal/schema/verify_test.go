package schema

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal/clickhousetest"
)

// TestTablesThatAreNotSyncedAreSaid, and a server that syncs all of its tables is one that syncs these.
func TestTablesThatAreNotSyncedAreSaid(t *testing.T) {
	server := clickhousetest.New(t)
	conn := connect(t, server, "audit")
	applyAll(t, conn)
	for _, setting := range []string{"fsync_after_insert", "fsync_part_directory"} {
		for _, off := range []string{"MODIFY SETTING " + setting + " = 0", "RESET SETTING " + setting} {
			exec(t, conn, "ALTER TABLE {database:Identifier}.query_cost_hourly "+off)
			var wrong *Error
			err := Verify(t.Context(), conn)
			require.ErrorAs(t, err, &wrong)
			require.ErrorContains(t, err, "table query_cost_hourly does not have "+setting)
			assert.ErrorContains(t, err, "ALTER TABLE query_cost_hourly MODIFY SETTING "+setting+" = 1")
		}
		exec(t, conn, "ALTER TABLE {database:Identifier}.query_cost_hourly MODIFY SETTING "+setting+" = true")
		require.NoError(t, Verify(t.Context(), conn))
	}

	synced := clickhousetest.New(t, func(o *clickhouselocal.Options) {
		const sync = "<clickhouse><merge_tree><fsync_after_insert>1</fsync_after_insert><fsync_part_directory>1</fsync_part_directory></merge_tree></clickhouse>"
		require.NoError(t, os.Mkdir(filepath.Join(o.DataDir, "server.d"), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(o.DataDir, "server.d", "sync.xml"), []byte(sync), 0o600))
	})
	conn = connect(t, synced, "audit")
	applyAll(t, conn)
	exec(t, conn, "ALTER TABLE {database:Identifier}.query_cost_hourly RESET SETTING fsync_after_insert, fsync_part_directory")
	assert.NoError(t, Verify(t.Context(), conn))
}

// TestProfileThatForbidsWhatInsertsPinIsSaid has constraints on settings that make an insert repeatable.
func TestProfileThatForbidsWhatInsertsPinIsSaid(t *testing.T) {
	const profiles = `<clickhouse><profiles>
  <wrong><deduplicate_blocks_in_dependent_materialized_views>0</deduplicate_blocks_in_dependent_materialized_views>
    <constraints><deduplicate_blocks_in_dependent_materialized_views><const/></deduplicate_blocks_in_dependent_materialized_views></constraints></wrong>
  <right><async_insert>0</async_insert><constraints><async_insert><const/></async_insert></constraints></right>
</profiles></clickhouse>`
	server := clickhousetest.New(t, func(o *clickhouselocal.Options) {
		require.NoError(t, os.Mkdir(filepath.Join(o.DataDir, "users.d"), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(o.DataDir, "users.d", "profiles.xml"), []byte(profiles), 0o600))
		all := []string{"GRANT ALL ON *.*"}
		o.Users = []clickhouselocal.User{{Name: "wrong", Grants: all}, {Name: "right", Grants: all}}
	})
	applyAll(t, connect(t, server, "audit"))
	var wrong *Error
	err := Verify(t.Context(), connectAs(t, server, "wrong", "audit"))
	require.ErrorAs(t, err, &wrong)
	require.ErrorContains(t, err, `holds the setting deduplicate_blocks_in_dependent_materialized_views at "0", and inserts need "1"`)
	assert.NoError(t, Verify(t.Context(), connectAs(t, server, "right", "audit")))
}
