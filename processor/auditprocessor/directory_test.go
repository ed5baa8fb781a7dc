package auditprocessor

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/metric/metricdata/metricdatatest"

	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/directory/scim"
	"github.com/otelaudit/otelaudit/processor/auditprocessor/internal/metadatatest"
)

// scimService answers with one user, or with a status.
type scimService struct {
	*httptest.Server
	status atomic.Int32
}

func newSCIMService(t *testing.T) *scimService {
	t.Helper()
	s := &scimService{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if status := s.status.Load(); status != 0 {
			w.WriteHeader(int(status))
			return
		}
		users := `{"id": "1", "userName": "u-1", "displayName": "Ada of SCIM"}, {"id": "2", "userName": "u-9", "displayName": "Nina"}`
		switch {
		case !strings.HasSuffix(r.URL.Path, "/Users") || strings.Contains(r.URL.Query().Get("filter"), "nobody"):
			_, _ = fmt.Fprint(w, `{"totalResults": 0}`)
		default:
			_, _ = fmt.Fprintf(w, `{"totalResults": 2, "Resources": [%s]}`, users)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

// withSCIM adds a source behind those that the configuration has.
func withSCIM(cfg *Config, s *scimService) *Config {
	source := defaultSource()
	source.Name = "idp"
	c := scim.NewDefaultConfig()
	c.HTTP.Endpoint = s.URL
	source.SCIM = configoptional.Some(c)
	source.Sync.Interval = minSyncInterval
	d := cfg.Directory.GetOrInsertDefault()
	d.MaxWait = 10 * time.Second
	d.Sources = append(d.Sources, source)
	return cfg
}

func TestSourcesAreAskedInTheirOrder(t *testing.T) {
	s := newSCIMService(t)
	r := start(t, withSCIM(withDirectory(newConfig(), "testdata/users.yaml"), s))
	process := func(actor string) map[string]any {
		ld, event := one()
		event.Record.Attributes().PutStr(audit.AttrActorID, actor)
		return r.process(t, ld)
	}
	require.Eventually(t, func() bool { return process("u-9")[audit.AttrActorEnrichment] == "hit" }, 20*time.Second, 10*time.Millisecond)
	for actor, want := range map[string][3]any{
		"u-1": {"hit", "file", "Ada Example"}, "u-9": {"hit", "idp", "Nina"}, "nobody": {"miss", "idp", nil},
	} {
		after := process(actor)
		assert.Equal(t, want, [3]any{after[audit.AttrActorEnrichment], after[audit.AttrActorDirectory], after[audit.AttrDirectoryName]}, actor)
	}
	s.status.Store(http.StatusInternalServerError)
	require.Eventually(t, func() bool { return process("u-9")[audit.AttrActorEnrichment] == "stale" }, 30*time.Second, 10*time.Millisecond)
	assert.Equal(t, "hit", process("u-1")[audit.AttrActorEnrichment], "the other source is not concerned")
	assert.Equal(t, "error", process("who is this")[audit.AttrActorEnrichment])
	idp := attribute.String(labelDirectory, "idp")
	metadatatest.AssertEqualProcessorAuditDirectoryUsers(t, r.telemetry,
		[]metricdata.DataPoint[int64]{point(3, "", "", ofFile), point(2, "", "", idp)}, metricdatatest.IgnoreTimestamp())
	for _, name := range []string{"directory_lookup_duration", "directory_load_duration", "directory_answers", "directory_age", "directory_loads"} {
		_, err := r.telemetry.GetMetric("otelcol_processor_audit_" + name)
		assert.NoError(t, err)
	}
	require.NotZero(t, r.logs.FilterMessageSnippet("cannot be read").Len())
}

func TestAnEventHasWhatTheDirectorySaidAtItsTime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "users.csv")
	require.NoError(t, os.WriteFile(path, []byte("id,department,valid_from,valid_to\nu-1,Finance,2025-01-01,2025-11-01\nu-1,Legal,2025-11-01,\n"), 0o600))
	r := start(t, withDirectory(newConfig(), path))
	for at, want := range map[string]any{"2024-12-31": nil, "2025-10-31": "Finance", "2025-11-01": "Legal", "2026-01-01": "Legal"} {
		ld, event := one()
		day, err := time.Parse(time.DateOnly, at)
		require.NoError(t, err)
		event.Record.SetTimestamp(pcommon.NewTimestampFromTime(day))
		assert.Equal(t, want, r.process(t, ld)[audit.AttrDirectoryDepartment], at)
	}
}

// changeSink takes what a processor passes on, and may refuse.
type changeSink struct {
	mu      sync.Mutex
	refuse  int
	changes []map[string]any
	events  atomic.Int64
}

func (s *changeSink) consume(_ context.Context, ld plog.Logs) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refuse > 0 {
		s.refuse--
		return errors.New("the log is full")
	}
	audit.Events(ld, func(e audit.Event) bool {
		if e.Str(audit.AttrDirectoryChange) == "" {
			s.events.Add(1)
			return true
		}
		change := e.Record.Attributes().AsRaw()
		change["service"] = e.Str(audit.AttrServiceName)
		s.changes = append(s.changes, change)
		return true
	})
	return nil
}

func (s *changeSink) taken() []map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]map[string]any(nil), s.changes...)
}

