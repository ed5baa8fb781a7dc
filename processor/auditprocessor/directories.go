package auditprocessor

import (
	"context"
	"fmt"

	"go.opentelemetry.io/collector/component"

	"github.com/otelaudit/otelaudit/internal/directory"
	"github.com/otelaudit/otelaudit/internal/directory/ldap"
	"github.com/otelaudit/otelaudit/internal/directory/scim"
	"github.com/otelaudit/otelaudit/internal/directory/sqlsource"
)

// openDirectories makes the directories of the configuration and starts them.
func (p *auditProcessor) openDirectories(ctx context.Context, host component.Host) error {
	cfg := p.cfg.Directory.Get()
	if cfg == nil {
		return nil
	}
	p.maxWait = cfg.MaxWait
	var chain directory.Chain
	for i := range cfg.Sources {
		d, err := p.open(ctx, cfg, &cfg.Sources[i], host)
		if err != nil {
			return fmt.Errorf("directory.sources[%d]: %w", i, err)
		}
		chain = append(chain, d)
	}
	if err := chain.Start(ctx); err != nil {
		return err
	}
	p.directory = chain
	return nil
}

// open makes a directory. Nothing is asked yet.
func (p *auditProcessor) open(ctx context.Context, cfg *Directory, s *DirectorySource, host component.Host) (directory.Directory, error) {
	name := s.name()
	w := newWatcher(p.log, p.telemetry, name)
	var changed directory.OnChange
	if cfg.History {
		changed = p.history.of(name)
	}
	if f := s.File.Get(); f != nil {
		return directory.NewFile(directory.FileOptions{
			Name: name, Path: f.Path, ReloadInterval: f.ReloadInterval, MaxBytes: f.MaxBytes, OnLoad: w.loaded, Keep: cfg.LateEvents, OnChange: changed,
		}), nil
	}
	source, err := p.openSource(ctx, s, host)
	if err != nil {
		return nil, err
	}
	options := directory.RemoteOptions{
		Name:             name,
		FullSyncInterval: s.Sync.FullInterval, SyncTimeout: s.Sync.Timeout, MaxUsers: s.Sync.MaxUsers,
		Lookup: s.asks(), LookupTimeout: s.Lookup.Timeout, TTL: s.Lookup.TTL, NegativeTTL: s.Lookup.NegativeTTL,
		MaxAnswers: s.Lookup.MaxEntries, MaxConcurrent: s.Lookup.MaxConcurrent,
		Keep: cfg.LateEvents, Observer: w, OnChange: changed,
	}
	if s.syncs() {
		options.SyncInterval = s.Sync.Interval
	}
	return directory.NewRemote(source, options), nil
}

func (p *auditProcessor) openSource(ctx context.Context, s *DirectorySource, host component.Host) (directory.Source, error) {
	switch {
	case s.SCIM.HasValue():
		return scim.New(ctx, *s.SCIM.Get(), host, p.set.TelemetrySettings)
	case s.LDAP.HasValue():
		return ldap.New(*s.LDAP.Get()), nil
	default:
		return sqlsource.New(ctx, *s.SQL.Get(), host, p.set.TelemetrySettings)
	}
}
