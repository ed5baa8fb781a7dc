package redact

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/pseudonym"
)

// maps are the attributes that carry what users typed into forms, variables and functions.
var maps = []string{
	audit.AttrQueryParameters, audit.AttrFunctionInputs, audit.AttrFunctionOutputs, audit.AttrChangeBefore, audit.AttrChangeAfter, audit.AttrDetails,
}

func TestFieldsOfMapsAreTreatedOneByOne(t *testing.T) {
	keys := newKeys(t)
	text := func(s string) string { return keys.Value(pseudonym.Text, s) }
	person, address, card := text("jane@corp.com"), keys.Value(pseudonym.Address, "203.0.113.17"), text("4111111111111111")
	sent := map[string]any{
		"input": map[string]any{
			"name": "Jane Doe", "email": "Jane@corp.com", "age": int64(42), "score": 1.5, "active": true, "nothing": nil, "raw": []byte("Jane"),
			"peers": []any{"203.0.113.17", []any{map[string]any{"card": int64(4111111111111111), "note": "mail jane@corp.com"}}, int64(7)},
		},
		"token":          "ghp_abcdefghijklmnopqrst",
		"jane@corp.com":  map[string]any{"first name": "Jane"},
		"list":           []any{},
		"map":            map[string]any{},
		"filter[status]": "open",
	}
	for _, tc := range []struct {
		action Action
		want   map[string]any
		reason Reason
	}{
		{SkeletonOf, map[string]any{
			"input": map[string]any{
				"name": "string", "email": person, "age": "int", "score": "double", "active": "bool", "nothing": nil, "raw": "bytes",
				"peers": []any{address, []any{map[string]any{"card": card, "note": "string"}}, "int"},
			},
			"token": "[secret:token]", person: map[string]any{text("first name"): "string"}, "list": []any{}, "map": map[string]any{}, text("filter[status]"): "string",
		}, SecretValue},
		{Pseudonymize, map[string]any{
			"input": map[string]any{
				"name": text("Jane Doe"), "email": person, "age": text("42"), "score": text("1.5"), "active": text("true"), "nothing": nil, "raw": text("Jane"),
				"peers": []any{address, []any{map[string]any{"card": card, "note": text("mail jane@corp.com")}}, text("7")},
			},
			"token": text("ghp_abcdefghijklmnopqrst"), person: map[string]any{text("first name"): text("Jane")}, "list": []any{}, "map": map[string]any{}, text("filter[status]"): text("open"),
		}, UnsafeKey},
		{Mask, map[string]any{
			"input": map[string]any{
				"name": "Jane Doe", "email": person, "age": int64(42), "score": 1.5, "active": true, "nothing": nil, "raw": standIn(t, "bytes:4", "Jane"),
				"peers": []any{address, []any{map[string]any{"card": card, "note": "mail " + person}}, int64(7)},
			},
			"token": "[secret:token]", person: map[string]any{text("first name"): "Jane"}, "list": []any{}, "map": map[string]any{}, text("filter[status]"): "open",
		}, WrongType},
	} {
		for _, name := range maps {
			r := newRedactor(t)
			if tc.action != SkeletonOf { // which is the default
				r = newRedactor(t, Rule{Name: name, Action: tc.action})
			}
			attrs, reason := redact(t, r, name, sent)
			assert.Equal(t, map[string]any{name: tc.want}, attrs, "%s %s", tc.action, name)
			assert.Equal(t, tc.reason, reason, "%s %s", tc.action, name)
		}
	}
}

func TestMapsThatAreNestedTooDeepAreWithheldByEveryAction(t *testing.T) {
	for _, name := range maps {
		for _, a := range []Action{Keep, Actor, Mask, Name, SkeletonOf, Pseudonymize, MaskAddress, Bucket} {
			r := newRedactor(t, Rule{Name: name, Action: a})
			attrs, reason := redact(t, r, name, map[string]any{"k": nested(audit.MaxDepth-1, "canary")})
			assert.Contains(t, attrs, name, "as deep as may be")
			assert.NotEqual(t, TooDeep, reason)
			attrs, reason = redact(t, r, name, map[string]any{"k": nested(audit.MaxDepth, "canary")})
			assert.NotContains(t, attrs, name, "one deeper")
			assert.Regexp(t, "^withheld:map:1:h1:k1:[A-Z2-7]{26}$", withheld(attrs)[name])
			assert.Equal(t, TooDeep, reason)
		}
	}
}

// The skeleton of a value tells nothing but its type: two records whose values differ have the same one.
func TestSkeletonsDoNotDependOnValues(t *testing.T) {
	r := newRedactor(t)
	of := func(text string, n int64, f float64) map[string]any {
		attrs, _ := redact(t, r, audit.AttrQueryParameters, map[string]any{"s": text, "l": []any{text, n, map[string]any{"f": f, "b": []byte(text)}}})
		return attrs
	}
	want := of("open", 1, 0.5)
	for _, text := range []string{"", "closed", strings.Repeat("Jane ", 1000), "\x00\n", "ünï"} {
		assert.Equal(t, want, of(text, int64(len(text)), float64(len(text))/7), text)
	}
}
