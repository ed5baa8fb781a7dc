package integration

import (
	"bytes"
	"context"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/internal/clickhouselocal/clickhousetest"
)

// startWindow is how long after its first words the collector is killed at most: while it recovers its log, loads the
// replay window, checks the schema, and repeats the inserts that it had planned.
const startWindow = 200 * time.Millisecond

// TestNothingIsLostOrDoubledThoughItIsKilledWhileItStarts kills a collector that has something to recover, again and again
// before it has come to itself.
func TestNothingIsLostOrDoubledThoughItIsKilledWhileItStarts(t *testing.T) {
	t.Parallel()
	server := clickhousetest.New(t, ownProcess)
	c := startCollector(t, server, "http", "MAX_DELAY=20ms")
	stop := make(chan struct{})
	otlp, again, waitOTLP := faithful(c, "/v1/logs", 2, 100, stop)
	draft, againDraft, waitDraft := faithful(c, "/v1/audit", 2, 20, stop)
	require.Eventually(t, func() bool { return otlp.Load() > 1000 && draft.Load() > 200 }, time.Minute, 10*time.Millisecond)
	require.NoError(t, server.Kill())
	before := otlp.Load()
	require.Eventually(t, func() bool { return otlp.Load() > before+3000 }, time.Minute, 10*time.Millisecond, "a backlog")
	c.kill()
	require.NoError(t, server.Restart(context.Background()))

	random := rand.New(rand.NewPCG(1, 2))
	opened := 0
	for range kills {
		spoke := c.said(t, "")
		open := c.said(t, logOpen)
		c.launch(t)
		require.Eventually(t, func() bool { return c.said(t, "") > spoke }, time.Minute, time.Millisecond, "the collector says nothing")
		time.Sleep(time.Duration(random.Int64N(int64(startWindow))))
		c.kill()
		opened += c.said(t, logOpen) - open
	}
	assert.Positive(t, opened, "some kills came after the log was open")
	c.start(t)
	taken := draft.Load()
	require.Eventually(t, func() bool { return draft.Load() > taken }, time.Minute, 10*time.Millisecond)
	close(stop)
	waitOTLP()
	waitDraft()
	total := int(otlp.Load() + draft.Load())
	t.Logf("%d records taken, %d requests sent again, %d of %d kills came after the log was open", total, again.Load()+againDraft.Load(), opened, kills)
	awaitRows(t, server, total, 2*time.Minute)
	requireRollupsAndLedger(t, server, total)
}

// logOpen is what the collector says when it has recovered its log.
const logOpen = "The block log is open."

// said counts the lines of the collector's log that hold a text.
func (c *collector) said(t *testing.T, text string) (lines int) {
	t.Helper()
	log, err := os.ReadFile(c.log.Name())
	require.NoError(t, err)
	for line := range bytes.Lines(log) {
		if bytes.Contains(line, []byte(text)) {
			lines++
		}
	}
	return lines
}
