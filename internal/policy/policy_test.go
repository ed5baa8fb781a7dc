package policy

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// full is a policy that has everything.
const full = `
name: acme
version: 7
default: {level: metadata, retention_days: 365}
plans:
  - {name: enterprise, tenants: [big, "huge-*"], retention_days: 3650}
  - {name: free, tenants: ["free-*"], retention_days: 30}
protected:
  - {event: billing.*}
read_only:
  - {action: [READ, EXECUTE]}
rules:
  - name: probes
    match: {event: [health.*, "*.ping"]}
    level: none
  - name: finance
    match: {group: finance, tenant: big}
    level: verbose
    retention_days: 0
  - name: lists
    match: {action: READ, target_type: [dashboard]}
    sample: 0.25
  - name: exports
    match: {action: EXPORT}
    level: custom
    attributes: [audit.export.rows, acme.*, db.query.text]
  - {match: {email: "*@CONTRACTORS.example.com"}, level: verbose}
  - {match: {role: auditor}, level: standard}
  - {match: {actor_id: [svc-1, svc-2, svc-3, svc-4, svc-5], actor_type: service}, level: none}
  - {match: {department: Legal, origin: api, profile: axiom}, level: standard}
  - {match: {tenant: free-quiet}, retention_days: 7}
`

// subject gives what a policy looks at of an event with these attributes; "event" is its name, "profile" that of its resource.
func subject(attributes map[string]any) *Subject {
	lr := plog.NewLogRecord()
	resource := pcommon.NewMap()
	for name, v := range attributes {
		switch name {
		case "event":
			lr.SetEventName(v.(string))
		case "profile":
			resource.PutStr(audit.AttrProfile, v.(string))
		default:
			if err := lr.Attributes().PutEmpty(name).FromRaw(v); err != nil {
				panic(err)
			}
		}
	}
	s := &Subject{}
	s.Read(audit.Event{Resource: resource, Record: lr})
	return s
}

type attrs = map[string]any

