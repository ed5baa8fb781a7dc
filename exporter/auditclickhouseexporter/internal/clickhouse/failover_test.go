package clickhouse

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// several gives a failover over addresses, and which ones it moved to.
func several(t *testing.T, addresses ...string) (Conn, *[]int) {
	t.Helper()
	var conns []Conn
	var moves []int
	for _, address := range addresses {
		endpoint, err := ParseEndpoint(address)
		require.NoError(t, err)
		conns = append(conns, Open(Options{
			Endpoint: endpoint, Database: "audit", Timeout: time.Second, MaxIdle: 1,
			HTTP: &http.Client{Transport: &http.Transport{}},
		}))
	}
	conn := Failover(func(to int) { moves = append(moves, to) }, conns...)
	t.Cleanup(conn.Close)
	return conn, &moves
}

func answering(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

// refusing gives an address where nobody listens.
func refusing(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	return listener.Addr().String()
}

func TestUnreachableServerIsPassedOver(t *testing.T) {
	count := 0
	ok := answering(t, func(http.ResponseWriter, *http.Request) { count++ })
	conn, moves := several(t, "http://"+refusing(t), "clickhouse://"+refusing(t), ok)
	for range 3 {
		require.NoError(t, conn.Exec(t.Context(), "SELECT 1"))
	}
	assert.Equal(t, []int{1, 2}, *moves, "and the one that answers is kept")
	assert.Equal(t, 3, count)
}

func TestAllUnreachableIsSaid(t *testing.T) {
	conn, moves := several(t, "http://"+refusing(t), "http://"+refusing(t))
	err := conn.Write(t.Context(), sealed)
	var e *Error
	require.ErrorAs(t, err, &e)
	assert.True(t, e.Network)
	assert.False(t, e.Ambiguous, "nothing was sent")
	assert.Equal(t, []int{1, 0}, *moves)
}

func TestBrokenConnectionIsAmbiguousAndTheNextCallGoesElsewhere(t *testing.T) {
	second := 0
	broken := answering(t, func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Has("query") {
			panic(http.ErrAbortHandler)
		}
	})
	conn, moves := several(t, broken, answering(t, func(http.ResponseWriter, *http.Request) { second++ }))
	var e *Error
	require.ErrorAs(t, conn.Write(t.Context(), sealed), &e)
	assert.True(t, e.Ambiguous)
	assert.Zero(t, second, "what may have been done is not done again behind the caller's back")
	require.NoError(t, conn.Write(t.Context(), sealed))
	assert.Equal(t, []int{1}, *moves)
	assert.Equal(t, 2, second, "the settings, and the insert")
}

func TestServersErrorsMoveNothing(t *testing.T) {
	conn, moves := several(t, answering(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-ClickHouse-Exception-Code", "241")
		w.WriteHeader(http.StatusInternalServerError)
	}), "http://"+refusing(t))
	for range 2 {
		require.Error(t, conn.Exec(t.Context(), "SELECT 1"))
	}
	assert.Empty(t, *moves)
}

func TestSilentServerIsLeftForTheNextCall(t *testing.T) {
	release := make(chan struct{})
	conn, moves := several(t, answering(t, func(http.ResponseWriter, *http.Request) { <-release }),
		answering(t, func(http.ResponseWriter, *http.Request) {}))
	defer close(release)
	short, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	require.ErrorContains(t, conn.Exec(short, "SELECT 1"), "no answer within the timeout")
	require.NoError(t, conn.Exec(t.Context(), "SELECT 1"))
	assert.Equal(t, []int{1}, *moves)

	stopped, stop := context.WithCancel(t.Context())
	stop()
	require.Error(t, conn.Exec(stopped, "SELECT 1"))
	assert.Equal(t, []int{1}, *moves, "a caller who gives up is no reason to move")
}
