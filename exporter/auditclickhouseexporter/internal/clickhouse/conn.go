package clickhouse

import (
	"context"
	"crypto/tls"
	"net/http"
	"strings"
	"time"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/columns"
)

// Conn is a connection to one ClickHouse server. It is safe for concurrent use. Errors are of type [*Error].
type Conn interface {
	// Select runs a query whose columns are all of type String.
	Select(ctx context.Context, query string) ([][]string, error)
	// Exec runs a statement that neither takes nor gives rows.
	Exec(ctx context.Context, statement string) error
	// Insert writes a block to a table of the connection's database, under the block's token.
	Insert(ctx context.Context, table string, block *columns.Block) error
	// Close ends the idle connections.
	Close()
}

// Options say which server a [Conn] is for.
type Options struct {
	Endpoint Endpoint
	Username string
	Password string
	// Database is what {database:Identifier} and {database:String} stand for in statements, and where inserts go.
	Database    string
	Compression string        // CompressionLZ4, CompressionZSTD or CompressionNone
	Timeout     time.Duration // of making a connection
	TLS         *tls.Config   // of the native protocol; nil without TLS
	HTTP        *http.Client  // of the HTTP interface, with TLS and compression of its own
	MaxIdle     int           // connections kept open between uses
}

// Compressions of what is sent.
const (
	CompressionLZ4  = "lz4"
	CompressionZSTD = "zstd"
	CompressionNone = "none"
)

// Open gives a connection to a server. It does no I/O: the server need not be there yet.
func Open(o Options) Conn {
	if o.Endpoint.Native() {
		return newNative(o)
	}
	return newHTTP(o)
}

// setting is a setting of a query.
type setting struct{ name, value string }

// insertSettings are what makes an insert repeatable, pinned on every insert whatever the user's profile says. That the
// tables have a deduplication window is checked by package schema.
func insertSettings(token string) []setting {
	return []setting{
		{"insert_deduplication_token", token},
		{"insert_deduplicate", "1"},
		{"deduplicate_blocks_in_dependent_materialized_views", "1"},
		// A server that collects inserts answers before, or mixes blocks of different tokens.
		{"async_insert", "0"},
		// A rollup that fails must fail the insert, or it misses rows for ever.
		{"materialized_views_ignore_errors", "0"},
	}
}

func insertStatement(database, table string, block *columns.Block) string {
	var b strings.Builder
	b.WriteString("INSERT INTO " + quote(database) + "." + quote(table) + " (")
	for i, c := range block.Columns {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(quote(c.Name))
	}
	b.WriteString(") FORMAT Native")
	return b.String()
}

// quote writes an identifier.
func quote(name string) string {
	return "`" + strings.NewReplacer(`\`, `\\`, "`", "\\`").Replace(name) + "`"
}