func TestTheFirstRuleThatMatchesCounts(t *testing.T) {
	p, err := Parse([]byte(full), "")
	require.NoError(t, err)
	for name, tc := range map[string]struct {
		event attrs
		want  Decision
	}{
		"nothing": {attrs{}, Decision{Rule: -1, Level: Metadata, RetentionDays: 365}},
		"glob":    {attrs{"event": "health.check"}, Decision{Rule: 0, Fate: Skipped, RetentionDays: 365}},
		"glob from the left": {
			attrs{"event": "db.ping"}, Decision{Rule: 0, Fate: Skipped, RetentionDays: 365},
		},
		"a glob is for the whole": {attrs{"event": "db.ping.x"}, Decision{Rule: -1, Level: Metadata, RetentionDays: 365}},
		"group and tenant": {
			attrs{audit.AttrDirectoryGroups: []any{"x", "finance"}, audit.AttrTenantID: "big"}, Decision{Rule: 1, Level: Verbose},
		},
		"group of another tenant": {
			attrs{audit.AttrDirectoryGroups: []any{"finance"}, audit.AttrTenantID: "huge-1"}, Decision{Rule: -1, Level: Metadata, RetentionDays: 3650},
		},
		"a first rule before a second": {
			attrs{"event": "x.ping", audit.AttrDirectoryGroups: []any{"finance"}, audit.AttrTenantID: "big"},
			Decision{Rule: 0, Fate: Skipped, RetentionDays: 3650},
		},
		"custom": {attrs{audit.AttrAction: "EXPORT"}, Decision{Rule: 3, Level: Custom, Capture: 4, RetentionDays: 365}},
		"e-mail in another case": {
			attrs{audit.AttrUserEmail: "Bob@contractors.Example.com"}, Decision{Rule: 4, Level: Verbose, RetentionDays: 365},
		},
		"the directory's e-mail before the claim": {
			attrs{audit.AttrUserEmail: "bob@contractors.example.com", audit.AttrDirectoryEmail: "bob@example.com"},
			Decision{Rule: -1, Level: Metadata, RetentionDays: 365},
		},
		"role as claimed": {attrs{audit.AttrUserRoles: []any{"auditor"}}, Decision{Rule: 5, Level: Standard, RetentionDays: 365}},
		"role of the directory": {
			attrs{audit.AttrDirectoryRoles: []any{"x", "auditor"}, audit.AttrUserRoles: []any{"y"}},
			Decision{Rule: 5, Level: Standard, RetentionDays: 365},
		},
		"a claimed role beside the directory's": {
			attrs{audit.AttrDirectoryRoles: []any{"x"}, audit.AttrUserRoles: []any{"auditor"}},
			Decision{Rule: -1, Level: Metadata, RetentionDays: 365},
		},
		"many ids": {
			attrs{audit.AttrActorID: "svc-5", audit.AttrActorType: "service"}, Decision{Rule: 6, Fate: Skipped, RetentionDays: 365},
		},
		"an id of another type of actor": {
			attrs{audit.AttrActorID: "svc-5", audit.AttrActorType: "user"}, Decision{Rule: -1, Level: Metadata, RetentionDays: 365},
		},
		"department, origin, profile": {
			attrs{audit.AttrDirectoryDepartment: "Legal", audit.AttrOrigin: "api", "profile": "axiom"},
			Decision{Rule: 7, Level: Standard, RetentionDays: 365},
		},
		"retention of a plan":          {attrs{audit.AttrTenantID: "free-1"}, Decision{Rule: -1, Level: Metadata, RetentionDays: 30}},
		"retention of a rule":          {attrs{audit.AttrTenantID: "free-quiet"}, Decision{Rule: 8, Level: Metadata, RetentionDays: 7}},
		"an attribute of a wrong type": {attrs{audit.AttrAction: int64(7), audit.AttrUserRoles: "auditor"}, Decision{Rule: -1, Level: Metadata, RetentionDays: 365}},
		"sampled, and it is kept":      {attrs{audit.AttrAction: "READ", audit.AttrTargetType: "dashboard", audit.AttrRecordID: "r-5"}, Decision{Rule: 2, Level: Metadata, RetentionDays: 365, SampleRate: 0.25}},
		"sampled, and it is left out":  {attrs{audit.AttrAction: "READ", audit.AttrTargetType: "dashboard", audit.AttrRecordID: "r-1"}, Decision{Rule: 2, Fate: SampledOut, Level: Metadata, RetentionDays: 365, SampleRate: 0.25}},
		"a record without id is kept":  {attrs{audit.AttrAction: "READ", audit.AttrTargetType: "dashboard"}, Decision{Rule: 2, Level: Metadata, RetentionDays: 365, SampleRate: 0.25}},
		"the policy's own protected":   {attrs{"event": "billing.ping"}, Decision{Rule: 0, Level: Metadata, RetentionDays: 365, Protected: true, Raised: true}},
		"what no rule may switch off":  {attrs{"event": "db.ping", audit.AttrAction: "LOGIN"}, Decision{Rule: 0, Level: Metadata, RetentionDays: 365, Protected: true, Raised: true}},
		"protected, and retention of a plan": {
			attrs{audit.AttrTenantID: "free-quiet", audit.AttrAction: "DELETE"},
			Decision{Rule: 8, Level: Metadata, RetentionDays: 30, Protected: true, Raised: true},
		},
		"protected, and a longer retention of a rule": {
			attrs{audit.AttrDirectoryGroups: []any{"finance"}, audit.AttrTenantID: "big", audit.AttrAction: "SHARE"},
			Decision{Rule: 1, Level: Verbose, Protected: true},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if tc.want.SampleRate == 0 {
				tc.want.SampleRate = 1
			}
			if tc.want.Capture == 0 && tc.want.Level != Custom {
				tc.want.Capture = int(tc.want.Level)
			}
			tc.want.Retained = true
			s := subject(tc.event)
			got := p.Decide(s)
			assert.Equal(t, tc.want, got)
			for _, sentence := range p.Explain(s, got) {
				assert.NotContains(t, sentence, "%!")
			}
		})
	}
}

