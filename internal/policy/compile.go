package policy

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// Bounds of a document.
const (
	MaxRules         = 1000
	MaxPatterns      = 1000  // of one list
	MaxPatternBytes  = 256   // of one pattern
	MaxRetentionDays = 36500 // a hundred years; the column takes 65,535
	// MaxRetentions is how many different retentions there may be: each is partitions of its own in the database.
	MaxRetentions = 16
)

var names = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// Compile makes a policy of a document. also is what else decides of what is stored: it counts for the hash of the version. The
// error is an [Error], joined with others where several keys are wrong.
func (d *Document) Compile(also string) (*Policy, error) {
	c := compiler{retentions: map[int]bool{}}
	if !names.MatchString(d.Name) {
		c.fail("name", "is %q: must be 1 to 64 letters, digits, '.', '-' and '_'", d.Name)
	}
	if d.Version < 1 {
		c.fail("version", "is %d: must be at least 1", d.Version)
	}
	p := &Policy{identity: d.identify(also), silent: d.Silent(), captures: []Capture{{Level: None}, {Level: Metadata}, {Level: Standard}, {Level: Verbose, Values: true}}}
	p.fallback, p.retention = c.fallback(&d.Default), c.retention("default.retention_days", d.Default.RetentionDays)
	for i := range d.Plans {
		p.plans = append(p.plans, c.plan(at("plans", i), &d.Plans[i]))
	}
	p.protected = c.matchers("protected", d.Protected)
	p.readOnly = c.matchers("read_only", d.ReadOnly)
	if len(d.Rules) > MaxRules {
		c.fail("rules", "has %d rules: must be at most %d", len(d.Rules), MaxRules)
		return nil, errors.Join(c.errs...)
	}
	for i := range d.Rules {
		p.rules = append(p.rules, c.rule(at("rules", i), &d.Rules[i], &p.fallback, &p.captures, len(p.readOnly) > 0))
	}
	if len(c.retentions) > MaxRetentions {
		c.fail("retention_days", "has %d different values in this policy: must be at most %d, because each is partitions of its own", len(c.retentions), MaxRetentions)
	}
	if len(c.errs) > 0 {
		return nil, errors.Join(c.errs...)
	}
	return p, nil
}

func at(key string, i int) string { return key + "[" + strconv.Itoa(i) + "]" }

// compiler collects what is wrong.
type compiler struct {
	errs       []error
	retentions map[int]bool
}

func (c *compiler) fail(key, format string, args ...any) {
	c.errs = append(c.errs, &Error{Key: key, Problem: fmt.Sprintf(format, args...)})
}

func (c *compiler) fallback(d *Default) rule {
	out := rule{level: Standard, rate: 1}
	if d.Level != "" {
		level, ok := parseLevel(d.Level)
		if !ok || level == None || level == Custom {
			c.fail("default.level", "is %q: must be metadata, standard or verbose", d.Level)
		}
		out.level = level
	}
	out.capture, out.floor = int(out.level), int(out.level)
	return out
}

func (c *compiler) plan(key string, p *Plan) plan {
	if len(p.Tenants) == 0 {
		c.fail(key+".tenants", "is empty: must name a tenant")
	}
	if p.RetentionDays == nil {
		c.fail(key+".retention_days", "is missing: must be 0, for no limit, to %d", MaxRetentionDays)
	}
	return plan{
		tenants:   c.condition(key+".tenants", tenant, p.Tenants),
		retention: c.retention(key+".retention_days", p.RetentionDays),
	}
}

func (c *compiler) rule(key string, r *Rule, fallback *rule, captures *[]Capture, canSample bool) rule {
	out := rule{
		name: r.Name, matcher: c.matcher(key+".match", &r.Match), level: fallback.level, rate: 1,
		retention: c.retention(key+".retention_days", r.RetentionDays),
	}
	if strings.ContainsFunc(r.Name, isControl) || len(r.Name) > MaxPatternBytes {
		c.fail(key+".name", "must be one line of at most %d bytes", MaxPatternBytes)
	}
	if r.Level != "" {
		level, ok := parseLevel(r.Level)
		if !ok {
			c.fail(key+".level", "is %q: must be %s", r.Level, strings.Join(levelNames[:len(levelNames)-1], ", ")+" or "+levelNames[Custom])
		}
		out.level = level
	}
	out.capture, out.floor = int(out.level), max(int(out.level), int(Metadata))
	switch {
	case out.level == Custom:
		out.capture, out.floor = c.custom(key, r.Attributes, captures)
	case len(r.Attributes) > 0:
		c.fail(key+".attributes", "is for the level custom, and the level is %s", out.level)
	}
	if r.Sample != nil {
		out.rate = *r.Sample
		switch {
		case !(out.rate > 0 && out.rate <= 1):
			c.fail(key+".sample", "is %v: must be over 0 and at most 1", out.rate)
		case !canSample:
			c.fail(key+".sample", "needs read_only, which says of which events a sample is enough")
		case out.level == None:
			c.fail(key+".sample", "is for events that are kept, and the level is none")
		}
	}
	return out
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }

