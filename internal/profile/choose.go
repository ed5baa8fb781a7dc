package profile

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// Config says how a component finds the profile of an event whose resource does not name it. Its keys stand under
// `profiles` in the configuration.
type Config struct {
	// Recognise tells the products apart by the keys of their events. True by default.
	Recognise bool `mapstructure:"recognise"`

	// Default is the profile of events that are not recognised, empty for none.
	Default string `mapstructure:"default"`

	// Files are profiles of the user's own, read at start. One of the name of a built-in profile takes its place.
	Files []string `mapstructure:"files"`
}

// Check gives every error that can be found without reading a file.
func (cfg *Config) Check() error {
	var errs []error
	for i, path := range cfg.Files {
		if path == "" {
			errs = append(errs, fmt.Errorf(`profiles.files[%d] is "": must be the path of a profile`, i))
		}
	}
	if len(cfg.Files) == 0 { // else the profile may be in one of them
		errs = append(errs, cfg.checkDefault(Builtin()))
	}
	return errors.Join(errs...)
}

func (cfg *Config) checkDefault(set *Set) error {
	if _, known := set.Select(cfg.Default); known || cfg.Default == "" {
		return nil
	}
	return fmt.Errorf("profiles.default is %q: must be one of %s", cfg.Default, strings.Join(set.Names(), ", "))
}

// Load reads the files.
func (cfg *Config) Load() (*Chooser, error) {
	files, err := ReadFiles(cfg.Files...)
	if err != nil {
		return nil, fmt.Errorf("profiles.files: %w", err)
	}
	set, err := Builtin().With(files...)
	if err != nil {
		return nil, fmt.Errorf("profiles.files: %w", err)
	}
	if err := cfg.checkDefault(set); err != nil {
		return nil, err
	}
	c := &Chooser{set: set, recognise: cfg.Recognise}
	c.fallback, _ = set.Select(cfg.Default)
	return c, nil
}

// Chooser finds the profile of an event. It never changes and is safe for concurrent use.
type Chooser struct {
	set       *Set
	recognise bool
	fallback  *Profile
}

// Explain makes a canonical event of a product's, in place, with the profile that the resource names in audit.profile, or
// that knows the event by its keys, or the default one. It gives the profile, nil for a record that is canonical already or
// has no body, and then appends to buffer the canonical form of the record as it was: hashes and signatures cover that.
// Where the record has no observed timestamp, it gets the time of receipt.
//
// The error says why nothing explains the event, and the record is as it was. It quotes no content.
func (c *Chooser) Explain(event audit.Event, received pcommon.Timestamp, buffer []byte) (p *Profile, asReceived []byte, err *audit.FieldError) {
	if event.Record.Body().Type() == pcommon.ValueTypeEmpty {
		return nil, buffer, nil
	}
	if _, canonical := event.Record.Attributes().Get(audit.AttrAction); canonical {
		return nil, buffer, nil
	}
	p, err = c.choose(event.Resource, event.Record)
	if err != nil {
		return nil, buffer, err
	}
	asReceived = event.AppendCanonical(buffer)
	if event.Record.ObservedTimestamp() == 0 {
		event.Record.SetObservedTimestamp(received)
	}
	if err := p.Apply(event.Resource, event.Record); err != nil {
		return nil, buffer, err
	}
	return p, asReceived, nil
}

var (
	errUnknownProfile = &audit.FieldError{Field: audit.AttrProfile, Problem: "no profile of this name is configured"}
	errNoProfile      = &audit.FieldError{Field: audit.AttrAction, Problem: "required, and no profile knows the event in the body", Missing: true}
)

func (c *Chooser) choose(resource pcommon.Map, record plog.LogRecord) (*Profile, *audit.FieldError) {
	if name, named := resource.Get(audit.AttrProfile); named {
		if p, ok := c.set.Select(name.Str()); ok {
			return p, nil
		}
		return nil, errUnknownProfile
	}
	if c.recognise {
		if p := c.set.Recognise(record); p != nil {
			return p, nil
		}
	}
	if c.fallback != nil {
		return c.fallback, nil
	}
	return nil, errNoProfile
}

// ReceivedHash gives audit.received_hash for a record whose canonical form was this before a profile mapped it.
func ReceivedHash(asReceived []byte) string {
	hash := sha256.Sum256(asReceived)
	return hex.EncodeToString(hash[:])
}
