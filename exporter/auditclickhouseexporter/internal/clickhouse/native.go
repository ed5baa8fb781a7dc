package clickhouse

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"time"

	"github.com/ClickHouse/ch-go"
	"github.com/ClickHouse/ch-go/proto"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/columns"
)

// native speaks the native protocol. A connection carries one query at a time, so there are as many as queries run at
// once, and the idle ones are kept.
type native struct {
	options  Options
	protocol ch.Options
	idle     chan idleClient
}

type idleClient struct {
	*ch.Client
	since time.Time
}

// trustedIdle is how long a connection may lie idle and still be used without asking whether the server is there: after a
// restart of the server, the first insert should not fail for that alone.
const trustedIdle = time.Second

func newNative(o Options) *native {
	return &native{
		options: o,
		idle:    make(chan idleClient, o.MaxIdle),
		protocol: ch.Options{
			User:             o.Username,
			Password:         o.Password,
			Compression:      nativeCompression(o.Compression),
			ClientName:       "otelaudit",
			HandshakeTimeout: o.Timeout,
		},
	}
}

func nativeCompression(name string) ch.Compression {
	switch name {
	case CompressionLZ4:
		return ch.CompressionLZ4
	case CompressionZSTD:
		return ch.CompressionZSTD
	default:
		return ch.CompressionDisabled
	}
}

func (n *native) Select(ctx context.Context, query string) (rows [][]string, err error) {
	var results proto.Results
	err = n.do(ctx, "select", false, ch.Query{
		Body:       query,
		Parameters: n.parameters(),
		Result:     results.Auto(),
		OnResult: func(_ context.Context, block proto.Block) error {
			for i := range block.Rows {
				row := make([]string, len(results))
				for j, column := range results {
					text, ok := column.Data.(*proto.ColStr)
					if !ok {
						return errors.New("a column is not of type String")
					}
					row[j] = text.Row(i)
				}
				rows = append(rows, row)
			}
			return nil
		},
	})
	return rows, err
}

func (n *native) Exec(ctx context.Context, statement string) error {
	return n.do(ctx, "statement", false, ch.Query{Body: statement, Parameters: n.parameters()})
}

func (n *native) Insert(ctx context.Context, table string, block *columns.Block) error {
	q := ch.Query{Body: insertStatement(n.options.Database, table, block)}
	for _, s := range insertSettings(block.Token) {
		q.Settings = append(q.Settings, ch.Setting{Key: s.name, Value: s.value, Important: true})
	}
	q.Input = make(proto.Input, len(block.Columns))
	for i, c := range block.Columns {
		q.Input[i] = proto.InputColumn{Name: c.Name, Data: encoded{c, block.Rows}}
	}
	return n.do(ctx, "insert into "+table, true, q)
}

func (n *native) Close() {
	for {
		select {
		case client := <-n.idle:
			_ = client.Close()
		default:
			return
		}
	}
}

// parameters quotes the values: the protocol sends them as literals.
func (n *native) parameters() []proto.Parameter {
	return ch.Parameters(map[string]any{"database": n.options.Database})
}

// do runs a query on a connection that nobody else uses. After any error the connection is given up: how far the
// protocol got is not known.
func (n *native) do(ctx context.Context, op string, data bool, q ch.Query) error {
	client, err := n.take(ctx)
	if err != nil {
		return nativeError("connect", false, err)
	}
	if err := client.Do(ctx, q); err != nil {
		_ = client.Close()
		return nativeError(op, data, err)
	}
	select {
	case n.idle <- idleClient{client, time.Now()}:
	default:
		_ = client.Close()
	}
	return nil
}

func (n *native) take(ctx context.Context) (*ch.Client, error) {
	for {
		select {
		case client := <-n.idle:
			if time.Since(client.since) < trustedIdle || client.Ping(ctx) == nil {
				return client.Client, nil
			}
			_ = client.Close()
		default:
			return n.dial(ctx)
		}
	}
}

func (n *native) dial(ctx context.Context) (*ch.Client, error) {
	ctx, cancel := context.WithTimeout(ctx, n.options.Timeout)
	defer cancel()
	var dialer ch.Dialer = &net.Dialer{}
	if n.options.TLS != nil {
		dialer = &tls.Dialer{Config: n.options.TLS}
	}
	conn, err := dialer.DialContext(ctx, "tcp", n.options.Endpoint.Address)
	if err != nil {
		return nil, err
	}
	client, err := ch.Connect(ctx, conn, n.protocol)
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return client, nil
}

func nativeError(op string, data bool, err error) *Error {
	var exception *ch.Exception
	if errors.As(err, &exception) {
		return serverError(op, int(exception.Code), exception.Message, data)
	}
	return networkError(op, err)
}

// encoded is a column of a block whose values are encoded already.
type encoded struct {
	column columns.EncodedColumn
	rows   int
}

func (e encoded) Type() proto.ColumnType       { return proto.ColumnType(e.column.Type) }
func (e encoded) Rows() int                    { return e.rows }
func (e encoded) EncodeColumn(b *proto.Buffer) { b.PutRaw(e.column.Data) }
func (e encoded) WriteColumn(w *proto.Writer)  { w.ChainWrite(e.column.Data) }
