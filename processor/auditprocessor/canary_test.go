package auditprocessor

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/xpdata/entity"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// seeds is how many random payloads a test looks at; the fuzz test looks at more.
const seeds = 40

// planter puts a canary wherever a record has room for content, in a form that the policy must not let through there:
//
//   - anything at all in the body, unknown attributes, raw texts, maps, wrong types, scopes, severity texts, schema URLs;
//   - personal values and secrets in names and free text, whose other words stay;
//   - secrets in what says who acted, whose persons stay.
type planter struct {
	*rand.Rand
	canary string
	values bool // values stay in details, changes and function calls: only personal values and secrets are planted there
}

func newPlanter(seed uint64) planter {
	p := planter{Rand: rand.New(rand.NewPCG(seed, 1))}
	var b strings.Builder
	for range 24 {
		b.WriteByte("ghijklmnopqrstuvwxyz"[p.IntN(20)]) // in no hash: those are in hex and in upper case
	}
	p.canary = b.String()
	return p
}

func (p planter) pick(texts ...string) string { return texts[p.IntN(len(texts))] }

// secret gives a text with the canary as a secret.
func (p planter) secret() string {
	c := p.canary
	return p.pick(
		"Bearer "+c, "x Authorization: Bearer "+c+" y", "password="+c, "postgres://user:"+c+"@host/db", "ghp_"+c, "https://a:"+c+"/x@h", `{"api_key": "`+c+`"}`,
		"-----BEGIN PRIVATE KEY-----\n"+c+"\n-----END PRIVATE KEY-----", "-----BEGIN EC PRIVATE KEY-----"+c, "eyJ"+c+".eyJ"+c, "xoxb-"+c, "sk_live_"+c, "AIzaSyA"+c+"0123456",
	)
}

// person gives a text with the canary as a personal value, or as a secret.
func (p planter) person() string {
	c := p.canary
	return p.pick(c+"@"+c+".com", "mail from "+c+"@example.com!", "<"+c+"."+c+"@x.co.uk>", c+"%40example.com", "user:"+c+"@example.com", p.secret())
}

// anything gives a value of any type with the canary somewhere.
func (p planter) anything(depth int) any {
	switch n := p.IntN(10); {
	case n < 3 || depth > 5:
		return p.pick(p.canary, "x "+p.canary, strings.Repeat(p.canary, 50), p.person(), p.canary[:6], "ü"+p.canary+"\n")
	case n < 5:
		return []byte(p.canary)
	case n < 7:
		list := []any{}
		for range p.IntN(4) {
			list = append(list, p.anything(depth+1))
		}
		return append(list, p.canary)
	case n < 9:
		m := map[string]any{"plain": p.canary, "n": int64(7), "f": 1.5, "b": true, "none": nil}
		for range p.IntN(4) {
			m[p.unsafeKey()] = p.anything(depth + 1)
		}
		return m
	default:
		return p.nested(p.IntN(80))
	}
}

// form gives a map as a product sends it: with personal values and secrets, and secrets that only their keys give away.
func (p planter) form(depth int) map[string]any {
	m := map[string]any{
		"plain": "green", "n": int64(7), "note": "by " + p.person(), "list": []any{p.person(), int64(7)}, "raw": []byte(p.canary), "none": nil,
		p.pick("password", "db_password", "clientSecret", "X-API-KEY", "my password", "credentials"): p.pick(p.canary, p.person()),
		"env":         map[string]any{p.pick("name", "key"): p.pick("DB_PASSWORD", "api-key"), "value": p.canary},
		p.unsafeKey(): p.person(),
	}
	if depth < 3 {
		m["more"] = []any{p.form(depth + 1)}
		m["token"] = map[string]any{p.unsafeKey(): p.anything(0)}
	}
	return m
}

func (p planter) nested(depth int) any {
	var v any = p.canary
	for range depth {
		if p.IntN(2) == 0 {
			v = []any{v}
		} else {
			v = map[string]any{p.pick("k", p.unsafeKey()): v}
		}
	}
	return v
}

// unsafeKey gives a key that is no identifier.
func (p planter) unsafeKey() string {
	c := p.canary
	return p.pick(c+" x", c+"@example.com", c+"1234", "1"+c, c+c+c, "ghp_"+c, c+":x", "ü"+c, c+"\x00", "eyJ"+c)
}

