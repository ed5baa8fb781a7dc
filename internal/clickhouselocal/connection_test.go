package clickhouselocal_test

import (
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/ClickHouse/ch-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/internal/clickhouselocal/clickhousetest"
)

// The library aborts on errors of connections unless it is run in a special way.
func TestServerSurvivesItsClients(t *testing.T) {
	server := clickhousetest.New(t)
	pid := server.PID()

	t.Run("wrong password", func(t *testing.T) {
		for range 3 {
			connection, err := net.Dial("tcp", server.NativeAddr())
			require.NoError(t, err)
			_, err = ch.Connect(t.Context(), connection, ch.Options{User: "nobody", Password: "wrong"})
			assert.ErrorContains(t, err, "Authentication failed")
			assert.NoError(t, connection.Close())
		}
	})
	t.Run("garbage", func(t *testing.T) {
		for _, address := range []string{server.NativeAddr(), strings.TrimPrefix(server.HTTPURL(), "http://")} {
			for _, text := range []string{"", "\x00", "GET / HTTP/1.1\r\n\r\n", strings.Repeat("\xff", 10_000)} {
				connection, err := net.Dial("tcp", address)
				require.NoError(t, err)
				_, err = connection.Write([]byte(text))
				assert.NoError(t, err)
				assert.NoError(t, connection.(*net.TCPConn).SetLinger(0), "a reset rather than an end")
				assert.NoError(t, connection.Close())
			}
		}
	})
	t.Run("many at once", func(t *testing.T) {
		var all sync.WaitGroup
		for range 100 {
			all.Go(func() {
				client, err := ch.Dial(t.Context(), ch.Options{Address: server.NativeAddr()})
				if assert.NoError(t, err) {
					assert.NoError(t, client.Ping(t.Context()))
					assert.NoError(t, client.Close())
				}
			})
		}
		all.Wait()
	})

	assert.Equal(t, "1\n", query(t, server, "SELECT 1"))
	assert.Equal(t, pid, server.PID())
}
