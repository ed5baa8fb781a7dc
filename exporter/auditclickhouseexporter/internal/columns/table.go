package columns

import (
	"fmt"

	"github.com/cespare/xxhash/v2"
)

// Table is a table that blocks are made for. The numbers are kept in headers on disk, so they stay.
type Table uint8

// The tables that the exporter writes to.
const (
	TableEvents     Table = 1
	TableQuarantine Table = 2
	TableLedger     Table = 3
	TableBlocks     Table = 4
	TableUsers      Table = 5
)

// Tables lists all tables.
func Tables() []Table {
	return []Table{TableEvents, TableQuarantine, TableLedger, TableBlocks, TableUsers}
}

// String is the table's name in the database.
func (t Table) String() string {
	if !t.known() {
		return fmt.Sprintf("table %d", uint8(t))
	}
	return tables[t].name
}

// Columns lists the columns that the exporter writes to the table, in order.
func (t Table) Columns() []Column { return append([]Column(nil), tables[t].columns...) }

func (t Table) known() bool { return t >= TableEvents && t <= TableUsers }

// Column is a column of a table as the exporter writes it.
type Column struct {
	Name string
	Type string // as ClickHouse names it; the table's own may be a LowCardinality or have a codec
}

// HashOf tells lists of columns apart: names and types, in order. It is [Header.Columns] of blocks that have them.
func HashOf(list []Column) uint64 {
	var text []byte
	for _, c := range list {
		text = append(append(append(append(text, c.Name...), 0), c.Type...), 0)
	}
	return xxhash.Sum64(text)
}

// ListOf gives the columns that have the hash, if they are those that this release writes to a table.
func ListOf(hash uint64) ([]Column, bool) {
	for _, t := range Tables() {
		if tables[t].hash == hash {
			return t.Columns(), true
		}
	}
	return nil, false
}

// layout is what a table's blocks look like.
type layout struct {
	name     string
	gathered []definition // the columns that rows fill
	numbered bool         // whether block_id comes after them
	columns  []Column     // all of them
	hash     uint64       // HashOf(columns)
	absent   int          // the bytes that a row of absent values takes, without block_id
}

// blockID is the column that says which block of which collector's log brought a row.
var blockID = definition{name: "block_id", kind: unsigned}

var tables = [...]layout{
	TableEvents:     newLayout("events", definitions, true),
	TableQuarantine: newLayout("quarantine", quarantineDefinitions, true),
	TableLedger:     newLayout("ledger", ledgerDefinitions, false),
	TableBlocks:     newLayout("blocks", manifestDefinitions, false),
	TableUsers:      newLayout("user_versions", userDefinitions, false),
}

func newLayout(name string, gathered []definition, numbered bool) layout {
	l := layout{name: name, gathered: gathered, numbered: numbered}
	for _, d := range gathered {
		l.columns = append(l.columns, Column{d.name, d.kind.typeName()})
		head, data := d.kind.widths()
		l.absent += head + data
	}
	if numbered {
		l.columns = append(l.columns, Column{blockID.name, blockID.kind.typeName()})
	}
	l.hash = HashOf(l.columns)
	return l
}
