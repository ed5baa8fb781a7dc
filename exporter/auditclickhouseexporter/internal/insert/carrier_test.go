package insert

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/ch-go/proto"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/blocklog"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/clickhouse"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/columns"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/ledger"
	"github.com/otelaudit/otelaudit/internal/audit"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestWaitingBlocksBecomeOneInsert(t *testing.T) {
	log, db := openLog(t, t.TempDir()), newMemory()
	for i := range 50 {
		commit(t, log, fmt.Sprintf("%02d-a", i), fmt.Sprintf("%02d-b", i))
	}
	options := defaults()
	options.MaxRows = 30
	start(t, log, db, options)
	drained(t, log, columns.TableEvents)
	var sizes []int
	for _, try := range db.of("events") {
		sizes = append(sizes, len(try.ids))
	}
	slices.Sort(sizes)
	assert.Equal(t, []int{10, 30, 30, 30}, sizes)
	assert.Len(t, db.ids("events"), 100)
}

func TestBlocksWaitForOthersButNotLong(t *testing.T) {
	log, db := openLog(t, t.TempDir()), newMemory()
	options := defaults()
	options.MaxDelay = time.Second
	start(t, log, db, options)
	began := time.Now()
	for i := range 5 {
		commit(t, log, fmt.Sprint(i))
		time.Sleep(5 * time.Millisecond)
	}
	drained(t, log, columns.TableEvents)
	assert.Len(t, db.of("events"), 1)
	assert.GreaterOrEqual(t, time.Since(began), options.MaxDelay)
}

func TestInsertStaysWithinPartitionsAndColumns(t *testing.T) {
	log, db := openLog(t, t.TempDir()), newMemory()
	for i := range 6 {
		commitChanged(t, log, func(e audit.Event) { e.Record.Attributes().PutInt(audit.AttrRetentionDays, int64(1+i/2)) }, fmt.Sprint(i))
	}
	options := defaults()
	options.MaxPartitions = 2
	start(t, log, db, options)
	drained(t, log, columns.TableEvents)
	var tries []string
	for _, try := range db.of("events") {
		tries = append(tries, strings.Join(try.ids, ""))
	}
	slices.Sort(tries)
	assert.Equal(t, []string{"0123", "45"}, tries)
}

func (blind) Verify(context.Context, Facts) (Verdict, error) {
	return Partly, fmt.Errorf("count: %w", &clickhouse.Error{Op: "select", Code: int(proto.ErrAccessDenied), Class: clickhouse.Misconfigured})
}

func (blind) Missing(context.Context, Facts, []string) ([]int, int, error) {
	return nil, 0, errors.New("not to be asked")
}

func TestTroubleOfOneTableHoldsUpNoOther(t *testing.T) {
	log, db := openLog(t, t.TempDir()), newMemory()
	db.answer = func(t try) answer {
		if t.table != "events" && t.table != "blocks" {
			return answer{err: &clickhouse.Error{Op: "insert", Code: 60, Class: clickhouse.Misconfigured}}
		}
		if slices.Contains(t.ids, "bad") {
			return answer{err: rejection()}
		}
		return answer{}
	}
	commit(t, log, "bad")
	start(t, log, db, defaults())
	for i := range 10 {
		commit(t, log, fmt.Sprint(i))
		drained(t, log, columns.TableEvents)
	}
	eventually(t, func() bool { return len(db.of("blocks")) > 0 && len(db.of("quarantine")) > 2 }, "manifest, and tries of quarantine")
	assert.Len(t, db.ids("events"), 10)
	assert.Empty(t, db.ids("quarantine"))
}

// TestCountsBecomeRows commits the same counts twice: they are two rows.
func TestCountsBecomeRows(t *testing.T) {
	log, db := openLog(t, t.TempDir()), newMemory()
	start(t, log, db, defaults())
	for want := 1; want <= 2; want++ {
		require.NoError(t, log.Commit(func(uint64) (blocklog.Commit, error) {
			return blocklog.Commit{Notes: ledger.AppendDelta(nil, ledger.Delta{
				Hour: 3600, Events: 5, CountKey: audit.CountKey{Tenant: "t", Source: "s", Kind: audit.KindReceived},
			})}, nil
		}))
		eventually(t, func() bool { return len(db.of("ledger")) == want }, "a row")
	}
	tries := db.of("ledger")
	assert.NotEqual(t, tries[0].token, tries[1].token)
	time.Sleep(20 * time.Millisecond)
	assert.Empty(t, db.of("blocks"), "rows about counts are not counted")
}

func TestReadyIsAskedBeforeEveryTry(t *testing.T) {
	log, db := openLog(t, t.TempDir()), newMemory()
	commit(t, log, "a")
	asked := make(chan string, 100)
	free := make(chan struct{})
	options := defaults()
	options.Ready = func(ctx context.Context, table string) error {
		asked <- table
		select {
		case <-free:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	start(t, log, db, options)
	assert.Equal(t, "events", <-asked)
	time.Sleep(10 * time.Millisecond)
	assert.Empty(t, db.of("events"))
	close(free)
	drained(t, log, columns.TableEvents)
}
