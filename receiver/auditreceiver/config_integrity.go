package auditreceiver

import (
	"errors"
	"fmt"

	"go.opentelemetry.io/collector/config/configopaque"

	"github.com/otelaudit/otelaudit/internal/integrity"
)

// Values of integrity.require.
const (
	requireNone   = "none"
	requireKnown  = "known"
	requireSigned = "signed"
)

// Defaults of what is remembered of sequences: 32 MiB where every stream is long.
const (
	defaultMaxStreams = 4096
	defaultWindow     = 1024
)

// IntegrityConfig configures the check of audit.integrity.value. A signature that does not fit its record is refused
// whatever is configured.
type IntegrityConfig struct {
	// Require is what a record must have: "none" takes records without a signature and those whose key or algorithm is not
	// known here, "known" refuses the latter, "signed" refuses both. "none" by default.
	Require string `mapstructure:"require"`

	// Keys are the keys that producers sign with.
	Keys []KeyConfig `mapstructure:"keys"`

	// prevent unkeyed literal initialization
	_ struct{}
}

// KeyConfig is one key.
type KeyConfig struct {
	// Algorithm is the one algorithm that the key is used with, by its name in audit.integrity.algorithm: EdDSA, ES256, RS256
	// or HMAC-SHA256.
	Algorithm string `mapstructure:"algorithm"`

	// ID is what audit.integrity.certificate may say to mean this key, beside what follows from the key itself.
	ID string `mapstructure:"id"`

	// Tenant is whose records the key may sign, by default those of every tenant.
	Tenant string `mapstructure:"tenant"`

	// File holds the public key or the certificate in PEM or, for HMAC-SHA256, the secret, without the line break at its end.
	File string `mapstructure:"file"`

	// Secret is the secret for HMAC-SHA256 instead of a file, at least 32 bytes.
	Secret configopaque.String `mapstructure:"secret"`

	// prevent unkeyed literal initialization
	_ struct{}
}

// SequenceConfig configures how much is remembered of sequences that producers number (audit.sequence.number). It is kept in memory.
type SequenceConfig struct {
	// MaxStreams is of how many streams the last records are remembered. At least 1, 4,096 by default.
	MaxStreams int `mapstructure:"max_streams"`

	// Window is how many of the last records of a stream are remembered, so that one that is sent again is recognised, each in
	// 8 bytes. At least 1, 1,024 by default.
	Window int `mapstructure:"window"`

	// prevent unkeyed literal initialization
	_ struct{}
}

func (cfg *IntegrityConfig) validate() error {
	var errs []error
	switch cfg.Require {
	case requireNone, requireKnown, requireSigned:
	default:
		errs = append(errs, fmt.Errorf("integrity.require is %q: must be none, known or signed", cfg.Require))
	}
	if cfg.Require == requireSigned && len(cfg.Keys) == 0 {
		errs = append(errs, errors.New("integrity.keys is empty: must have a key where integrity.require is signed"))
	}
	for i := range cfg.Keys {
		if err := cfg.Keys[i].validate(); err != nil {
			errs = append(errs, fmt.Errorf("integrity.keys[%d].%w", i, err))
		}
	}
	return errors.Join(errs...)
}

func (cfg *KeyConfig) validate() error {
	known := false
	for _, algorithm := range integrity.Algorithms() {
		known = known || cfg.Algorithm == string(algorithm)
	}
	symmetric := integrity.Algorithm(cfg.Algorithm).Symmetric()
	switch {
	case !known:
		return fmt.Errorf("algorithm is %q: must be EdDSA, ES256, RS256 or HMAC-SHA256", cfg.Algorithm)
	case !symmetric && cfg.Secret != "":
		return fmt.Errorf("secret is set: must be left out for %s, whose key is public and in a file", cfg.Algorithm)
	case !symmetric && cfg.File == "":
		return errors.New(`file is "": must name a public key or a certificate in PEM`)
	case symmetric && (cfg.File == "") == (cfg.Secret == ""):
		return errors.New("file and secret: exactly one of them must be set for HMAC-SHA256")
	case cfg.Secret != "":
		if _, err := integrity.NewSecret(integrity.Owner{}, []byte(cfg.Secret)); err != nil {
			return fmt.Errorf("secret %w", err)
		}
	}
	return nil
}

func (cfg *SequenceConfig) validate() error {
	var errs []error
	if cfg.MaxStreams < 1 {
		errs = append(errs, fmt.Errorf("sequence.max_streams is %d: must be at least 1", cfg.MaxStreams))
	}
	if cfg.Window < 1 {
		errs = append(errs, fmt.Errorf("sequence.window is %d: must be at least 1", cfg.Window))
	}
	return errors.Join(errs...)
}
