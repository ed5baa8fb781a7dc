package integration

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/internal/clickhouselocal/clickhousetest"
)

// The example's collector reads a product's log file, is killed in the middle, and goes on: no line is lost, none is there
// twice, and what is no event is in quarantine.
func TestALogFileIsStoredOnceWhateverHappensToTheCollector(t *testing.T) {
	t.Parallel()
	server := clickhousetest.New(t)
	dir := t.TempDir()
	key := filepath.Join(dir, "key")
	require.NoError(t, os.WriteFile(key, []byte(pseudonymKey), 0o600))
	file, err := os.Create(filepath.Join(dir, "audit.jsonl"))
	require.NoError(t, err)
	defer func() { _ = file.Close() }()
	write := func(product string, times int) (lines int) {
		for range times {
			for _, event := range samples(t, product) {
				text, err := json.Marshal(event)
				require.NoError(t, err)
				_, err = file.Write(append(text, '\n'))
				require.NoError(t, err)
				lines++
			}
		}
		return lines
	}

	// Axiom's samples have no id: the same line at another place is another event.
	want := write("axiom", 20)
	c := startCollectorWith(t, server, "http", []string{
		"--config", "../../examples/other-doors/collector-filelog.yaml", "--feature-gates=stanza.synchronousLogEmitter",
	}, "AUDIT_FILES="+filepath.Join(dir, "*.jsonl"), "SERVICE_NAME=axiom", "PSEUDONYM_KEY_FILE="+key, "CLICKHOUSE_ENDPOINT="+server.HTTPURL())
	awaitRows(t, server, want, time.Minute) // whoever is killed while it makes the schema keeps its lock for a while
	for range 3 {
		want += write("axiom", 30)
		time.Sleep(150 * time.Millisecond) // in the middle of reading, or not: both must hold
		c.kill()
		c.start(t)
	}
	// Xano's have one: a line that was written twice is one event.
	want += write("xano", 1)
	write("xano", 1)
	_, err = file.WriteString("level=info " + canary + "\n")
	require.NoError(t, err)
	awaitRows(t, server, want, time.Minute)
	assert.EventuallyWithT(t, func(t2 *assert.CollectT) {
		assert.Equal(t2, "1\tunexplained\taudit.action\taxiom",
			scalar(t, server, "SELECT count(), any(reason), any(field), any(service_name) FROM %s.quarantine FORMAT TSV", database))
	}, 10*time.Second, 200*time.Millisecond)

	// From the beginning again, as if nobody had noted the places.
	c.stop(t)
	require.NoError(t, os.RemoveAll(filepath.Join(c.state, "offsets")))
	c.start(t)
	require.Eventually(t, func() bool {
		return scalar(t, server, "SELECT sumIf(events, kind = 'duplicate') >= %d FROM "+database+".ledger", want) == "1"
	}, 30*time.Second, 200*time.Millisecond)
	awaitRows(t, server, want, time.Second)
	assert.Equal(t, "axiom\t770\nxano\t5", scalar(t, server, "SELECT profile, count() FROM %s.events GROUP BY profile ORDER BY profile FORMAT TSV", database))
	c.stop(t)
	assertNoCanary(t, c.log.Name())
}
