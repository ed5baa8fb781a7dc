package reconcile

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/schema"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal/clickhousetest"
)

// TestRightsOfTheREADMEAreEnough and a user who may only insert is told so.
func TestRightsOfTheREADMEAreEnough(t *testing.T) {
	server := clickhousetest.New(t, func(o *clickhouselocal.Options) {
		insert := []string{"GRANT INSERT ON audit.events", "GRANT INSERT ON audit.blocks"}
		o.Users = []clickhouselocal.User{
			{Name: "writer", Grants: insert},
			{Name: "verifier", Grants: append([]string{
				"GRANT SELECT(record_id, block_id, received_at) ON audit.events",
				"GRANT SELECT(record_id, block_id, received_at) ON audit.quarantine", "GRANT SELECT ON audit.locks",
				"GRANT SELECT ON system.processes",
			}, insert...)},
			{Name: "repairer", Grants: []string{
				"GRANT SELECT, INSERT, ALTER DELETE, CREATE TABLE, DROP TABLE, ALTER TABLE ON audit.*",
				"GRANT TABLE ENGINE ON AggregatingMergeTree", "GRANT SELECT ON system.processes",
			}},
		}
	})
	w := &world{t: t, conn: connect(t, server), layout: schema.NewLayout("audit", ""), now: time.Now().UTC().Truncate(time.Second)}
	w.migrate(w.conn)
	as := func(user string) *Reconciler {
		return New(connectAs(t, server, user), nil, w.layout, Options{Repair: true, Owner: user})
	}
	f := w.insert(w.events("r", 20), 1)
	w.manifest(f)
	_, err := as("writer").Verify(t.Context(), f)
	require.ErrorContains(t, err, "ACCESS_DENIED")
	verdict, err := as("verifier").Verify(t.Context(), f)
	require.NoError(t, err)
	assert.Equal(t, All, verdict)
	_, _, err = as("verifier").Missing(t.Context(), f, []string{"r1"})
	require.NoError(t, err)
	_, _, err = Held(t.Context(), as("verifier").conn)
	require.NoError(t, err)

	done := make(chan error, 1)
	go func() {
		_, err := w.conn.Select(t.Context(), "SELECT toString(sum(sleepEachRow(0.1))) AS slow FROM numbers(10) SETTINGS max_block_size = 1")
		done <- err
	}()
	require.Eventually(t, func() bool {
		rows, err := as("repairer").conn.Select(t.Context(), "SELECT user FROM system.processes WHERE query LIKE '%AS slow%' AND user != 'repairer'")
		return err == nil && len(rows) == 1
	}, 20*time.Second, 10*time.Millisecond, "what other users run is seen too")
	require.NoError(t, <-done)

	w.insert(w.events("r", 20), 1)
	_, err = as("verifier").Run(t.Context())
	require.ErrorContains(t, err, "ACCESS_DENIED")
	report, err := as("repairer").Run(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 20, report.Removed)
	assert.True(t, report.Rebuilt)
	w.equalRollups()
}
