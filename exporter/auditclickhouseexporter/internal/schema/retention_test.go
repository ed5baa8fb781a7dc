package schema

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/clickhouse"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal/clickhousetest"
)

// days inserts ten events of a tenant that were received some days ago, as a plan of so many days of retention stamps them.
func days(t *testing.T, conn clickhouse.Conn, tenant string, ago, retention int) {
	t.Helper()
	at := time.Now().UTC().AddDate(0, 0, -ago).UnixNano()
	exec(t, conn, fmt.Sprintf("INSERT INTO {database:Identifier}.events (record_id, timestamp, received_at, tenant_id, retention_days) "+
		"SELECT toString(number), fromUnixTimestamp64Nano(%d, 'UTC'), fromUnixTimestamp64Nano(%[1]d, 'UTC'), '%s', %d FROM numbers(10)", at, tenant, retention))
}

func left(t *testing.T, conn clickhouse.Conn, table string) string {
	t.Helper()
	return strings.Join(selectColumn(t, conn, "SELECT concat(tenant_id, ' ', toString("+
		map[string]string{"events": "count()", "activity_daily": "sum(events)"}[table]+")) FROM {database:Identifier}."+table+
		" GROUP BY tenant_id ORDER BY tenant_id"), ", ")
}

// merge has the server do now what it does in the background.
func merge(t *testing.T, conn clickhouse.Conn) {
	t.Helper()
	exec(t, conn, "OPTIMIZE TABLE {database:Identifier}.events FINAL")
}

func TestRetention(t *testing.T) {
	server := clickhousetest.New(t)
	t.Run("whole parts end, rollups stay", func(t *testing.T) {
		conn := connect(t, server, "parts")
		applyAll(t, conn)
		for _, plan := range []int{0, 1, 3, 7, 28} {
			days(t, conn, fmt.Sprintf("plan%02d", plan), 5, plan)
		}
		exec(t, conn, "SYSTEM STOP MERGES {database:Identifier}.activity_daily")
		merge(t, conn)
		assert.Equal(t, "plan00 10, plan07 10, plan28 10", left(t, conn, "events"))
		assert.Equal(t, "plan00 10, plan01 10, plan03 10, plan07 10, plan28 10", left(t, conn, "activity_daily"))
		assert.Equal(t, []string{"1"}, selectColumn(t, conn, "SELECT toString(max(n)) FROM (SELECT uniqExact(retention_days) AS n "+
			"FROM {database:Identifier}.events GROUP BY _part)"), "no part has rows of two plans, so that none has to be rewritten")
	})
	t.Run("a change of plan reaches new rows only", func(t *testing.T) {
		conn := connect(t, server, "change")
		applyAll(t, conn)
		days(t, conn, "acme", 5, 28) // on the plan of 28 days, then on that of 3
		days(t, conn, "acme", 4, 3)
		days(t, conn, "acme", 2, 3)
		merge(t, conn)
		assert.Equal(t, "acme 20", left(t, conn, "events"), "what came under the longer plan stays for its time")

		days(t, conn, "acme", 2, 28) // and back
		merge(t, conn)
		assert.Equal(t, "acme 30", left(t, conn, "events"))

		// What the README says of rows that a shorter plan is to reach: they are rewritten into their new parts, or deleted.
		err := conn.Exec(t.Context(), "ALTER TABLE {database:Identifier}.events UPDATE retention_days = 3 WHERE tenant_id = 'acme' SETTINGS mutations_sync = 1")
		require.ErrorContains(t, err, "CANNOT_UPDATE_COLUMN", "it is part of the partition key")
		exec(t, conn, "ALTER TABLE {database:Identifier}.events DELETE WHERE tenant_id = 'acme' AND received_at < now() - INTERVAL 3 DAY SETTINGS mutations_sync = 1")
		assert.Equal(t, "acme 20", left(t, conn, "events"))
		assert.Equal(t, "acme 40", left(t, conn, "activity_daily"))
	})
}
