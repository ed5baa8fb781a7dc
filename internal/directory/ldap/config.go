package ldap

import (
	"errors"
	"fmt"
	"net/url"

	goldap "github.com/go-ldap/ldap/v3"
	"go.opentelemetry.io/collector/config/configopaque"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/config/configtls"

	"github.com/otelaudit/otelaudit/internal/directory"
)

// Config configures a [Source].
type Config struct {
	// Endpoint is an ldap:// or ldaps:// URL of a host and perhaps a port.
	Endpoint string `mapstructure:"endpoint"`
	// StartTLS encrypts an ldap:// connection before anything is sent.
	StartTLS bool `mapstructure:"start_tls"`
	// TLS says what to trust. With insecure, a password may be sent over a connection that is not encrypted.
	TLS configtls.ClientConfig `mapstructure:"tls"`
	// BindDN and BindPassword identify the collector. Without them it asks as nobody.
	BindDN       string              `mapstructure:"bind_dn"`
	BindPassword configopaque.String `mapstructure:"bind_password"`
	// BaseDN is below which entry the users are.
	BaseDN string `mapstructure:"base_dn"`
	// Filter is which entries are users.
	Filter string `mapstructure:"filter"`
	// PageSize is how many entries are asked for at once, 1 to 10000.
	PageSize uint32 `mapstructure:"page_size"`
	// Attributes says which attributes of an entry fill which field. Of values that are names of entries (of memberOf) the
	// first component's value is taken.
	Attributes directory.Mapping `mapstructure:"attributes"`
	// Groups are entries that list their members, for servers whose users do not list their groups.
	Groups configoptional.Optional[Groups] `mapstructure:"groups"`
}

// Groups says where entries of groups are.
type Groups struct {
	// BaseDN is below which entry they are.
	BaseDN string `mapstructure:"base_dn"`
	// Filter is which entries are groups.
	Filter string `mapstructure:"filter"`
	// Name is the attribute with the group's name.
	Name string `mapstructure:"name"`
	// Member is the attribute with the names of the members' entries, or, where it is memberUid, with their uid.
	Member string `mapstructure:"member"`
}

// NewDefaultConfig gives the configuration that holds where nothing else is said.
func NewDefaultConfig() Config {
	return Config{
		TLS:      configtls.NewDefaultClientConfig(),
		Filter:   "(objectClass=inetOrgPerson)",
		PageSize: 500,
		Attributes: directory.Mapping{
			"id":         {"uid"},
			"name":       {"displayName", "cn"},
			"email":      {"mail"},
			"department": {"departmentNumber", "ou"},
			"roles":      {"employeeType"},
			"groups":     {"memberOf"},
		},
		Groups: configoptional.Default(Groups{Filter: "(|(objectClass=groupOfNames)(objectClass=groupOfUniqueNames))", Name: "cn", Member: "member"}),
	}
}

// Validate gives every error. Keys are those below ldap.
func (cfg *Config) Validate() error {
	var errs []error
	u, err := url.Parse(cfg.Endpoint)
	if err != nil || u.Scheme != "ldap" && u.Scheme != "ldaps" || u.Host == "" || u.User != nil || u.Path != "" && u.Path != "/" {
		errs = append(errs, errors.New("endpoint must be an ldap:// or ldaps:// URL of a host, such as ldaps://ldap.example.com"))
	} else {
		secure := u.Scheme == "ldaps"
		if secure && cfg.StartTLS {
			errs = append(errs, errors.New("start_tls is for ldap:// endpoints: an ldaps:// one is encrypted already"))
		}
		if !secure && !cfg.StartTLS && cfg.BindPassword != "" && !cfg.TLS.Insecure {
			errs = append(errs, errors.New("bind_password would be sent unencrypted: use ldaps:// or start_tls, or allow it with tls.insecure: true"))
		}
	}
	if (cfg.BindDN == "") != (cfg.BindPassword == "") {
		errs = append(errs, errors.New("bind_dn and bind_password must be set both or not at all"))
	}
	if cfg.PageSize < 1 || cfg.PageSize > 10_000 {
		errs = append(errs, fmt.Errorf("page_size is %d: must be 1 to 10000", cfg.PageSize))
	}
	errs = append(errs, check("", cfg.BaseDN, cfg.Filter)...)
	for _, err := range cfg.Attributes.Validate() {
		errs = append(errs, fmt.Errorf("attributes%w", err))
	}
	if g := cfg.Groups.Get(); g != nil {
		errs = append(errs, check("groups.", g.BaseDN, g.Filter)...)
		if g.Name == "" || g.Member == "" {
			errs = append(errs, errors.New("groups.name and groups.member must be names of attributes"))
		}
	}
	return errors.Join(errs...)
}

// check looks at where a search begins and what it is for.
func check(key, base, filter string) (errs []error) {
	if dn, err := goldap.ParseDN(base); err != nil || len(dn.RDNs) == 0 {
		errs = append(errs, fmt.Errorf("%sbase_dn is %q: must be the name of an entry, such as ou=people,dc=example,dc=com", key, base))
	}
	if _, err := goldap.CompileFilter(filter); err != nil {
		errs = append(errs, fmt.Errorf("%sfilter is %q: must be a filter, such as (objectClass=person)", key, filter))
	}
	return errs
}
