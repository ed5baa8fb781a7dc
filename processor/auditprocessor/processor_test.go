package auditprocessor

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/config/configopaque"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.uber.org/zap/zapcore"

	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/pseudonym"
)

func TestACleanEventIsStampedAndOtherwiseTheSame(t *testing.T) {
	r := start(t, newConfig())
	ld, event := one()
	before := event.Record.Attributes().AsRaw()
	after := r.process(t, ld)
	assert.Equal(t, audit.RedactionClean, after[audit.AttrRedactionOutcome])
	assert.NotContains(t, after, audit.AttrRedactionReason, "nothing to give a reason for")
	assert.Regexp(t, `^default@1\+[0-9a-f]{12}$`, after[audit.AttrRedactionPolicy])
	assert.Regexp(t, `^h1:k1:[A-Z2-7]{26}$`, after[audit.AttrRecordHash])
	for name, v := range before {
		assert.Equal(t, v, after[name])
	}
	assert.Len(t, after, len(before)+4)
}

func TestTheOutcomeIsAlwaysSetAndSpeaksOfTheWorst(t *testing.T) {
	r := start(t, newConfig())
	for name, tc := range map[string]struct {
		change          func(audit.Event)
		outcome, reason any
	}{
		"clean":    {func(audit.Event) {}, "clean", nil},
		"redacted": {func(e audit.Event) { e.Record.Attributes().PutStr(audit.AttrTargetID, "bob@example.com") }, "redacted", "personal_value"},
		"withheld": {func(e audit.Event) {
			e.Record.Attributes().PutStr(audit.AttrTargetID, "bob@example.com")
			e.Record.Attributes().PutStr("acme.unknown", "x")
		}, "withheld", "unknown_attribute"},
		"resource":                 {func(e audit.Event) { e.Resource.PutStr("acme.unknown", "x") }, "withheld", "unknown_attribute"},
		"query without a language": {func(e audit.Event) { e.Record.Attributes().PutStr(audit.AttrQueryText, "SELECT 1") }, "withheld", "query_language_unknown"},
		"query": {func(e audit.Event) {
			e.Record.Attributes().PutStr(audit.AttrQueryText, "SELECT 1")
			e.Record.Attributes().PutStr(audit.AttrQueryLanguage, "sql")
		}, "redacted", "query_literals"},
		"query that breaks off": {func(e audit.Event) {
			e.Record.Attributes().PutStr(audit.AttrQueryText, "SELECT a FROM t WHERE b = 'x")
			e.Record.Attributes().PutStr(audit.AttrQueryLanguage, "sql")
		}, "coarse", "query_unterminated"},
		"query that is none": {func(e audit.Event) {
			e.Record.Attributes().PutStr(audit.AttrQueryText, "-- only a comment")
			e.Record.Attributes().PutStr(audit.AttrQueryLanguage, "sql")
		}, "withheld", "query_empty"},
		"body":     {func(e audit.Event) { e.Record.Body().SetStr("x") }, "withheld", "body"},
		"severity": {func(e audit.Event) { e.Record.SetSeverityText("whatever") }, "clean", nil},
		"empty":    {func(e audit.Event) { e.Record.Attributes().Clear() }, "clean", nil},
	} {
		t.Run(name, func(t *testing.T) {
			ld, event := one()
			tc.change(event)
			after := r.process(t, ld)
			assert.Equal(t, tc.outcome, after[audit.AttrRedactionOutcome])
			assert.Equal(t, tc.reason, after[audit.AttrRedactionReason])
		})
	}
}

func TestWhatOnlyThisBundleMaySetIsRemovedWhereverASenderPutsIt(t *testing.T) {
	r := start(t, newConfig())
	ld, event := one()
	scope := ld.ResourceLogs().At(0).ScopeLogs().At(0).Scope().Attributes()
	for _, d := range audit.Attributes() {
		if !d.Derived || d.Name == audit.AttrReceivedTime {
			continue
		}
		event.Record.Attributes().PutStr(d.Name, "forged")
		event.Resource.PutStr(d.Name, "forged")
		scope.PutStr(d.Name, "forged")
	}
	event.Record.Attributes().PutInt(audit.AttrReceivedTime, 7)
	event.Resource.PutInt(audit.AttrReceivedTime, 8)
	after := r.process(t, ld)
	for name, v := range after {
		assert.NotEqual(t, "forged", v, name)
		assert.NotContains(t, name, "directory")
	}
	assert.Equal(t, audit.RedactionClean, after[audit.AttrRedactionOutcome])
	assert.EqualValues(t, 7, after[audit.AttrReceivedTime], "the receiver's time stays")
	assert.Equal(t, map[string]any{audit.AttrServiceName: "shop"}, event.Resource.AsRaw())
	assert.Empty(t, scope.AsRaw())
}

