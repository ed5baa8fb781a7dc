package redact

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/pseudonym"
)

func TestTheFirstMatchingRuleCounts(t *testing.T) {
	r := newRedactor(t,
		Rule{Name: "acme.region", Action: Keep},
		Rule{Prefix: "acme.public.", Action: Mask},
		Rule{Prefix: "acme.", Action: Pseudonymize},
		Rule{Name: "acme.late", Action: Keep},
		Rule{Name: "acme.region", Action: Drop},
		Rule{Prefix: "audit.target.", Action: Pseudonymize},
		Rule{Name: audit.AttrUserEmail, Action: Pseudonymize},
		Rule{Name: audit.AttrDetails, Action: Keep},
		Rule{Name: "acme2.gone", Action: Drop},
		Rule{Name: "acme2.held", Action: Withhold},
	)
	keys := newKeys(t)
	hash := func(s string) string { return keys.Value(pseudonym.Text, s) }
	for _, tc := range []struct {
		name        string
		value, want any
		reason      Reason
	}{
		{"acme.region", "eu", "eu", Clean},
		{"acme.region", map[string]any{"any key": "jane@corp.com"}, map[string]any{"any key": "jane@corp.com"}, Clean},
		{"acme.public.note", "by jane@corp.com", "by " + hash("jane@corp.com"), PersonalValue},
		{"acme.other", "x", hash("x"), Pseudonymized},
		{"acme.other", "Jane@Corp.com", hash("jane@corp.com"), Pseudonymized},
		{"acme.other", map[string]any{"k": []any{int64(1), true, 2.5, []byte("b"), nil}}, map[string]any{"k": []any{hash("1"), hash("true"), hash("2.5"), hash("b"), nil}}, Pseudonymized},
		{"acme.late", "x", hash("x"), Pseudonymized},
		{audit.AttrTargetID, "dash-7", hash("dash-7"), Pseudonymized},
		{audit.AttrUserEmail, "Jane@Corp.com", hash("jane@corp.com"), Pseudonymized},
		{audit.AttrDetails, map[string]any{"k": "v"}, map[string]any{"k": "v"}, Clean},
		{"acme2.gone", "x", nil, DroppedByRule},
		{"acme2.held", "x", nil, WithheldByRule},
	} {
		attrs, reason := redact(t, r, tc.name, tc.value)
		assert.Equal(t, tc.want, attrs[tc.name], tc.name)
		assert.Equal(t, tc.reason, reason, tc.name)
	}
}

func TestRulesForTextTakeAnyType(t *testing.T) {
	r := newRedactor(t, Rule{Prefix: "m.", Action: Mask}, Rule{Prefix: "a.", Action: Actor}, Rule{Prefix: "s.", Action: SkeletonOf})
	card := newKeys(t).Value(pseudonym.Text, "4111111111111111")
	attrs, reason := redact(t, r, "m.x", map[string]any{"i": int64(4111111111111111), "j": int64(4111), "f": 4111111111111111.0, "g": 1.5, "b": true, "raw": []byte("r"), "a b": "k"})
	assert.Equal(t, map[string]any{
		"i": card, "j": int64(4111), "f": card, "g": 1.5, "b": true, "raw": standIn(t, "bytes:1", "r"), newKeys(t).Value(pseudonym.Text, "a b"): "k",
	}, attrs["m.x"])
	assert.Equal(t, WrongType, reason)
	attrs, _ = redact(t, r, "a.x", int64(4111111111111111))
	assert.Equal(t, int64(4111111111111111), attrs["a.x"])
	attrs, _ = redact(t, r, "s.x", "text")
	assert.Equal(t, "string", attrs["s.x"])
}

