package auditprocessor

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"go.opentelemetry.io/collector/config/configopaque"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/confmap"

	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/pseudonym"
	"github.com/otelaudit/otelaudit/internal/query"
	"github.com/otelaudit/otelaudit/internal/redact"
)

// Config configures the processor. The README has it as a table.
type Config struct {
	// Policy says what is captured of events.
	Policy Policy `mapstructure:"policy"`

	// Pseudonyms are the keys of pseudonyms, fingerprints and record hashes. Required: there is no default key.
	Pseudonyms Pseudonyms `mapstructure:"pseudonyms"`

	// Directory is where actors are looked up. Without it no event is enriched.
	Directory configoptional.Optional[Directory] `mapstructure:"directory"`

	// Profiles make events of what other receivers than the audit receiver bring. Without the block, such records are left as
	// they are.
	Profiles configoptional.Optional[ProfilesConfig] `mapstructure:"profiles"`

	// Queries says what is kept of query texts.
	Queries Queries `mapstructure:"queries"`

	// Prompts says what is kept of prompts.
	Prompts Prompts `mapstructure:"prompts"`

	// Attributes are the user's own rules. The first that matches an attribute counts, and all come before the built-in table.
	Attributes []AttributeRule `mapstructure:"attributes"`

	// prevent unkeyed literal initialization
	_ struct{}
}

// Pseudonyms are secrets by key id.
type Pseudonyms struct {
	// Active is the id of the key that is used. The others are those it replaced: pseudonyms made with them can still be searched
	// for while they are kept.
	Active string `mapstructure:"active"`
	// Keys are secrets of at least 32 bytes.
	Keys map[string]configopaque.String `mapstructure:"keys"`
	// KeyFiles are paths of files that hold one, read at start.
	KeyFiles map[string]string `mapstructure:"key_files"`

	_ struct{}
}

// Queries says what is kept of query texts. Literals, comments and inline data never are.
type Queries struct {
	// Names is keep (the default), where names of tables, columns and datasets that look like identifiers stay, or pseudonymize,
	// where each becomes its pseudonym, in audit.datasets and graphql.operation.name too.
	Names string `mapstructure:"names"`

	_ struct{}
}

// Prompts says what is kept of prompts beside length, language, what the detectors count, and a keyed fingerprint.
type Prompts struct {
	// Text is withhold (the default), or mask, which stores the text with what the detectors find replaced. They cannot find
	// everything.
	Text string `mapstructure:"text"`

	_ struct{}
}

// Values of prompts.text.
const (
	promptsWithhold = "withhold"
	promptsMask     = "mask"
)

// Values of queries.names.
const (
	namesKeep         = "keep"
	namesPseudonymize = "pseudonymize"
)

// nameRules are for names in queries that senders give in attributes of their own. They come after the user's rules.
var nameRules = []redact.Rule{
	{Name: audit.AttrDatasets, Action: redact.Pseudonymize},
	{Name: audit.AttrGraphQLOperationName, Action: redact.Pseudonymize},
}

func (q Queries) names() query.Names {
	if q.Names == namesPseudonymize {
		return query.NamesPseudonymised
	}
	return query.NamesKept
}

// AttributeRule says what is done with attributes of records, resources and scopes.
type AttributeRule struct {
	// Name is that of one attribute, or
	Name string `mapstructure:"name"`
	// Prefix is how the names of several begin.
	Prefix string `mapstructure:"prefix"`
	// Action is keep, actor, mask, name, skeleton, pseudonymize, mask_address, bucket, withhold or drop.
	Action string `mapstructure:"action"`

	_ struct{}
}

var _ confmap.Validator = (*Config)(nil)

// Validate gives every error of the configuration. Files are not looked at: that is for Start.
func (cfg *Config) Validate() error {
	var errs []error
	errs = append(errs, cfg.Policy.validate()...)
	if n := cfg.Queries.Names; n != namesKeep && n != namesPseudonymize {
		errs = append(errs, fmt.Errorf("queries.names is %q: must be %s or %s", n, namesKeep, namesPseudonymize))
	}
	if t := cfg.Prompts.Text; t != promptsWithhold && t != promptsMask {
		errs = append(errs, fmt.Errorf("prompts.text is %q: must be %s or %s", t, promptsWithhold, promptsMask))
	}
	errs = append(errs, cfg.Pseudonyms.validate()...)
	if d := cfg.Directory.Get(); d != nil {
		errs = append(errs, d.validate()...)
	}
	if profiles := cfg.Profiles.Get(); profiles != nil {
		errs = append(errs, profiles.Check())
	}
	if _, err := cfg.rules(); err != nil {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func (p *Pseudonyms) validate() []error {
	var errs []error
	if len(p.Keys)+len(p.KeyFiles) == 0 {
		return append(errs, errors.New("pseudonyms is empty: must have a key of at least 32 bytes in keys or key_files; there is no default"))
	}
	for _, id := range slices.Sorted(maps.Keys(p.Keys)) {
		if err := pseudonym.CheckID(id); err != nil {
			errs = append(errs, fmt.Errorf("pseudonyms.keys has the id %q: %w", id, err))
		} else if err := pseudonym.CheckSecret([]byte(p.Keys[id])); err != nil {
			errs = append(errs, fmt.Errorf("pseudonyms.keys.%s %w", id, err))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(p.KeyFiles)) {
		if err := pseudonym.CheckID(id); err != nil {
			errs = append(errs, fmt.Errorf("pseudonyms.key_files has the id %q: %w", id, err))
		} else if p.KeyFiles[id] == "" {
			errs = append(errs, fmt.Errorf(`pseudonyms.key_files.%s is "": must be the path of a file`, id))
		}
		if _, again := p.Keys[id]; again {
			errs = append(errs, fmt.Errorf("pseudonyms.key_files has the id %q, which keys has too: must be one of them", id))
		}
	}
	_, inKeys := p.Keys[p.Active]
	if _, inFiles := p.KeyFiles[p.Active]; !inKeys && !inFiles {
		errs = append(errs, fmt.Errorf("pseudonyms.active is %q: must be the id of one of the keys", p.Active))
	}
	return errs
}

// rules gives the user's rules as the redactor takes them.
func (cfg *Config) rules() ([]redact.Rule, error) {
	var errs []error
	rules := make([]redact.Rule, 0, len(cfg.Attributes))
	for i, a := range cfg.Attributes {
		action, err := redact.ParseAction(a.Action)
		rule := redact.Rule{Name: a.Name, Prefix: a.Prefix, Action: action}
		if err == nil {
			err = rule.Validate()
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("attributes[%d]: %w", i, err))
		}
		rules = append(rules, rule)
	}
	if cfg.Queries.names() == query.NamesPseudonymised {
		rules = append(rules, nameRules...)
	}
	return rules, errors.Join(errs...)
}
