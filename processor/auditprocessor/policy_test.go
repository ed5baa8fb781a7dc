package auditprocessor

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/metric/metricdata/metricdatatest"
	"go.uber.org/zap/zapcore"

	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/policy"
	"github.com/otelaudit/otelaudit/processor/auditprocessor/internal/metadatatest"
)

// withRules gives a configuration with a policy in it.
func withRules(rules ...policy.Rule) *Config {
	cfg := newConfig()
	cfg.Policy.Rules = rules
	cfg.Policy.ReadOnly = []policy.Match{{Action: []string{"READ"}}}
	return cfg
}

// withPolicyFile gives a configuration whose policy is in a file.
func withPolicyFile(path string) *Config {
	cfg := newConfig()
	cfg.Policy.File = configoptional.Some(PolicyFile{Path: path, ReloadInterval: minReloadInterval})
	return cfg
}

// sink is the end of a pipeline. It keeps what it takes, unless it is to fail, and counts as an exporter with a ledger does.
type sink struct {
	mu      sync.Mutex
	failing atomic.Bool
	logs    []plog.Logs
	counts  map[audit.CountKey]uint64
}

func (s *sink) ConsumeLogs(ctx context.Context, logs plog.Logs) error {
	if s.failing.Load() {
		return errors.New("no room")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.logs = append(s.logs, logs)
	if s.counts == nil {
		s.counts = map[audit.CountKey]uint64{}
	}
	if tally := audit.TallyFrom(ctx); tally != nil {
		tally.Each(func(key audit.CountKey, n uint64) { s.counts[key] += n })
	}
	return nil
}

// events gives every record with a name, and nil where there is none.
func (s *sink) events(name string) (out []map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, logs := range s.logs {
		audit.Events(logs, func(e audit.Event) bool {
			if e.Record.EventName() == name {
				out = append(out, e.Record.Attributes().AsRaw())
			}
			return true
		})
	}
	return out
}

func (s *sink) counted() map[audit.CountKey]uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[audit.CountKey]uint64{}
	for key, n := range s.counts {
		out[key] = n
	}
	return out
}

// into gives a started processor in front of a sink.
func into(t *testing.T, cfg *Config, s *sink) processor.Logs {
	t.Helper()
	require.NoError(t, cfg.Validate())
	next, err := consumer.NewLogs(s.ConsumeLogs)
	require.NoError(t, err)
	p, err := NewFactory().CreateLogs(t.Context(), processorSettings(t), cfg, next)
	require.NoError(t, err)
	require.NoError(t, p.Start(t.Context(), componenttest.NewNopHost()))
	return p
}

// with gives a payload with one event that has these attributes besides.
func with(name, id string, attributes map[string]any) plog.Logs {
	ld, event := one()
	event.Record.SetEventName(name)
	for k, v := range attributes {
		if err := event.Record.Attributes().PutEmpty(k).FromRaw(v); err != nil {
			panic(err)
		}
	}
	event.Record.Attributes().PutStr(audit.AttrRecordID, id)
	return ld
}

// talkative has something to say at every level.
var talkative = map[string]any{
	audit.AttrAction: audit.ActionExecute, audit.AttrTargetID: "t-1", audit.AttrMessage: "hello", audit.AttrDetails: map[string]any{"color": "green"},
	audit.AttrQueryText: "SELECT a FROM t WHERE b = 'x'", audit.AttrQueryLanguage: "sql", "acme.unknown": "x",
}

