package insert

import (
	"context"
	"testing"
	"time"

	"github.com/ClickHouse/ch-go/proto"
	"github.com/stretchr/testify/assert"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/clickhouse"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/columns"
)

// slow is a database that needs its time, and gives an insert up that is not waited for, as ClickHouse does over the native
// protocol.
type slow struct {
	*memory
	needs time.Duration
}

func (s slow) Write(ctx context.Context, b *clickhouse.Batch) error {
	select {
	case <-ctx.Done():
		return broken()
	case <-time.After(s.needs):
		return s.memory.Write(ctx, b)
	}
}

// TestInsertThatTakesLongerThanTheTimeoutIsDoneAllTheSame has the same bytes tried with more time.
func TestInsertThatTakesLongerThanTheTimeoutIsDoneAllTheSame(t *testing.T) {
	log, db := openLog(t, t.TempDir()), newMemory()
	commit(t, log, "a", "b", "c")
	telemetry := &counting{}
	options := defaults()
	options.Timeout, options.Verifier, options.Telemetry = 100*time.Millisecond, db, telemetry
	start(t, log, slow{db, 250 * time.Millisecond}, options)
	drained(t, log, columns.TableEvents)
	assert.Equal(t, []string{"a", "b", "c"}, db.ids("events"))
	assert.Len(t, db.of("events"), 1, "the others were given up")
	telemetry.has(t, "failed events 0 retryable", "verified events all")
}

func TestPaceFollowsAServerThatIsTooSlow(t *testing.T) {
	p := newPace(Options{MaxRows: 100_000, MaxDelay: time.Second})
	p.slow()
	rows, delay := p.target()
	assert.Equal(t, 50_000, rows)
	assert.Equal(t, time.Second, delay)
	p.throttled(&clickhouse.Error{Code: int(proto.ErrTimeoutExceeded), Class: clickhouse.Throttled}, time.Unix(1000, 0))
	rows, delay = p.target()
	assert.Equal(t, 25_000, rows, "max_execution_time is for smaller inserts too")
	assert.Equal(t, time.Second, delay)
}
