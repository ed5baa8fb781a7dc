package redact

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/query"
	"github.com/otelaudit/otelaudit/internal/redact/detect"
)

func TestACaptureLeavesOutWhatItDoesNotKeep(t *testing.T) {
	keys := newKeys(t)
	r, err := New(keys, []Rule{{Name: "acme.region", Action: Keep}, {Name: audit.AttrLabels, Action: Withhold}}, NewRepresenter(keys, query.NamesKept), NewWithholder(keys))
	require.NoError(t, err)
	fill := func() map[string]any {
		return map[string]any{
			audit.AttrQueryText: "SELECT a FROM t WHERE b = 'x'", audit.AttrQueryLanguage: "sql", audit.AttrAIPrompt: "hello", audit.AttrExceptionStacktrace: "at f()",
			audit.AttrMessage: "hello", audit.AttrLabels: []any{"x"}, "acme.region": "eu", "acme.other": "x", audit.AttrDuration: "not a number",
		}
	}
	of := func(keeps ...string) (map[string]any, Reason) {
		lr := recordWith(audit.AttrActorID, "u-1")
		require.NoError(t, lr.Attributes().FromRaw(fill()))
		lr.Body().SetStr("hello")
		reason := r.Capture(func(name string) bool { return slices.Contains(keeps, name) }, false).Record(lr)
		assert.Empty(t, lr.Body().AsString())
		return lr.Attributes().AsRaw(), reason
	}
	nothing, reason := of()
	assert.Empty(t, nothing)
	assert.Equal(t, LeftOut, reason)
	assert.Equal(t, audit.RedactionRedacted, reason.Outcome())

	some, reason := of(audit.AttrQueryFingerprint, audit.AttrPromptLength, audit.AttrQueryLanguage, "acme.region", "acme.other", audit.AttrLabels, audit.AttrDuration)
	assert.Equal(t, map[string]any{
		audit.AttrQueryFingerprint: some[audit.AttrQueryFingerprint], audit.AttrPromptLength: int64(5), audit.AttrQueryLanguage: "sql", "acme.region": "eu",
	}, some, "what is withheld has no stand-in where none is kept")
	assert.Equal(t, WrongType, reason)

	summary, _ := of(audit.AttrQuerySummary, audit.AttrWithheld, audit.AttrErrorFingerprint)
	assert.Len(t, summary, 3)
	assert.Equal(t, "SELECT t", summary[audit.AttrQuerySummary])
	assert.NotContains(t, summary[audit.AttrWithheld], "acme.other", "what is not kept has no stand-in either")
	assert.Contains(t, summary[audit.AttrWithheld], "body")
}

func TestValuesStayUnlessTheyArePersonalOrSecret(t *testing.T) {
	keys := newKeys(t)
	r, err := New(keys, []Rule{{Name: audit.AttrChangeAfter, Action: SkeletonOf}}, NewRepresenter(keys, query.NamesKept), NewWithholder(keys))
	require.NoError(t, err)
	sent := map[string]any{
		"color": "green", "n": int64(7), "on": true, "none": nil, "mail": "to jane@corp.com", "card": int64(4111111111111111),
		"password": "green", "db_password_hash": int64(7), "API-Key": "x", "credentials": map[string]any{"a": "green"}, "my password": "green", "token": nil,
		"pins": "kept", "pin": int64(1234), "env": []any{map[string]any{"name": "DB_PASSWORD", "value": "green"}, map[string]any{"key": "COLOR", "value": "green"}},
		"note": "Bearer abcdefghijklmnop", "raw": []byte("green"),
	}
	everything := func(string) bool { return true }
	record := func(values bool) map[string]any {
		lr := recordWith(audit.AttrActorID, "u-1")
		for _, name := range maps {
			require.NoError(t, lr.Attributes().PutEmptyMap(name).FromRaw(sent))
		}
		want := PersonalValue
		if values {
			want = WrongType // of the bytes
		}
		assert.Equal(t, want, r.Capture(everything, values).Record(lr))
		return lr.Attributes().AsRaw()
	}
	verbose, standard := record(true), record(false)
	for _, name := range maps {
		if !slices.Contains(withValues, name) || name == audit.AttrChangeAfter {
			assert.Equal(t, standard[name], verbose[name], name)
			continue
		}
		got := verbose[name].(map[string]any)
		for key, want := range map[string]any{
			"color": "green", "n": int64(7), "on": true, "none": nil, "pins": "kept", "token": nil,
			"password": secretValue, "db_password_hash": secretValue, "API-Key": secretValue, "credentials": secretValue, "pin": secretValue,
			"note": "Bearer [secret:bearer]",
			"env":  []any{map[string]any{"name": "DB_PASSWORD", "value": secretValue}, map[string]any{"key": "COLOR", "value": "green"}},
		} {
			assert.Equal(t, want, got[key], key)
		}
		assert.Regexp(t, `^to h1:`, got["mail"])
		assert.Regexp(t, `^h1:`, got["card"])
		assert.Regexp(t, `^withheld:bytes:5:`, got["raw"])
		assert.NotContains(t, got, "my password")
		assert.Len(t, got, len(sent))
	}
}

func TestSecretNames(t *testing.T) {
	for name, want := range map[string]bool{
		"password": true, "PASSWORD": true, "userPassword": true, "password_confirmation": true, "pwd": true, "client-secret": true, "secretName": true, "x_api_key": true,
		"token": true, "access_token": true, "pin": true, "auth": true, "key": false, "": false, "shipping": false, "author": false, "monkey": false, "name": false, "tokens": false,
	} {
		assert.Equal(t, want, detect.SecretName(name), name)
	}
}
