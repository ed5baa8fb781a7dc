package auditcopyconnector

import (
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/collector/confmap"
)

// Config configures the connector. The README has it as a table.
type Config struct {
	// MaxQueueBytes is how much the copies that wait may take, in bytes of OTLP protobuf, which is what they are held as.
	MaxQueueBytes int `mapstructure:"max_queue_bytes"`

	// Timeout is how long the pipelines behind may take for one copy, and at shutdown for all that wait.
	Timeout time.Duration `mapstructure:"timeout"`

	// prevent unkeyed literal initialization
	_ struct{}
}

var _ confmap.Validator = (*Config)(nil)

// Validate gives every error of the configuration.
func (cfg *Config) Validate() error {
	var errs []error
	if cfg.MaxQueueBytes < 1 {
		errs = append(errs, fmt.Errorf("max_queue_bytes is %d: must be at least 1", cfg.MaxQueueBytes))
	}
	if cfg.Timeout <= 0 {
		errs = append(errs, fmt.Errorf("timeout is %v: must be more than 0", cfg.Timeout))
	}
	return errors.Join(errs...)
}
