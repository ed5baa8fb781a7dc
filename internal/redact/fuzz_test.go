package redact

import (
	"math"
	"net/netip"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/query"
)

// fuzzed are rules under which the form of what is left is known, whatever was sent. Without one it is that of the table.
var fuzzed = []Rule{
	{Prefix: "s.", Action: SkeletonOf},
	{Prefix: "p.", Action: Pseudonymize},
	{Prefix: "a.", Action: MaskAddress},
	{Prefix: "b.", Action: Bucket},
	{Name: audit.AttrClientAddress, Action: MaskAddress},
	{Name: audit.AttrQueryCost, Action: Bucket},
	{Name: audit.AttrChangeAfter, Action: Bucket},
	{Name: audit.AttrDetails, Action: Pseudonymize},
}

var (
	anyPseudonym = regexp.MustCompile(`^h1:k1:[A-Z2-7]{26}$`)
	anyKey       = regexp.MustCompile(`^h1:k1:[A-Z2-7]{26}(_[0-9]+)?$`)
	anyStandIn   = regexp.MustCompile(`^withheld:(empty|string|int|double|bool|map|list|bytes):[0-9]+:h1:k1:[A-Z2-7]{26}$`)
	anySkeleton  = regexp.MustCompile(`^(string|int|double|bool|bytes|h1:k1:[A-Z2-7]{26}|\[secret:[a-z_]+\])$`)
)

// fits reports whether a value may be what an action leaves of one that is neither map nor list.
func fits(a Action, v pcommon.Value) bool {
	if v.Type() == pcommon.ValueTypeEmpty {
		return true
	}
	switch a {
	case SkeletonOf:
		return anySkeleton.MatchString(v.AsString())
	case Pseudonymize:
		return anyPseudonym.MatchString(v.AsString())
	case Withhold:
		return anyStandIn.MatchString(v.AsString())
	case MaskAddress:
		network, err := netip.ParsePrefix(v.Str())
		return v.Str() == "" || anyStandIn.MatchString(v.Str()) || err == nil && network == network.Masked() && network.Bits() <= map[bool]int{true: 24, false: 48}[network.Addr().Is4()]
	case Bucket:
		switch v.Type() {
		case pcommon.ValueTypeInt:
			return v.Int() == bucketOfInt(v.Int())
		case pcommon.ValueTypeDouble:
			return math.Float64bits(v.Double()) == math.Float64bits(bucketOfDouble(v.Double()))
		default:
			return anyStandIn.MatchString(v.Str())
		}
	default:
		return true
	}
}

// leaves checks a value and all below it.
func leaves(t *testing.T, a Action, v pcommon.Value, depth int) {
	t.Helper()
	switch v.Type() {
	case pcommon.ValueTypeMap:
		for k, e := range v.Map().All() {
			if a != Keep && !isIdentifier(k) && !anyKey.MatchString(k) {
				t.Fatalf("%s: a key that is content came through", a)
			}
			leaves(t, a, e, depth+1)
		}
	case pcommon.ValueTypeSlice:
		for _, e := range v.Slice().All() {
			leaves(t, a, e, depth+1)
		}
	default:
		if !fits(a, v) {
			t.Fatalf("%s: a %s came through", a, v.Type())
		}
	}
	if depth > audit.MaxDepth {
		t.Fatalf("%s: %d levels came through", a, depth)
	}
}

// check says of every attribute that is left whether it may stand there, and in this form.
func check(t *testing.T, p *policy, l *level, attrs pcommon.Map) {
	t.Helper()
	for name, v := range attrs.All() {
		switch name {
		case audit.AttrWithheld:
			leaves(t, Withhold, v, 0)
			continue
		case audit.AttrQueryText, audit.AttrAIPrompt, audit.AttrExceptionStacktrace:
			t.Fatal("raw text came through")
		case audit.AttrQueryRepresentation, audit.AttrQueryFingerprint, audit.AttrQuerySummary, audit.AttrPromptRepresentation, audit.AttrPromptFingerprint,
			audit.AttrPromptLength, audit.AttrErrorFingerprint:
			continue // of what stands for raw texts, see package query and Prompter
		}
		of, known := l.find(name)
		if !known {
			of = p.find(name)
		}
		if of.action >= Withhold {
			t.Fatal("an attribute came through that must not")
		}
		if of.typ != nil && !of.typ.Accepts(v) {
			t.Fatalf("%s: a wrong type came through", of.action)
		}
		leaves(t, of.action, v, 0)
	}
}

// seed gives the bytes of a payload with every attribute of the conventions, and some for each rule.
func seed(f *testing.F, text string, n int64, d float64) []byte {
	f.Helper()
	logs := plog.NewLogs()
	rl := logs.ResourceLogs().AppendEmpty()
	rl.Resource().Attributes().PutStr(audit.AttrServiceName, "s")
	sl := rl.ScopeLogs().AppendEmpty()
	sl.Scope().SetName("scope")
	lr := sl.LogRecords().AppendEmpty()
	lr.SetEventName("login")
	lr.Body().SetStr("body")
	for _, def := range audit.Attributes() {
		require.NoError(f, lr.Attributes().PutEmpty(def.Name).FromRaw(ofType(def.Type, text)))
	}
	lr.Attributes().PutStr(audit.AttrQueryLanguage, "sql")
	for _, prefix := range []string{"s.", "p.", "a.", "b.", "x."} {
		require.NoError(f, lr.Attributes().PutEmpty(prefix+"x").FromRaw(map[string]any{"k": []any{text, n, d, true, nil, []byte(text), map[string]any{text: text}}}))
	}
	wire, err := (&plog.ProtoMarshaler{}).MarshalLogs(logs)
	require.NoError(f, err)
	return wire
}

