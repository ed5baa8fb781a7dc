package auditreceiver

import (
	"errors"
	"fmt"
	"net/url"
	"time"

	"go.opentelemetry.io/collector/config/confighttp"
	"go.opentelemetry.io/collector/config/configopaque"
)

// Defaults of following ClickHouse's query log.
const (
	defaultQueryLogInterval = 10 * time.Second
	defaultQueryLogLookback = time.Hour
	defaultQueryLogDatabase = "audit"
	defaultQueryLogTenant   = "otelaudit"
)

// QueryLogConfig has reads and changes of the audit log itself become audit events, from ClickHouse's system.query_log.
type QueryLogConfig struct {
	// ClientConfig is how the server is reached: endpoint, an http:// or https:// address, tls, timeout …
	ClientConfig confighttp.ClientConfig `mapstructure:",squash"`

	// Username and Password are of a user who may SELECT from system.query_log. "default" and none by default.
	Username string              `mapstructure:"username"`
	Password configopaque.String `mapstructure:"password"`

	// Database is the one that the audit log is in. "audit" by default.
	Database string `mapstructure:"database"`

	// Cluster is the name of a cluster whose servers are all asked. Empty asks the one server.
	Cluster string `mapstructure:"cluster"`

	// ExcludeUsers are users whose queries make no events: the exporter's, whose every insert would make another one.
	// At least one.
	ExcludeUsers []string `mapstructure:"exclude_users"`

	// Tenant is the tenant of the events. "otelaudit" by default, so that reading the log does not count as use of a product.
	Tenant string `mapstructure:"tenant"`

	// Interval is how often the log is read. 10 s by default.
	Interval time.Duration `mapstructure:"interval"`

	// Lookback is how far back it is read at the start. What was taken before is recognised by the exporter. 1 h by default.
	Lookback time.Duration `mapstructure:"lookback"`

	// prevent unkeyed literal initialization
	_ struct{}
}

func defaultQueryLogConfig() QueryLogConfig {
	client := confighttp.NewDefaultClientConfig()
	client.Timeout = 30 * time.Second
	return QueryLogConfig{
		ClientConfig: client, Username: "default", Database: defaultQueryLogDatabase, Tenant: defaultQueryLogTenant,
		Interval: defaultQueryLogInterval, Lookback: defaultQueryLogLookback,
	}
}

func (cfg *QueryLogConfig) validate() error {
	if cfg == nil {
		return nil
	}
	var errs []error
	if address, err := url.Parse(cfg.ClientConfig.Endpoint); err != nil || address.Host == "" || address.Scheme != "http" && address.Scheme != "https" {
		errs = append(errs, fmt.Errorf("query_log.endpoint is %q: must be http://host:port or https://host:port", cfg.ClientConfig.Endpoint))
	}
	if cfg.Database == "" {
		errs = append(errs, errors.New(`query_log.database is "": must be the name of the database of the audit log`))
	}
	if len(cfg.ExcludeUsers) == 0 {
		errs = append(errs, errors.New("query_log.exclude_users is []: must name the exporter's user, whose every insert would make another event"))
	}
	if cfg.Interval < time.Second {
		errs = append(errs, fmt.Errorf("query_log.interval is %s: must be at least 1s", cfg.Interval))
	}
	if cfg.Lookback < cfg.Interval {
		errs = append(errs, fmt.Errorf("query_log.lookback is %s: must be at least query_log.interval, %s", cfg.Lookback, cfg.Interval))
	}
	return errors.Join(errs...)
}
