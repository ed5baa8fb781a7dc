package clickhouse

import (
	"strings"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/columns"
)

// Batch is what one insert takes: sealed blocks of one table that have the same columns, as if they were one.
type Batch struct {
	Table   columns.Table
	Columns []columns.Column
	Token   string // insert_deduplication_token: the same blocks, the same token
	Blocks  []columns.Sealed
}

// Rows is how many rows the blocks have together.
func (b *Batch) Rows() int {
	n := 0
	for i := range b.Blocks {
		n += b.Blocks[i].Rows
	}
	return n
}

// setting is a setting of a query.
type setting struct{ name, value string }

// insertSettings are what makes an insert repeatable, pinned on every insert whatever the user's profile says: the same
// blocks must become the same parts each time, and the server must recognise them. That the tables have a deduplication
// window is checked by package schema.
func insertSettings(token string) []setting {
	return []setting{
		{"insert_deduplication_token", token},
		{"insert_deduplicate", "1"},
		{"deduplicate_blocks_in_dependent_materialized_views", "1"},
		// A server that collects inserts answers before, or mixes blocks of different tokens.
		{"async_insert", "0"},
		// A rollup that fails must fail the insert, or it misses rows for ever.
		{"materialized_views_ignore_errors", "0"},

		// All blocks of an insert become one, so that it makes one part a partition however many blocks it has, and so that
		// a token stands for the same rows on each try: the server numbers the blocks of an insert under its token. The
		// default of some 256 MiB would cut where the rows happen to be long. The inserter bounds what it sends.
		{"min_insert_block_size_rows", "1000000000"},
		{"min_insert_block_size_bytes", "0"},
		// More threads would each make a block of what they get.
		{"max_insert_threads", "1"},
		// Columns are sent as String and Map(String, String) that the tables have as LowCardinality.
		{"input_format_native_allow_types_conversion", "1"},

		// An insert into a Distributed table is answered when the shards have the rows, not when the server that was asked has
		// put them into a queue on its disk, where tokens no longer count. Its older name, insert_distributed_sync, is an alias.
		{"distributed_foreground_insert", "1"},
		// Without a time limit of its own: the exporter's is known to the exporter.
		{"distributed_background_insert_timeout", "0"},
	}
}

// newerSettings are pinned where the server knows them: one that does not refuses the insert over HTTP.
func newerSettings() []setting {
	return []setting{
		// Since 26.2 it goes before insert_deduplicate.
		{"deduplicate_insert", "enable"},
		// Since 26.4 it cuts blocks at max_insert_block_size too.
		{"use_strict_insert_block_limits", "0"},
		// Since 26.2: a request that is cut off would be stored as far as it came.
		{"input_format_connection_handling", "0"},
	}
}

// PinnedSettings are the settings that every insert pins but for its token, by name. A server may not know all of them.
func PinnedSettings() map[string]string {
	pinned := map[string]string{}
	for _, s := range append(insertSettings(""), newerSettings()...) {
		pinned[s.name] = s.value
	}
	delete(pinned, "insert_deduplication_token")
	return pinned
}

func insertStatement(database, table string, list []columns.Column) string {
	var b strings.Builder
	b.WriteString("INSERT INTO " + quote(database) + "." + quote(table) + " (")
	for i, c := range list {
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
