package explain

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/policy"
	"github.com/otelaudit/otelaudit/internal/pseudonym"
	"github.com/otelaudit/otelaudit/internal/query"
	"github.com/otelaudit/otelaudit/internal/redact"
)

func explained(t *testing.T, text string, attributes map[string]any) Report {
	t.Helper()
	p, err := policy.Parse([]byte(text), "")
	require.NoError(t, err)
	keys, err := pseudonym.New("k1", map[string][]byte{"k1": []byte("0123456789abcdef0123456789abcdef")})
	require.NoError(t, err)
	r, err := redact.New(keys, nil, redact.NewRepresenter(keys, query.NamesKept), redact.NewPrompter(keys, false))
	require.NoError(t, err)
	lr := plog.NewLogRecord()
	lr.SetEventName("x")
	require.NoError(t, lr.Attributes().FromRaw(attributes))
	event := audit.Event{Resource: pcommon.NewMap(), Record: lr}
	report := Event(p, r, event)
	assert.Equal(t, attributes, lr.Attributes().AsRaw(), "the event is not changed")
	assert.NotContains(t, fmt.Sprint(report), "canary")
	return report
}

func TestEveryAttributeIsExplained(t *testing.T) {
	event := map[string]any{
		audit.AttrAction: "EXECUTE", audit.AttrTargetID: "canary@example.com", audit.AttrMessage: "canary", audit.AttrQueryText: "SELECT 'canary'",
		audit.AttrQueryLanguage: "sql", "acme.x": "canary", audit.AttrDetails: map[string]any{"k": "canary"}, audit.AttrAIPrompt: "canary",
	}
	prompt := []string{audit.AttrPromptFingerprint, audit.AttrPromptLength, audit.AttrPromptRepresentation}
	for level, want := range map[string][]Attribute{
		"standard": {
			{"acme.x", Withheld, []string{audit.AttrWithheld}, "unknown_attribute"},
			{audit.AttrAction, Kept, nil, ""},
			{audit.AttrAIPrompt, Replaced, prompt, "prompt"},
			{audit.AttrDetails, Changed, nil, "skeleton"},
			{audit.AttrMessage, Kept, nil, ""},
			{audit.AttrQueryLanguage, Kept, nil, ""},
			{audit.AttrTargetID, Changed, nil, "personal_value"},
			{audit.AttrQueryText, Replaced, []string{audit.AttrQueryFingerprint, audit.AttrQueryRepresentation, "db.query.summary"}, "query_literals"},
		},
		"metadata": {
			{"acme.x", LeftOut, nil, "capture_level"},
			{audit.AttrAction, Kept, nil, ""},
			{audit.AttrAIPrompt, Replaced, prompt[:2], "prompt"},
			{audit.AttrDetails, LeftOut, nil, "capture_level"},
			{audit.AttrMessage, LeftOut, nil, "capture_level"},
			{audit.AttrQueryLanguage, Kept, nil, ""},
			{audit.AttrTargetID, Changed, nil, "personal_value"},
			{audit.AttrQueryText, Replaced, []string{audit.AttrQueryFingerprint, "db.query.summary"}, "query_literals"},
		},
	} {
		report := explained(t, "name: a\nversion: 1\nrules: [{name: all, level: "+level+"}]", event)
		assert.Equal(t, "rules[0] (all)", report.Rule)
		assert.True(t, report.Stored)
		assert.Equal(t, want, report.Attributes, level)
	}
}

func TestASkippedEventHasNoAttributes(t *testing.T) {
	report := explained(t, "name: a\nversion: 1\nrules: [{level: none}]", map[string]any{audit.AttrMessage: "canary"})
	assert.False(t, report.Stored)
	assert.Empty(t, report.Attributes)
	assert.Equal(t, []string{"rules[0] asks for the level none", "so the event is counted as skipped and not stored", "retention does not matter"}, report.Why)
}