// custom gives the indexes of what a rule keeps, and of what is kept where the event is protected.
func (c *compiler) custom(key string, attributes []string, captures *[]Capture) (capture, floor int) {
	if len(attributes) == 0 {
		c.fail(key+".attributes", "is empty: must name what the level custom keeps")
	}
	if len(attributes) > MaxPatterns {
		c.fail(key+".attributes", "has %d names: must be at most %d", len(attributes), MaxPatterns)
	}
	for _, a := range attributes {
		name := strings.TrimSuffix(a, "*")
		d, known := audit.Lookup(name)
		switch {
		case name == "" || strings.Contains(name, "*") || strings.ContainsFunc(a, isControl) || len(a) > MaxPatternBytes:
			c.fail(key+".attributes", "has %q: must be names of attributes, or beginnings of names followed by one '*'", a)
		case known && d.Resource && name == a:
			c.fail(key+".attributes", "has %q, which stands on the resource: those are kept at every level", a)
		}
	}
	with := newCustom(attributes)
	*captures = append(*captures, with)
	with.floor = true
	*captures = append(*captures, with)
	return len(*captures) - 2, len(*captures) - 1
}

func (c *compiler) retention(key string, days *int) retention {
	if days == nil {
		return retention{}
	}
	if *days < 0 || *days > MaxRetentionDays {
		c.fail(key, "is %d: must be 0, for no limit, to %d", *days, MaxRetentionDays)
	}
	c.retentions[*days] = true
	return retention{days: *days, set: true}
}

// matchers compiles lists of events that something holds for: an empty match would be all of them, which is no such list.
func (c *compiler) matchers(key string, list []Match) []matcher {
	if len(list) > MaxRules {
		c.fail(key, "has %d entries: must be at most %d", len(list), MaxRules)
		return nil
	}
	var out []matcher
	for i := range list {
		m := c.matcher(at(key, i), &list[i])
		if len(m) == 0 {
			c.fail(at(key, i), "is empty: must say which events are meant")
		}
		out = append(out, m)
	}
	return out
}

func (c *compiler) matcher(key string, m *Match) matcher {
	var out matcher
	for _, l := range m.fields() {
		switch {
		case len(*l.patterns) > 0:
			out = append(out, c.condition(key+"."+l.key, l.field, *l.patterns))
		case *l.patterns != nil:
			c.fail(key+"."+l.key, "is an empty list: leave it out where it does not matter")
		}
	}
	return out
}

func (c *compiler) condition(key string, f field, patterns []string) condition {
	if len(patterns) > MaxPatterns {
		c.fail(key, "has %d patterns: must be at most %d", len(patterns), MaxPatterns)
		return condition{field: f}
	}
	out := condition{field: f}
	var exact []string
	for _, s := range patterns {
		if s == "" || len(s) > MaxPatternBytes || strings.ContainsFunc(s, isControl) {
			c.fail(key, "has a pattern that is empty, not one line or longer than %d bytes", MaxPatternBytes)
			continue
		}
		if f == action && s != strings.ToUpper(s) {
			c.fail(key, "has %q: verbs are in upper case", s)
			continue
		}
		if !strings.ContainsAny(s, "*?") {
			exact = append(exact, s)
			continue
		}
		out.patterns = append(out.patterns, newPattern(s))
	}
	if f == email || len(exact) <= fewExact { // addresses are compared whatever their case
		for _, s := range slices.Compact(exact) {
			out.patterns = append(out.patterns, newPattern(s))
		}
		return out
	}
	out.exact = make(map[string]struct{}, len(exact))
	for _, s := range exact {
		out.exact[s] = struct{}{}
	}
	return out
}
