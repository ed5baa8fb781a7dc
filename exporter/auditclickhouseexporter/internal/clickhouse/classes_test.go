package clickhouse_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/clickhouse"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/columns"
	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal/clickhousetest"
)

// trouble is a server, or a user of it, that does not take an insert.
type trouble struct {
	prepare []string // statements; DB stands for the database
	mend    []string // statements after which the same insert is taken
	user    string   // empty for the one with all rights
	change  func(i int, e audit.Event)

	code      int
	class     clickhouse.Class
	ambiguous bool
	view      bool
	stored    string // how many rows are there after the error
	text      string
}

// secret stands in the rows: it must not come back in an error.
const secret = "hunter2"

var troubles = map[string]trouble{
	"constraint": {
		prepare: []string{"ALTER TABLE DB.events ADD CONSTRAINT c CHECK record_id != 'id-2999'"},
		mend:    []string{"ALTER TABLE DB.events DROP CONSTRAINT c"},
		code:    469, class: clickhouse.Rejected, stored: "0",
	},
	"dropped column": {
		prepare: []string{"ALTER TABLE DB.events DROP COLUMN message"},
		mend:    []string{"ALTER TABLE DB.events ADD COLUMN message String"},
		code:    16, class: clickhouse.Misconfigured, stored: "0", text: "create_schema: true",
	},
	"column of another type": {
		prepare: []string{"ALTER TABLE DB.events MODIFY COLUMN message Array(UInt8)"},
		mend:    []string{"ALTER TABLE DB.events DROP COLUMN message", "ALTER TABLE DB.events ADD COLUMN message String"},
		code:    130, class: clickhouse.Misconfigured, stored: "0",
	},
	"unknown table": {
		prepare: []string{"RENAME TABLE DB.events TO DB.elsewhere"},
		mend:    []string{"RENAME TABLE DB.elsewhere TO DB.events"},
		code:    60, class: clickhouse.Misconfigured, ambiguous: true, text: "create_schema: true",
	},
	"read-only user": {user: "readonly", code: 164, class: clickhouse.Misconfigured, stored: "0", text: "grant INSERT"},
	"user without rights": {
		user: "nobody", code: 497, class: clickhouse.Misconfigured, ambiguous: true, stored: "0", text: "grant INSERT",
	},
	"wrong password": {
		user: "wrong", code: 516, class: clickhouse.Misconfigured, stored: "0", text: "516 (AUTHENTICATION_FAILED)",
	},
	"user who may not change a setting": {
		user: "constrained", code: 452, class: clickhouse.Misconfigured, stored: "0", text: "forbids a setting",
	},
	"memory":  {user: "small", code: 241, class: clickhouse.Throttled, ambiguous: true, stored: "0"},
	"timeout": {user: "hasty", code: 159, class: clickhouse.Throttled, ambiguous: true, stored: "0"},
	"quota":   {user: "limited", code: 201, class: clickhouse.Throttled, ambiguous: true, text: "quota"},
	"too many parts": {
		prepare: []string{
			"SYSTEM STOP MERGES DB.events",
			"INSERT INTO DB.events (record_id, timestamp, received_at) VALUES ('a', '2026-11-21', '2026-11-21')",
			"INSERT INTO DB.events (record_id, timestamp, received_at) VALUES ('b', '2026-11-21', '2026-11-21')",
			"ALTER TABLE DB.events MODIFY SETTING parts_to_throw_insert = 1, parts_to_delay_insert = 1",
		},
		mend: []string{"ALTER TABLE DB.events MODIFY SETTING parts_to_throw_insert = 3000, parts_to_delay_insert = 1000"},
		code: 252, class: clickhouse.Throttled, stored: "2", text: "merges too slowly",
	},
	"too many partitions": {
		user: "narrow",
		change: func(i int, e audit.Event) {
			at := time.Date(2020, time.Month(1+i%10), 1, 0, 0, 0, 0, time.UTC)
			e.Record.Attributes().PutInt(audit.AttrReceivedTime, at.UnixNano())
			e.Record.SetTimestamp(pcommon.NewTimestampFromTime(at))
		},
		code: 252, class: clickhouse.TooLarge, stored: "0", text: "max_partitions_per_insert",
	},
	"failing view": {
		prepare: []string{
			"CREATE TABLE DB.copy (id String) ENGINE = MergeTree ORDER BY id",
			"CREATE MATERIALIZED VIEW DB.copy_mv TO DB.copy AS SELECT record_id AS id FROM DB.events WHERE throwIf(record_id = 'id-2999') = 0",
		},
		mend: []string{"DROP VIEW DB.copy_mv"},
		code: 395, class: clickhouse.Misconfigured, ambiguous: true, view: true, text: "a materialized view on the table fails",
	},
	"constraint behind a view": {
		prepare: []string{
			"CREATE TABLE DB.strict (id String, CONSTRAINT c CHECK id != 'id-2999') ENGINE = MergeTree ORDER BY id",
			"CREATE MATERIALIZED VIEW DB.strict_mv TO DB.strict AS SELECT record_id AS id FROM DB.events",
		},
		mend: []string{"ALTER TABLE DB.strict DROP CONSTRAINT c"},
		code: 469, class: clickhouse.Misconfigured, ambiguous: true, view: true,
	},
	"rollup that is gone": {
		prepare: []string{"RENAME TABLE DB.activity_daily TO DB.elsewhere"},
		mend:    []string{"RENAME TABLE DB.elsewhere TO DB.activity_daily"},
		code:    60, class: clickhouse.Misconfigured, ambiguous: true,
	},
}

