package auditprocessor

import (
	"context"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/collector/processor/processorhelper"

	"github.com/otelaudit/otelaudit/internal/profile"
	"github.com/otelaudit/otelaudit/processor/auditprocessor/internal/metadata"
)

// NewFactory gives the factory of the processor, for the collector builder.
func NewFactory() processor.Factory {
	return processor.NewFactory(metadata.Type, createDefaultConfig, processor.WithLogs(createLogs, metadata.LogsStability))
}

func createDefaultConfig() component.Config {
	return &Config{
		Policy:    defaultPolicy(),
		Profiles:  configoptional.Default(ProfilesConfig{Config: profile.Config{Recognise: true}}),
		Queries:   Queries{Names: namesKeep},
		Prompts:   Prompts{Text: promptsWithhold},
		Directory: configoptional.Default(defaultDirectory()),
	}
}

func createLogs(ctx context.Context, set processor.Settings, cfg component.Config, next consumer.Logs) (processor.Logs, error) {
	p, err := newProcessor(set, cfg.(*Config), next)
	if err != nil {
		return nil, err
	}
	logs, err := processorhelper.NewLogs(ctx, set, cfg, tail{next}, p.processLogs,
		processorhelper.WithCapabilities(consumer.Capabilities{MutatesData: true}),
		processorhelper.WithStart(p.start),
		processorhelper.WithShutdown(p.shutdown))
	if err != nil {
		return nil, err
	}
	if profiles := cfg.(*Config).Profiles.Get(); profiles != nil {
		return newDoor(head{logs}, p, profiles), nil
	}
	return head{logs}, nil
}
