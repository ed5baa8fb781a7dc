package auditprocessor

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.opentelemetry.io/collector/config/configoptional"

	"github.com/otelaudit/otelaudit/internal/policy"
)

// Policy says which events are captured, how much of them and for how long, and names the version in stored events. It stands
// here or in a file.
type Policy struct {
	policy.Document `mapstructure:",squash"`

	// File holds the policy instead. It is followed.
	File configoptional.Optional[PolicyFile] `mapstructure:"file"`

	_ struct{}
}

// PolicyFile is a policy in a YAML or JSON file, with the same keys.
type PolicyFile struct {
	// Path of the file. Required.
	Path string `mapstructure:"path"`
	// ReloadInterval is how often to look whether the file has changed. At least 100ms, 10s by default.
	ReloadInterval time.Duration `mapstructure:"reload_interval"`

	_ struct{}
}

// maxPolicyBytes is the size of the largest policy in a file.
const maxPolicyBytes = 1 << 20

func defaultPolicy() Policy {
	return Policy{
		Document: policy.Document{Name: defaultPolicyName, Version: 1},
		File:     configoptional.Default(PolicyFile{ReloadInterval: defaultReloadInterval}),
	}
}

const defaultPolicyName = "default"

func (p *Policy) validate() []error {
	file := p.File.Get()
	if file == nil {
		_, err := p.Compile("")
		return keyed("policy.", err)
	}
	var errs []error
	if file.Path == "" {
		errs = append(errs, errors.New(`policy.file.path is "": must be the path of a YAML or JSON file`))
	}
	if file.ReloadInterval < minReloadInterval {
		errs = append(errs, fmt.Errorf("policy.file.reload_interval is %s: must be at least %s", file.ReloadInterval, minReloadInterval))
	}
	if p.Name != defaultPolicyName || p.Version != 1 || !p.Silent() {
		errs = append(errs, errors.New("policy.file holds the whole policy: must be without other keys under policy"))
	}
	return errs
}

// keyed puts the key of the policy in front of each error.
func keyed(prefix string, err error) []error {
	all, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return nil
	}
	var errs []error
	for _, err := range all.Unwrap() {
		errs = append(errs, fmt.Errorf("%s%w", prefix, err))
	}
	return errs
}

// beside is what else decides of what is stored, so that a version of the policy is another one beside other rules.
func (cfg *Config) beside() string {
	var rules strings.Builder
	_ = json.NewEncoder(&rules).Encode([]any{cfg.Attributes, cfg.Queries, cfg.Prompts}) // texts, which can always be written
	return rules.String()
}
