package clickhouse_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/clickhouse"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/columns"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/eventtest"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/schema"
	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
)

// protocols are both ways to reach a server.
var protocols = map[string]func(*clickhouselocal.Server) string{
	"native": func(s *clickhouselocal.Server) string { return "clickhouse://" + s.NativeAddr() },
	"http":   (*clickhouselocal.Server).HTTPURL,
}

// connect gives a connection to a database of the server.
func connect(tb testing.TB, address, user, password, database string) clickhouse.Conn {
	tb.Helper()
	endpoint, err := clickhouse.ParseEndpoint(address)
	require.NoError(tb, err)
	client := &http.Client{Transport: &http.Transport{}}
	conn := clickhouse.Open(clickhouse.Options{
		Endpoint: endpoint, Username: user, Password: password, Database: database, Compression: clickhouse.CompressionLZ4,
		Timeout: time.Minute, MaxIdle: 2, HTTP: client,
	})
	tb.Cleanup(conn.Close)
	return conn
}

// lastTable is the number of the last migration that inserts depend on: views for analysts come after it.
const lastTable = 9

// createTables makes the exporter's tables in the connection's database.
func createTables(tb testing.TB, conn clickhouse.Conn) {
	tb.Helper()
	for _, m := range schema.Migrations()[:lastTable] {
		for _, statement := range m.Statements {
			require.NoError(tb, conn.Exec(tb.Context(), statement))
		}
	}
}

// query gives the answer of the server without its last line break.
func query(tb testing.TB, server *clickhouselocal.Server, sql string, args ...any) string {
	tb.Helper()
	answer, err := server.Query(tb.Context(), fmt.Sprintf(sql, args...))
	require.NoError(tb, err)
	return strings.TrimSpace(answer)
}

// blocks seals so many blocks of so many rows each. Their ids begin with prefix.
func blocks(tb testing.TB, prefix string, count, rows int, change ...func(i int, e audit.Event)) []columns.Sealed {
	tb.Helper()
	b := columns.NewBuilder(100, columns.CompressionLZ4)
	out := make([]columns.Sealed, count)
	for n := range out {
		for i := range rows {
			row := n*rows + i
			event := eventtest.Query(fmt.Sprintf("%s-%d", prefix, row), eventtest.Time, row)
			for _, f := range change {
				f(row, event)
			}
			admission, refusal := b.Add(event)
			require.Equal(tb, columns.Added, admission, "%v", refusal.Reason)
		}
		out[n] = b.Seal()
		out[n].Number(uint64(n + 1))
	}
	return out
}

func batch(token string, blocks ...columns.Sealed) *clickhouse.Batch {
	return &clickhouse.Batch{
		Table: blocks[0].Table, Columns: blocks[0].Table.Columns(), Token: token, Blocks: blocks,
	}
}
