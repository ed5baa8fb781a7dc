package main

import (
	"context"
	_ "embed"
	"log"
	"strings"

	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/redactionprocessor"
	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/transformprocessor"
	"github.com/otelaudit/otelaudit/processor/auditprocessor"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/collector/processor/processortest"
	"go.yaml.in/yaml/v3"
)

//go:embed ours.yaml
var oursYAML string

//go:embed theirs.yaml
var theirsYAML string

// chain is one or more processors, each in front of the next.
type chain struct {
	first      consumer.Logs
	processors []processor.Logs
	last       *switched
}

// switched passes on to a sink while somebody looks, and else to nothing.
type switched struct{ consumer.Logs }

func startOurs(ctx context.Context, users string) (*chain, error) {
	return start(ctx, strings.ReplaceAll(oursYAML, "USERS", users), auditprocessor.NewFactory())
}

func startTheirs(ctx context.Context) (*chain, error) {
	return start(ctx, theirsYAML, transformprocessor.NewFactory(), redactionprocessor.NewFactory())
}

// start starts processors with the parts of a configuration that have their names.
func start(ctx context.Context, text string, factories ...processor.Factory) (*chain, error) {
	var all map[string]any
	if err := yaml.Unmarshal([]byte(text), &all); err != nil {
		return nil, err
	}
	c := &chain{last: &switched{consumertest.NewNop()}}
	c.first = c.last
	for i := len(factories) - 1; i >= 0; i-- {
		f := factories[i]
		conf, err := confmap.NewFromStringMap(all).Sub(f.Type().String())
		if err != nil {
			return nil, err
		}
		cfg := f.CreateDefaultConfig()
		if err := conf.Unmarshal(&cfg); err != nil {
			return nil, err
		}
		if err := confmap.Validate(cfg); err != nil {
			return nil, err
		}
		set := processortest.NewNopSettings(f.Type())
		set.ID = component.NewID(f.Type())
		p, err := f.CreateLogs(ctx, set, cfg, c.first)
		if err != nil {
			return nil, err
		}
		if err := p.Start(ctx, componenttest.NewNopHost()); err != nil {
			return nil, err
		}
		c.processors = append(c.processors, p)
		c.first = p
	}
	return c, nil
}

func (c *chain) stop(ctx context.Context) {
	for _, p := range c.processors {
		if err := p.Shutdown(ctx); err != nil {
			log.Print(err)
		}
	}
}

// shown is what becomes of the first of some attributes that is there, in the first record of a request.
func (c *chain) shown(ctx context.Context, payload plog.Logs, names []string) string {
	ld := plog.NewLogs()
	payload.CopyTo(ld)
	sink := &consumertest.LogsSink{}
	c.last.Logs = sink
	defer func() { c.last.Logs = consumertest.NewNop() }()
	if err := c.first.ConsumeLogs(ctx, ld); err != nil {
		return err.Error()
	}
	out := sink.AllLogs()[0].ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0).Attributes()
	for _, name := range names {
		if v, ok := out.Get(name); ok {
			return name + ": " + v.AsString()
		}
	}
	return "nothing of it"
}
