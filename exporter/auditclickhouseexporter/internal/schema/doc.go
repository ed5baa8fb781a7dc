// Package schema brings the database to the shape that the exporter writes to, and checks that it has it.
//
// The files of sql/ are the schema: numbered from 1, applied in order, never changed once released. They are ClickHouse SQL
// that a database administrator can read and, with the database's name put in, run by hand on a single server:
//
//	sed 's/{database:Identifier}/audit/g' sql/*.sql | clickhouse client --multiquery
//
// [Layout] renders them for a cluster: what that needs stands in them as comments. cmd/auditschema prints any rendering.
//
// Of any number of collectors that start at once, one applies what is missing, under a lock (package lease), and the others
// wait. A statement and its record are not one transaction, so a collector that dies leaves a migration that the next one
// runs again from its start: statements are such that this ends the same, and a test holds them to it.
//
//	migrations.go  the files, their numbers and checksums   gate.go    inserts wait until the schema is there
//	render.go      the files for a server or a cluster      verify.go  is it what the exporter writes to?
//	apply.go       bring the database up to date            lock.go    one collector at a time
package schema