func TestALevelSaysWhatIsKept(t *testing.T) {
	days := 30
	cfg := withDirectory(withRules(
		policy.Rule{Match: policy.Match{Event: []string{"m"}}, Level: "metadata", RetentionDays: &days},
		policy.Rule{Match: policy.Match{Event: []string{"v"}, Group: []string{"platform"}}, Level: "verbose"},
		policy.Rule{Match: policy.Match{Event: []string{"c"}}, Level: "custom", Attributes: []string{"audit.message", "acme.*"}},
	), "testdata/users.yaml")
	r := start(t, cfg)
	for name, tc := range map[string]struct {
		level          string
		has, hasNot    []string
		outcome        string
		details, after any
	}{
		"m": {level: "metadata", has: []string{audit.AttrTargetID, audit.AttrQueryFingerprint, audit.AttrQuerySummary, audit.AttrRetentionDays}, hasNot: []string{
			audit.AttrMessage, audit.AttrDetails, audit.AttrQueryRepresentation, audit.AttrWithheld, "acme.unknown",
		}, outcome: "redacted"},
		"other": {level: "standard", has: []string{audit.AttrMessage, audit.AttrQueryRepresentation, audit.AttrWithheld}, outcome: "withheld", details: "string"},
		"v":     {level: "verbose", has: []string{audit.AttrMessage, audit.AttrQueryRepresentation, audit.AttrWithheld}, outcome: "withheld", details: "green"},
		"c": {level: "custom", has: []string{audit.AttrMessage, audit.AttrActorID}, hasNot: []string{
			audit.AttrTargetID, audit.AttrQueryFingerprint, audit.AttrDirectoryName, "acme.unknown", audit.AttrWithheld,
		}, outcome: "withheld"},
	} {
		after := r.process(t, with(name, "id", talkative))
		assert.Equal(t, tc.level, after[audit.AttrCaptureLevel])
		assert.Equal(t, tc.outcome, after[audit.AttrRedactionOutcome], name)
		assert.Regexp(t, `^default@1\+[0-9a-f]{12}$`, after[audit.AttrRedactionPolicy])
		for _, attr := range tc.has {
			assert.Contains(t, after, attr, name)
		}
		for _, attr := range tc.hasNot {
			assert.NotContains(t, after, attr, name)
		}
		if tc.details != nil {
			assert.Equal(t, map[string]any{"color": tc.details}, after[audit.AttrDetails], name)
		}
		assert.NotContains(t, fmt.Sprint(after), "'x'")
	}
}

func TestWhatIsLeftOutIsCountedAndTold(t *testing.T) {
	share := 1e-9
	s := &sink{}
	p := into(t, withRules(
		policy.Rule{Name: "probes", Match: policy.Match{Event: []string{"health.*"}}, Level: "none"},
		policy.Rule{Name: "reads", Match: policy.Match{Event: []string{"list"}}, Sample: &share},
	), s)
	defer func() { require.NoError(t, p.Shutdown(t.Context())) }()

	ld := with("health.check", "r-1", map[string]any{audit.AttrAction: audit.ActionExecute, audit.AttrTenantID: "acme"})
	more := with("list", "r-2", map[string]any{audit.AttrAction: audit.ActionRead})
	more.ResourceLogs().MoveAndAppendTo(ld.ResourceLogs())
	kept := with("list", "r-3", map[string]any{audit.AttrAction: audit.ActionUpdate})
	kept.ResourceLogs().MoveAndAppendTo(ld.ResourceLogs())
	protected := with("health.check", "r-4", map[string]any{audit.AttrAction: audit.ActionDelete})
	protected.ResourceLogs().MoveAndAppendTo(ld.ResourceLogs())

	before := &audit.Tally{}
	before.Add(audit.CountKey{Source: "shop", Kind: audit.KindReceived}, 4)
	receipts := &audit.Receipts{All: true}
	ctx := audit.ContextWithReceipts(audit.ContextWithTally(t.Context(), before), receipts)
	again := plog.NewLogs()
	ld.CopyTo(again)

	s.failing.Store(true)
	require.Error(t, p.ConsumeLogs(ctx, ld))
	assert.Empty(t, receipts.List(), "what was not taken is not told of")
	s.failing.Store(false)
	require.NoError(t, p.ConsumeLogs(ctx, again), "it comes again, with the same context")

	require.Eventually(t, func() bool { return len(s.events(policyEventName)) == 1 }, 10*time.Second, time.Millisecond)
	assert.Equal(t, map[audit.CountKey]uint64{
		{Source: "shop", Kind: audit.KindReceived}:                                  4,
		{Tenant: "acme", Source: "shop", Kind: audit.KindSkipped, Reason: "probes"}: 1,
		{Source: "shop", Kind: audit.KindSampledOut, Reason: "reads"}:               1,
		{Source: "otelaudit", Kind: audit.KindGenerated}:                            1,
	}, s.counted())
	var states []string
	for _, r := range receipts.List() {
		states = append(states, fmt.Sprint(r.RecordID, " ", r.State))
	}
	assert.Equal(t, []string{fmt.Sprint("r-1 ", audit.StateSkipped), fmt.Sprint("r-2 ", audit.StateSampledOut)}, states)
	assert.Len(t, s.events("list"), 1)
	health := s.events("health.check")
	require.Len(t, health, 1)
	assert.Equal(t, "metadata", health[0][audit.AttrCaptureLevel], "a deletion is not switched off")
	for _, logs := range s.logs {
		for _, rl := range logs.ResourceLogs().All() {
			assert.Positive(t, rl.ScopeLogs().Len(), "nothing empty is passed on")
		}
	}

	// A request of which nothing is left goes on too, so that the counts are kept before it is answered.
	require.NoError(t, p.ConsumeLogs(t.Context(), with("health.check", "r-5", map[string]any{audit.AttrAction: audit.ActionExecute})))
	assert.EqualValues(t, 1, s.counted()[audit.CountKey{Source: "shop", Kind: audit.KindSkipped, Reason: "probes"}])
	assert.Zero(t, s.logs[len(s.logs)-1].ResourceLogs().Len())
}

