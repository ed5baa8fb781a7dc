//go:build !ours

package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/ClickHouse/ch-go/compress"
	chproto "github.com/ClickHouse/ch-go/proto"
	"github.com/ClickHouse/clickhouse-go/v2/lib/column"
	"github.com/ClickHouse/clickhouse-go/v2/lib/proto"
	"github.com/cespare/xxhash/v2"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
)

// table is what the rows have to become, and the records they come from.
type table struct {
	names   []string
	types   []column.Type
	slots   map[string]int // of attributes
	column  map[string]int
	empty   []any // a row in which everything is absent
	records plog.Logs
	native  []byte
}

// readTable reads records, and the block that ours has made of them.
func readTable(records, block string) (*table, error) {
	wire, err := os.ReadFile(records)
	if err != nil {
		return nil, err
	}
	t := &table{slots: map[string]int{}, column: map[string]int{}}
	if t.records, err = (&plog.ProtoUnmarshaler{}).UnmarshalLogs(wire); err != nil {
		return nil, err
	}
	data, err := os.ReadFile(block)
	if err != nil {
		return nil, err
	}
	if t.native, err = io.ReadAll(compress.NewReader(bytes.NewReader(data))); len(t.native) == 0 {
		return nil, err
	}
	var results chproto.Results
	var decoded chproto.Block
	if err := decoded.DecodeRawBlock(chproto.NewReader(bytes.NewReader(t.native)), 0, results.Auto()); err != nil {
		return nil, err
	}
	for i, c := range results {
		t.names, t.types = append(t.names, c.Name), append(t.types, column.Type(c.Data.Type()))
		t.column[c.Name] = i
		empty, err := absent(c.Name, c.Data)
		if err != nil {
			return nil, err
		}
		t.empty = append(t.empty, empty)
	}
	for attribute, name := range columnOf {
		t.slots[attribute] = t.column[name]
	}
	return t, nil
}

func absent(name string, c chproto.ColResult) (any, error) {
	switch c.(type) {
	case *chproto.ColStr:
		return "", nil
	case *chproto.ColArr[string]:
		return []string(nil), nil
	case *chproto.ColMap[string, string]:
		return map[string]string(nil), nil
	case *chproto.ColNullable[int64]:
		return (*int64)(nil), nil
	case *chproto.ColNullable[float64]:
		return (*float64)(nil), nil
	case *chproto.ColNullable[bool]:
		return (*bool)(nil), nil
	case *chproto.ColDateTime64:
		return time.Time{}, nil
	case *chproto.ColUInt16:
		return uint16(0), nil
	case *chproto.ColUInt64:
		if name == "block_id" {
			return uint64(1), nil
		}
		return uint64(0), nil // record_hash
	case *chproto.ColFloat64:
		return 1.0, nil // sample_rate
	default:
		return nil, fmt.Errorf("no value for column %s, a %T", name, c)
	}
}

// row takes a record apart in the plain way: a look-up an attribute, a value of Go a column.
func (t *table) row(to []any, resource pcommon.Map, record plog.LogRecord) {
	copy(to, t.empty)
	for _, attrs := range []pcommon.Map{resource, record.Attributes()} {
		for name, v := range attrs.All() {
			if slot, ok := t.slots[name]; ok {
				to[slot] = t.value(slot, v)
			}
		}
	}
	to[t.column["timestamp"]] = record.Timestamp().AsTime()
	observed := record.ObservedTimestamp()
	if observed == 0 {
		observed = record.Timestamp()
	}
	to[t.column["observed_at"]] = observed.AsTime()
	if id := record.TraceID(); !id.IsEmpty() {
		to[t.column["trace_id"]] = id.String()
	}
	if id := record.SpanID(); !id.IsEmpty() {
		to[t.column["span_id"]] = id.String()
	}
	to[t.column["event_name"]] = record.EventName()
}

func (t *table) value(slot int, v pcommon.Value) any {
	switch v.Type() {
	case pcommon.ValueTypeStr:
		if t.types[slot] == "UInt64" {
			return xxhash.Sum64String(v.Str())
		}
		return v.Str()
	case pcommon.ValueTypeBool:
		b := v.Bool()
		return &b
	case pcommon.ValueTypeDouble:
		f := v.Double()
		return &f
	case pcommon.ValueTypeInt:
		n := v.Int()
		switch t.types[slot] {
		case "UInt16":
			return uint16(n)
		case "Nullable(Int64)":
			return &n
		default:
			return time.Unix(0, n).UTC()
		}
	case pcommon.ValueTypeSlice:
		texts := make([]string, v.Slice().Len())
		for i := range texts {
			texts[i] = v.Slice().At(i).Str()
		}
		return texts
	default:
		return v.AsString() // JSON
	}
}

// block does what Append and Send of a clickhouse-go batch do to rows before they go to the network. It is used again, as a
// batch is that is flushed.
type block struct {
	*table
	block    *proto.Block
	buffer   chproto.Buffer
	compress *compress.Writer
	row      []any
	all      [][]any
}

func newBlock(t *table, method compress.Method) (*block, error) {
	b := &block{table: t, block: proto.NewBlock(), compress: compress.NewWriter(compress.LevelZero, method), row: make([]any, len(t.names))}
	for i, name := range t.names {
		if err := b.block.AddColumn(name, t.types[i]); err != nil {
			return nil, err
		}
	}
	b.each(func(row []any) { b.all = append(b.all, append([]any(nil), row...)) })
	return b, nil
}

// each makes the rows.
func (b *block) each(f func(row []any)) {
	for _, rl := range b.records.ResourceLogs().All() {
		for _, sl := range rl.ScopeLogs().All() {
			for _, record := range sl.LogRecords().All() {
				b.table.row(b.row, rl.Resource().Attributes(), record)
				f(b.row)
			}
		}
	}
}

func (b *block) append(row []any) {
	if err := b.block.Append(row...); err != nil {
		panic(err)
	}
}

// fromRecords begins with the records, as ours does.
func (b *block) fromRecords() (raw, compressed int) {
	b.block.Reset()
	b.each(b.append)
	return b.finish()
}

// fromRows begins with rows that somebody has made of them.
func (b *block) fromRows() (raw, compressed int) {
	b.block.Reset()
	for _, row := range b.all {
		b.append(row)
	}
	return b.finish()
}

func (b *block) finish() (raw, compressed int) {
	b.buffer.Reset()
	if err := b.block.Encode(&b.buffer, 0); err != nil {
		panic(err)
	}
	if err := b.compress.Compress(b.buffer.Buf); err != nil {
		panic(err)
	}
	return len(b.buffer.Buf), len(b.compress.Data)
}

// same reports whether both sides made the same bytes.
func (b *block) same() bool {
	b.fromRecords()
	return bytes.Equal(b.buffer.Buf, b.native)
}
