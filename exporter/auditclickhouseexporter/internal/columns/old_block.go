package columns

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/ClickHouse/ch-go/proto"
)

// Block is rows of one table in ClickHouse's Native format. It is valid until the encoder that made it is used again.
type Block struct {
	Rows    int
	Native  []byte // the whole block, as the HTTP interface takes it
	Columns []EncodedColumn
	Token   string // insert_deduplication_token: equal bytes, equal token; different bytes, different token
}

// Names lists the block's columns for an INSERT statement.
func (b *Block) Names() []string {
	names := make([]string, len(b.Columns))
	for i, c := range b.Columns {
		names[i] = c.Name
	}
	return names
}

// builder holds the reused columns of one table and writes them as a block.
type builder struct {
	columns []column
	buf     proto.Buffer
	ends    []int // where the values of each column begin and end in buf
	block   Block
}

func newBuilder(defs []definition) builder {
	b := builder{columns: make([]column, len(defs)), block: Block{Columns: make([]EncodedColumn, len(defs))}}
	for i, d := range defs {
		b.columns[i] = d.kind.column()
		b.block.Columns[i].Column = Column{Name: d.name, Type: string(b.columns[i].Type())}
	}
	return b
}

func (b *builder) reset() {
	for _, c := range b.columns {
		c.Reset()
	}
}

// put appends a row: one cell a column.
func (b *builder) put(cells []cell) {
	for i, c := range b.columns {
		c.put(&cells[i])
	}
}

// finish writes the block in the form without a protocol revision, which is the one of FORMAT Native: the number of
// columns and rows, then name, type and values of each column.
func (b *builder) finish() *Block {
	b.buf.Reset()
	b.ends = b.ends[:0]
	b.block.Rows = b.columns[0].Rows()
	b.buf.PutInt(len(b.columns))
	b.buf.PutInt(b.block.Rows)
	for i, c := range b.columns {
		b.buf.PutString(b.block.Columns[i].Name)
		b.buf.PutString(b.block.Columns[i].Type)
		b.ends = append(b.ends, len(b.buf.Buf))
		c.EncodeColumn(&b.buf)
		b.ends = append(b.ends, len(b.buf.Buf))
	}
	b.block.Native = b.buf.Buf
	for i := range b.columns {
		b.block.Columns[i].Data = b.block.Native[b.ends[2*i]:b.ends[2*i+1]]
	}
	sum := sha256.Sum256(b.block.Native)
	b.block.Token = hex.EncodeToString(sum[:16])
	return &b.block
}
