package auditprocessor

import (
	"fmt"
	"regexp"
	"time"

	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/confmap"

	"github.com/otelaudit/otelaudit/internal/directory"
	"github.com/otelaudit/otelaudit/internal/directory/ldap"
	"github.com/otelaudit/otelaudit/internal/directory/scim"
	"github.com/otelaudit/otelaudit/internal/directory/sqlsource"
)

// Directory says where actors are looked up.
type Directory struct {
	// Sources are asked one after the other; the first that knows an actor answers. At most 8.
	Sources []DirectorySource `mapstructure:"sources"`
	// MaxWait is how long one request waits at most for all its look-ups together. 0 for not at all, 50ms by default.
	MaxWait time.Duration `mapstructure:"max_wait"`
	// LateEvents is how late an event may come to be given what the directory said at its time. 24h by default.
	LateEvents time.Duration `mapstructure:"late_events"`
	// History sends what the directory says anew down the pipeline, for the table users. True by default.
	History bool `mapstructure:"history"`

	_ struct{}
}

// DirectorySource is one source of users. It has exactly one of File, SCIM, LDAP and SQL.
type DirectorySource struct {
	// Name is what events say of it in audit.actor.directory: 1 to 64 of A-Z, a-z, 0-9, ".", "-" and "_". The kind of the source
	// where it is empty.
	Name string `mapstructure:"name"`

	// File is a YAML, JSON or CSV file.
	File configoptional.Optional[DirectoryFile] `mapstructure:"file"`
	// SCIM is a service of SCIM 2.0.
	SCIM configoptional.Optional[scim.Config] `mapstructure:"scim"`
	// LDAP is an LDAP server.
	LDAP configoptional.Optional[ldap.Config] `mapstructure:"ldap"`
	// SQL is a query against a database.
	SQL configoptional.Optional[sqlsource.Config] `mapstructure:"sql"`

	// Sync says how the users of a server are read. A file has its own.
	Sync DirectorySync `mapstructure:"sync"`
	// Lookup says how users are asked for that were not read.
	Lookup DirectoryLookup `mapstructure:"lookup"`

	_ struct{}
}

// DirectoryFile is a directory in a file, see package internal/directory.
type DirectoryFile struct {
	// Path ends in .yaml, .yml, .json or .csv, which is the format.
	Path string `mapstructure:"path"`
	// ReloadInterval is how often to look whether the file has changed. At least 100ms, 10s by default.
	ReloadInterval time.Duration `mapstructure:"reload_interval"`
	// MaxBytes is the size of the largest file that is read. At least 1, 256 MiB by default; YAML files may have 8 MiB in any case.
	MaxBytes int64 `mapstructure:"max_bytes"`

	_ struct{}
}

// DirectorySync says how the users of a server are read.
type DirectorySync struct {
	// Interval is how often the server is asked for what has changed, or for everything where it cannot tell. 0 for never, then
	// users are only looked up; else at least 1s, 5m by default.
	Interval time.Duration `mapstructure:"interval"`
	// FullInterval is how often everything is read in any case, so that removed users are noticed. 1h by default.
	FullInterval time.Duration `mapstructure:"full_interval"`
	// Timeout bounds one reading. 30m by default.
	Timeout time.Duration `mapstructure:"timeout"`
	// MaxUsers is how many users are held in memory; a server with more is not read. 1000000 by default.
	MaxUsers int `mapstructure:"max_users"`

	_ struct{}
}

// DirectoryLookup says how users are asked for that were not read.
type DirectoryLookup struct {
	// Enabled is true by default; for sql where it has a lookup_query.
	Enabled bool `mapstructure:"enabled"`
	// Timeout bounds one question. It may be longer than max_wait: the answer is there for the events that come later. 5s by default.
	Timeout time.Duration `mapstructure:"timeout"`
	// TTL is how long it counts that there is such a user. 15m by default.
	TTL time.Duration `mapstructure:"ttl"`
	// NegativeTTL is how long it counts that there is none. 1m by default.
	NegativeTTL time.Duration `mapstructure:"negative_ttl"`
	// MaxEntries is how many answers are kept. 100000 by default.
	MaxEntries int `mapstructure:"max_entries"`
	// MaxConcurrent is how many questions may be under way. 8 by default.
	MaxConcurrent int `mapstructure:"max_concurrent"`

	_ struct{}
}

// Defaults and bounds.
const (
	defaultReloadInterval = 10 * time.Second
	defaultMaxBytes       = 256 << 20
	minReloadInterval     = 100 * time.Millisecond
	minSyncInterval       = time.Second
	maxSources            = 8
)

func defaultDirectory() Directory {
	return Directory{MaxWait: 50 * time.Millisecond, LateEvents: 24 * time.Hour, History: true}
}

func defaultSource() DirectorySource {
	return DirectorySource{
		File:   configoptional.Default(DirectoryFile{ReloadInterval: defaultReloadInterval, MaxBytes: defaultMaxBytes}),
		SCIM:   configoptional.Default(scim.NewDefaultConfig()),
		LDAP:   configoptional.Default(ldap.NewDefaultConfig()),
		SQL:    configoptional.Default(sqlsource.NewDefaultConfig()),
		Sync:   DirectorySync{Interval: 5 * time.Minute, FullInterval: time.Hour, Timeout: 30 * time.Minute, MaxUsers: 1_000_000},
		Lookup: DirectoryLookup{Enabled: true, Timeout: 5 * time.Second, TTL: 15 * time.Minute, NegativeTTL: time.Minute, MaxEntries: 100_000, MaxConcurrent: 8},
	}
}