func TestSampledRecordsCarryTheRate(t *testing.T) {
	share := 0.5
	s := &sink{}
	p := into(t, withRules(policy.Rule{Match: policy.Match{Event: []string{"list"}}, Sample: &share}), s)
	defer func() { require.NoError(t, p.Shutdown(t.Context())) }()
	const n = 400
	for range 2 { // what is sent again meets the same fate
		for i := range n {
			require.NoError(t, p.ConsumeLogs(t.Context(), with("list", fmt.Sprint("r-", i), map[string]any{audit.AttrAction: audit.ActionRead})))
		}
	}
	ids, scaled := map[any]int{}, 0.0
	for _, e := range s.events("list") {
		ids[e[audit.AttrRecordID]]++
		scaled += 1 / e[audit.AttrSampleRate].(float64)
	}
	assert.InEpsilon(t, 2*n, scaled, 0.2, "counts can be scaled")
	for id, times := range ids {
		assert.Equal(t, 2, times, id)
	}
}

const policyText = `
name: acme
version: %d
default: {level: %s}
rules:
  - {name: probes, match: {event: health.*}, level: none}
`

func writePolicy(t *testing.T, path string, version int, level string) {
	t.Helper()
	replace(t, path, fmt.Sprintf(policyText, version, level))
}

func TestABrokenPolicyKeepsTheOldOne(t *testing.T) {
	path := filepath.Join(t.TempDir(), "policy.yaml")
	writePolicy(t, path, 3, "metadata")
	r := start(t, withPolicyFile(path))
	stamp := func() any {
		return r.process(t, with("x", "id", talkative))[audit.AttrRedactionPolicy]
	}
	first := stamp()
	assert.Regexp(t, `^acme@3\+`, first)
	problems := 0
	for text, want := range map[string]string{
		"name: acme\nversion: 4\nrules:\n- {level: everything}\n": `line 4: rules[0].level is "everything": must be none, metadata, standard, verbose or custom`,
		fmt.Sprintf(policyText, 3, "verbose"):                     "version is 3 and 3 is in force: must be raised with every change",
		"{":                                                       "line 1: not valid YAML",
		"name: acme\nversion: 5\nrules: [{match: {evnt: x}}]\n": "line 3: rules[0].match has a key that is none of action, actor_id,",
	} {
		replace(t, path, text)
		problems++
		require.Eventually(t, func() bool { return r.logs.FilterLevelExact(zapcore.ErrorLevel).Len() == problems }, 20*time.Second, 10*time.Millisecond, text)
		entries := r.logs.FilterLevelExact(zapcore.ErrorLevel).All()
		assert.Contains(t, entries[problems-1].ContextMap()["error"], want)
		assert.Equal(t, first, stamp(), "the old one stays in force")
	}
	metadatatest.AssertEqualProcessorAuditPolicyLoads(t, r.telemetry,
		[]metricdata.DataPoint[int64]{point(1, "result", "ok"), point(int64(problems), "result", "failed")}, metricdatatest.IgnoreTimestamp())
	metadatatest.AssertEqualProcessorAuditPolicyVersion(t, r.telemetry, []metricdata.DataPoint[int64]{point(3, "", "")}, metricdatatest.IgnoreTimestamp())

	replace(t, path, "# a comment\n"+fmt.Sprintf(policyText, 3, "metadata"))
	time.Sleep(10 * minReloadInterval)
	assert.Equal(t, first, stamp(), "a comment is no change")
	writePolicy(t, path, 4, "standard")
	require.Eventually(t, func() bool { return stamp() != first }, 20*time.Second, 10*time.Millisecond)
	assert.Equal(t, problems, r.logs.FilterLevelExact(zapcore.ErrorLevel).Len())

	missing := newRunning(t, withPolicyFile(filepath.Join(t.TempDir(), "none.yaml")))
	require.ErrorContains(t, missing.Start(t.Context(), componenttest.NewNopHost()), "none.yaml: ")
	require.NoError(t, missing.Shutdown(t.Context()))
}