// unknownName gives a name that no rule knows.
func (p planter) unknownName() string {
	return p.pick("acme.x"+fmt.Sprint(p.IntN(9)), "plain", "body", "attributes", "X"+p.canary, "uX"+p.canary, p.unsafeKey(), "Acme."+p.canary, "acme."+p.canary+"@example.com")
}

// known gives a value for an attribute of the conventions: of its type as a rule, of another one at times.
func (p planter) known(d audit.Definition) any {
	if p.IntN(12) == 0 {
		return p.wrong(d)
	}
	switch d.Type {
	case audit.Bool:
		return true
	case audit.Int:
		return int64(7)
	case audit.Double:
		return 1.5
	case audit.Strings:
		return []any{"plain", p.text(d.Name)}
	case audit.Map:
		if p.values && d.Name != audit.AttrQueryParameters {
			return p.form(0)
		}
		return map[string]any{"key": p.anything(0), p.unsafeKey(): p.anything(0), "plain": p.canary}
	default:
		return p.text(d.Name)
	}
}

// wrong gives a value that does not have the attribute's type, and holds the canary.
func (p planter) wrong(d audit.Definition) any {
	for {
		v := p.anything(0)
		value := pcommon.NewValueEmpty()
		if value.FromRaw(v) == nil && !d.Type.Accepts(value) {
			return v
		}
	}
}

// text gives a text that may not stand as it is in the attribute.
func (p planter) text(name string) string {
	switch name {
	case audit.AttrQueryText, audit.AttrAIPrompt, audit.AttrExceptionStacktrace:
		return p.pick(p.canary, "SELECT '"+p.canary+"'", p.person(), "at "+p.canary+"()\n", "\n")
	case audit.AttrActorID, audit.AttrActorOnBehalfOf, audit.AttrUserName, audit.AttrUserFullName, audit.AttrUserEmail, audit.AttrUserRoles, audit.AttrSourceID,
		audit.AttrSourceType, audit.AttrClientAddress, audit.AttrUserAgent, audit.AttrSessionID, audit.AttrSchemaVersion, audit.AttrServiceVersion:
		return p.secret()
	case audit.AttrMessage, audit.AttrOutcomeReason, audit.AttrExceptionMessage:
		return p.person()
	default:
		return p.pick(p.person(), p.canary+"\nx", p.canary+"\x00", strings.Repeat(p.canary, 50))
	}
}

func (p planter) put(attrs pcommon.Map, name string, v any) {
	if err := attrs.PutEmpty(name).FromRaw(v); err != nil {
		panic(err)
	}
}

// logs gives a payload with the canary in every place.
func (p planter) logs() plog.Logs {
	ld := plog.NewLogs()
	rl := ld.ResourceLogs().AppendEmpty()
	rl.SetSchemaUrl("https://opentelemetry.io/schemas/" + p.canary)
	resource := rl.Resource().Attributes()
	ref := entity.ResourceEntityRefs(rl.Resource()).AppendEmpty()
	ref.SetType(p.canary)
	ref.IdKeys().Append(p.canary)
	for range 3 {
		p.put(resource, p.unknownName(), p.anything(0))
	}
	p.put(resource, "telemetry.sdk.name", p.person())
	p.put(resource, "k8s.pod.name", p.anything(5))
	p.put(resource, "k8s.pod.name", p.person())
	for range 2 {
		sl := rl.ScopeLogs().AppendEmpty()
		sl.SetSchemaUrl(p.canary)
		sl.Scope().SetName(p.canary)
		sl.Scope().SetVersion(p.canary)
		p.put(sl.Scope().Attributes(), p.unknownName(), p.anything(0))
		for range 2 {
			lr := sl.LogRecords().AppendEmpty()
			lr.SetEventName(p.text(""))
			lr.SetSeverityText(p.pick(p.canary, "INFO "+p.canary, p.canary[:6]))
			p.put(lr.Attributes(), audit.AttrActorID, p.secret())
			if err := lr.Body().FromRaw(p.anything(0)); err != nil {
				panic(err)
			}
			for range 4 {
				p.put(lr.Attributes(), p.unknownName(), p.anything(0))
			}
			for _, d := range audit.Attributes() {
				switch {
				case d.Derived && d.Name != audit.AttrReceivedTime:
					p.put(lr.Attributes(), d.Name, p.anything(0))
					p.put(resource, d.Name, p.anything(0))
					p.put(sl.Scope().Attributes(), d.Name, p.anything(0))
				case d.Resource:
					p.put(resource, d.Name, p.known(d))
					p.put(lr.Attributes(), d.Name, p.anything(0)) // belongs on the resource
				default:
					p.put(lr.Attributes(), d.Name, p.known(d))
					p.put(sl.Scope().Attributes(), d.Name, p.anything(0))
				}
			}
		}
	}
	return ld
}

