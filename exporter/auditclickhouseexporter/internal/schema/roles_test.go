package schema

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal/clickhousetest"
)

const accessDenied = 497 // ClickHouse's code

var grantee = regexp.MustCompile(`(?s) (?:TO|FROM) (audit_\w+|` + "`[^`]+`" + `)( WITH GRANT OPTION)?;$`)

// grantsOf gives what a role is granted and denied as the configuration of a user has it: the server of the tests has nowhere to
// keep roles. The statements are the same but for the grantee.
func grantsOf(role string, statements []string) []string {
	var grants []string
	for _, statement := range statements {
		statement = strings.TrimSpace(regexp.MustCompile(`(?m)^--.*\n`).ReplaceAllString(statement, ""))
		to := grantee.FindStringSubmatch(statement)
		if to != nil && to[1] == role && !strings.HasPrefix(statement, "CREATE") {
			grants = append(grants, strings.Join(strings.Fields(grantee.ReplaceAllString(statement, "")), " ")+to[2])
		}
	}
	return grants
}

// rowFilters gives a role's row policy as the configuration of a user has it.
func rowFilters(statements []string) []clickhouselocal.RowFilter {
	policy := statements[len(statements)-1]
	condition := regexp.MustCompile(`USING (.*) TO`).FindStringSubmatch(policy)[1]
	var filters []clickhouselocal.RowFilter
	for _, table := range regexp.MustCompile(`audit\.(\w+)`).FindAllStringSubmatch(policy, -1) {
		filters = append(filters, clickhouselocal.RowFilter{Database: "audit", Table: table[1], Condition: condition})
	}
	return filters
}

func TestRoles(t *testing.T) {
	layout := NewLayout("audit", "")
	roles := layout.Roles()
	server := clickhousetest.New(t, func(o *clickhouselocal.Options) {
		for _, role := range []string{"audit_owner", "audit_investigator", "audit_analyst", "audit_service"} {
			o.Users = append(o.Users, clickhouselocal.User{Name: role, Grants: grantsOf(role, roles)})
		}
		o.Users = append(o.Users,
			clickhouselocal.User{Name: "team", Grants: []string{"GRANT SELECT ON audit.of_the_team"}},
			clickhouselocal.User{
				Name: "acme", Grants: grantsOf("audit_analyst", roles), RowFilters: rowFilters(layout.TenantRole("acme")),
			})
	})
	for _, m := range layout.Migrations() {
		for _, statement := range m.Statements {
			_, err := server.Query(t.Context(), strings.TrimSuffix(statement, ";"))
			require.NoError(t, err)
		}
	}
	as := func(user, sql string) (string, error) { return server.QueryAs(t.Context(), user, "", sql) }
	may := func(user, sql, want string) {
		t.Helper()
		got, err := as(user, sql)
		if assert.NoError(t, err, user) {
			assert.Equal(t, want, strings.TrimSpace(got), user)
		}
	}
	mayNot := func(user, sql string) {
		t.Helper()
		_, err := as(user, sql)
		var refusal *clickhouselocal.QueryError
		if assert.ErrorAs(t, err, &refusal, user) {
			assert.Equal(t, accessDenied, refusal.Code, refusal.Message)
		}
	}

	const insert = `INSERT INTO audit.events (record_id, timestamp, received_at, tenant_id, action, actor_id, actor_email, directory_groups, query_fingerprint, query_cost)
		VALUES ('1', now64(9), now64(9), 'acme', 'EXECUTE', 'u1', 'ann@example.com', ['sales'], 'f', 2),
		       ('2', now64(9), now64(9), 'other', 'EXECUTE', 'u2', 'bob@example.com', ['ops'], 'f', 3)`
	may("audit_service", insert, "")
	may("audit_service", "INSERT INTO audit.ledger (hour, tenant_id, kind, events) VALUES (now(), 'acme', 'received', 1)", "")
	may("audit_service", "SELECT count(record_id) FROM audit.events WHERE block_id = 0", "2")
	mayNot("audit_service", "SELECT actor_id FROM audit.events")
	mayNot("audit_service", "SELECT * FROM audit.activity_daily")
	mayNot("audit_service", "ALTER TABLE audit.events DELETE WHERE 1")
	mayNot("audit_service", "TRUNCATE TABLE audit.events")

	may("audit_analyst", "SELECT record_id, actor_id FROM audit.events ORDER BY 1", "1\tu1\n2\tu2")
	may("audit_analyst", "SELECT sum(events) FROM audit.activity_daily", "2")
	may("audit_analyst", "SELECT sum(events) FROM audit.ledger", "1")
	for _, column := range personal(t, server) {
		mayNot("audit_analyst", "SELECT "+column+" FROM audit.events")
		may("audit_investigator", "SELECT count() FROM audit.events WHERE NOT ignore("+column+")", "2")
	}
	mayNot("audit_analyst", "SELECT * FROM audit.events")
	mayNot("audit_analyst", "SELECT record_id FROM audit.events WHERE actor_email = 'ann@example.com'") // nor by asking
	mayNot("audit_analyst", "SELECT event FROM audit.quarantine")

	may("audit_investigator", "SELECT actor_email FROM audit.events WHERE tenant_id = 'acme'", "ann@example.com")
	for _, user := range []string{"audit_analyst", "audit_investigator"} {
		mayNot(user, insert)
		mayNot(user, "ALTER TABLE audit.events DELETE WHERE 1")
		mayNot(user, "CREATE VIEW audit.mine AS SELECT 1")
		mayNot(user, "DROP TABLE audit.events")
	}

	may("audit_owner", "CREATE VIEW audit.of_the_team DEFINER = CURRENT_USER SQL SECURITY DEFINER AS "+
		"SELECT actor_email, action FROM audit.events WHERE has(directory_groups, 'sales')", "")
	may("team", "SELECT * FROM audit.of_the_team", "ann@example.com\tEXECUTE")
	mayNot("team", "SELECT count() FROM audit.events")
	may("audit_owner", "ALTER TABLE audit.activity_daily MODIFY TTL day + INTERVAL 3 YEAR", "")
	mayNot("audit_owner", "DROP TABLE audit.events")

	may("acme", "SELECT record_id FROM audit.events", "1")
	may("acme", "SELECT sum(cost_sum) FROM audit.query_cost_hourly", "2")
	may("acme", "SELECT sum(events) FROM audit.ledger", "1")
	mayNot("acme", "SELECT actor_email FROM audit.events")
}

