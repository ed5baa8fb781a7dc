package schema

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/clickhouse"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal/clickhousetest"
)

// later are migrations as future versions may have them: one whose statements must not run side by side, because ALTERs of
// a column collide, and one that moves rows.
func later() []Migration {
	migrations := Migrations()
	for _, text := range []string{
		"ALTER TABLE {database:Identifier}.ledger ADD COLUMN IF NOT EXISTS note String;\n" +
			"ALTER TABLE {database:Identifier}.ledger MODIFY COLUMN note LowCardinality(String);\n",
		"CREATE TABLE IF NOT EXISTS {database:Identifier}.moved (number UInt64, at DateTime64(6) DEFAULT now64(6)) ENGINE = MergeTree ORDER BY number;\n" +
			"TRUNCATE TABLE {database:Identifier}.moved;\n" +
			"INSERT INTO {database:Identifier}.moved (number) SELECT number FROM numbers(10) WHERE sleepEachRow(0.05) = 0;\n",
	} {
		m, err := parse(fmt.Sprintf("%04d_later.sql", len(migrations)+1), text)
		if err != nil {
			panic(err)
		}
		migrations = append(migrations, m)
	}
	return migrations
}

// counting counts the statements of migrations that were begun.
type counting struct {
	clickhouse.Conn
	mu    sync.Mutex
	begun map[string]int
	fail  string // statements with this text end in the death of the collector, before the server hears of them
	die   context.CancelFunc
}

func (c *counting) Exec(ctx context.Context, statement string) error {
	c.mu.Lock()
	c.begun[statement]++
	c.mu.Unlock()
	if c.fail != "" && strings.Contains(statement, c.fail) {
		c.die()
		return context.Canceled
	}
	return c.Conn.Exec(ctx, statement)
}

func TestTenCollectorsAtOnce(t *testing.T) {
	server := clickhousetest.New(t)
	for _, protocol := range []string{"native", "http"} {
		t.Run(protocol, func(t *testing.T) {
			begun := map[string]int{}
			var group sync.WaitGroup
			var conns []*counting
			for range 10 {
				conn := &counting{Conn: connect(t, server, "ten_"+protocol), begun: map[string]int{}}
				conns = append(conns, conn)
				group.Go(func() {
					version, err := Apply(t.Context(), conn, later())
					assert.NoError(t, err)
					assert.Equal(t, len(later()), version)
				})
			}
			group.Wait()
			for _, conn := range conns {
				for statement, times := range conn.begun {
					begun[statement] += times
				}
			}
			for i, m := range later() {
				for _, statement := range m.Statements {
					if i > 0 {
						assert.Equal(t, 1, begun[mark+NewLayout("ten_"+protocol, "").fill(statement)], "%s of all collectors together", m.File())
					}
				}
				assert.Equal(t, 1, begun[m.record()], m.File())
			}
			require.NoError(t, Verify(t.Context(), conns[0]))
			assert.Equal(t, []string{"10"}, selectColumn(t, conns[0], "SELECT toString(count()) FROM {database:Identifier}.moved"))
			assert.Equal(t, []string{"LowCardinality(String)"}, selectColumn(t, conns[0],
				"SELECT type FROM system.columns WHERE database = {database:String} AND table = 'ledger' AND name = 'note'"))
		})
	}
}

func TestCollectorThatDiesWhileItMigrates(t *testing.T) {
	server := clickhousetest.New(t)
	migrations := later()
	last := migrations[len(migrations)-1]
	for name, where := range map[string]string{
		"before_an_alter":   "MODIFY COLUMN note",
		"before_the_rows":   ".moved (number) SELECT",
		"before_the_record": fmt.Sprintf("SELECT %d, 'later'", last.Number),
	} {
		t.Run(name, func(t *testing.T) {
			ctx, die := context.WithCancel(t.Context())
			dying := &counting{Conn: connect(t, server, name), begun: map[string]int{}, fail: where, die: die}
			_, err := apply(ctx, &deaf{Conn: dying, ctx: ctx}, migrations, 5*time.Second)
			require.ErrorIs(t, err, context.Canceled)
			conn := connect(t, server, name)

			impatient, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_, err = apply(impatient, conn, migrations, 5*time.Second)
			require.ErrorContains(t, err, `holds the lock "schema"`)

			version, err := apply(t.Context(), conn, migrations, 5*time.Second)
			require.NoError(t, err)
			assert.Equal(t, len(migrations), version)
			assert.Equal(t, []string{"10"}, selectColumn(t, conn, "SELECT toString(count()) FROM {database:Identifier}.moved"))
			assert.Equal(t, []string{fmt.Sprint(len(migrations))},
				selectColumn(t, conn, "SELECT toString(count()) FROM {database:Identifier}.schema_migrations"))
		})
	}
}

