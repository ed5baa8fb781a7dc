package redact

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/pseudonym"
)

func TestEveryAttributeOfTheConventionsHasExactlyOneRule(t *testing.T) {
	lines := map[bool]map[string]int{false: {}, true: {}}
	for _, e := range recordTable {
		lines[false][e.name]++
	}
	for _, e := range resourceTable {
		lines[true][e.name]++
	}
	for _, d := range audit.Attributes() {
		assert.Equal(t, 1, lines[d.Resource][d.Name], d.Name)
		delete(lines[d.Resource], d.Name)
	}
	assert.Empty(t, lines[false], "rules for attributes that the conventions do not have")
	assert.Empty(t, lines[true])
	for _, e := range sdkTable {
		_, defined := audit.Lookup(e.name)
		assert.False(t, defined, e.name)
	}
}

// ofType gives a value of an attribute's type with a text where it can hold one.
func ofType(typ audit.Type, text string) any {
	switch typ {
	case audit.Bool:
		return true
	case audit.Int:
		return int64(42)
	case audit.Double:
		return 1.5
	case audit.Strings:
		return []any{"plain", text}
	case audit.Map:
		return map[string]any{"key": text, "n": int64(1), "list": []any{"plain", text}}
	default:
		return text
	}
}

// What each action leaves of a text with a person, a secret and ordinary words, wherever the type has room for one.
func TestEveryAttributeIsTreatedAsItsActionSays(t *testing.T) {
	const text = "Jane@Corp.com said password=hunter2 twice"
	keys := newKeys(t)
	person := keys.Value(pseudonym.Text, "jane@corp.com")
	r := newRedactor(t)
	for _, e := range recordTable {
		t.Run(e.name, func(t *testing.T) {
			typ := *typeOf(e.name)
			attrs, reason := redact(t, r, e.name, ofType(typ, text))
			got := attrs[e.name]
			switch e.action {
			case Keep:
				assert.Equal(t, Clean, reason)
				assert.NotContains(t, []audit.Type{audit.String, audit.Strings, audit.Map}, typ, "text that a sender chose is never kept unread")
				assert.Equal(t, ofType(typ, ""), got)
			case Actor:
				assert.Equal(t, SecretValue, reason)
				assert.Equal(t, ofType(typ, "Jane@Corp.com said password=[secret:password] twice"), got)
			case Mask, Name:
				assert.Equal(t, SecretValue, reason)
				assert.Equal(t, ofType(typ, person+" said password=[secret:password] twice"), got)
			case SkeletonOf:
				assert.Equal(t, Skeleton, reason)
				assert.Equal(t, map[string]any{"key": "string", "n": "int", "list": []any{"string", "string"}}, got)
			case queryText:
				assert.Equal(t, map[string]any{
					audit.AttrQueryRepresentation: standIn(t, "string:41", text), audit.AttrQueryFingerprint: keys.Fingerprint(pseudonym.Query, text),
				}, attrs)
				assert.Equal(t, QueryWithheld, reason)
			case promptText:
				assert.Equal(t, map[string]any{
					audit.AttrPromptRepresentation: standIn(t, "string:41", text), audit.AttrPromptFingerprint: keys.Fingerprint(pseudonym.Prompt, text),
					audit.AttrPromptLength: int64(41),
				}, attrs)
				assert.Equal(t, PromptWithheld, reason)
			case stackTrace:
				assert.Equal(t, map[string]any{audit.AttrErrorFingerprint: keys.Fingerprint(pseudonym.Stack, "Jane@Corp.com said password=hunter twice\n")}, attrs)
				assert.Equal(t, Stacktrace, reason)
			case Drop:
				assert.Empty(t, attrs)
				assert.True(t, audit.Derived(e.name), "only what nobody may send is dropped")
			default:
				t.Fatalf("no expectation for %s", e.action)
			}
		})
	}
}

func TestAWrongTypeIsWithheld(t *testing.T) {
	r := newRedactor(t)
	for _, e := range recordTable {
		if e.action == Drop {
			continue
		}
		for _, v := range []any{"text", int64(7), 1.5, true, []byte("b"), []any{int64(1)}, []any{"s"}, map[string]any{"k": "v"}, nil} {
			attrs, reason := redact(t, r, e.name, v)
			if typeOf(e.name).Accepts(value(t, v)) {
				assert.NotContains(t, attrs, audit.AttrWithheld, e.name)
				continue
			}
			assert.Equal(t, WrongType, reason, e.name)
			assert.Len(t, attrs, 1, e.name)
			assert.True(t, strings.HasPrefix(withheld(attrs)[e.name].(string), "withheld:"), e.name)
		}
	}
}

func TestWhatAnAttackerMayClaimOfTheActorStaysApartFromSecrets(t *testing.T) {
	r := newRedactor(t)
	attrs, reason := redact(t, r, audit.AttrActorID, "jane@corp.com")
	assert.Equal(t, map[string]any{audit.AttrActorID: "jane@corp.com"}, attrs, "who acted is not redacted")
	assert.Equal(t, Clean, reason)
	attrs, _ = redact(t, r, audit.AttrClientAddress, "10.1.2.3")
	assert.Equal(t, "10.1.2.3", attrs[audit.AttrClientAddress])
	attrs, reason = redact(t, r, audit.AttrUserAgent, "curl Authorization: Bearer abcdef")
	assert.Equal(t, "curl Authorization: [secret:password]", attrs[audit.AttrUserAgent])
	assert.Equal(t, SecretValue, reason)
}

func TestAPersonWhoIsATargetBecomesAPseudonym(t *testing.T) {
	r := newRedactor(t)
	person := newKeys(t).Value(pseudonym.Text, "jane@corp.com")
	for _, name := range []string{audit.AttrTargetID, audit.AttrTargetName, audit.AttrWorkspaceName, audit.AttrQueryID, audit.AttrRecordID} {
		attrs, reason := redact(t, r, name, "Jane@corp.com")
		assert.Equal(t, map[string]any{name: person}, attrs)
		assert.Equal(t, PersonalValue, reason)
	}
	attrs, _ := redact(t, r, audit.AttrDatasets, []any{"orders", "mail of jane@corp.com"})
	assert.Equal(t, []any{"orders", "mail of " + person}, attrs[audit.AttrDatasets])
	attrs, reason := redact(t, r, audit.AttrTargetID, "line\nbreak")
	assert.Equal(t, standIn(t, "string:10", "line\nbreak"), attrs[audit.AttrTargetID], "the column stays filled")
	assert.Equal(t, NotAName, reason)
}

func TestOrdinaryNamesStay(t *testing.T) {
	r := newRedactor(t)
	for _, id := range []string{"01890a5d-ac96-774b-bcce-b302099a8057", "http-logs", "dash-7", "['http-logs']", "arn:aws:s3:::bucket/key", "Zürich — Übersicht", "u_123", "42"} {
		attrs, reason := redact(t, r, audit.AttrTargetID, id)
		require.Equal(t, map[string]any{audit.AttrTargetID: id}, attrs)
		require.Equal(t, Clean, reason)
	}
}
