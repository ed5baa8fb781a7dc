package clickhouse

import (
	"context"
	"net/url"

	"github.com/ClickHouse/ch-go"
	"github.com/ClickHouse/ch-go/proto"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/columns"
)

func columnsOf(block *columns.Block) []columns.Column {
	list := make([]columns.Column, len(block.Columns))
	for i, c := range block.Columns {
		list[i] = c.Column
	}
	return list
}

func (h *httpConn) Insert(ctx context.Context, table string, block *columns.Block) error {
	query := url.Values{"query": {insertStatement(h.options.Database, table, columnsOf(block))}}
	for _, s := range insertSettings(block.Token) {
		query.Set(s.name, s.value)
	}
	_, err := h.post(ctx, "insert into "+table, true, query, newBody(block.Native))
	return err
}

func (n *native) Insert(ctx context.Context, table string, block *columns.Block) error {
	q := ch.Query{Body: insertStatement(n.options.Database, table, columnsOf(block))}
	for _, s := range insertSettings(block.Token) {
		q.Settings = append(q.Settings, ch.Setting{Key: s.name, Value: s.value, Important: true})
	}
	q.Input = make(proto.Input, len(block.Columns))
	for i, c := range block.Columns {
		q.Input[i] = proto.InputColumn{Name: c.Name, Data: &encoded{column: c, rows: block.Rows}}
	}
	return n.do(ctx, "insert into "+table, true, q)
}
