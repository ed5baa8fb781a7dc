package schema

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/clickhouse"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal/clickhousetest"
)

// BenchmarkUsersOfAMillion states what the history of a million users takes on disk, told of three times as by three starts of a
// collector, with another department for one user in a hundred each time, and how long questions of it take.
func BenchmarkUsersOfAMillion(b *testing.B) {
	server := clickhousetest.New(b)
	endpoint, err := clickhouse.ParseEndpoint(server.HTTPURL())
	require.NoError(b, err)
	conn := clickhouse.Open(clickhouse.Options{Endpoint: endpoint, Username: server.User(), Database: "audit", Timeout: time.Minute, MaxIdle: 2, HTTP: &http.Client{}})
	defer conn.Close()
	_, err = Apply(b.Context(), conn, Migrations())
	require.NoError(b, err)
	ask := func(sql string) string {
		answer, err := server.Query(b.Context(), sql)
		require.NoError(b, err)
		return strings.TrimSpace(answer)
	}
	for _, day := range []string{"1", "2", "3"} {
		from := "toDateTime64('2026-03-0" + day + "', 9, 'UTC')"
		ask("INSERT INTO audit.user_versions (directory, user_id, kind, valid_from, observed_at, name, email, department, roles, groups, active) " +
			"SELECT 'hr', concat('user-', leftPad(toString(number), 7, '0')), 'present', " + from + ", now64(9), " +
			"concat('First', toString(number % 1000), ' Last', toString(number)), concat('first', toString(number), '@example.com'), " +
			"concat('Department ', toString((number + if(number % 100 = 0, " + day + ", 0)) % 200)), ['viewer', concat('role', toString(number % 20))], " +
			"[concat('group', toString(number % 500)), 'all'], true FROM numbers(1000000)")
		ask("INSERT INTO audit.user_versions (directory, kind, valid_from, observed_at) SELECT 'hr', 'snapshot', " + from + ", now64(9)")
	}
	b.Logf("on disk: %s", ask("SELECT formatReadableSize(sum(bytes_on_disk)), sum(rows), round(sum(bytes_on_disk) / sum(rows), 1) "+
		"FROM system.parts WHERE database = 'audit' AND table = 'user_versions' AND active FORMAT TSV"))
	const day = "valid_from <= '2026-03-02' AND valid_to > '2026-03-02'"
	for name, sql := range map[string]string{
		"all":   "SELECT count() FROM audit.users",
		"one":   "SELECT any(department) FROM audit.users WHERE user_id = 'user-0000100' AND " + day,
		"group": "SELECT count() FROM audit.users WHERE user_id GLOBAL IN (SELECT user_id FROM audit.user_versions WHERE has(groups, 'group7')) AND has(groups, 'group7') AND " + day,
	} {
		b.Run(name, func(b *testing.B) {
			answer := ""
			for b.Loop() {
				answer = ask(sql)
			}
			b.Logf("%s: %s", name, answer)
		})
	}
}
