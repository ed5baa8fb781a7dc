package redact

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/pseudonym"
)

func TestSkeletonsKeepShapeAndPseudonyms(t *testing.T) {
	keys := newKeys(t)
	person := keys.Value(pseudonym.Text, "jane@corp.com")
	attrs, reason := redact(t, newRedactor(t), audit.AttrDetails, map[string]any{
		"name": "Jane", "age": int64(42), "score": 1.5, "ok": true, "raw": []byte("x"), "none": nil, "mail": "Jane@corp.com", "text": "mail jane@corp.com",
		"card": int64(4111111111111111), "card_float": 4111111111111111.0, "token": "Bearer x", "key": "ghp_abcdefghijklmnopqrst",
		"deep":          map[string]any{"list": []any{"a", map[string]any{"ip": "10.1.2.3"}}},
		"jane@corp.com": "v", "4111": "v", "with space": map[string]any{"a b": "c"},
	})
	assert.Equal(t, map[string]any{audit.AttrDetails: map[string]any{
		"name": "string", "age": "int", "score": "double", "ok": "bool", "raw": "bytes", "none": nil, "mail": person, "text": "string",
		"card": keys.Value(pseudonym.Text, "4111111111111111"), "card_float": keys.Value(pseudonym.Text, "4111111111111111"), "token": "string", "key": "[secret:token]",
		"deep": map[string]any{"list": []any{"string", map[string]any{"ip": keys.Value(pseudonym.Text, "10.1.2.3")}}},
		person: "string", keys.Value(pseudonym.Text, "4111"): "string",
		keys.Value(pseudonym.Text, "with space"): map[string]any{keys.Value(pseudonym.Text, "a b"): "string"},
	}}, attrs)
	assert.Equal(t, SecretValue, reason)
}

func TestIdentifiers(t *testing.T) {
	for _, key := range []string{"a", "_a", "Name", "user.name", "first-name", "x1", "sha256", "a.b.c", strings.Repeat("k", 64)} {
		assert.True(t, isIdentifier(key), key)
	}
	for _, key := range []string{
		"", "1a", "-a", ".a", "a b", "a@b.co", "ü", "a1234", "a:b", "a/b", "a\x00", strings.Repeat("k", 65), "AKIAIOSFODNN7EXAMPLE", "eyJhbGciOiJIUzI1NiJ9", "ghp_abcdefghijklmnopqrst",
	} {
		assert.False(t, isIdentifier(key), key)
	}
}

// nested gives a text in maps and lists, depth levels deep.
func nested(depth int, text string) any {
	var v any = text
	for i := range depth {
		if i%2 == 0 {
			v = map[string]any{"k": v}
		} else {
			v = []any{v}
		}
	}
	return v
}

func TestWhatIsNestedTooDeepIsWithheldAsAWhole(t *testing.T) {
	r := newRedactor(t)
	attrs, reason := redact(t, r, audit.AttrDetails, nested(audit.MaxDepth-1, "x"))
	assert.Contains(t, attrs, audit.AttrDetails)
	assert.Equal(t, Skeleton, reason)
	for _, depth := range []int{audit.MaxDepth + 1, 101, 5001} {
		attrs, reason = redact(t, r, audit.AttrDetails, nested(depth, "x"))
		assert.NotContains(t, attrs, audit.AttrDetails)
		assert.True(t, strings.HasPrefix(withheld(attrs)[audit.AttrDetails].(string), "withheld:map:1:h1:k1:"))
		assert.Equal(t, TooDeep, reason)
	}
	attrs, reason = redact(t, newRedactor(t, Rule{Name: "acme.x", Action: Keep}), "acme.x", nested(101, "x"))
	assert.NotContains(t, attrs, "acme.x", "a rule that keeps does not lift the bound")
	assert.Equal(t, TooDeep, reason)
}

func TestTooManyValuesAreWithheldAndTakeNoOthersWithThem(t *testing.T) {
	r := newRedactor(t)
	lr := plog.NewLogRecord()
	big := lr.Attributes().PutEmptyMap(audit.AttrDetails)
	big.EnsureCapacity(MaxNodes + 1)
	for i := range MaxNodes + 1 {
		big.PutStr(fmt.Sprintf("k%d", i), "v")
	}
	lr.Attributes().PutEmptyMap(audit.AttrChangeAfter).PutStr("k", "v")
	lr.Attributes().PutStr(audit.AttrAction, "UPDATE")
	assert.Equal(t, TooLarge, r.Record(lr))
	attrs := lr.Attributes().AsRaw()
	assert.Contains(t, withheld(attrs)[audit.AttrDetails], "withheld:map:4097:")
	assert.Equal(t, map[string]any{"k": "string"}, attrs[audit.AttrChangeAfter])
	assert.Equal(t, "UPDATE", attrs[audit.AttrAction])
}