// deaf lets nothing through once the collector is dead, not even what it would send with another context.
type deaf struct {
	clickhouse.Conn
	ctx context.Context
}

func (d *deaf) Exec(ctx context.Context, statement string) error {
	if d.ctx.Err() != nil {
		return d.ctx.Err()
	}
	return d.Conn.Exec(ctx, statement)
}

func TestStatementThatADeadCollectorLeftRunning(t *testing.T) {
	server := clickhousetest.New(t)
	conn, other := connect(t, server, "left"), connect(t, server, "left")
	_, err := Apply(t.Context(), conn, Migrations())
	require.NoError(t, err)
	done := make(chan error, 1)
	go func() {
		_, err := other.Select(t.Context(), mark+"SELECT toString(sum(sleepEachRow(0.1))) FROM numbers(50) SETTINGS max_block_size = 1")
		done <- err
	}()
	require.Eventually(t, func() bool {
		return len(selectColumn(t, conn, "SELECT query_id FROM system.processes WHERE query LIKE '%sleepEachRow%numbers(50)%' AND query NOT LIKE '%processes%'")) == 1
	}, 10*time.Second, 10*time.Millisecond)

	impatient, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err = Apply(impatient, conn, later())
	require.ErrorIs(t, err, context.DeadlineExceeded, "it waits for the statement")
	_, err = Apply(t.Context(), conn, later())
	require.NoError(t, err)
	select {
	case err := <-done:
		require.NoError(t, err)
	default:
		t.Error("the migrations ran beside the statement")
	}
}

func TestUserWhoMayOnlyInsert(t *testing.T) {
	server := clickhousetest.New(t, func(o *clickhouselocal.Options) {
		o.Users = []clickhouselocal.User{
			{Name: "writer", Grants: []string{
				"GRANT INSERT ON audit.events", "GRANT INSERT ON audit.quarantine", "GRANT INSERT ON audit.blocks", "GRANT INSERT ON audit.ledger", "GRANT INSERT ON audit.user_versions",
			}},
			{Name: "creator", Grants: []string{
				"GRANT CREATE DATABASE, CREATE TABLE, CREATE VIEW, SELECT, INSERT ON audit.*",
				"GRANT TABLE ENGINE ON MergeTree", "GRANT TABLE ENGINE ON AggregatingMergeTree", "GRANT TABLE ENGINE ON ReplacingMergeTree",
			}},
			{Name: "half", Grants: []string{"GRANT CREATE DATABASE, CREATE TABLE, SELECT, INSERT ON audit.*", "GRANT TABLE ENGINE ON MergeTree"}},
		}
	})
	as := func(user string) clickhouse.Conn { return connectAs(t, server, user, "audit") }

	_, err := Apply(t.Context(), as("writer"), Migrations())
	require.ErrorContains(t, err, "migration 0001_database.sql: ")
	require.ErrorContains(t, err, "grant the user what is missing, or set create_schema: false and apply the migrations by hand")
	require.ErrorContains(t, Verify(t.Context(), as("writer")), "there is no table events")

	_, err = Apply(t.Context(), as("half"), Migrations())
	require.ErrorContains(t, err, "migration 0004_query_cost.sql: ")
	require.ErrorContains(t, err, "grant the user what is missing")

	_, err = Apply(t.Context(), as("creator"), Migrations())
	require.NoError(t, err, "another goes on where a user lacked a right")
	assert.NoError(t, Verify(t.Context(), as("writer")))
	require.NoError(t, as("writer").Exec(t.Context(),
		"INSERT INTO audit.events (record_id, timestamp, actor_id) SELECT 'a', now64(9), 'ann'"))
	assert.Equal(t, []string{"1"}, selectColumn(t, as("creator"), "SELECT toString(sum(events)) FROM audit.activity_daily"))
	_, err = as("writer").Select(t.Context(), "SELECT record_id FROM audit.events")
	assert.ErrorContains(t, err, "ACCESS_DENIED")
	_, err = Apply(t.Context(), as("writer"), Migrations())
	assert.ErrorContains(t, err, "read schema_migrations: ", "create_schema: true has to read what was applied")
}
