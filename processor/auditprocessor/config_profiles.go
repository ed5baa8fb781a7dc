package auditprocessor

import "github.com/otelaudit/otelaudit/internal/profile"

// ProfilesConfig configures how records of other receivers than the audit receiver become events.
type ProfilesConfig struct {
	profile.Config `mapstructure:",squash"`

	// ServiceName is the service.name of records whose resource has none, because many receivers set none. Without it, such
	// records go to quarantine.
	ServiceName string `mapstructure:"service_name"`

	// prevent unkeyed literal initialization
	_ struct{}
}