// A version of the policy is loaded while it blocks, for as long as the test likes: requests go on all the time, by one version or
// the other and never by a mixture, and none is lost.
func TestAReloadUnderLoadLosesAndDelaysNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "policy.yaml")
	writePolicy(t, path, 1, "metadata")
	s := &sink{}
	p := into(t, withPolicyFile(path), s)
	defer func() { require.NoError(t, p.Shutdown(t.Context())) }()
	const senders, versions = 4, 4
	stop := make(chan struct{})
	var sent atomic.Int64
	var wg sync.WaitGroup
	for g := range senders {
		wg.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				ld := with("x", fmt.Sprint(g, "-", i), talkative)
				for range 9 {
					with("x", fmt.Sprint(g, "-", i), talkative).ResourceLogs().MoveAndAppendTo(ld.ResourceLogs())
				}
				if err := p.ConsumeLogs(context.Background(), ld); err != nil {
					t.Error(err)
					return
				}
				sent.Add(10)
				time.Sleep(time.Millisecond)
			}
		})
	}
	for version := 2; version <= versions; version++ {
		writePolicy(t, path, version, []string{"metadata", "verbose"}[version%2])
		require.Eventually(t, func() bool { return len(s.events(policyEventName)) == version }, 20*time.Second, 10*time.Millisecond)
	}
	close(stop)
	wg.Wait()

	s.mu.Lock()
	defer s.mu.Unlock()
	seen, records := map[string]bool{}, int64(0)
	for _, logs := range s.logs {
		of := ""
		audit.Events(logs, func(e audit.Event) bool {
			if e.Record.EventName() == policyEventName {
				return true
			}
			records++
			stamp := e.Str(audit.AttrRedactionPolicy)
			seen[stamp] = true
			if of != "" {
				assert.Equal(t, of, stamp, "one request, one version")
			}
			of = stamp
			var version int
			_, err := fmt.Sscanf(stamp, "acme@%d+", &version)
			assert.NoError(t, err)
			want := map[bool]string{true: "verbose", false: "metadata"}[version > 1 && version%2 == 1]
			assert.Equal(t, want, e.Str(audit.AttrCaptureLevel), stamp)
			_, message := e.Record.Attributes().Get(audit.AttrMessage)
			assert.Equal(t, want == "verbose", message, "what is kept and what is stamped are of one version")
			return true
		})
	}
	assert.Equal(t, sent.Load(), records)
	assert.Len(t, seen, versions)
}

