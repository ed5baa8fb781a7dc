package policy

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/internal/audit"
)

func TestErrorsNameLineAndKey(t *testing.T) {
	const head = "name: a\nversion: 1\n"
	for text, want := range map[string]string{
		"":                                "is empty",
		"{":                               "line 1: not valid YAML",
		"- a":                             "line 1: must be a map",
		"\xff":                            "must be UTF-8",
		head + "---\na: b":                "must be one YAML document",
		head + "rule: []":                 "line 3: has a key that is none of default, name, plans, protected, read_only, rules, version",
		head + "name: b":                  "line 3: name stands there twice",
		"name: 7\nversion: 1":             "line 1: name must be a string, in quotes where it looks like something else",
		"version: one":                    "line 1: version must be a whole number",
		"name: a b\nversion: 1":           `line 1: name is "a b": must be 1 to 64 letters, digits, '.', '-' and '_'`,
		"name: a":                         "version is 0: must be at least 1",
		head + "rules: {}":                "line 3: rules must be a list",
		head + "rules:\n- 7":              "line 4: rules[0] must be a map",
		head + "rules:\n- {detail: none}": "line 4: rules[0] has a key that is none of attributes, level, match, name, retention_days, sample",
		head + "rules:\n- {level: full}":  `line 4: rules[0].level is "full": must be none, metadata, standard, verbose or custom`,
		head + "rules:\n- level: none\n  match:\n    evnt: x": "line 6: rules[0].match has a key that is none of action, actor_id, actor_type, department, " +
			"email, event, group, origin, profile, role, target_type, tenant",
		head + "rules:\n- match:\n    event: 7":                                    "line 5: rules[0].match.event must be a string or a list of strings",
		head + "rules:\n- match:\n    event: []":                                   "line 5: rules[0].match.event is an empty list: leave it out where it does not matter",
		head + "rules:\n- match:\n    event: ['']":                                 "line 5: rules[0].match.event has a pattern that is empty, not one line or longer than 256 bytes",
		head + "rules:\n- match:\n    action: read":                                `line 5: rules[0].match.action has "read": verbs are in upper case`,
		head + "rules:\n- {level: custom}":                                         "line 4: rules[0].attributes is empty: must name what the level custom keeps",
		head + "rules:\n- {level: custom, attributes: ['*']}":                      `line 4: rules[0].attributes has "*": must be names of attributes`,
		head + "rules:\n- {level: custom, attributes: [service.name]}":             `rules[0].attributes has "service.name", which stands on the resource: those are kept at every level`,
		head + "rules:\n- {attributes: [a]}":                                       "rules[0].attributes is for the level custom, and the level is standard",
		head + "rules:\n- {sample: 2}":                                             "line 4: rules[0].sample is 2: must be over 0 and at most 1",
		head + "rules:\n- {sample: .nan}":                                          "line 4: rules[0].sample must be a number",
		head + "rules:\n- {sample: 0.5}":                                           "rules[0].sample needs read_only, which says of which events a sample is enough",
		head + "read_only: [{action: READ}]\nrules:\n- {sample: 0.5, level: none}": "rules[0].sample is for events that are kept, and the level is none",
		head + "rules:\n- {retention_days: -1}":                                    "line 4: rules[0].retention_days is -1: must be 0, for no limit, to 36500",
		head + "default: {level: none}":                                            `line 3: default.level is "none": must be metadata, standard or verbose`,
		head + "plans: [{name: x, retention_days: 1}]":                             "line 3: plans[0].tenants is empty: must name a tenant",
		head + "plans: [{tenants: x}]":                                             "line 3: plans[0].retention_days is missing: must be 0, for no limit, to 36500",
		head + "protected: [{}]":                                                   "line 3: protected[0] is empty: must say which events are meant",
		head + "rules: [&a {name: x}, *a]":                                         "line 3: rules[1] must be a map",
		head + "rules: [" + strings.Repeat("{},", MaxRules+1) + "]":                "rules has 1001 rules: must be at most 1000",
		strings.Repeat(" ", maxFile+1):                                             "has more than 1048576 bytes",
	} {
		_, err := Parse([]byte(text), "")
		require.Error(t, err, "%.60s", text)
		assert.Contains(t, err.Error(), want)
	}
	var retentions strings.Builder
	retentions.WriteString(head + "rules:\n")
	for range MaxRetentions + 1 {
		retentions.WriteString("- {retention_days: " + strings.Repeat("1", 1) + "}\n")
	}
	_, err := Parse([]byte(retentions.String()), "")
	require.NoError(t, err, "equal ones are one")
}

func TestEveryErrorIsGiven(t *testing.T) {
	_, err := Parse([]byte("name: a\nversion: 0\nrules:\n- {level: x}\n- {level: y}\n"), "")
	assert.EqualError(t, err, "line 2: version is 0: must be at least 1\n"+
		"line 4: rules[0].level is \"x\": must be none, metadata, standard, verbose or custom\n"+
		"line 5: rules[1].level is \"y\": must be none, metadata, standard, verbose or custom")
}

func TestRetentionsAreFew(t *testing.T) {
	d := Document{Name: "a", Version: 1}
	for i := range MaxRetentions + 1 {
		d.Rules = append(d.Rules, Rule{RetentionDays: &i})
	}
	_, err := d.Compile("")
	assert.EqualError(t, err, "retention_days has 17 different values in this policy: must be at most 16, because each is partitions of its own")
}

// What is parsed either says what is wrong or decides, and never against what is promised of protected events.
func FuzzParse(f *testing.F) {
	f.Add([]byte(full), "health.x", "READ", "dashboard")
	f.Add([]byte("name: a\nversion: 1\nrules: [{match: {event: 'a*b?c'}, level: none}]"), "aXbYc", "LOGIN", "role")
	f.Add([]byte("name: a\nversion: 1\nread_only: [{event: '*'}]\nrules: [{sample: 0.1, retention_days: 1}]"), "", "DELETE", "audit_policy")
	f.Add([]byte(`{"name":"a","version":1,"rules":[{"level":"custom","attributes":["a*"]}]}`), "e", "GRANT", "")
	f.Fuzz(func(t *testing.T, data []byte, event, action, target string) {
		p, err := Parse(data, "")
		if err != nil {
			if all, ok := err.(interface{ Unwrap() []error }); ok {
				err = all.Unwrap()[0]
			}
			var problem *Error
			if !errors.As(err, &problem) {
				t.Fatalf("%T is not an Error", err)
			}
			return
		}
		s := subject(attrs{"event": event, audit.AttrAction: action, audit.AttrTargetType: target, audit.AttrRecordID: event})
		d := p.Decide(s)
		if d != p.Decide(s) {
			t.Fatal("a decision depends on more than event and policy")
		}
		_ = p.Explain(s, d)
		if d.Protected && (d.Fate != Stored || d.SampleRate != 1 || !p.Captures()[d.Capture].Keeps(audit.AttrTargetID)) {
			t.Fatalf("a protected event has the fate %d", d.Fate)
		}
		again, err := Parse(data, "")
		if err != nil || again.Identity() != p.Identity() {
			t.Fatal("a policy has two identities")
		}
	})
}
