package integration

import (
	"bufio"
	"context"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/internal/clickhouselocal/clickhousetest"
)

// badNetworks are what lies between the collector and ClickHouse. Each is a number of toxics that are there for a moment, with
// values of their own each time.
var badNetworks = []struct {
	name   string
	fails  bool // inserts fail
	works  bool // and yet others succeed, as long as it lasts
	toxics func(random *rand.Rand, scheme string) []toxic
}{
	{"cut in the middle of a block", true, false, func(r *rand.Rand, _ string) []toxic {
		return []toxic{{"limit_data", "upstream", 1, map[string]int{"bytes": 500 + r.IntN(20_000)}}}
	}},
	{"cut in the answer", true, false, func(r *rand.Rand, _ string) []toxic {
		return []toxic{{"limit_data", "downstream", 1, map[string]int{"bytes": r.IntN(6000)}}}
	}},
	{"answers about when the timeout ends", true, true, func(_ *rand.Rand, scheme string) []toxic {
		latency := map[string]int{"http": 600, "clickhouse": 350}[scheme] // of each answer: an insert has one, or two
		return []toxic{{"latency", "downstream", 1, map[string]int{"latency": latency, "jitter": latency}}}
	}},
	{"slow, in small pieces", false, true, func(*rand.Rand, string) []toxic {
		return []toxic{
			{"bandwidth", "upstream", 1, map[string]int{"rate": 100}},
			{"slicer", "upstream", 1, map[string]int{"average_size": 200, "size_variation": 150, "delay": 500}},
			{"slicer", "downstream", 1, map[string]int{"average_size": 20, "size_variation": 10, "delay": 500}},
		}
	}},
	{"reset", true, false, func(r *rand.Rand, _ string) []toxic {
		return []toxic{{"reset_peer", "downstream", 1, map[string]int{"timeout": r.IntN(100)}}}
	}},
	{"the server answers nothing", true, false, func(*rand.Rand, string) []toxic {
		return []toxic{{"timeout", "downstream", 1, map[string]int{"timeout": 0}}}
	}},
	{"the server hears nothing", true, false, func(*rand.Rand, string) []toxic {
		return []toxic{{"timeout", "upstream", 1, map[string]int{"timeout": 0}}}
	}},
	{"half of the connections are dead", true, true, func(*rand.Rand, string) []toxic {
		return []toxic{{"timeout", "downstream", 0.5, map[string]int{"timeout": 0}}}
	}},
}

// TestNothingIsLostOrDoubledOverABadNetwork has Toxiproxy between the collector and ClickHouse, under load with clients that
// send again what was not taken.
func TestNothingIsLostOrDoubledOverABadNetwork(t *testing.T) {
	for scheme, acknowledge := range map[string]string{"clickhouse": "log", "http": "database"} {
		t.Run(scheme+" acknowledged by "+acknowledge, func(t *testing.T) {
			t.Parallel()
			server := clickhousetest.New(t, ownProcess)
			upstream, prefix := server.NativeAddr(), "clickhouse://"
			if scheme == "http" {
				upstream, prefix = strings.TrimPrefix(server.HTTPURL(), "http://"), "http://"
			}
			proxy := startToxiproxy(t, upstream)
			c := startCollector(t, server, scheme, "CLICKHOUSE="+prefix+proxy.addr, "TIMEOUT=1s", "MAX_DELAY=50ms",
				"ACKNOWLEDGE="+acknowledge, "METRICS_LEVEL=detailed")
			stop := make(chan struct{})
			otlp, again, waitOTLP := faithful(c, "/v1/logs", 2, 20, stop)
			draft, againDraft, waitDraft := faithful(c, "/v1/audit", 2, 10, stop)
			awaitMore(t, c, "inserts", 2)
			random := rand.New(rand.NewPCG(1, 1))
			for _, network := range badNetworks {
				awaitMore(t, c, "inserts", 1) // what the network before did to inserts is over
				failed, inserted := c.metric(t, "insert_errors"), c.metric(t, "inserts")
				bad := func() bool {
					return (!network.fails || c.metric(t, "insert_errors") > failed) && (!network.works || c.metric(t, "inserts") > inserted+2)
				}
				begin := time.Now()
				for round := 0; round < 2 || !bad(); round++ {
					require.Less(t, time.Since(begin), time.Minute, "%s: %v inserts failed, %v succeeded", network.name,
						c.metric(t, "insert_errors")-failed, c.metric(t, "inserts")-inserted)
					proxy.poison(t, network.toxics(random, scheme)...)
					for wait := time.Now(); (network.works || time.Since(wait) < 3*time.Second) && time.Since(wait) < time.Minute && !bad(); {
						time.Sleep(100 * time.Millisecond)
					}
					proxy.close(t)
					require.NoError(t, proxy.open(t))
				}
				t.Logf("%s: %s, %v inserts failed, %v succeeded", network.name, time.Since(begin).Round(time.Millisecond),
					c.metric(t, "insert_errors")-failed, c.metric(t, "inserts")-inserted)
			}
			proxy.close(t)
			time.Sleep(500 * time.Millisecond)
			require.NoError(t, proxy.open(t))
			awaitMore(t, c, "inserts", 2)
			close(stop)
			waitOTLP()
			waitDraft()
			total := int(otlp.Load() + draft.Load())
			t.Logf("%d records taken, %d requests sent again, %v records were replays, %v inserts were counted", total,
				again.Load()+againDraft.Load(), c.metric(t, "replays"), c.metric(t, "verifications"))
			awaitRows(t, server, total, 2*time.Minute)
			requireRollupsAndLedger(t, server, total)
			assert.Positive(t, c.metric(t, "verifications"), "outcomes were open, and found out")
		})
	}
}

// awaitMore waits until a counter has grown by n.
func awaitMore(t *testing.T, c *collector, counter string, n float64) {
	t.Helper()
	before := c.metric(t, counter)
	require.Eventually(t, func() bool { return c.metric(t, counter) >= before+n }, time.Minute, 50*time.Millisecond, counter)
}

// metric gives the sum of one of the exporter's counters or gauges over all its attributes, 0 where there is none yet.
func (c *collector) metric(t *testing.T, name string) (sum float64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.metrics, nil)
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		line := strings.TrimPrefix(lines.Text(), "otelcol_exporter_audit_clickhouse_")
		if strings.TrimSuffix(line[:max(0, strings.IndexAny(line, "{ "))], "_total") != name {
			continue
		}
		n, err := strconv.ParseFloat(line[strings.LastIndexByte(line, ' ')+1:], 64)
		require.NoError(t, err)
		sum += n
	}
	require.NoError(t, lines.Err())
	return sum
}
