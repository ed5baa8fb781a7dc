package auditcopyconnector

import (
	"context"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/connector"
	"go.opentelemetry.io/collector/consumer"

	"github.com/otelaudit/otelaudit/connector/auditcopyconnector/internal/metadata"
)

// NewFactory gives the factory of the connector, for the collector builder.
func NewFactory() connector.Factory {
	return connector.NewFactory(metadata.Type, createDefaultConfig, connector.WithLogsToLogs(createLogsToLogs, metadata.LogsToLogsStability))
}

func createDefaultConfig() component.Config {
	return &Config{MaxQueueBytes: 16 << 20, Timeout: 5 * time.Second}
}

func createLogsToLogs(_ context.Context, set connector.Settings, cfg component.Config, next consumer.Logs) (connector.Logs, error) {
	return newCopier(set, cfg.(*Config), next)
}
