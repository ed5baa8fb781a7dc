// Package columns turns audit events into the Native blocks that ClickHouse's tables take. It is pure: it knows neither
// a server nor a clock, and the same events always give the same bytes, which is what makes an insert repeatable.
//
// Where to find what:
//
//	definitions.go  the columns of `events`, and which attribute fills which
//	cell.go         one value of a row: what an attribute must look like to become one
//	column.go       the columns, by type, over ch-go's
//	encoder.go      events to one block, refused events apart
//	partition.go    which partitions a row touches, so that an insert stays within a bounded number of them
//	block.go        the encoded block and its token
//	refusal.go      why an event cannot become a row
//	quarantine.go   refused events to the block of `quarantine`, and what of an event is safe to show there
//	json.go         maps to JSON text
package columns
