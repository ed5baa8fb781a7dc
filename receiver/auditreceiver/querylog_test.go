package auditreceiver

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal/clickhousetest"
)

// TestReadsOfTheLogAreEvents on a real server: who read it, who was refused, who deleted from it.
func TestReadsOfTheLogAreEvents(t *testing.T) {
	database := clickhousetest.New(t, func(o *clickhouselocal.Options) {
		o.QueryLog = true
		o.Users = []clickhouselocal.User{
			{Name: "collector", Grants: []string{"GRANT INSERT ON audit.events", "GRANT SELECT ON system.query_log"}},
			{Name: "analyst", Grants: []string{"GRANT SELECT(actor_id) ON audit.events"}},
		}
	})
	for _, sql := range []string{"CREATE DATABASE audit", "CREATE TABLE audit.events (actor_id String, actor_email String) ENGINE = MergeTree ORDER BY actor_id"} {
		_, err := database.Query(t.Context(), sql)
		require.NoError(t, err)
	}
	var failures atomic.Int32
	failures.Store(1)
	s := newServer(t, func(cfg *Config) {
		c := cfg.QueryLog.GetOrInsertDefault()
		c.ClientConfig.Endpoint, c.Username, c.ExcludeUsers, c.Interval = database.HTTPURL(), "collector", []string{"collector", "default"}, time.Second
	})
	s.pipeline.consume = func(context.Context, plog.Logs) error {
		if failures.Add(-1) >= 0 {
			return errors.New("full")
		}
		return nil
	}
	s.start(t, componenttest.NewNopHost())

	_, err := database.QueryAs(t.Context(), "collector", "", "INSERT INTO audit.events VALUES ('u1', 'ann@example.com')")
	require.NoError(t, err)
	_, err = database.QueryAs(t.Context(), "analyst", "", "SELECT actor_id FROM audit.events")
	require.NoError(t, err)
	_, err = database.QueryAs(t.Context(), "analyst", "", "SELECT actor_email FROM audit.events WHERE actor_id = 'u1'")
	require.Error(t, err)
	_, err = database.QueryAs(t.Context(), "analyst", "", "SELECT 1")
	require.NoError(t, err)

	events := func() map[string]audit.Event {
		found := map[string]audit.Event{}
		s.pipeline.mu.Lock()
		defer s.pipeline.mu.Unlock()
		for _, logs := range s.pipeline.taken {
			audit.Events(logs, func(e audit.Event) bool {
				found[e.Str(audit.AttrActorID)+" "+e.Str(audit.AttrAction)+" "+e.Str(audit.AttrOutcome)] = e
				return true
			})
		}
		return found
	}
	require.Eventually(t, func() bool { return len(events()) >= 2 }, 30*time.Second, 100*time.Millisecond)
	time.Sleep(1500 * time.Millisecond) // another look adds nothing
	found := events()
	require.Len(t, found, 2, "neither the collector's own nor what does not touch the log")
	assert.Equal(t, []string{"audit.events"}, found["analyst READ success"].Strings(audit.AttrDatasets))
	assert.Equal(t, "ACCESS_DENIED", found["analyst READ failure"].Str(audit.AttrErrorType))
	assert.Len(t, s.pipeline.records(), 2, "each once")

	counted := uint64(0)
	for _, ctx := range s.pipeline.contexts {
		audit.TallyFrom(ctx).Each(func(key audit.CountKey, n uint64) {
			assert.Equal(t, audit.CountKey{Tenant: "otelaudit", Source: "clickhouse", Kind: audit.KindGenerated}, key)
			counted += n
		})
	}
	assert.EqualValues(t, 2, counted)
	s.assertNoCanary(t)
}

func TestAQueryLogThatCannotBeReadIsSaidOnce(t *testing.T) {
	s := newServer(t, func(cfg *Config) {
		c := cfg.QueryLog.GetOrInsertDefault()
		c.ClientConfig.Endpoint, c.ExcludeUsers, c.Interval = "http://127.0.0.1:1", []string{"collector"}, time.Second
	})
	s.start(t, componenttest.NewNopHost())
	require.Eventually(t, func() bool {
		return s.log.FilterMessageSnippet("could not be taken from ClickHouse's query log").Len() == 1
	}, 10*time.Second, 50*time.Millisecond)
}
