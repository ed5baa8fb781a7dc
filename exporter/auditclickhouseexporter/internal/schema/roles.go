package schema

import (
	_ "embed"
	"strings"
)

//go:embed roles/roles.sql
var rolesSQL string

//go:embed roles/tenant.sql
var tenantSQL string

// Roles are the statements that make the roles audit_owner, audit_investigator, audit_analyst and audit_service, and grant
// them what they may do. They are no migration: they take a user with ACCESS MANAGEMENT, which a collector must not be.
func (l Layout) Roles() []string { return l.render(split(rolesSQL)) }

// TenantRole are the statements that make a role that sees the rows of one tenant: audit_tenant_ and the tenant's id.
func (l Layout) TenantRole(tenant string) []string {
	fill := strings.NewReplacer("{role:Identifier}", identifier("audit_tenant_"+tenant), "{tenant:String}", literal(tenant))
	statements := l.render(split(tenantSQL))
	for i, statement := range statements {
		statements[i] = fill.Replace(statement)
	}
	return statements
}