func TestNoRuleLetsRawTextThrough(t *testing.T) {
	for _, name := range []string{audit.AttrQueryText, audit.AttrAIPrompt, audit.AttrExceptionStacktrace} {
		for a := Keep; a <= Drop; a++ {
			err := Rule{Name: name, Action: a}.Validate()
			if a == Withhold || a == Drop {
				require.NoError(t, err)
				continue
			}
			require.EqualError(t, err, name+" holds raw text that is never stored: its action must be withhold or drop, is "+a.String())
		}
	}
	r := newRedactor(t, Rule{Prefix: "db.", Action: Keep}, Rule{Prefix: "audit.", Action: Keep}, Rule{Prefix: "exception.", Action: Mask})
	for _, name := range []string{audit.AttrQueryText, audit.AttrAIPrompt, audit.AttrExceptionStacktrace} {
		attrs, _ := redact(t, r, name, "raw text")
		assert.NotContains(t, attrs, name)
	}
	r = newRedactor(t, Rule{Name: audit.AttrQueryText, Action: Drop}, Rule{Name: audit.AttrAIPrompt, Action: Withhold})
	attrs, _ := redact(t, r, audit.AttrQueryText, "raw text")
	assert.Empty(t, attrs)
	attrs, reason := redact(t, r, audit.AttrAIPrompt, "raw text")
	assert.Equal(t, map[string]any{audit.AttrWithheld: map[string]any{audit.AttrAIPrompt: standIn(t, "string:8", "raw text")}}, attrs)
	assert.Equal(t, WithheldByRule, reason)
}

func TestAPrefixHoldsForWhatItCanAndForIdentifiers(t *testing.T) {
	r := newRedactor(t, Rule{Prefix: "audit.", Action: Withhold}, Rule{Prefix: "gen_ai.", Action: Pseudonymize}, Rule{Prefix: "acme.", Action: Keep})
	for name, v := range map[string]any{audit.AttrAction: "UPDATE", audit.AttrOutcome: "success", audit.AttrActorID: "jane", audit.AttrRecordID: "r1", audit.AttrReceivedTime: int64(1)} {
		attrs, _ := redact(t, r, name, v)
		assert.Equal(t, v, attrs[name], "an event stays one")
	}
	attrs, _ := redact(t, r, audit.AttrQueryCost, 1.5)
	assert.Contains(t, withheld(attrs), audit.AttrQueryCost)
	attrs, _ = redact(t, r, audit.AttrAIInputTokens, int64(5))
	assert.Equal(t, int64(5), attrs[audit.AttrAIInputTokens], "a number has no pseudonym")
	for _, name := range []string{"acme.jane@corp.com", "acme.with space", "acme.12345"} {
		attrs, reason := redact(t, r, name, "v")
		assert.Equal(t, map[string]any{newKeys(t).Value(pseudonym.Text, name): standIn(t, "string:1", "v")}, withheld(attrs))
		assert.Equal(t, UnknownName, reason)
	}
}

func TestInvalidRules(t *testing.T) {
	for want, rule := range map[string]Rule{
		"must have either a name or a prefix":                                                                                                             {Action: Keep},
		"audit.action is set or checked by the product and takes no rule":                                                                                 {Name: audit.AttrAction, Action: Keep},
		"audit.withheld is set or checked by the product and takes no rule":                                                                               {Name: audit.AttrWithheld, Action: Keep},
		"audit.query.cost is of type double: its action must be keep, bucket, withhold or drop, is mask":                                                  {Name: audit.AttrQueryCost, Action: Mask},
		"audit.branch.live is of type bool: its action must be keep, withhold or drop, is bucket":                                                         {Name: audit.AttrBranchLive, Action: Bucket},
		"audit.labels is of type string[]: its action must be keep, actor, mask, name, skeleton, pseudonymize, mask_address, withhold or drop, is bucket": {Name: audit.AttrLabels, Action: Bucket},
		"every event needs audit.actor.id: its action must be keep, actor, mask, name or pseudonymize, is drop":                                           {Name: audit.AttrActorID, Action: Drop},
	} {
		_, err := New(newKeys(t), []Rule{rule}, nil, nil)
		require.EqualError(t, err, want)
	}
	require.EqualError(t, Rule{Name: "a", Prefix: "b"}.Validate(), "must have either a name or a prefix")
	_, err := ParseAction("query")
	require.EqualError(t, err, `action "query" must be one of keep, actor, mask, name, skeleton, pseudonymize, mask_address, bucket, withhold, drop`)
	for a := Keep; a <= Drop; a++ {
		got, err := ParseAction(a.String())
		require.NoError(t, err)
		assert.Equal(t, a, got)
	}
}
