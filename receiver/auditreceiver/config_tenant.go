package auditreceiver

import (
	"errors"
	"fmt"
	"time"
)

// defaultBurst is how much of a rate may come at once.
const defaultBurst = 10 * time.Second

// TenantConfig configures where the tenant of a request comes from, and how much each tenant may send. Without a source,
// records are of the tenant they claim, and all senders share the limits of one tenant.
type TenantConfig struct {
	// AuthAttribute is the attribute of the authenticated client that holds its tenant. Every protocol needs auth then.
	AuthAttribute string `mapstructure:"auth_attribute"`

	// Header is the header, or key of gRPC metadata, in which a gateway in front says the tenant. Whoever reaches the
	// receiver without the gateway can claim any. Every protocol needs include_metadata then.
	Header string `mapstructure:"header"`

	// Limits are what each tenant may send.
	Limits LimitsConfig `mapstructure:"limits"`

	// Overrides are the limits of single tenants, instead of Limits.
	Overrides []OverrideConfig `mapstructure:"overrides"`

	// prevent unkeyed literal initialization
	_ struct{}
}

// LimitsConfig limits what comes from one tenant. What is over is refused, and its sender is told when to come back.
type LimitsConfig struct {
	// RecordsPerSecond is how many records may come, 0 for no limit.
	RecordsPerSecond float64 `mapstructure:"records_per_second"`

	// BytesPerSecond is how many bytes of bodies, decompressed, may come, 0 for no limit.
	BytesPerSecond float64 `mapstructure:"bytes_per_second"`

	// Burst is what may come at once after a pause, in time of the rates. 10 seconds by default.
	Burst time.Duration `mapstructure:"burst"`

	// prevent unkeyed literal initialization
	_ struct{}
}

// OverrideConfig is what one tenant may send. Its burst is 10 seconds where it is not set.
type OverrideConfig struct {
	// Tenant is whose limits they are.
	Tenant string `mapstructure:"tenant"`

	LimitsConfig `mapstructure:",squash"`
}

// hasSource reports whether requests are of one known tenant each.
func (cfg *TenantConfig) hasSource() bool { return cfg.AuthAttribute != "" || cfg.Header != "" }

func (cfg *TenantConfig) validate(protocols *Protocols) error {
	var errs []error
	if cfg.AuthAttribute != "" && cfg.Header != "" {
		errs = append(errs, errors.New("tenant.auth_attribute and tenant.header: at most one of them may be set"))
	}
	grpc, http := protocols.GRPC.Get(), protocols.HTTP.Get()
	if cfg.AuthAttribute != "" {
		if grpc != nil && !grpc.Auth.HasValue() {
			errs = append(errs, errors.New("protocols.grpc.auth is not set: must be, where tenant.auth_attribute is"))
		}
		if http != nil && !http.Auth.HasValue() {
			errs = append(errs, errors.New("protocols.http.auth is not set: must be, where tenant.auth_attribute is"))
		}
	}
	if cfg.Header != "" {
		if grpc != nil && !grpc.IncludeMetadata {
			errs = append(errs, errors.New("protocols.grpc.include_metadata is false: must be true, where tenant.header is set"))
		}
		if http != nil && !http.IncludeMetadata {
			errs = append(errs, errors.New("protocols.http.include_metadata is false: must be true, where tenant.header is set"))
		}
	}
	errs = append(errs, cfg.Limits.validate("tenant.limits"))
	if len(cfg.Overrides) > 0 && !cfg.hasSource() {
		errs = append(errs, errors.New("tenant.overrides is set: must be left out where neither tenant.auth_attribute nor tenant.header is set"))
	}
	met := map[string]bool{}
	for i, override := range cfg.Overrides {
		key := fmt.Sprintf("tenant.overrides[%d]", i)
		switch {
		case override.Tenant == "":
			errs = append(errs, fmt.Errorf(`%s.tenant is "": must name a tenant`, key))
		case met[override.Tenant]:
			errs = append(errs, fmt.Errorf("%s.tenant is %q: must be there once", key, override.Tenant))
		}
		met[override.Tenant] = true
		errs = append(errs, override.validate(key))
	}
	return errors.Join(errs...)
}

func (cfg *LimitsConfig) validate(key string) error {
	var errs []error
	if !(cfg.RecordsPerSecond >= 0) { // which NaN is not either
		errs = append(errs, fmt.Errorf("%s.records_per_second is %v: must be at least 0 (no limit)", key, cfg.RecordsPerSecond))
	}
	if !(cfg.BytesPerSecond >= 0) {
		errs = append(errs, fmt.Errorf("%s.bytes_per_second is %v: must be at least 0 (no limit)", key, cfg.BytesPerSecond))
	}
	if cfg.Burst < 0 {
		errs = append(errs, fmt.Errorf("%s.burst is %s: must not be negative", key, cfg.Burst))
	}
	return errors.Join(errs...)
}
