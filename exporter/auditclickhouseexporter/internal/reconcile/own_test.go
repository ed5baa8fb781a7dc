package reconcile

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/schema/lease"
)

// TestRoundThatDiedWithTheServerDoesNotKeepItsOwnerWaiting, but any other collector.
func TestRoundThatDiedWithTheServerDoesNotKeepItsOwnerWaiting(t *testing.T) {
	w := newWorld(t)
	_, _, err := lease.Acquire(t.Context(), w.conn, roundLease, lease.NewOwner("collector a"), time.Minute)
	require.NoError(t, err)
	report, err := w.reconciler(Options{Owner: "collector"}).Run(t.Context())
	require.NoError(t, err)
	assert.Zero(t, report)
	assert.False(t, w.run(Options{Owner: "collector a"}).To.IsZero())
	assert.False(t, w.run(Options{Owner: "collector"}).To.IsZero())
}
