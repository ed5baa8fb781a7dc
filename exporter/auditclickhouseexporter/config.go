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
	"go.opentelemetry.io/collector/config/configretry"
	"go.opentelemetry.io/collector/config/configtls"
	"go.opentelemetry.io/collector/exporter/exporterhelper"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/clickhouse"
)

// Config is the exporter's configuration. The README has it as a table.
type Config struct {
	// Endpoint is the server's address; its scheme chooses the protocol: clickhouse or clickhouses (with TLS) for the
	// native one, http or https for the HTTP interface.
	Endpoint string `mapstructure:"endpoint"`
	// Username and Password are those of the database user.
	Username string              `mapstructure:"username"`
	Password configopaque.String `mapstructure:"password"`
	// TLS configures the connection of both protocols. For clickhouse:// its presence turns TLS on, unless it says insecure.
	TLS configoptional.Optional[configtls.ClientConfig] `mapstructure:"tls"`
	// Database holds all tables.
	Database string `mapstructure:"database"`
	// CreateSchema lets the exporter create database, tables and views and apply migrations. Without it the exporter only
	// checks that they are there.
	CreateSchema bool `mapstructure:"create_schema"`
	// Compression of what is sent: lz4, zstd or none.
	Compression string `mapstructure:"compression"`
	// Timeout of one try to store one request.
	Timeout time.Duration `mapstructure:"timeout"`
	// MaxPartitionsPerInsert bounds how many partitions one insert touches: a request over more is cut into several.
	MaxPartitionsPerInsert int `mapstructure:"max_partitions_per_insert"`

	// RetryOnFailure says how a request is tried again. The default never gives up.
	RetryOnFailure configretry.BackOffConfig `mapstructure:"retry_on_failure"`
	// SendingQueue acknowledges requests when they are on disk. Without it they are acknowledged when ClickHouse has them.
	SendingQueue configoptional.Optional[exporterhelper.QueueBatchConfig] `mapstructure:"sending_queue"`

	_ struct{}
}

// Defaults, where they are not those of the collector's own parts.
const (
	defaultTimeout                = 30 * time.Second
	maxRetryInterval              = 10 * time.Second // so that the backlog starts to drain soon after ClickHouse is back
	defaultMaxPartitionsPerInsert = 20
	// maxMaxPartitionsPerInsert is ClickHouse's default of max_partitions_per_insert_block.
	maxMaxPartitionsPerInsert = 100
)

func createDefaultConfig() component.Config {
	retry := configretry.NewDefaultBackOffConfig()
	retry.MaxElapsedTime = 0 // an acknowledged record is never given up
	retry.MaxInterval = maxRetryInterval
	return &Config{
		Endpoint:               "clickhouse://127.0.0.1:9000",
		Username:               "default",
		Database:               "audit",
		CreateSchema:           true,
		Compression:            clickhouse.CompressionLZ4,
		Timeout:                defaultTimeout,
		MaxPartitionsPerInsert: defaultMaxPartitionsPerInsert,
		RetryOnFailure:         retry,
		SendingQueue:           configoptional.Default(exporterhelper.NewDefaultQueueConfig()),
	}
}

// databaseName keeps the name of the database to what no tool has to quote.
var databaseName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// Validate checks the configuration. The parts from the collector check themselves.
func (c *Config) Validate() error {
	var errs []error
	problem := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	endpoint, err := clickhouse.ParseEndpoint(c.Endpoint)
	if err != nil {
		problem("endpoint: %w", err)
	}
	if tls := c.TLS.Get(); tls != nil && tls.Insecure && err == nil && endpoint.Secure() {
		problem("tls: insecure: true contradicts the endpoint's scheme %s", endpoint.Scheme)
	}
	if c.TLS.HasValue() && !c.TLS.Get().Insecure && endpoint.Scheme == "http" {
		problem("tls: the endpoint's scheme is http, must be https for TLS")
	}
	if c.Username == "" {
		problem("username: must not be empty")
	}
	if !databaseName.MatchString(c.Database) {
		problem("database: %q must be letters, digits and underscores, and not begin with a digit", c.Database)
	}
	if compressions := []string{clickhouse.CompressionLZ4, clickhouse.CompressionZSTD, clickhouse.CompressionNone}; !slices.Contains(compressions, c.Compression) {
		problem("compression: %q must be one of %s", c.Compression, strings.Join(compressions, ", "))
	}
	if c.Timeout <= 0 {
		problem("timeout: %s must be over 0s", c.Timeout)
	}
	if n := c.MaxPartitionsPerInsert; n < 1 || n > maxMaxPartitionsPerInsert {
		problem("max_partitions_per_insert: %d must be from 1 to %d", n, maxMaxPartitionsPerInsert)
	}
	if queue := c.SendingQueue.Get(); queue != nil {
		errs = append(errs, c.validateQueue(queue))
	}
	return errors.Join(errs...)
}

// validateQueue refuses what would lose acknowledged records or store them twice.
func (c *Config) validateQueue(queue *exporterhelper.QueueBatchConfig) error {
	var errs []error
	if queue.StorageID == nil && !queue.WaitForResult {
		errs = append(errs, errors.New("sending_queue: storage: required: a queue in memory loses acknowledged records when the "+
			"collector stops; name a storage extension such as file_storage, or leave sending_queue out"))
	}
	if queue.Batch.HasValue() {
		errs = append(errs, errors.New("sending_queue: batch: not supported: after a restart the same records would be cut into "+
			"other blocks, and ClickHouse could not recognise the ones it has"))
	}
	if !c.RetryOnFailure.Enabled {
		errs = append(errs, errors.New("retry_on_failure: enabled: false must be true with sending_queue: what is queued was "+
			"acknowledged, and would be dropped on the first failure"))
	} else if c.RetryOnFailure.MaxElapsedTime != 0 {
		errs = append(errs, fmt.Errorf("retry_on_failure: max_elapsed_time: %s must be 0s (never give up) with sending_queue: "+
			"what is queued was acknowledged, and would be dropped after that time", c.RetryOnFailure.MaxElapsedTime))
	}
	return errors.Join(errs...)
}
