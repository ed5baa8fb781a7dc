package auditprocessor

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/internal/policy"
	"github.com/otelaudit/otelaudit/internal/redact"
)

func TestTheReadmeNamesEveryActionReasonAndOption(t *testing.T) {
	content, err := os.ReadFile("README.md")
	require.NoError(t, err)
	var missing []string
	need := func(text string) {
		if !strings.Contains(string(content), text) {
			missing = append(missing, text)
		}
	}
	for a := redact.Keep; a <= redact.Drop; a++ {
		need("| `" + a.String() + "` |")
	}
	for r := redact.Clean + 1; r <= redact.TooLarge; r++ {
		need("`" + r.Code() + "`")
	}
	for _, level := range policy.Levels() {
		need("| `" + level + "` |")
	}
	for _, option := range []string{
		"pseudonyms.active", "pseudonyms.keys", "pseudonyms.key_files", "directory.max_wait", "directory.late_events", "directory.history",
		"name", "file.path", "file.reload_interval", "file.max_bytes", "sync.interval", "sync.full_interval", "sync.timeout", "sync.max_users",
		"lookup.enabled", "lookup.timeout", "lookup.ttl", "lookup.negative_ttl", "lookup.max_entries", "lookup.max_concurrent",
		"scim.endpoint", "scim.token", "scim.auth", "scim.page_size", "scim.filter", "scim.read_groups", "scim.attributes",
		"ldap.endpoint", "ldap.start_tls", "ldap.tls", "ldap.bind_dn", "ldap.bind_password", "ldap.base_dn", "ldap.filter", "ldap.page_size", "ldap.attributes", "ldap.groups",
		"sql.postgresql.datasource", "sql.clickhouse.endpoint", "sql.clickhouse.username", "sql.query", "sql.lookup_query",
		"attributes", "queries.names", "prompts.text", "policy.name", "policy.default.level", "policy.default.retention_days", "policy.plans", "policy.protected", "policy.read_only", "policy.rules",
		"policy.file.path", "policy.file.reload_interval",
	} {
		need("| `" + option + "`")
	}
	assert.Empty(t, missing)
}