// in reports whether text holds any six bytes of the canary in a row.
func (p planter) in(text []byte) bool {
	for i := 0; i+6 <= len(p.canary); i++ {
		if bytes.Contains(text, []byte(p.canary[i:i+6])) {
			return true
		}
	}
	return false
}

// absent fails where in finds something, and shows where.
func (p planter) absent(tb testing.TB, seed uint64, out []byte) {
	tb.Helper()
	if !p.in(out) {
		return
	}
	for i := range out {
		if p.in(out[max(0, i-6):i]) {
			tb.Fatalf("seed %d: the canary came through: …%q…", seed, out[max(0, i-120):min(len(out), i+60)])
		}
	}
}

// seen runs one payload through a processor and gives all that can be seen of it from outside.
func seen(tb testing.TB, r running, ld plog.Logs) []byte {
	tb.Helper()
	var all bytes.Buffer
	if err := r.ConsumeLogs(context.Background(), ld); err != nil {
		all.WriteString(err.Error())
	}
	wire, err := (&plog.ProtoMarshaler{}).MarshalLogs(*r.out)
	require.NoError(tb, err)
	all.Write(wire)
	text, err := (&plog.JSONMarshaler{}).MarshalLogs(*r.out)
	require.NoError(tb, err)
	all.Write(text)
	for _, entry := range r.logs.TakeAll() {
		fmt.Fprint(&all, entry.Message, entry.ContextMap())
	}
	return all.Bytes()
}

func testCanary(tb testing.TB, r running, seed uint64) {
	tb.Helper()
	p := newPlanter(seed)
	ld := p.logs()
	wire, err := (&plog.ProtoMarshaler{}).MarshalLogs(ld)
	require.NoError(tb, err)
	require.True(tb, p.in(wire))
	p.absent(tb, seed, seen(tb, r, ld))
	for _, rl := range ld.ResourceLogs().All() {
		for _, sl := range rl.ScopeLogs().All() {
			for _, lr := range sl.LogRecords().All() {
				outcome, _ := lr.Attributes().Get(audit.AttrRedactionOutcome)
				require.Equal(tb, audit.RedactionWithheld, outcome.Str())
			}
		}
	}
}

func TestNothingOfACanaryComesThroughAnywhere(t *testing.T) {
	r := start(t, withDirectory(newConfig(), "testdata/users.yaml"))
	for seed := range uint64(seeds) {
		testCanary(t, r, seed)
	}
	for seed := range uint64(seeds) {
		newPlanter(seed).absent(t, seed, r.metrics(t))
	}
}

// Rules of the user widen what comes through by what they name and by nothing else.
func TestNothingOfACanaryComesThroughRulesThatDoNotNameIt(t *testing.T) {
	r := start(t, newConfig(
		AttributeRule{Name: "acme.other", Action: "keep"}, AttributeRule{Prefix: "acme.", Action: "pseudonymize"}, AttributeRule{Prefix: "X", Action: "skeleton"},
		AttributeRule{Prefix: "db.", Action: "keep"}, AttributeRule{Prefix: "exception.stack", Action: "keep"}, AttributeRule{Prefix: "plain", Action: "drop"}, AttributeRule{Name: "otel.scope.name", Action: "pseudonymize"},
		AttributeRule{Name: "db.system.name", Action: "withhold"},
	))
	for seed := range uint64(seeds) {
		p := newPlanter(seed)
		ld := p.logs()
		for _, rl := range ld.ResourceLogs().All() {
			for _, sl := range rl.ScopeLogs().All() {
				for _, lr := range sl.LogRecords().All() {
					lr.Attributes().Remove("X" + p.canary) // the rule for X would keep this name
					lr.Attributes().Remove(audit.AttrDBSystemName)
					lr.Attributes().Remove(audit.AttrReturnedRows)
				}
				for _, name := range []string{"X" + p.canary, audit.AttrDBSystemName, audit.AttrReturnedRows, audit.AttrQuerySummary} {
					sl.Scope().Attributes().Remove(name)
					rl.Resource().Attributes().Remove(name)
				}
			}
		}
		p.absent(t, seed, seen(t, r, ld))
	}
}

func FuzzNothingOfACanaryComesThrough(f *testing.F) {
	r := start(f, newConfig())
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) { testCanary(t, r, seed) })
}