func TestRequestsDoNotWaitForALoad(t *testing.T) {
	p, err := newProcessor(processorSettings(t), withRules(policy.Rule{Level: "metadata"}), consumerNop(t))
	require.NoError(t, err)
	require.NoError(t, p.start(t.Context(), nil))
	loading, finish := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() { // a load that takes for ever, as one on a broken disk
		close(loading)
		<-finish
		assert.NoError(t, p.takePolicy([]byte("name: default\nversion: 2\nrules: [{level: verbose}]\n")))
	})
	<-loading
	level := func() string {
		ld := with("x", "id", talkative)
		_, err := p.processLogs(t.Context(), ld)
		require.NoError(t, err)
		return audit.Event{Record: ld.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0)}.Str(audit.AttrCaptureLevel)
	}
	for range 100 {
		require.Equal(t, "metadata", level())
	}
	close(finish)
	wg.Wait()
	assert.Equal(t, "verbose", level())
	require.NoError(t, p.shutdown(t.Context()))
}

func TestAChangeOfThePolicyIsAnEvent(t *testing.T) {
	path := filepath.Join(t.TempDir(), "policy.yaml")
	writePolicy(t, path, 1, "metadata")
	s := &sink{}
	s.failing.Store(true)
	p := into(t, withPolicyFile(path), s)
	time.Sleep(50 * time.Millisecond)
	s.failing.Store(false)
	require.Eventually(t, func() bool { return len(s.events(policyEventName)) == 1 }, 20*time.Second, 10*time.Millisecond, "it is sent until it is taken")
	event := s.events(policyEventName)[0]
	for name, want := range map[string]any{
		audit.AttrActorType: "system", audit.AttrActorID: "otelaudit", audit.AttrAction: "UPDATE", audit.AttrOutcome: "success",
		audit.AttrTargetType: "audit_policy", audit.AttrTargetID: "acme", audit.AttrTargetName: event[audit.AttrRedactionPolicy],
		audit.AttrChangeAfter:      map[string]any{"default_level": "metadata", "plans": int64(0), "protected": int64(0), "rules": []any{map[string]any{"name": "probes", "level": "none"}}},
		audit.AttrRedactionOutcome: "clean",
	} {
		assert.Equal(t, want, event[name], name)
	}
	for _, logs := range s.logs {
		audit.Events(logs, func(e audit.Event) bool {
			if assert.Nil(t, e.Validate()) {
				assert.WithinDuration(t, time.Now(), e.Time(), time.Minute)
			}
			return true
		})
	}

	s.failing.Store(true)
	writePolicy(t, path, 2, "standard")
	require.Eventually(t, func() bool {
		s.failing.Store(true)
		return p.(head).Logs != nil && stampOf(t, p, s) == "standard"
	}, 20*time.Second, 10*time.Millisecond)
	s.failing.Store(false)
	require.NoError(t, p.Shutdown(t.Context()))
	assert.Len(t, s.events(policyEventName), 2, "what waits at the end is tried once more")

	again := &sink{}
	p = into(t, withPolicyFile(path), again)
	require.NoError(t, p.Shutdown(t.Context()))
	told := again.events(policyEventName)
	require.Len(t, told, 1, "the policy in force is told at every start")
	last := s.events(policyEventName)[1]
	for _, name := range []string{audit.AttrRecordID, audit.AttrRecordHash} {
		assert.Equal(t, last[name], told[0][name], "so that it is recognised: %s", name)
		assert.NotEqual(t, event[name], told[0][name])
	}
}

// stampOf gives the level that the processor gives an event now, whether or not the sink takes it.
func stampOf(t *testing.T, p processor.Logs, s *sink) string {
	t.Helper()
	s.failing.Store(false)
	defer s.failing.Store(true)
	ld := with("probe", "id", talkative)
	require.NoError(t, p.ConsumeLogs(t.Context(), ld))
	events := s.events("probe")
	return events[len(events)-1][audit.AttrCaptureLevel].(string)
}

