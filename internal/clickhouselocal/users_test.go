package clickhouselocal_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal/clickhousetest"
)

// ClickHouse's codes for what a user may not do.
const (
	accessDenied         = 497
	readOnly             = 164
	authenticationFailed = 516
)

func TestUsersMayDoOnlyWhatTheyAreGranted(t *testing.T) {
	server := clickhousetest.New(t, func(o *clickhouselocal.Options) {
		o.User, o.Password = "admin", `<p&"w>`
		o.Users = []clickhouselocal.User{
			{
				Name: "analyst", Password: "a", Settings: map[string]string{"readonly": "1"},
				Grants: []string{"GRANT SELECT, INSERT ON audit.*"},
				RowFilters: []clickhouselocal.RowFilter{
					{Database: "audit", Table: "events", Condition: "tenant < 'b'"},
					{Database: "audit", Table: "blocks", Condition: "0"},
				},
			},
			{Name: "writer", Password: "w", Grants: []string{"GRANT INSERT ON audit.events"}},
		}
	})
	for _, sql := range []string{
		"CREATE DATABASE audit",
		"CREATE TABLE audit.events (tenant String) ENGINE = MergeTree ORDER BY tenant",
		"CREATE TABLE audit.blocks (token String) ENGINE = MergeTree ORDER BY token",
		"INSERT INTO audit.events VALUES ('a'), ('b')",
		"INSERT INTO audit.blocks VALUES ('t')",
	} {
		query(t, server, sql)
	}
	refused := func(code int, user, password, sql string) {
		t.Helper()
		_, err := server.QueryAs(t.Context(), user, password, sql)
		var refusal *clickhouselocal.QueryError
		require.ErrorAs(t, err, &refusal)
		assert.Equal(t, code, refusal.Code, refusal.Message)
	}

	rows, err := server.QueryAs(t.Context(), "analyst", "a", "SELECT tenant FROM audit.events")
	require.NoError(t, err)
	assert.Equal(t, "a\n", rows)
	rows, err = server.QueryAs(t.Context(), "analyst", "a", "SELECT token FROM audit.blocks")
	require.NoError(t, err)
	assert.Empty(t, rows)
	_, err = server.QueryAs(t.Context(), "writer", "w", "INSERT INTO audit.events VALUES ('c')")
	require.NoError(t, err)

	refused(readOnly, "analyst", "a", "INSERT INTO audit.events VALUES ('c')")
	refused(readOnly, "analyst", "a", "SET max_threads = 1")
	refused(accessDenied, "writer", "w", "SELECT * FROM audit.events")
	refused(accessDenied, "writer", "w", "DROP TABLE audit.events")
	refused(authenticationFailed, "analyst", "wrong", "SELECT 1")
	refused(accessDenied, "default", "", "SELECT * FROM audit.events")
	refused(accessDenied, "default", "", "SELECT * FROM file('/etc/hostname', 'LineAsString')")
	refused(accessDenied, "default", "", "CREATE DATABASE mine")
}
