package integration

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/internal/clickhouselocal/clickhousetest"
)

// startKafka starts a broker with a topic named audit, and gives its address and what puts a message into the topic.
func startKafka(t *testing.T) (address string, write func(message string)) {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "kafkalocal")
	output, err := exec.Command("go", "build", "-C", "../kafkalocal", "-buildvcs=false", "-o", binary, ".").CombinedOutput()
	require.NoError(t, err, "%s", output)
	port := freePorts(t, 1)[0]
	broker := exec.Command(binary, "-port", port)
	broker.Stderr = os.Stderr
	messages, err := broker.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, broker.Start())
	t.Cleanup(func() {
		_ = broker.Process.Kill()
		_ = broker.Wait()
	})
	return "127.0.0.1:" + port, func(message string) {
		_, err := io.WriteString(messages, message+"\n")
		require.NoError(t, err)
	}
}

// The example's collector reads a topic, is killed while it does, and goes on: no message is lost, none is there twice, and what
// is no event is in quarantine.
func TestATopicOfKafkaIsStoredOnceWhateverHappensToTheCollector(t *testing.T) {
	t.Parallel()
	server := clickhousetest.New(t)
	key := filepath.Join(t.TempDir(), "key")
	require.NoError(t, os.WriteFile(key, []byte(pseudonymKey), 0o600))
	address, write := startKafka(t)
	sent := 0
	product := samples(t, "axiom")
	send := func(times int) {
		for range times {
			for _, event := range product {
				event["id"] = fmt.Sprintf("message-%d", sent) // alike and without an id they would be one event
				text, err := json.Marshal(event)
				require.NoError(t, err)
				write(string(text))
				sent++
			}
		}
	}
	send(20)
	c := startCollectorWith(t, server, "http", []string{"--config", "../../examples/other-doors/collector-kafka.yaml"},
		"KAFKA_BROKER="+address, "SERVICE_NAME=axiom", "PSEUDONYM_KEY_FILE="+key, "CLICKHOUSE_ENDPOINT="+server.HTTPURL())
	awaitRows(t, server, sent, time.Minute)
	send(100)
	time.Sleep(150 * time.Millisecond) // in the middle of reading, or not: both must hold
	c.kill()
	send(20)
	write("level=info " + canary)
	c.start(t)
	awaitRows(t, server, sent, time.Minute) // the broker waits for the one that was killed before another may read
	assert.EventuallyWithT(t, func(t2 *assert.CollectT) {
		assert.Equal(t2, "1\tunexplained\taudit.action\taxiom",
			scalar(t, server, "SELECT count(), any(reason), any(field), any(service_name) FROM %s.quarantine FORMAT TSV", database))
	}, 10*time.Second, 200*time.Millisecond)
	assert.Equal(t, fmt.Sprintf("axiom\t%d", sent), scalar(t, server, "SELECT profile, count() FROM %s.events GROUP BY profile FORMAT TSV", database))

	// Nothing is read again after an orderly end: what was stored is committed.
	c.stop(t)
	c.start(t)
	before := sent
	send(1)
	awaitRows(t, server, sent, time.Minute)
	assert.Greater(t, sent, before)
	c.stop(t)
	assertNoCanary(t, c.log.Name())
}