func TestASilentPolicyIsNoEvent(t *testing.T) {
	s := &sink{}
	p := into(t, newConfig(), s)
	require.NoError(t, p.Shutdown(t.Context()))
	assert.Empty(t, s.logs)
}

func TestWhatAPipelineNeverTakesEndsWithTheProcessor(t *testing.T) {
	s := &sink{}
	s.failing.Store(true)
	p := into(t, withRules(policy.Rule{Level: "metadata"}), s)
	require.NoError(t, p.Shutdown(t.Context()))
	assert.Empty(t, s.logs)
}

func TestTheDebugLogSaysWhyWithoutValues(t *testing.T) {
	r := start(t, withRules(policy.Rule{Name: "probes", Match: policy.Match{Event: []string{"canary.*"}}, Level: "none"}))
	require.NoError(t, r.ConsumeLogs(t.Context(), with("canary.x", "canary-1", map[string]any{audit.AttrAction: audit.ActionExecute, audit.AttrUserEmail: "canary@example.com"})))
	require.NoError(t, r.ConsumeLogs(t.Context(), with("canary.x", "canary-2", map[string]any{audit.AttrAction: audit.ActionLogin, "acme.canary": "canary"})))
	decisions := r.logs.FilterMessage("The policy decided about an event.").All()
	require.Len(t, decisions, 2)
	assert.Equal(t, "rules[0] (probes)", decisions[0].ContextMap()["rule"])
	assert.Contains(t, fmt.Sprint(decisions[0].ContextMap()["why"]), "counted as skipped")
	assert.Contains(t, fmt.Sprint(decisions[1].ContextMap()["why"]), "protected: it is a login")
	redacted := r.logs.FilterMessage("An event was redacted.").All()
	require.Len(t, redacted, 1)
	assert.Regexp(t, "^h1:", redacted[0].ContextMap()["record_hash"])
	for _, e := range r.logs.All() {
		assert.NotContains(t, fmt.Sprint(e.Message, e.ContextMap()), "canary")
	}
}

func TestRecordsAreCountedByLevel(t *testing.T) {
	r := start(t, withRules(policy.Rule{Match: policy.Match{Event: []string{"skip"}}, Level: "none"}))
	for _, name := range []string{"skip", "skip", "x"} {
		require.NoError(t, r.ConsumeLogs(t.Context(), with(name, "id", map[string]any{audit.AttrAction: audit.ActionExecute})))
	}
	metadatatest.AssertEqualProcessorAuditCapturedRecords(t, r.telemetry,
		[]metricdata.DataPoint[int64]{point(2, "level", "none"), point(1, "level", "standard")}, metricdatatest.IgnoreTimestamp())
}

// Nothing comes through at any level that the level does not let through: below verbose nothing at all, and at verbose no personal
// value and no secret.
func TestNothingOfACanaryComesThroughAtAnyLevel(t *testing.T) {
	for name, rule := range map[string]policy.Rule{
		"metadata": {Level: "metadata"},
		"standard": {Level: "standard"},
		"verbose":  {Level: "verbose"},
		"custom":   {Level: "custom", Attributes: []string{"acme.*", "a*", "db.query.text", "audit.withheld", "audit.details"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := start(t, withDirectory(withRules(rule), "testdata/users.yaml"))
			for seed := range uint64(seeds / 4) {
				p := newPlanter(seed)
				p.values = name == "verbose"
				ld := p.logs()
				wire, err := (&plog.ProtoMarshaler{}).MarshalLogs(ld)
				require.NoError(t, err)
				require.True(t, p.in(wire))
				p.absent(t, seed, seen(t, r, ld))
			}
		})
	}
}

func consumerNop(t *testing.T) consumer.Logs {
	t.Helper()
	next, err := consumer.NewLogs(func(context.Context, plog.Logs) error { return nil })
	require.NoError(t, err)
	return next
}