var _ confmap.Unmarshaler = (*DirectorySource)(nil)

// Unmarshal sets the defaults, which an element of a list has no other way to get.
func (s *DirectorySource) Unmarshal(conf *confmap.Conf) error {
	*s = defaultSource()
	return conf.Unmarshal(s)
}

// kind gives the key of the source, empty where there is none or several.
func (s *DirectorySource) kind() string {
	var kinds []string
	for kind, set := range map[string]bool{"file": s.File.HasValue(), "scim": s.SCIM.HasValue(), "ldap": s.LDAP.HasValue(), "sql": s.SQL.HasValue()} {
		if set {
			kinds = append(kinds, kind)
		}
	}
	if len(kinds) != 1 {
		return ""
	}
	return kinds[0]
}

// name is what events say.
func (s *DirectorySource) name() string {
	if s.Name != "" {
		return s.Name
	}
	return s.kind()
}

// asks reports whether users are looked up one by one.
func (s *DirectorySource) asks() bool {
	sql := s.SQL.Get()
	return s.Lookup.Enabled && !s.File.HasValue() && (sql == nil || sql.LookupQuery != "")
}

// syncs reports whether all users are read.
func (s *DirectorySource) syncs() bool {
	sql := s.SQL.Get()
	return s.Sync.Interval > 0 && (sql == nil || sql.Query != "")
}

var sourceName = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

func (d *Directory) validate() []error {
	var errs []error
	if len(d.Sources) == 0 || len(d.Sources) > maxSources {
		errs = append(errs, fmt.Errorf("directory.sources has %d sources: must have 1 to %d", len(d.Sources), maxSources))
	}
	if d.MaxWait < 0 {
		errs = append(errs, fmt.Errorf("directory.max_wait is %v: must not be negative", d.MaxWait))
	}
	if d.LateEvents < 0 {
		errs = append(errs, fmt.Errorf("directory.late_events is %v: must not be negative", d.LateEvents))
	}
	seen := map[string]bool{}
	for i := range d.Sources {
		key := fmt.Sprintf("directory.sources[%d]", i)
		s := &d.Sources[i]
		if s.kind() == "" {
			errs = append(errs, fmt.Errorf("%s must have exactly one of file, scim, ldap and sql", key))
			continue
		}
		if !sourceName.MatchString(s.name()) {
			errs = append(errs, fmt.Errorf("%s.name is %q: must be 1 to 64 letters, digits, '.', '-' and '_'", key, s.Name))
		}
		if seen[s.name()] {
			errs = append(errs, fmt.Errorf("%s.name is %q, which another source has: must be one of its own", key, s.name()))
		}
		seen[s.name()] = true
		errs = append(errs, s.validate(key)...)
	}
	return errs
}

// validate gives the errors of what is the same for all kinds; those of a kind are found by its own Validate.
func (s *DirectorySource) validate(key string) []error {
	if f := s.File.Get(); f != nil {
		return f.validate(key + ".file")
	}
	var errs []error
	if s.Sync.Interval != 0 && s.Sync.Interval < minSyncInterval {
		errs = append(errs, fmt.Errorf("%s.sync.interval is %v: must be 0 or at least %v", key, s.Sync.Interval, minSyncInterval))
	}
	if !s.asks() && !s.syncs() {
		errs = append(errs, fmt.Errorf("%s neither reads users nor looks them up: must have a sync.interval (and for sql a query) or lookup.enabled (and for sql a lookup_query)", key))
	}
	for name, d := range map[string]time.Duration{
		"sync.full_interval": s.Sync.FullInterval, "sync.timeout": s.Sync.Timeout,
		"lookup.timeout": s.Lookup.Timeout, "lookup.ttl": s.Lookup.TTL, "lookup.negative_ttl": s.Lookup.NegativeTTL,
	} {
		if d <= 0 {
			errs = append(errs, fmt.Errorf("%s.%s is %v: must be positive", key, name, d))
		}
	}
	for name, n := range map[string]int{
		"sync.max_users": s.Sync.MaxUsers, "lookup.max_entries": s.Lookup.MaxEntries, "lookup.max_concurrent": s.Lookup.MaxConcurrent,
	} {
		if n < 1 {
			errs = append(errs, fmt.Errorf("%s.%s is %d: must be at least 1", key, name, n))
		}
	}
	return errs
}

func (f *DirectoryFile) validate(key string) []error {
	var errs []error
	if err := directory.CheckPath(f.Path); err != nil {
		errs = append(errs, fmt.Errorf("%s.%w", key, err))
	}
	if f.ReloadInterval < minReloadInterval {
		errs = append(errs, fmt.Errorf("%s.reload_interval is %v: must be at least %v", key, f.ReloadInterval, minReloadInterval))
	}
	if f.MaxBytes < 1 {
		errs = append(errs, fmt.Errorf("%s.max_bytes is %d: must be at least 1", key, f.MaxBytes))
	}
	return errs
}
