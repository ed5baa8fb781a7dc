package auditprocessor

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// graphqlEvent gives an event as a GraphQL gateway sends it, with names and values of its own in every place.
func graphqlEvent(t *testing.T, attrs pcommon.Map) {
	t.Helper()
	attrs.PutStr(audit.AttrQueryLanguage, "graphql")
	attrs.PutStr(audit.AttrQueryText, `mutation ZqxjkvSave($zqxjkvInput: ZqxjkvPerson = {note: "canary-default"}) { zqxjkvSave(input: $zqxjkvInput, note: "canary-literal") { id } }`)
	attrs.PutStr(audit.AttrGraphQLOperationName, "ZqxjkvSave")
	attrs.PutEmptySlice(audit.AttrDatasets).AppendEmpty().SetStr("zqxjkvSave")
	for _, name := range []string{
		audit.AttrQueryParameters, audit.AttrFunctionInputs, audit.AttrFunctionOutputs, audit.AttrChangeBefore, audit.AttrChangeAfter, audit.AttrDetails,
	} {
		require.NoError(t, attrs.PutEmptyMap(name).FromRaw(map[string]any{
			"person": map[string]any{"name": "canary-name", "mail": "canary@example.com", "tags": []any{"canary-tag", map[string]any{"pin": int64(73918462)}}},
		}))
	}
}

func TestVariablesAndOtherFieldsGoThroughTheSkeletonFieldByField(t *testing.T) {
	r := start(t, newConfig())
	ld, event := one()
	graphqlEvent(t, event.Record.Attributes())
	after := r.process(t, ld)
	want := map[string]any{"person": map[string]any{"name": "string", "mail": hash(t, "canary@example.com"), "tags": []any{"string", map[string]any{"pin": "int"}}}}
	for _, name := range []string{
		audit.AttrQueryParameters, audit.AttrFunctionInputs, audit.AttrFunctionOutputs, audit.AttrChangeBefore, audit.AttrChangeAfter, audit.AttrDetails,
	} {
		assert.Equal(t, want, after[name], name)
	}
	assert.Contains(t, after[audit.AttrQueryRepresentation], "ZqxjkvSave")
	assert.NotContains(t, fmt.Sprint(after), "canary")
}

func TestPseudonymisedNamesAreTheSameInQueryDatasetsAndOperation(t *testing.T) {
	cfg := newConfig()
	cfg.Queries.Names = namesPseudonymize
	r := start(t, cfg)
	ld, event := one()
	graphqlEvent(t, event.Record.Attributes())
	after := r.process(t, ld)
	assert.NotContains(t, strings.ToLower(fmt.Sprint(after)), "zqxjkv")
	assert.NotContains(t, fmt.Sprint(after), "canary")
	assert.Equal(t, hash(t, "ZqxjkvSave"), after[audit.AttrGraphQLOperationName])
	assert.Equal(t, []any{hash(t, "zqxjkvSave")}, after[audit.AttrDatasets])
	assert.Contains(t, after[audit.AttrQueryRepresentation], hash(t, "ZqxjkvSave"), "the operation is found by its name")
	assert.Contains(t, after[audit.AttrQueryRepresentation], hash(t, "zqxjkvSave"))

	cfg.Attributes = []AttributeRule{{Name: audit.AttrDatasets, Action: "keep"}}
	ld, event = one()
	graphqlEvent(t, event.Record.Attributes())
	assert.Equal(t, []any{"zqxjkvSave"}, start(t, cfg).process(t, ld)[audit.AttrDatasets], "a rule of the user comes first")
}