// Whatever arrives, what is left of a record is of the form that the policy says, and no raw text.
func FuzzRecord(f *testing.F) {
	f.Add(seed(f, "jane@corp.com\n", 137, 0.07))
	f.Add(seed(f, "203.0.113.17:443", math.MinInt64, math.Inf(-1)))
	f.Add(seed(f, "[fe80::1%eth0]:22", 4111111111111111, math.NaN()))
	f.Add(seed(f, "SELECT a FROM t WHERE b = 'ghp_abcdefghijklmnopqrst'", 0, math.SmallestNonzeroFloat64))
	keys := newKeys(f)
	byTable, err := New(keys, nil, NewRepresenter(keys, query.NamesKept), NewPrompter(keys, false))
	require.NoError(f, err)
	byRules, err := New(keys, fuzzed, NewRepresenter(keys, query.NamesPseudonymised), NewPrompter(keys, true))
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, r := range []*Redactor{byTable, byRules} {
			logs, err := (&plog.ProtoUnmarshaler{}).UnmarshalLogs(data)
			if err != nil {
				return
			}
			for _, rl := range logs.ResourceLogs().All() {
				r.Resource(rl)
				check(t, r.policy, r.policy.resource, rl.Resource().Attributes())
				for _, sl := range rl.ScopeLogs().All() {
					r.Scope(sl)
					check(t, r.policy, nil, sl.Scope().Attributes())
					for _, lr := range sl.LogRecords().All() {
						reason := r.Record(lr)
						check(t, r.policy, r.whole.level, lr.Attributes())
						if lr.Body().Type() != pcommon.ValueTypeEmpty || !isName(lr.EventName()) {
							t.Fatal("a body or an event name came through")
						}
						if _, some := lr.Attributes().Get(audit.AttrWithheld); some && reason.Outcome() != audit.RedactionWithheld {
							t.Fatalf("something is withheld and the reason is %s", reason.Code())
						}
					}
				}
			}
		}
	})
}

// A text in a map leaves nothing of itself under any of the actions that tell a form only: not six bytes in a row.
func FuzzValuesLeaveNothingOfTheirText(f *testing.F) {
	for _, s := range []string{"Jane Doe", "jane@corp.com", "203.0.113.17:443", "fe80::1%janeslaptop", "::ffff:203.0.113.17", "2002:cb00:7111::1", "4111 1111 1111 1111", "ghp_abcdefghijklmnopqrst", "+49 170 1234567", "withheld:string:1:x"} {
		f.Add(s)
	}
	keys := newKeys(f)
	f.Fuzz(func(t *testing.T, text string) {
		for _, a := range []Action{SkeletonOf, Pseudonymize, MaskAddress, Bucket, Withhold} {
			r, err := New(keys, []Rule{{Prefix: "x.", Action: a}}, nil, nil)
			require.NoError(t, err)
			lr := plog.NewLogRecord()
			m := lr.Attributes().PutEmptyMap("x.y")
			m.PutEmptySlice("list").AppendEmpty().SetStr(text)
			m.PutEmptyMap("map").PutEmptyBytes("bytes").FromRaw([]byte(text))
			r.Record(lr)
			if a != Withhold {
				v, ok := lr.Attributes().Get("x.y")
				if !ok {
					t.Fatalf("%s: the map is gone", a)
				}
				leaves(t, a, v, 0)
			}
			if _, network := networkOf(text); a == MaskAddress && network {
				continue // whose form was looked at
			}
			for _, left := range texts(nil, lr.Attributes()) {
				for i := 0; i+6 <= len(text); i++ {
					if piece := text[i : i+6]; strings.Contains(left, piece) && !strings.Contains(allowed, piece) {
						t.Fatalf("%s: six bytes of a value came through", a)
					}
				}
			}
		}
	})
}

// allowed is what these actions write whatever the value is, beside keyed hashes and stand-ins.
const allowed = "audit.withheld string double [secret:jwt] [secret:token] [secret:bearer] [secret:private_key] [secret:password]"

var hashes = regexp.MustCompile(`(withheld:[a-z]+:[0-9]+:)?h1:k1:[A-Z2-7]{26}`)

// texts gives all keys and texts of a map, keyed hashes and stand-ins left out.
func texts(all []string, m pcommon.Map) []string {
	for k, v := range m.All() {
		all = append(all, k)
		switch v.Type() {
		case pcommon.ValueTypeMap:
			all = texts(all, v.Map())
		case pcommon.ValueTypeSlice:
			for _, e := range v.Slice().All() {
				all = append(all, hashes.ReplaceAllString(e.AsString(), ""))
			}
		default:
			all = append(all, hashes.ReplaceAllString(v.AsString(), ""))
		}
	}
	return all
}