// TestErrorsOfARealServerAreSorted has each trouble over both protocols; where it can be mended, the same insert is then
// taken, once.
func TestErrorsOfARealServerAreSorted(t *testing.T) {
	server := clickhousetest.New(t, func(o *clickhouselocal.Options) {
		require.NoError(t, os.Mkdir(filepath.Join(o.DataDir, "users.d"), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(o.DataDir, "users.d", "limits.xml"), []byte(limits), 0o600))
		all := []string{"GRANT ALL ON *.*"}
		o.Users = []clickhouselocal.User{
			{Name: "readonly", Grants: all, Settings: map[string]string{"readonly": "1"}},
			{Name: "nobody", Grants: []string{"GRANT SELECT ON *.*"}},
			{Name: "small", Grants: all, Settings: map[string]string{"max_memory_usage": "4000000"}},
			{Name: "hasty", Grants: all, Settings: map[string]string{"max_execution_time": "0.001", "timeout_before_checking_execution_speed": "0"}},
			{Name: "narrow", Grants: all, Settings: map[string]string{"max_partitions_per_insert_block": "5"}},
			{Name: "limited", Grants: all},
			{Name: "constrained", Grants: all},
			{Name: "wrong", Password: "right", Grants: all},
		}
	})
	plain := blocks(t, "id", 3, 1000, withSecret)
	for name, trouble := range troubles {
		sealed := plain
		if trouble.change != nil {
			sealed = blocks(t, "id", 3, 1000, withSecret, trouble.change)
		}
		for protocol, address := range protocols {
			t.Run(name+" "+protocol, func(t *testing.T) { trouble.test(t, server, address(server), sealed) })
		}
	}
}

func withSecret(_ int, e audit.Event) { e.Record.Attributes().PutStr(audit.AttrMessage, secret) }

func (x trouble) test(t *testing.T, server *clickhouselocal.Server, address string, sealed []columns.Sealed) {
	t.Helper()
	db := strings.NewReplacer(" ", "_", "-", "_").Replace("db_" + strings.TrimPrefix(t.Name(), "TestErrorsOfARealServerAreSorted/"))
	owner := connect(t, address, server.User(), "", db)
	createTables(t, owner)
	for _, statement := range x.prepare {
		query(t, server, "%s", strings.ReplaceAll(statement, "DB", db))
	}
	conn := owner
	if x.user != "" {
		conn = connect(t, address, x.user, "", db)
	}
	insert := batch("token", sealed...)
	err := conn.Write(t.Context(), insert)
	var e *clickhouse.Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, x.code, e.Code, "%v", err)
	assert.Equal(t, x.class, e.Class)
	assert.Equal(t, x.ambiguous && strings.HasPrefix(e.Op, "insert"), e.Ambiguous, "ambiguous")
	assert.Equal(t, x.view, e.View)
	assert.ErrorContains(t, err, x.text)
	assert.NotContains(t, err.Error(), secret)
	if x.stored != "" {
		assert.Equal(t, x.stored, query(t, server, "SELECT count() FROM %s.events", db))
	}
	if x.mend == nil {
		return
	}
	for _, statement := range x.mend {
		query(t, server, "%s", strings.ReplaceAll(statement, "DB", db))
	}
	for range 2 {
		require.NoError(t, conn.Write(t.Context(), insert))
		assert.Equal(t, "3000", query(t, server, "SELECT count() FROM %s.events WHERE record_id LIKE 'id-%%'", db))
		assert.Equal(t, "3000", query(t, server, "SELECT sum(events) FROM %s.activity_daily WHERE actor_id != ''", db))
	}
}

// limits gives the user limited a quota of 1,000 bytes, and constrained a setting that may not be changed.
const limits = `<clickhouse>
  <quotas><used><interval><duration>3600</duration><written_bytes>1000</written_bytes></interval></used></quotas>
  <users><limited><quota replace="1">used</quota></limited></users>
  <profiles><constrained>
    <async_insert>1</async_insert><constraints><async_insert><const/></async_insert></constraints>
  </constrained></profiles>
</clickhouse>`
