package sqlsource

import (
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/lib/pq"
	"go.opentelemetry.io/collector/config/confighttp"
	"go.opentelemetry.io/collector/config/configopaque"
	"go.opentelemetry.io/collector/config/configoptional"
)

// Config configures a [Source].
type Config struct {
	// PostgreSQL or ClickHouse is the database.
	PostgreSQL configoptional.Optional[PostgreSQL] `mapstructure:"postgresql"`
	ClickHouse configoptional.Optional[ClickHouse] `mapstructure:"clickhouse"`
	// Query gives all users. Its columns are named as the fields of a user: id, name, email, roles, groups, department, active,
	// valid_from, valid_to. Several rows may have one id if their times do not overlap. May be empty where users are only looked up.
	Query string `mapstructure:"query"`
	// LookupQuery gives the rows of one user, with the parameters $1 (PostgreSQL) or {id:String} (ClickHouse) for the id, which may
	// be an e-mail address, and $2 or {email:String} for the claimed e-mail address, which may be empty. May be empty where no
	// users are looked up.
	LookupQuery string `mapstructure:"lookup_query"`
}

// PostgreSQL is a PostgreSQL database.
type PostgreSQL struct {
	// DataSource is how to connect: postgres://user:password@host/database?sslmode=verify-full&sslrootcert=/etc/ca.pem
	DataSource configopaque.String `mapstructure:"datasource"`
}

// ClickHouse is a ClickHouse database.
type ClickHouse struct {
	// HTTP is how to reach its HTTP interface.
	HTTP confighttp.ClientConfig `mapstructure:",squash"`
	// Username and Password identify the collector.
	Username string              `mapstructure:"username"`
	Password configopaque.String `mapstructure:"password"`
	// Database is the one that queries mean where they name none.
	Database string `mapstructure:"database"`
}

// NewDefaultConfig gives the configuration that holds where nothing else is said.
func NewDefaultConfig() Config {
	http := confighttp.NewDefaultClientConfig()
	http.Timeout = 5 * time.Minute
	return Config{
		PostgreSQL: configoptional.Default(PostgreSQL{}),
		ClickHouse: configoptional.Default(ClickHouse{HTTP: http, Username: "default", Database: "default"}),
	}
}

// Validate gives every error. Keys are those below sql. The data source is not quoted: it has a password.
func (cfg *Config) Validate() error {
	var errs []error
	p, c := cfg.PostgreSQL.Get(), cfg.ClickHouse.Get()
	if (p == nil) == (c == nil) {
		errs = append(errs, errors.New("must have one of postgresql and clickhouse"))
	}
	if p != nil {
		if _, err := pq.NewConfig(string(p.DataSource)); err != nil || p.DataSource == "" {
			errs = append(errs, errors.New("postgresql.datasource must be a postgres:// URL or a list of key=value"))
		}
	}
	if c != nil {
		if u, err := url.Parse(c.HTTP.Endpoint); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
			errs = append(errs, errors.New("clickhouse.endpoint must be an http or https URL, such as https://clickhouse.example.com:8443"))
		}
	}
	if strings.TrimSpace(cfg.Query) == "" && strings.TrimSpace(cfg.LookupQuery) == "" {
		errs = append(errs, errors.New("must have a query, a lookup_query, or both"))
	}
	return errors.Join(errs...)
}