func TestTooManyUnknownAttributesAreWithheldTogether(t *testing.T) {
	r := newRedactor(t)
	lr := plog.NewLogRecord()
	for i := range MaxNodes + 5 {
		lr.Attributes().PutStr(fmt.Sprintf("acme.a%c%c%c%c", 'a'+i%26, 'a'+i/26%26, 'a'+i/676%26, 'a'+i/17576), "v")
	}
	lr.Attributes().PutStr(audit.AttrAction, "UPDATE")
	assert.Equal(t, TooLarge, r.Record(lr))
	attrs := lr.Attributes().AsRaw()
	assert.Len(t, withheld(attrs), MaxNodes+1)
	assert.Contains(t, withheld(attrs)["attributes"], "withheld:map:5:h1:k1:")
	assert.Equal(t, "UPDATE", attrs[audit.AttrAction])
}

func TestATextOfManyPersonsIsWithheld(t *testing.T) {
	attrs, reason := redact(t, newRedactor(t), audit.AttrMessage, strings.Repeat("a@b.co ", 1001))
	assert.Contains(t, attrs[audit.AttrMessage], "withheld:string:7007:")
	assert.Equal(t, TooLarge, reason)
}

// A sender may repeat a name, though the map of this library lets nobody do it: the copies are made in the bytes.
func TestEveryCopyOfAnAttributeIsRedacted(t *testing.T) {
	logs := plog.NewLogs()
	a := logs.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty().Attributes()
	for _, copied := range []string{"1", "2", "3"} {
		a.PutStr("db.query.tex"+copied, "SELECT canary")
		a.PutStr("audit.target.i"+copied, "canary@corp.com")
		a.PutStr("acme.canar"+copied, "canary")
	}
	wire, err := (&plog.ProtoMarshaler{}).MarshalLogs(logs)
	require.NoError(t, err)
	for _, copied := range []string{"1", "2", "3"} {
		wire = bytes.ReplaceAll(wire, []byte("db.query.tex"+copied), []byte(audit.AttrQueryText))
		wire = bytes.ReplaceAll(wire, []byte("audit.target.i"+copied), []byte(audit.AttrTargetID))
		wire = bytes.ReplaceAll(wire, []byte("acme.canar"+copied), []byte("acme.unknown"[:11]))
	}
	logs, err = (&plog.ProtoUnmarshaler{}).UnmarshalLogs(wire)
	require.NoError(t, err)
	lr := logs.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0)
	require.Equal(t, 9, lr.Attributes().Len())
	newRedactor(t).Record(lr)
	wire, err = (&plog.ProtoMarshaler{}).MarshalLogs(logs)
	require.NoError(t, err)
	assert.NotContains(t, string(wire), "canary")
	assert.NotContains(t, string(wire), audit.AttrQueryText)
	assert.Equal(t, 3, strings.Count(string(wire), audit.AttrTargetID))
}

func TestStandInsDoNotDependOnTheOrderOfKeys(t *testing.T) {
	r := newRedactor(t)
	standIns := map[any]bool{}
	for _, keys := range [][]string{{"a", "b"}, {"b", "a"}} {
		lr := plog.NewLogRecord()
		m := lr.Attributes().PutEmptyMap("acme.x")
		for _, k := range keys {
			m.PutStr(k, "value of "+k)
		}
		r.Record(lr)
		standIns[withheld(lr.Attributes().AsRaw())["acme.x"]] = true
	}
	assert.Len(t, standIns, 1)
}

func TestStandInsDifferWhereContentDoes(t *testing.T) {
	r := newRedactor(t)
	seen := map[any]bool{}
	for _, v := range []any{
		map[string]any{"a": "b"},
		map[string]any{"a": []any{"b"}},
		map[string]any{"ab": ""},
		[]any{"a", "b"},
		[]any{"ab"},
		[]any{"a;1;string:b"},
		[]any{int64(1)},
		[]any{"1"},
		[]any{1.5},
		[]any{true},
		[]any{nil},
		[]any{},
		map[string]any{},
		[]any{[]any{}},
		math.NaN(), math.Inf(1), 1e30, 1e-30,
	} {
		attrs, _ := redact(t, r, "acme.x", v)
		assert.False(t, seen[withheld(attrs)["acme.x"]], "%v", v)
		seen[withheld(attrs)["acme.x"]] = true
	}
}

func TestKeysOfOnePersonStayApart(t *testing.T) {
	r := newRedactor(t)
	person := newKeys(t).Value(pseudonym.Email, "jane@corp.com")
	attrs, _ := redact(t, r, audit.AttrDetails, map[string]any{"jane@corp.com": "v", "Jane@corp.com": int64(1), "JANE@corp.com": true})
	details := attrs[audit.AttrDetails].(map[string]any)
	assert.ElementsMatch(t, []any{"string", "int", "bool"}, []any{details[person], details[person+"_2"], details[person+"_3"]})
	for range 2 { // the second record begins anew
		lr := recordWith("jane@corp.com", "a")
		lr.Attributes().PutStr("Jane@Corp.com", "b")
		r.Record(lr)
		assert.Equal(t, map[string]any{person: standIn(t, "string:1", "a"), person + "_2": standIn(t, "string:1", "b")}, withheld(lr.Attributes().AsRaw()))
	}
}
