package auditclickhouseexporter

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/configopaque"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/config/configtls"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/clickhouse"
)

// Config is the exporter's configuration. The README has it as a table.
type Config struct {
	// Endpoint is the server's address; its scheme chooses the protocol: http or https for the HTTP interface, clickhouse
	// or clickhouses (with TLS) for the native one.
	Endpoint string `mapstructure:"endpoint"`
	// FallbackEndpoints are other nodes of the same cluster, tried in order when one cannot be reached.
	FallbackEndpoints []string `mapstructure:"fallback_endpoints"`
	// Username and Password are those of the database user.
	Username string              `mapstructure:"username"`
	Password configopaque.String `mapstructure:"password"`
	// TLS configures the connection of both protocols. For clickhouse:// its presence turns TLS on, unless it says insecure.
	TLS configoptional.Optional[configtls.ClientConfig] `mapstructure:"tls"`
	// Database holds all tables.
	Database string `mapstructure:"database"`
	// Cluster is the name of a ClickHouse cluster whose nodes all hold the tables. Empty for a single server.
	Cluster string `mapstructure:"cluster"`
	// CreateSchema lets the exporter create database, tables and views and apply migrations. Without it the exporter only
	// checks that they are there.
	CreateSchema bool `mapstructure:"create_schema"`
	// Compression of blocks, on the disk and on the wire: lz4, zstd or none.
	Compression string `mapstructure:"compression"`
	// Timeout of one insert, and of a request that waits for an answer.
	Timeout time.Duration `mapstructure:"timeout"`

	// Log is where acknowledged records are kept until ClickHouse has them.
	Log LogConfig `mapstructure:"log"`
	// Acknowledge says when a request is answered: log or database.
	Acknowledge string `mapstructure:"acknowledge"`
	// ReplayWindow says which records are recognised when they are sent again.
	ReplayWindow ReplayWindowConfig `mapstructure:"replay_window"`
	// Insert says how blocks are put together to inserts.
	Insert InsertConfig `mapstructure:"insert"`
	// Reconcile compares the tables with what was inserted.
	Reconcile ReconcileConfig `mapstructure:"reconcile"`

	_ struct{}
}

// LogConfig is the block log on the local disk.
type LogConfig struct {
	// Directory belongs to this exporter alone.
	Directory string `mapstructure:"directory"`
	// MaxBytes bounds its size; beyond, requests are refused until ClickHouse has taken some.
	MaxBytes int64 `mapstructure:"max_bytes"`
	_        struct{}
}

// ReplayWindowConfig bounds the memory of records that were taken.
type ReplayWindowConfig struct {
	MaxRecords int           `mapstructure:"max_records"`
	MaxAge     time.Duration `mapstructure:"max_age"`
	_          struct{}
}

// InsertConfig says how blocks are put together to inserts.
type InsertConfig struct {
	// MaxRows is how many rows an insert has at most, unless one block has more.
	MaxRows int `mapstructure:"max_rows"`
	// MaxDelay is how long a record waits for others to be inserted with.
	MaxDelay time.Duration `mapstructure:"max_delay"`
	// InFlight is how many inserts run at once.
	InFlight int `mapstructure:"in_flight"`
	// MaxPartitions bounds how many partitions one insert touches.
	MaxPartitions int `mapstructure:"max_partitions"`
	_             struct{}
}

// ReconcileConfig says how often the tables are compared with what was inserted.
type ReconcileConfig struct {
	// Interval is the time between two comparisons; with 0s there is one after an insert whose outcome is open, and no other.
	Interval time.Duration `mapstructure:"interval"`
	// Repair mends what differs; otherwise it is only reported.
	Repair bool `mapstructure:"repair"`
	_      struct{}
}

// When requests are answered.
const (
	acknowledgeLog      = "log"
	acknowledgeDatabase = "database"
)

// Defaults, where they are not those of the collector's own parts.
const (
	defaultTimeout           = 30 * time.Second
	defaultLogBytes          = 10 << 30
	minLogBytes              = 16 << 20
	defaultWindowRecords     = 1_000_000
	defaultWindowAge         = 24 * time.Hour
	defaultInsertRows        = 100_000
	defaultInsertDelay       = time.Second
	defaultInsertsInFlight   = 2
	defaultMaxPartitions     = 20
	defaultReconcileInterval = time.Hour
	// maxMaxPartitions is ClickHouse's default of max_partitions_per_insert_block.
	maxMaxPartitions = 100
)

func createDefaultConfig() component.Config {
	return &Config{
		Endpoint:     "http://127.0.0.1:8123",
		Username:     "default",
		Database:     "audit",
		CreateSchema: true,
		Compression:  clickhouse.CompressionLZ4,
		Timeout:      defaultTimeout,
		Log:          LogConfig{MaxBytes: defaultLogBytes},
		Acknowledge:  acknowledgeLog,
		ReplayWindow: ReplayWindowConfig{MaxRecords: defaultWindowRecords, MaxAge: defaultWindowAge},
		Insert: InsertConfig{
			MaxRows: defaultInsertRows, MaxDelay: defaultInsertDelay, InFlight: defaultInsertsInFlight,
			MaxPartitions: defaultMaxPartitions,
		},
		Reconcile: ReconcileConfig{Interval: defaultReconcileInterval, Repair: true},
	}
}