func TestWhatNoRuleMaySwitchOff(t *testing.T) {
	p, err := Parse([]byte(`{name: off, version: 1, read_only: [{event: "*"}], rules: [
		{match: {origin: sampled}, sample: 0.000001, retention_days: 1},
		{match: {origin: custom}, level: custom, attributes: [acme.x]},
		{level: none, retention_days: 1}]}`), "")
	require.NoError(t, err)
	for _, tc := range []struct {
		action, target string
		protected      bool
	}{
		{"LOGIN", "", true},
		{"LOGOUT", "session", true},
		{"login", "", true},
		{"DELETE", "table", true},
		{"SHARE", "repo", true},
		{"UNSHARE", "repo", true},
		{"GRANT", "table", true},
		{"REVOKE", "table", true},
		{"UPDATE", "role", true},
		{"CREATE", "Role Assignment", true},
		{"CREATE", "api-token", true},
		{"UPDATE", "rbac_statement", true},
		{"DISABLE", "user", true},
		{"READ", "role", false},
		{"REPORT", "group", false},
		{"READ", "audit_policy", true},
		{"UPDATE", "Audit Policy", true},
		{"UPDATE", "dashboard", false},
		{"READ", "dashboard", false},
		{"EXECUTE", "", false},
		{"", "", false},
		{"LOGIN_PAGE_WITH_A_VERY_LONG_NAME_OF_A_VERB", "a_target_type_with_a_very_long_name_indeed", false},
	} {
		for _, origin := range []string{"", "sampled", "custom"} {
			s := subject(attrs{audit.AttrAction: tc.action, audit.AttrTargetType: tc.target, audit.AttrOrigin: origin, audit.AttrRecordID: "r"})
			d := p.Decide(s)
			assert.Equal(t, tc.protected, d.Protected, tc)
			if !tc.protected {
				continue
			}
			assert.Equal(t, Stored, d.Fate, tc)
			assert.True(t, d.Raised)
			assert.False(t, d.Retained, "it is kept without limit, as where no rule says otherwise")
			assert.InDelta(t, 1, d.SampleRate, 0)
			for _, name := range []string{audit.AttrTargetID, audit.AttrUserEmail, audit.AttrClientAddress} {
				assert.True(t, p.Captures()[d.Capture].Keeps(name), name)
			}
		}
	}
}

func TestLevels(t *testing.T) {
	p, err := Parse([]byte(full), "")
	require.NoError(t, err)
	keeps := func(capture int) (out []string) {
		c := p.Captures()[capture]
		for _, d := range audit.Attributes() {
			if c.Keeps(d.Name) {
				out = append(out, d.Name)
			}
		}
		return out
	}
	all := len(audit.Attributes())
	assert.Empty(t, keeps(int(None)))
	assert.Len(t, keeps(int(Metadata)), all-len(content))
	assert.Len(t, keeps(int(Standard)), all)
	assert.Len(t, keeps(int(Verbose)), all)
	for capture := range p.Captures()[1:] {
		assert.Subset(t, keeps(capture+1), base, "no event can do without")
		assert.Equal(t, capture+1 == int(Verbose), p.Captures()[capture+1].Values)
	}
	custom, floor := p.Captures()[4], p.Captures()[5]
	for name, of := range map[string][2]bool{
		audit.AttrExportRows: {true, true}, "acme.region": {true, true}, audit.AttrQueryRepresentation: {true, true}, audit.AttrDatasets: {true, true},
		audit.AttrTargetID: {false, true}, audit.AttrMessage: {false, false}, "other": {false, false}, audit.AttrWithheld: {false, false},
	} {
		got := [2]bool{custom.Keeps(name), floor.Keeps(name)}
		assert.Equal(t, of, got, name)
	}
	metadata := p.Captures()[Metadata]
	assert.False(t, metadata.Keeps("acme.region"), "an attribute that the conventions do not know may be anything")
	assert.True(t, metadata.Keeps(audit.AttrQueryFingerprint))
}