func TestTheRecordHashIsOfTheEventAsReceived(t *testing.T) {
	keys, err := pseudonym.New("k1", map[string][]byte{"k1": []byte(secret)})
	require.NoError(t, err)
	r := start(t, withDirectory(newConfig(), "testdata/users.yaml"))
	make2 := func(text string) (plog.Logs, string) {
		ld, event := one()
		event.Record.Body().SetStr(text)
		event.Record.Attributes().PutStr(audit.AttrQueryText, text)
		event.Resource.PutStr("acme.secret", text)
		second := ld.ResourceLogs().At(0).ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
		event.Record.CopyTo(second)
		return ld, keys.RecordHash(event.AppendCanonical(nil))
	}
	ld, want := make2("a")
	assert.Equal(t, want, r.process(t, ld)[audit.AttrRecordHash])
	second, _ := r.out.ResourceLogs().At(0).ScopeLogs().At(1).LogRecords().At(0).Attributes().Get(audit.AttrRecordHash)
	assert.Equal(t, want, second.Str(), "the resource of the second record is not redacted when it is hashed")
	other, _ := make2("b")
	assert.NotEqual(t, want, r.process(t, other)[audit.AttrRecordHash])

	again, _ := make2("a")
	again.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0).SetObservedTimestamp(5)
	again.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0).Attributes().PutStr(audit.AttrRedactionOutcome, "forged")
	assert.Equal(t, want, r.process(t, again)[audit.AttrRecordHash], "two deliveries of one event have one hash")
}

func TestActorsAreEnrichedBesideTheirClaims(t *testing.T) {
	r := start(t, withDirectory(newConfig(), "testdata/users.yaml"))
	ada := map[string]any{
		audit.AttrActorEnrichment: "hit", audit.AttrActorDirectory: "file", audit.AttrDirectoryName: "Ada Example", audit.AttrDirectoryEmail: "ada@example.com",
		audit.AttrDirectoryRoles: []any{"admin", "viewer"}, audit.AttrDirectoryGroups: []any{"platform"}, audit.AttrDirectoryDepartment: "Engineering", audit.AttrDirectoryActive: true,
	}
	miss := map[string]any{audit.AttrActorEnrichment: "miss", audit.AttrActorDirectory: "file"}
	for name, tc := range map[string]struct {
		id, email string
		want      map[string]any
	}{
		"by id":              {"u-1", "", ada},
		"id before e-mail":   {"u-1", "bob@example.com", ada},
		"by claimed e-mail":  {"x", "ADA@Example.com", ada},
		"by id as an e-mail": {"Ada@example.com", "", ada},
		"inactive":           {"u-2", "", map[string]any{audit.AttrActorEnrichment: "hit", audit.AttrActorDirectory: "file", audit.AttrDirectoryEmail: "bob@example.com", audit.AttrDirectoryActive: false}},
		"nothing but an id":  {"u-3", "", map[string]any{audit.AttrActorEnrichment: "hit", audit.AttrActorDirectory: "file"}},
		"unknown":            {"unknown", "", miss},
		"anonymous":          {"anonymous", "nobody@example.com", miss},
	} {
		t.Run(name, func(t *testing.T) {
			ld, event := one()
			event.Record.Attributes().PutStr(audit.AttrActorID, tc.id)
			event.Record.Attributes().PutStr(audit.AttrUserEmail, tc.email)
			after := r.process(t, ld)
			assert.Equal(t, tc.email, after[audit.AttrUserEmail], "the claim stays")
			assert.Equal(t, audit.RedactionClean, after[audit.AttrRedactionOutcome])
			for n, v := range after {
				if _, wanted := tc.want[n]; !wanted {
					assert.NotContains(t, n, "directory")
					continue
				}
				assert.Equal(t, tc.want[n], v, n)
			}
			for n := range tc.want {
				assert.Contains(t, after, n)
			}
		})
	}
}

func TestAPolicyMayHideWhoActed(t *testing.T) {
	r := start(t, withDirectory(newConfig(
		AttributeRule{Prefix: "audit.directory.", Action: "pseudonymize"}, AttributeRule{Prefix: "user.", Action: "withhold"}, AttributeRule{Name: audit.AttrActorID, Action: "pseudonymize"},
	), "testdata/users.yaml"))
	ld, event := one()
	event.Record.Attributes().PutStr(audit.AttrUserEmail, "ada@example.com")
	after := r.process(t, ld)
	assert.Equal(t, hash(t, "u-1"), after[audit.AttrActorID])
	assert.Equal(t, hash(t, "ada@example.com"), after[audit.AttrDirectoryEmail])
	assert.Equal(t, []any{hash(t, "platform")}, after[audit.AttrDirectoryGroups])
	assert.Equal(t, true, after[audit.AttrDirectoryActive])
	assert.Equal(t, map[string]any{audit.AttrUserEmail: "withheld:string:15:" + hash(t, "ada@example.com")}, after[audit.AttrWithheld])
	assert.Equal(t, "hit", after[audit.AttrActorEnrichment], "the look-up is before redaction")
}