// personal lists the columns of `events` that say who a person is.
func personal(t *testing.T, server *clickhouselocal.Server) []string {
	t.Helper()
	columns, err := server.Query(t.Context(), "SELECT name FROM system.columns WHERE database = 'audit' AND table = 'events' "+
		"AND (name IN ('actor_name', 'actor_email', 'source_address', 'attributes') OR startsWith(name, 'directory_'))")
	require.NoError(t, err)
	names := strings.Fields(columns)
	require.Greater(t, len(names), 4)
	return names
}

// TestATenantsRoleCoversEveryTableWithTenants or its people would see others'.
func TestATenantsRoleCoversEveryTableWithTenants(t *testing.T) {
	layout := NewLayout("audit", "")
	policy := layout.TenantRole("acme")[1]
	table := regexp.MustCompile(`(?s)CREATE TABLE IF NOT EXISTS audit\.(\w+).*\n\s+tenant_id `)
	var tables int
	for _, m := range layout.Migrations() {
		for _, statement := range m.Statements {
			if name := table.FindStringSubmatch(statement); name != nil {
				tables++
				assert.Contains(t, policy, "audit."+name[1])
			}
		}
	}
	assert.Greater(t, tables, 6)
}

// TestTheServiceMayWriteWhatTheExporterWrites.
func TestTheServiceMayWriteWhatTheExporterWrites(t *testing.T) {
	grants := grantsOf("audit_service", NewLayout("audit", "").Roles())
	for _, table := range writtenTables() {
		assert.Contains(t, grants, "GRANT INSERT ON audit."+table)
	}
}

// TestRolesParse in the forms that the server of the tests cannot run.
func TestRolesParse(t *testing.T) {
	conn := connect(t, clickhousetest.New(t), "parse")
	for _, layout := range layouts {
		for _, statement := range append(layout.Roles(), layout.TenantRole("ac'me")...) {
			_, err := conn.Select(t.Context(), "EXPLAIN AST "+strings.TrimSuffix(statement, ";"))
			assert.NoError(t, err)
		}
	}
}
