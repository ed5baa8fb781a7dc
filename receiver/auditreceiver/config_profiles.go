package auditreceiver

import (
	"errors"
	"fmt"

	"github.com/otelaudit/otelaudit/internal/profile"
)

// Values of profiles.unexplained.
const (
	unexplainedRefuse     = "refuse"
	unexplainedQuarantine = "quarantine"
)

// ProfilesConfig configures how products' own events, which stand in the body of a record, become events of the conventions.
type ProfilesConfig struct {
	profile.Config `mapstructure:",squash"`

	// Unexplained is what becomes of a record that has no audit.action and whose body no profile explains: "refuse" tells its
	// sender, "quarantine" takes it into the table of that name, without its content. On /v1/audit it is refused in any case.
	// "refuse" by default.
	Unexplained string `mapstructure:"unexplained"`

	// prevent unkeyed literal initialization
	_ struct{}
}

func (cfg *ProfilesConfig) validate() error {
	errs := []error{cfg.Check()}
	switch cfg.Unexplained {
	case unexplainedRefuse, unexplainedQuarantine:
	default:
		errs = append(errs, fmt.Errorf("profiles.unexplained is %q: must be refuse or quarantine", cfg.Unexplained))
	}
	return errors.Join(errs...)
}