// name keeps the names of database and cluster to what no tool has to quote.
var name = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// Validate checks the configuration. The parts from the collector check themselves.
func (c *Config) Validate() error {
	var errs []error
	problem := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	errs = append(errs, c.validateEndpoints())
	if c.Username == "" {
		problem("username: must not be empty")
	}
	if !name.MatchString(c.Database) {
		problem("database: %q must be letters, digits and underscores, and not begin with a digit", c.Database)
	}
	if c.Cluster != "" && !name.MatchString(c.Cluster) {
		problem("cluster: %q must be letters, digits and underscores, and not begin with a digit", c.Cluster)
	}
	if compressions := []string{clickhouse.CompressionLZ4, clickhouse.CompressionZSTD, clickhouse.CompressionNone}; !slices.Contains(compressions, c.Compression) {
		problem("compression: %q must be one of %s", c.Compression, strings.Join(compressions, ", "))
	}
	if c.Timeout <= 0 {
		problem("timeout: %s must be over 0s", c.Timeout)
	}
	if c.Acknowledge != acknowledgeLog && c.Acknowledge != acknowledgeDatabase {
		problem("acknowledge: %q must be log or database", c.Acknowledge)
	}
	return errors.Join(errs...)
}

// validateEndpoints checks the addresses, which must agree on the protocol.
func (c *Config) validateEndpoints() error {
	endpoint, err := clickhouse.ParseEndpoint(c.Endpoint)
	if err != nil {
		return fmt.Errorf("endpoint: %w", err)
	}
	for i, text := range c.FallbackEndpoints {
		fallback, err := clickhouse.ParseEndpoint(text)
		if err != nil {
			return fmt.Errorf("fallback_endpoints[%d]: %w", i, err)
		}
		if fallback.Scheme != endpoint.Scheme {
			return fmt.Errorf("fallback_endpoints[%d]: the scheme is %s, must be %s as that of endpoint", i, fallback.Scheme, endpoint.Scheme)
		}
	}
	if tls := c.TLS.Get(); tls != nil && tls.Insecure && endpoint.Secure() {
		return fmt.Errorf("tls: insecure: true contradicts the endpoint's scheme %s", endpoint.Scheme)
	}
	if c.TLS.HasValue() && !c.TLS.Get().Insecure && endpoint.Scheme == "http" {
		return errors.New("tls: the endpoint's scheme is http, must be https for TLS")
	}
	return nil
}

// Validate checks the log's part of the configuration.
func (c *LogConfig) Validate() error {
	var errs []error
	if c.Directory == "" {
		errs = append(errs, errors.New("directory: required: acknowledged records are kept there until ClickHouse has them; "+
			"name a directory on a local disk that belongs to this exporter alone, such as /var/lib/otelcol/audit"))
	}
	if c.MaxBytes < minLogBytes {
		errs = append(errs, fmt.Errorf("max_bytes: %d must be at least %d (16 MiB)", c.MaxBytes, minLogBytes))
	}
	return errors.Join(errs...)
}

// Validate checks the replay window's part of the configuration.
func (c *ReplayWindowConfig) Validate() error {
	var errs []error
	if c.MaxRecords < 1 {
		errs = append(errs, fmt.Errorf("max_records: %d must be at least 1", c.MaxRecords))
	}
	if c.MaxAge <= 0 {
		errs = append(errs, fmt.Errorf("max_age: %s must be over 0s", c.MaxAge))
	}
	return errors.Join(errs...)
}

// Validate checks the inserts' part of the configuration.
func (c *InsertConfig) Validate() error {
	var errs []error
	if c.MaxRows < 1 {
		errs = append(errs, fmt.Errorf("max_rows: %d must be at least 1", c.MaxRows))
	}
	if c.MaxDelay < 0 {
		errs = append(errs, fmt.Errorf("max_delay: %s must not be negative", c.MaxDelay))
	}
	if c.InFlight < 1 {
		errs = append(errs, fmt.Errorf("in_flight: %d must be at least 1", c.InFlight))
	}
	if n := c.MaxPartitions; n < 1 || n > maxMaxPartitions {
		errs = append(errs, fmt.Errorf("max_partitions: %d must be from 1 to %d", n, maxMaxPartitions))
	}
	return errors.Join(errs...)
}

// Validate checks the reconciliation's part of the configuration.
func (c *ReconcileConfig) Validate() error {
	if c.Interval != 0 && c.Interval < time.Minute {
		return fmt.Errorf("interval: %s must be at least 1m, or 0s for none", c.Interval)
	}
	return nil
}