// startInto starts a processor with a history in front of a sink.
func startInto(t *testing.T, cfg *Config, s *changeSink) running {
	t.Helper()
	cfg.Directory.Get().History = true
	require.NoError(t, cfg.Validate())
	telemetry := componenttest.NewTelemetry()
	next, err := consumer.NewLogs(s.consume)
	require.NoError(t, err)
	p, err := NewFactory().CreateLogs(context.Background(), metadatatest.NewSettings(telemetry), cfg, next)
	require.NoError(t, err)
	require.NoError(t, p.Start(context.Background(), componenttest.NewNopHost()))
	t.Cleanup(func() {
		require.NoError(t, p.Shutdown(context.Background()))
		require.NoError(t, telemetry.Shutdown(context.Background()))
	})
	return running{Logs: p, telemetry: telemetry}
}

func TestChangesGoDownThePipelineRedactedAsEventsAre(t *testing.T) {
	path := filepath.Join(t.TempDir(), "users.yaml")
	replace(t, path, "users:\n  - {id: u-1, name: Ada, email: ada@example.com, groups: [finance], active: true}\n  - {id: u-2, name: Bob}\n")
	s := &changeSink{refuse: 1}
	r := startInto(t, withDirectory(newConfig(AttributeRule{Name: audit.AttrDirectoryEmail, Action: "pseudonymize"}, AttributeRule{Name: audit.AttrActorID, Action: "pseudonymize"}), path), s)
	require.Eventually(t, func() bool { return len(s.taken()) == 3 }, 20*time.Second, 10*time.Millisecond, "what was refused is sent again")
	ids := map[any]bool{}
	for _, c := range s.taken() {
		assert.Equal(t, "file", c[audit.AttrActorDirectory])
		assert.Equal(t, "otelaudit", c["service"])
		assert.NotEmpty(t, c[audit.AttrRecordHash])
		assert.NotEmpty(t, c[audit.AttrRedactionOutcome])
		assert.NotContains(t, c, audit.AttrWithheld)
		ids[c[audit.AttrRecordID]] = true
		switch c[audit.AttrActorID] {
		case hash(t, "u-1"):
			assert.Equal(t, "present", c[audit.AttrDirectoryChange])
			assert.Equal(t, "Ada", c[audit.AttrDirectoryName])
			assert.Equal(t, hash(t, "ada@example.com"), c[audit.AttrDirectoryEmail])
			assert.Equal(t, []any{"finance"}, c[audit.AttrDirectoryGroups])
		case hash(t, "u-2"):
		default:
			assert.Equal(t, "snapshot", c[audit.AttrDirectoryChange])
		}
	}
	assert.Len(t, ids, 3)
	ld, _ := one()
	require.NoError(t, r.ConsumeLogs(context.Background(), ld))
	assert.EqualValues(t, 1, s.events.Load())

	replace(t, path, "users:\n  - {id: u-1, name: Ada, email: ada@example.com, groups: [legal], active: true}\n")
	require.Eventually(t, func() bool { return len(s.taken()) == 5 }, 20*time.Second, 10*time.Millisecond)
	kinds := map[any]any{}
	for _, c := range s.taken()[3:] {
		kinds[c[audit.AttrActorID]] = c[audit.AttrDirectoryChange]
	}
	assert.Equal(t, map[any]any{hash(t, "u-1"): "present", hash(t, "u-2"): "removed"}, kinds)
	metadatatest.AssertEqualProcessorAuditDirectoryChanges(t, r.telemetry, []metricdata.DataPoint[int64]{point(5, "", "", ofFile)}, metricdatatest.IgnoreTimestamp())
}

// Events go through while the file is replaced by good and broken ones, tens of times: each of them is a hit, and none is lost.
func TestReloadingUnderLoadLosesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "users.csv")
	replace(t, path, "id,name\nu-1,Ada\n")
	s := &changeSink{}
	cfg := withDirectory(newConfig(), path)
	r := startInto(t, cfg, s)
	stop := make(chan struct{})
	var sent atomic.Int64
	var senders sync.WaitGroup
	for range 2 {
		senders.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				ld, event := one()
				if err := r.ConsumeLogs(context.Background(), ld); err != nil {
					t.Errorf("refused: %v", err)
					return
				}
				if name, _ := event.Record.Attributes().Get(audit.AttrDirectoryName); name.AsString() != "Ada" {
					t.Error("an event without its actor")
					return
				}
				sent.Add(1)
			}
		})
	}
	loads := func() (n int64) {
		m, err := r.telemetry.GetMetric("otelcol_processor_audit_directory_loads")
		if err != nil {
			return 0
		}
		for _, p := range m.Data.(metricdata.Sum[int64]).DataPoints {
			n += p.Value
		}
		return n
	}
	for i := range 6 {
		before := loads()
		content := fmt.Sprintf("id,name\nu-1,Ada\nother-%d,x\n", i)
		if i%3 == 2 {
			content += "u-1,Ada\n" // twice: broken
		}
		replace(t, path, content)
		require.Eventually(t, func() bool { return loads() > before }, 20*time.Second, 10*time.Millisecond)
	}
	close(stop)
	senders.Wait()
	assert.Equal(t, sent.Load(), s.events.Load())
	assert.Positive(t, sent.Load())
}
