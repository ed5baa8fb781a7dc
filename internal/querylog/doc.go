// Package querylog makes audit events of what people do with the audit log itself: who read it, who changed it, and who was
// refused. Its source is ClickHouse's system.query_log.
//
//	row.go     a row of the query log, and the query that gives them
//	event.go   row → audit event: pure
//	reader.go  asks the server
//	follow.go  asks again and again, and hands on what is new
package querylog
