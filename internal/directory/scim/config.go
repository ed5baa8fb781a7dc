package scim

import (
	"errors"
	"fmt"
	"net/url"
	"time"

	"go.opentelemetry.io/collector/config/confighttp"
	"go.opentelemetry.io/collector/config/configopaque"

	"github.com/otelaudit/otelaudit/internal/directory"
)

// Config configures a [Source].
type Config struct {
	// HTTP is how to reach the service: endpoint is its base, as https://example.com/scim/v2, auth names an extension
	// such as oauth2client, tls says what to trust.
	HTTP confighttp.ClientConfig `mapstructure:",squash"`
	// Token is sent as the bearer of every request, unless auth is set.
	Token configopaque.String `mapstructure:"token"`
	// PageSize is how many users are asked for at once, 1 to 10000. A service may give fewer.
	PageSize int `mapstructure:"page_size"`
	// Filter confines the users, in the language of RFC 7644; all of them where it is empty.
	Filter string `mapstructure:"filter"`
	// ReadGroups reads /Groups, for services that do not say in /Users what groups a user is in.
	ReadGroups bool `mapstructure:"read_groups"`
	// Attributes says which attributes of a user fill which field: names as in RFC 7643, see [Path].
	Attributes directory.Mapping `mapstructure:"attributes"`
}

// NewDefaultConfig gives the configuration that holds where nothing else is said.
func NewDefaultConfig() Config {
	http := confighttp.NewDefaultClientConfig()
	http.Timeout = 30 * time.Second
	return Config{
		HTTP:       http,
		PageSize:   500,
		ReadGroups: true,
		Attributes: directory.Mapping{
			"id":         {"userName"},
			"name":       {"displayName", "name.formatted"},
			"email":      {"emails"},
			"department": {"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"},
			"roles":      {"roles"},
			"groups":     {"groups.display"},
			"active":     {"active"},
		},
	}
}

// Validate gives every error. Keys are those below scim.
func (cfg *Config) Validate() error {
	var errs []error
	if u, err := url.Parse(cfg.HTTP.Endpoint); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.RawQuery != "" {
		errs = append(errs, errors.New("endpoint must be an http or https URL without a query, such as https://example.com/scim/v2"))
	}
	if cfg.Token != "" && cfg.HTTP.Auth.HasValue() {
		errs = append(errs, errors.New("token and auth are both set: must be one of them"))
	}
	if cfg.PageSize < 1 || cfg.PageSize > 10_000 {
		errs = append(errs, fmt.Errorf("page_size is %d: must be 1 to 10000", cfg.PageSize))
	}
	for _, err := range cfg.Attributes.Validate() {
		errs = append(errs, fmt.Errorf("attributes%w", err))
	}
	for field, paths := range cfg.Attributes {
		for _, p := range paths {
			if _, err := ParsePath(p); err != nil {
				errs = append(errs, fmt.Errorf("attributes.%s has %q: %w", field, p, err))
			}
		}
	}
	return errors.Join(errs...)
}
