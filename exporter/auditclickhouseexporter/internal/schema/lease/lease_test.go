package lease_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/clickhouse"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/schema"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/schema/lease"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal/clickhousetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// open gives connections to a database that has the table.
func open(t *testing.T) func() clickhouse.Conn {
	t.Helper()
	server := clickhousetest.New(t)
	endpoint, err := clickhouse.ParseEndpoint(server.HTTPURL())
	require.NoError(t, err)
	connect := func() clickhouse.Conn {
		conn := clickhouse.Open(clickhouse.Options{
			Endpoint: endpoint, Username: server.User(), Database: "audit", Timeout: time.Minute, HTTP: &http.Client{Transport: &http.Transport{}},
		})
		t.Cleanup(conn.Close)
		return conn
	}
	for _, statement := range schema.Migrations()[0].Statements {
		require.NoError(t, connect().Exec(t.Context(), statement))
	}
	return connect
}

func TestOneOfManyGetsTheLease(t *testing.T) {
	connect := open(t)
	for round := range 5 {
		name := fmt.Sprintf("round %d", round)
		var holders atomic.Int32
		var group sync.WaitGroup
		for i := range 10 {
			conn := connect()
			group.Go(func() {
				_, _, err := lease.Acquire(t.Context(), conn, name, fmt.Sprint(i), time.Minute)
				var held *lease.Held
				if err == nil {
					holders.Add(1)
				} else if !errors.As(err, &held) {
					t.Error(err)
				}
			})
		}
		group.Wait()
		assert.EqualValues(t, 1, holders.Load())
	}
}

func TestReleasedLeaseIsFreeAtOnce(t *testing.T) {
	conn := open(t)()
	for i := range 3 {
		ctx, held, err := lease.Acquire(t.Context(), conn, lease.Schema, fmt.Sprint("owner ", i), time.Hour)
		require.NoError(t, err)
		owner, remaining, err := lease.Holder(t.Context(), conn, lease.Schema)
		require.NoError(t, err)
		assert.Equal(t, fmt.Sprint("owner ", i), owner)
		assert.Greater(t, remaining, 59*time.Minute)
		_, _, err = lease.Acquire(t.Context(), conn, lease.Schema, "another", time.Hour)
		assert.ErrorContains(t, err, fmt.Sprintf(`owner %d holds the lock "schema" of the database`, i))
		require.NoError(t, held.Release(t.Context()))
		require.ErrorIs(t, ctx.Err(), context.Canceled)
		owner, _, err = lease.Holder(t.Context(), conn, lease.Schema)
		require.NoError(t, err)
		assert.Empty(t, owner)
	}
}

func TestLeaseIsKeptAsLongAsItsHolderLives(t *testing.T) {
	conn := open(t)()
	ctx, held, err := lease.Acquire(t.Context(), conn, lease.Schema, "alive", 3*time.Second)
	require.NoError(t, err)
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		_, _, err := lease.Acquire(t.Context(), conn, lease.Schema, "greedy", time.Minute)
		var other *lease.Held
		require.ErrorAs(t, err, &other)
		require.NoError(t, ctx.Err())
	}
	require.NoError(t, held.Release(t.Context()))
}

func TestLeaseOfADeadHolderRunsOut(t *testing.T) {
	conn := open(t)()
	dead, die := context.WithCancel(t.Context())
	ctx, _, err := lease.Acquire(dead, conn, lease.Schema, "dead", time.Second)
	require.NoError(t, err)
	die()
	<-ctx.Done()
	_, _, err = lease.Acquire(t.Context(), conn, lease.Schema, "next", time.Minute)
	var other *lease.Held
	require.ErrorAs(t, err, &other, "not before its time")
	time.Sleep(other.For + 10*time.Millisecond)
	_, next, err := lease.Acquire(t.Context(), conn, lease.Schema, "next", time.Minute)
	require.NoError(t, err)
	require.NoError(t, next.Release(t.Context()))
}

func TestHolderThatIsCutOffIsToldBeforeOthersGetTheLease(t *testing.T) {
	conn := &severed{Conn: open(t)()}
	ctx, held, err := lease.Acquire(t.Context(), conn, lease.Schema, "cut off", 3*time.Second)
	require.NoError(t, err)
	conn.cut.Store(true)
	<-ctx.Done()
	require.ErrorIs(t, context.Cause(ctx), lease.ErrLost)
	_, remaining, err := lease.Holder(t.Context(), conn.Conn, lease.Schema)
	require.NoError(t, err)
	assert.Positive(t, remaining)
	assert.NoError(t, held.Release(t.Context()), "there is nothing to release")
}

// TestTokenWithoutItsRow is a server that was killed after it noted a token and before it committed the row.
func TestTokenWithoutItsRow(t *testing.T) {
	conn := open(t)()
	_, held, err := lease.Acquire(t.Context(), conn, lease.Schema, "lost", time.Minute)
	require.NoError(t, err)
	require.NoError(t, held.Release(t.Context()))
	require.NoError(t, conn.Exec(t.Context(), "ALTER TABLE {database:Identifier}.locks DELETE WHERE name = 'schema' SETTINGS mutations_sync = 1"))
	started := time.Now()
	_, held, err = lease.Acquire(t.Context(), conn, lease.Schema, "next", time.Second)
	require.NoError(t, err, "the generations 1 and 2 are passed over")
	assert.GreaterOrEqual(t, time.Since(started), time.Second, "after as long as somebody could hold them")
	require.NoError(t, held.Release(t.Context()))
}

func TestNewOwnerIsLikeNoOther(t *testing.T) {
	assert.True(t, strings.HasPrefix(lease.NewOwner("host"), "host-"))
	first, second := lease.NewOwner("host"), lease.NewOwner("host")
	assert.NotEqual(t, first, second)
}

// severed is a connection that can be cut.
type severed struct {
	clickhouse.Conn
	cut atomic.Bool
}

func (s *severed) Exec(ctx context.Context, statement string) error {
	if s.cut.Load() {
		return errors.New("cut")
	}
	return s.Conn.Exec(ctx, statement)
}

// TestReleaseWhileTheLeaseIsProlonged cuts a prolongation off that has reached the server.
func TestReleaseWhileTheLeaseIsProlonged(t *testing.T) {
	conn := &mute{Conn: open(t)()}
	_, held, err := lease.Acquire(t.Context(), conn, lease.Schema, "hasty", 6*time.Second)
	require.NoError(t, err)
	conn.mute.Store(true)
	require.Eventually(t, func() bool { return conn.sent.Load() == 2 }, 10*time.Second, 10*time.Millisecond)
	conn.mute.Store(false)
	require.NoError(t, held.Release(t.Context()))
	owner, _, err := lease.Holder(t.Context(), conn, lease.Schema)
	require.NoError(t, err)
	assert.Empty(t, owner)
}

// mute is a connection whose answers can get lost.
type mute struct {
	clickhouse.Conn
	mute atomic.Bool
	sent atomic.Int32
}

func (m *mute) Exec(ctx context.Context, statement string) error {
	lost := m.mute.Load()
	err := m.Conn.Exec(ctx, statement)
	m.sent.Add(1)
	if lost {
		<-ctx.Done()
		return ctx.Err()
	}
	return err
}
