package auditreceiver

import (
	"context"
	"net/http"
	"unicode/utf8"

	"go.opentelemetry.io/collector/client"
	"google.golang.org/grpc/codes"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// tenant is whose request it is.
type tenant struct {
	name  string // never empty
	known bool   // it is the sender's, and not only what records claim
}

// of gives the tenant of a record that claims one.
func (t tenant) of(claim string) string {
	if t.known || claim == "" {
		return t.name
	}
	return claim
}

// errOtherTenant is what is wrong with a record that claims the tenant of others.
var errOtherTenant = &audit.FieldError{Field: audit.AttrTenantID, Problem: "must be the tenant of the sender, or left out"}

// allows says whether the sender may claim a tenant.
func (t tenant) allows(claim string) *audit.FieldError {
	if t.known && claim != "" && claim != t.name {
		return errOtherTenant
	}
	return nil
}

// tenants finds the tenant of a request.
type tenants struct{ attribute, header string }

func newTenants(cfg *TenantConfig) *tenants {
	return &tenants{attribute: cfg.AuthAttribute, header: cfg.Header}
}

// of gives the tenant of the client in ctx. Where a source is configured, a client without a tenant is not heard.
func (t *tenants) of(ctx context.Context) (tenant, *failure) {
	var names []string
	switch {
	case t.attribute != "":
		if auth := client.FromContext(ctx).Auth; auth != nil {
			names = texts(auth.GetAttribute(t.attribute))
		}
	case t.header != "":
		names = client.FromContext(ctx).Metadata.Get(t.header)
	default:
		return tenant{name: audit.DefaultTenant}, nil
	}
	// One, and only one: a sender may have put a header of its own in front of the gateway's.
	if len(names) != 1 || !isTenant(names[0]) {
		if t.attribute != "" {
			return tenant{}, noTenant("the authenticated client has no tenant: tenant.auth_attribute must name an attribute with one text")
		}
		return tenant{}, noTenant("the request has no tenant: the header of tenant.header must be there once")
	}
	return tenant{name: names[0], known: true}, nil
}

// texts reads an attribute of a client, whose type is the authenticator's choice.
func texts(value any) []string {
	switch value := value.(type) {
	case string:
		return []string{value}
	case []string:
		return value
	case []any:
		var out []string
		for _, v := range value {
			text, ok := v.(string)
			if !ok {
				return nil
			}
			out = append(out, text)
		}
		return out
	default:
		return nil
	}
}

// maxTenantBytes is how long the name of a tenant may be.
const maxTenantBytes = 256

// isTenant keeps control characters and the like out of columns, counts and keys of limits.
func isTenant(name string) bool {
	if name == "" || len(name) > maxTenantBytes || !utf8.ValidString(name) {
		return false
	}
	for i := range len(name) {
		if name[i] < ' ' || name[i] == 0x7f {
			return false
		}
	}
	return true
}

func noTenant(message string) *failure {
	return &failure{code: codes.PermissionDenied, httpStatus: http.StatusForbidden, reason: reasonNoTenant, message: message}
}