func TestSamplesAreSharesAndNested(t *testing.T) {
	const n = 20_000
	counts := map[float64]int{}
	for i := range n {
		id := "01890a5d-ac96-774b-bcce-" + strconv.Itoa(i)
		before := false
		for _, rate := range []float64{0.01, 0.1, 0.5, 1} {
			now := kept(id, rate)
			assert.Equal(t, now, kept(id, rate))
			require.True(t, now || !before, "a greater rate keeps all that a smaller one does")
			before = now
			if now {
				counts[rate]++
			}
		}
	}
	for rate, kept := range counts {
		assert.InEpsilon(t, rate*n, kept, 0.15)
	}
}

func TestGlob(t *testing.T) {
	for _, tc := range []struct {
		pattern, text string
		want          bool
	}{
		{"*", "", true},
		{"a", "a", true},
		{"a", "ab", false},
		{"a*", "a", true},
		{"a*c", "abc", true},
		{"a*c", "ac", true},
		{"a*c", "abcd", false},
		{"*a*b*", "xaxxbx", true},
		{"*a*b", "ab ab", true},
		{"?", "", false},
		{"?", "ä", true},
		{"??", "ä", false},
		{"a?c", "abc", true},
		{"a?*", "a", false},
		{"*?", "x", true},
		{"**", "x", true},
		{strings.Repeat("*a", 50) + "b", strings.Repeat("a", 4000), false},
		{"*a", strings.Repeat("a", longestGlob+1), false},
		{"a*", strings.Repeat("a", longestGlob+1), true},
	} {
		p := newPattern(tc.pattern)
		assert.Equal(t, tc.want, p.fits(tc.text, false), "%.20s %.20s", tc.pattern, tc.text)
	}
	p := newPattern("*@Example.com")
	assert.True(t, p.fits("a@eXAMPLE.COM", true))
	assert.False(t, p.fits("a@eXAMPLE.COM", false))
}

func TestIdentity(t *testing.T) {
	id := func(text, also string) string {
		p, err := Parse([]byte(text), also)
		require.NoError(t, err)
		return p.Identity().String()
	}
	one := id("name: a\nversion: 3\nrules: [{level: none}]\n", "")
	assert.Regexp(t, `^a@3\+[0-9a-f]{12}$`, one)
	assert.Equal(t, one, id("# a comment\nversion: 3\nrules:\n  - level: none\nname: a\n", ""), "neither order nor comments count")
	assert.Equal(t, one, id(`{"name": "a", "version": 3, "rules": [{"level": "none"}]}`, ""))
	assert.NotEqual(t, one, id("name: a\nversion: 3\nrules: [{level: metadata}]\n", ""))
	assert.NotEqual(t, one, id("name: a\nversion: 3\nrules: [{level: none}]\n", "other rules beside it"))
}

func TestDecidingAllocatesNothing(t *testing.T) {
	p, err := Parse([]byte(full), "")
	require.NoError(t, err)
	e := benchmarkEvent()
	s := &Subject{}
	var d Decision
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		s.Read(e)
		d = p.Decide(s)
	}))
	assert.Equal(t, -1, d.Rule)
}

func benchmarkEvent() audit.Event {
	lr := plog.NewLogRecord()
	lr.SetEventName("runAPLQuery")
	a := lr.Attributes()
	for _, d := range audit.Attributes()[:30] {
		if d.Type == audit.String {
			a.PutStr(d.Name, "something")
		}
	}
	a.PutStr(audit.AttrAction, "EXECUTE")
	for _, name := range []string{audit.AttrUserRoles, audit.AttrDirectoryRoles, audit.AttrDirectoryGroups} {
		list := a.PutEmptySlice(name)
		list.AppendEmpty().SetStr("one")
		list.AppendEmpty().SetStr("Two")
	}
	return audit.Event{Resource: pcommon.NewMap(), Record: lr}
}

func BenchmarkDecide(b *testing.B) {
	p, err := Parse([]byte(full), "")
	require.NoError(b, err)
	e := benchmarkEvent()
	s := &Subject{}
	b.SetBytes(1)
	b.ReportAllocs()
	for b.Loop() {
		s.Read(e)
		p.Decide(s)
	}
}