func TestABrokenDirectoryMakesAnswersStaleAndIsReported(t *testing.T) {
	path := filepath.Join(t.TempDir(), "users.csv")
	require.NoError(t, os.WriteFile(path, []byte("id,name\nu-1,Ada\n"), 0o600))
	r := start(t, withDirectory(newConfig(), path))
	replace(t, path, "id,name\nu-1,Canary,Canary\n")
	require.Eventually(t, func() bool { return r.logs.FilterLevelExact(zapcore.ErrorLevel).Len() == 1 }, 20*time.Second, 10*time.Millisecond)
	entry := r.logs.FilterLevelExact(zapcore.ErrorLevel).All()[0]
	assert.Equal(t, "line 2: must have as many columns as the first line", entry.ContextMap()["error"])
	ld, _ := one()
	after := r.process(t, ld)
	assert.Equal(t, "stale", after[audit.AttrActorEnrichment])
	assert.Equal(t, "Ada", after[audit.AttrDirectoryName])
	ld, event := one()
	event.Record.Attributes().PutStr(audit.AttrActorID, "u-9")
	assert.Equal(t, "error", r.process(t, ld)[audit.AttrActorEnrichment], "that it is not there says nothing about him")
}

// replace replaces a file at once, so that a slow machine shows no half of it.
func replace(t *testing.T, path, content string) {
	t.Helper()
	require.NoError(t, os.WriteFile(path+".tmp", []byte(content), 0o600))
	require.NoError(t, os.Rename(path+".tmp", path))
}

func TestStartFailsWithoutKeysOrDirectory(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing")
	short := filepath.Join(t.TempDir(), "short")
	require.NoError(t, os.WriteFile(short, []byte("too-short"), 0o600))
	for want, cfg := range map[string]*Config{
		"pseudonyms.key_files.k1: open " + missing: {Pseudonyms: Pseudonyms{Active: "k1", KeyFiles: map[string]string{"k1": missing}}},
		"must be at least 32 bytes long, is 9":     {Pseudonyms: Pseudonyms{Active: "k1", KeyFiles: map[string]string{"k1": short}}},
		"directory " + missing + ".json: stat":     withDirectory(newConfig(), missing+".json"),
	} {
		cfg.Policy, cfg.Queries, cfg.Prompts = defaultPolicy(), Queries{Names: namesKeep}, Prompts{Text: promptsWithhold}
		r := newRunning(t, cfg)
		err := r.Start(context.Background(), componenttest.NewNopHost())
		require.ErrorContains(t, err, want)
		assert.NotContains(t, err.Error(), "too-short")
		require.NoError(t, r.Shutdown(context.Background()))
	}
}

func TestKeysMayComeFromFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	require.NoError(t, os.WriteFile(path, []byte(secret+"\n"), 0o600))
	cfg := newConfig()
	cfg.Pseudonyms = Pseudonyms{Active: "k1", Keys: map[string]configopaque.String{"k0": "another key of at least 32 bytes!"}, KeyFiles: map[string]string{"k1": path}}
	r := start(t, cfg)
	ld, event := one()
	event.Record.Attributes().PutStr(audit.AttrTargetID, "bob@example.com")
	assert.Equal(t, hash(t, "bob@example.com"), r.process(t, ld)[audit.AttrTargetID])
}

func TestConcurrentCallsDoNotMixTheirRecords(t *testing.T) {
	cfg := withDirectory(newConfig(), "testdata/users.yaml")
	p, err := newProcessor(processorSettings(t), cfg, consumertest.NewNop())
	require.NoError(t, err)
	require.NoError(t, p.start(context.Background(), nil))
	defer func() { require.NoError(t, p.shutdown(context.Background())) }()
	var wg sync.WaitGroup
	for g := range 4 {
		person := string(rune('a'+g)) + "@example.com"
		want := "from " + hash(t, person)
		wg.Go(func() {
			for range 200 {
				ld, event := one()
				event.Record.Attributes().PutStr(audit.AttrMessage, "from "+person)
				event.Record.Attributes().PutStr("acme.x", person)
				if _, err := p.processLogs(context.Background(), ld); err != nil || event.Str(audit.AttrMessage) != want {
					t.Error("a record took something from another")
					return
				}
			}
		})
	}
	wg.Wait()
}
