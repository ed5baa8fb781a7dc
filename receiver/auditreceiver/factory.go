package auditreceiver

import (
	"context"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/configgrpc"
	"go.opentelemetry.io/collector/config/confighttp"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/receiver"

	"github.com/otelaudit/otelaudit/internal/profile"
	"github.com/otelaudit/otelaudit/receiver/auditreceiver/internal/metadata"
)

// NewFactory gives the factory of the receiver, for the collector builder.
func NewFactory() receiver.Factory {
	return receiver.NewFactory(metadata.Type, createDefaultConfig, receiver.WithLogs(createLogs, metadata.LogsStability))
}

func createDefaultConfig() component.Config {
	grpc := configgrpc.NewDefaultServerConfig()
	grpc.NetAddr.Endpoint = "localhost:4317"
	grpc.MaxRecvMsgSizeMiB = defaultMaxBodyMiB

	http := confighttp.NewDefaultServerConfig()
	http.NetAddr.Endpoint = "localhost:4318"
	http.MaxRequestBodySize = defaultMaxBodyMiB << 20
	// A body that trickles in holds a connection no longer than this.
	http.ReadTimeout = time.Minute
	// The answer says what became of records that may be durable already: it is written however long the pipeline took.
	http.WriteTimeout = 0

	return &Config{
		Protocols: Protocols{
			GRPC: configoptional.Default(grpc),
			HTTP: configoptional.Default(http),
		},
		QueryLog:             configoptional.Default(defaultQueryLogConfig()),
		MaxRecordBytes:       defaultMaxRecordBytes,
		MaxRecordsPerRequest: defaultMaxRecordsPerRequest,
		MaxInFlightBytes:     defaultMaxInFlightBytes,
		Integrity:            IntegrityConfig{Require: requireNone},
		Profiles:             ProfilesConfig{Config: profile.Config{Recognise: true}, Unexplained: unexplainedRefuse},
		Sequence:             SequenceConfig{MaxStreams: defaultMaxStreams, Window: defaultWindow},
		Tenant:               TenantConfig{Limits: LimitsConfig{Burst: defaultBurst}},
	}
}

func createLogs(_ context.Context, set receiver.Settings, cfg component.Config, next consumer.Logs) (receiver.Logs, error) {
	return newReceiver(set, cfg.(*Config), next)
}
