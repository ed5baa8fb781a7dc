package clickhouse

import (
	"context"
	"crypto/tls"
	"net/http"
	"time"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/columns"
)

// Conn is a connection to a ClickHouse server, or to several of one cluster ([Failover]). It is safe for concurrent use. Errors are of type [*Error].
type Conn interface {
	// Select runs a query whose columns are all of type String or LowCardinality(String).
	Select(ctx context.Context, query string) ([][]string, error)
	// Exec runs a statement that neither takes nor gives rows.
	Exec(ctx context.Context, statement string) error
	// Write inserts a batch into a table of the connection's database, under the batch's token. Repeating it with the same
	// batch has no further effect, as long as the server remembers the token.
	Write(ctx context.Context, batch *Batch) error
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
	Compression string        // of the native protocol; over HTTP blocks go as they are compressed already
	Timeout     time.Duration // of making a connection
	TLS         *tls.Config   // of the native protocol; nil without TLS
	HTTP        *http.Client  // of the HTTP interface, with TLS of its own; it must not compress what is compressed
	MaxIdle     int           // connections kept open between uses
}

// Compressions of what is sent.
const (
	CompressionLZ4  = columns.CompressionLZ4
	CompressionZSTD = columns.CompressionZSTD
	CompressionNone = columns.CompressionNone
)

// Open gives a connection to a server. It does no I/O: the server need not be there yet.
func Open(o Options) Conn {
	if o.Endpoint.Native() {
		return newNative(o)
	}
	return newHTTP(o)
}
