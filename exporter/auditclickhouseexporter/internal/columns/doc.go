// Package columns turns audit events into blocks that ClickHouse's tables take as they are: rows in the Native format, in
// frames of ClickHouse's own compressed format. It is pure: it knows neither a server nor a clock, and the same events
// always give the same bytes, which is what makes an insert repeatable.
//
// A [Builder] takes events one by one into an open block of `events`; [QuarantineBuilder], [LedgerBuilder] and
// [ManifestBuilder] do the same for the other tables. Sealed, a block needs no further work: several, one after the other,
// are the body of one INSERT.
//
// Where to find what:
//
//	definitions.go  the columns of `events`, and which attribute fills which
//	bookkeeping.go  the columns and rows of `ledger` and `blocks`
//	quarantine.go, quarantine_builder.go  the columns and rows of `quarantine`, and what of a refused event is safe to show
//	table.go        the tables by number, and what their blocks look like
//
//	dispatch.go     which slot of a row an attribute's name stands for
//	row.go          an event checked and taken apart
//	cell.go         one value of a row: what an attribute must look like to become one
//	refusal.go      why an event cannot become a row
//	builder.go      events to rows of an open block
//	partition.go    which partitions a row touches, so that an insert stays within a bounded number of them
//	vector.go       the values of one column as they stand in a block
//	buffer.go       values one behind the other, outside of Go's heap
//	json.go         maps to JSON text
//	assembly.go     an open block of any table, and how it is sealed
//	frames.go       ClickHouse's compressed format
//	sealed.go       a block that is ready to be kept and sent
//	header.go       what is known of a block without opening it
//
//	rows.go         a sealed block opened again, whatever release wrote it: values, some of its rows
//	rows_json.go    a row as JSON
//	shape.go        how the values of a type lie in a block
//	unframe.go      ClickHouse's compressed format, read
package columns
