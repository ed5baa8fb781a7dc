package auditreceiver

import (
	"errors"
	"fmt"

	"go.opentelemetry.io/collector/config/configgrpc"
	"go.opentelemetry.io/collector/config/confighttp"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/confmap"
)

// Defaults of the limits.
const (
	defaultMaxBodyMiB           = 20
	defaultMaxRecordBytes       = 1 << 20
	defaultMaxRecordsPerRequest = 100_000
	defaultMaxInFlightBytes     = 128 << 20
)

// minRecordBytes keeps a limit that was meant in another unit from refusing every record.
const minRecordBytes = 1024

// Config configures the receiver.
type Config struct {
	// Protocols are the servers to start, at least one.
	Protocols Protocols `mapstructure:"protocols"`

	// MaxRecordBytes is how large one record may be, together with its resource, in bytes of OTLP protobuf whatever encoding
	// it came in. A larger record is refused, the others of its request are not. At least 1024, 1 MiB by default.
	MaxRecordBytes int `mapstructure:"max_record_bytes"`

	// MaxRecordsPerRequest is how many records one request may carry, and likewise how many resources and scopes. A request
	// with more is refused as a whole, before it is decoded. At least 1, 100,000 by default.
	MaxRecordsPerRequest int `mapstructure:"max_records_per_request"`

	// MaxInFlightBytes is how many bytes of bodies, decompressed, all requests that have no answer yet may have together.
	// What is over is refused, and its sender is told to come back. At least the largest body of each protocol, 128 MiB by default.
	MaxInFlightBytes int64 `mapstructure:"max_in_flight_bytes"`

	// Integrity says whose signatures are checked, and what is asked of records.
	Integrity IntegrityConfig `mapstructure:"integrity"`

	// Profiles says how products' own events become events of the conventions.
	Profiles ProfilesConfig `mapstructure:"profiles"`

	// Sequence says how much is remembered of the sequences that producers number.
	Sequence SequenceConfig `mapstructure:"sequence"`

	// Tenant says whose records the receiver takes for whose, and how many.
	Tenant TenantConfig `mapstructure:"tenant"`

	// QueryLog has reads and changes of the audit log itself become audit events. Off by default.
	QueryLog configoptional.Optional[QueryLogConfig] `mapstructure:"query_log"`

	// prevent unkeyed literal initialization
	_ struct{}
}

// Protocols are the servers of the receiver. One that is not named is not started.
type Protocols struct {
	// GRPC serves the OTLP LogsService, on localhost:4317 by default.
	GRPC configoptional.Optional[configgrpc.ServerConfig] `mapstructure:"grpc"`

	// HTTP serves OTLP/HTTP, POST /v1/logs in protobuf and JSON, on localhost:4318 by default.
	HTTP configoptional.Optional[confighttp.ServerConfig] `mapstructure:"http"`

	// prevent unkeyed literal initialization
	_ struct{}
}

var _ confmap.Validator = (*Config)(nil)

// Validate gives every error of the configuration but those of the servers' own options, which they find themselves.
func (cfg *Config) Validate() error {
	var errs []error
	if !cfg.Protocols.GRPC.HasValue() && !cfg.Protocols.HTTP.HasValue() && !cfg.QueryLog.HasValue() {
		errs = append(errs, errors.New("protocols is empty: must name at least one of grpc and http, or there must be query_log"))
	}
	if grpc := cfg.Protocols.GRPC.Get(); grpc != nil {
		if grpc.NetAddr.Endpoint == "" {
			errs = append(errs, errors.New(`protocols.grpc.endpoint is "": must be host:port`))
		}
		if grpc.MaxRecvMsgSizeMiB < 1 {
			errs = append(errs, fmt.Errorf("protocols.grpc.max_recv_msg_size_mib is %d: must be at least 1", grpc.MaxRecvMsgSizeMiB))
		}
	}
	if http := cfg.Protocols.HTTP.Get(); http != nil {
		if http.NetAddr.Endpoint == "" {
			errs = append(errs, errors.New(`protocols.http.endpoint is "": must be host:port`))
		}
		if http.MaxRequestBodySize < 1 {
			errs = append(errs, fmt.Errorf("protocols.http.max_request_body_size is %d: must be at least 1 (bytes)", http.MaxRequestBodySize))
		}
	}
	if cfg.MaxRecordBytes < minRecordBytes {
		errs = append(errs, fmt.Errorf("max_record_bytes is %d: must be at least %d (bytes)", cfg.MaxRecordBytes, minRecordBytes))
	}
	if cfg.MaxRecordsPerRequest < 1 {
		errs = append(errs, fmt.Errorf("max_records_per_request is %d: must be at least 1", cfg.MaxRecordsPerRequest))
	}
	errs = append(errs, cfg.validateInFlight(), cfg.Integrity.validate(), cfg.Profiles.validate(), cfg.Sequence.validate(),
		cfg.Tenant.validate(&cfg.Protocols), cfg.QueryLog.Get().validate())
	return errors.Join(errs...)
}

// validateInFlight keeps a body that its protocol allows from being refused for ever.
func (cfg *Config) validateInFlight() error {
	least, key := int64(1), ""
	if grpc := cfg.Protocols.GRPC.Get(); grpc != nil && int64(grpc.MaxRecvMsgSizeMiB)<<20 > least {
		least, key = int64(grpc.MaxRecvMsgSizeMiB)<<20, "protocols.grpc.max_recv_msg_size_mib"
	}
	if http := cfg.Protocols.HTTP.Get(); http != nil && http.MaxRequestBodySize > least {
		least, key = http.MaxRequestBodySize, "protocols.http.max_request_body_size"
	}
	if cfg.MaxInFlightBytes >= least {
		return nil
	}
	if key == "" {
		return fmt.Errorf("max_in_flight_bytes is %d: must be at least %d (bytes)", cfg.MaxInFlightBytes, least)
	}
	return fmt.Errorf("max_in_flight_bytes is %d: must be at least %d (bytes), what %s allows one request", cfg.MaxInFlightBytes, least, key)
}
