package clickhouse

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
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

// packetTimeouts is how many times the timeout of a connection a packet of the server may take where the caller's context does
// not end before. A server sends none while it works at a mutation, and ch-go's default of three seconds is soon over.
const packetTimeouts = 10

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
			ReadTimeout:      packetTimeouts * o.Timeout,
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
					text, ok := column.Data.(texts)
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

// texts are a column of String or of LowCardinality(String), which virtual columns such as _part are.
type texts interface{ Row(i int) string }

func (n *native) Exec(ctx context.Context, statement string) error {
	return n.do(ctx, "statement", false, ch.Query{Body: statement, Parameters: n.parameters()})
}

// Write opens the blocks and sends them anew: the protocol frames and compresses in its own way.
func (n *native) Write(ctx context.Context, batch *Batch) error {
	table := batch.Table.String()
	q := ch.Query{Body: insertStatement(n.options.Database, table, batch.Columns)}
	for _, s := range insertSettings(batch.Token) {
		q.Settings = append(q.Settings, ch.Setting{Key: s.name, Value: s.value, Important: true})
	}
	for _, s := range newerSettings() { // a server that does not know one passes over it
		q.Settings = append(q.Settings, ch.Setting{Key: s.name, Value: s.value})
	}
	input := make([]encoded, len(batch.Columns))
	for i, c := range batch.Columns {
		q.Input = append(q.Input, proto.InputColumn{Name: c.Name, Data: &input[i]})
		input[i].column.Column = c
	}
	blocks := batch.Blocks
	q.OnInput = func(context.Context) error {
		if len(blocks) == 0 {
			for i := range input {
				input[i].rows = 0
			}
			return io.EOF
		}
		block := &blocks[0]
		blocks = blocks[1:]
		return fillInput(input, block)
	}
	return n.do(ctx, insertOp(table), true, q)
}

// fillInput puts a block where the protocol reads it from.
func fillInput(input []encoded, block *columns.Sealed) error {
	rows, err := columns.Open(block.Header, block.Data)
	if err != nil {
		return err
	}
	list := rows.Columns()
	if len(list) != len(input) {
		return errors.New("a block has other columns than its insert")
	}
	for i, c := range list {
		input[i] = encoded{column: c, rows: rows.Len()}
	}
	return nil
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
		return connectError(err)
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
			if time.Since(client.since) < trustedIdle || n.answers(ctx, client.Client) {
				return client.Client, nil
			}
			_ = client.Close()
		default:
			return n.dial(ctx)
		}
	}
}

// maxPing bounds how long a connection that lay idle is asked whether the server is there: a new one is soon made.
const maxPing = 5 * time.Second

func (n *native) answers(ctx context.Context, client *ch.Client) bool {
	ctx, cancel := context.WithTimeout(ctx, min(maxPing, n.options.Timeout))
	defer cancel()
	return client.Ping(ctx) == nil
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
	return networkError(op, data, err)
}

// encoded is a column of a block whose values are encoded already.
type encoded struct {
	column columns.EncodedColumn
	rows   int
}

func (e *encoded) Type() proto.ColumnType       { return proto.ColumnType(e.column.Type) }
func (e *encoded) Rows() int                    { return e.rows }
func (e *encoded) EncodeColumn(b *proto.Buffer) { b.PutRaw(e.column.Data) }
func (e *encoded) WriteColumn(w *proto.Writer)  { w.ChainWrite(e.column.Data) }
