// Package insert writes requests: it has the records encoded and the blocks inserted, tells the rows that the database
// will never take from the others, and puts what cannot be stored into quarantine.
//
// The seam is small on purpose: columns.Encoder makes blocks and is pure, [Conn] inserts a block under its token. Whatever
// keeps blocks durable can stand between the two.
//
//	inserter.go  a request to its inserts, and what becomes of rows that are refused    telemetry.go  what is counted
package insert
