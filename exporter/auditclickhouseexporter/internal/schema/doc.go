// Package schema brings the database to the shape that the exporter writes to, and checks that it has it.
//
// The files of sql/ are the schema: numbered from 1, applied in order, never changed once released. They are plain
// ClickHouse SQL that a database administrator can read and run by hand, with the database's name as the query parameter
// {database:Identifier}:
//
//	clickhouse client --param_database=audit --queries-file 0001_database.sql …
//
// Any number of collectors may apply them at the same time, without a lock that one of them could die holding: every
// statement creates something IF NOT EXISTS (a test holds them to it), so that running it twice or in two places at once
// ends in the same schema, and no collector inserts before it has seen every migration recorded or run it itself.
//
//	migrations.go  the files, their numbers and checksums   gate.go    inserts wait until the schema is there
//	apply.go       bring the database up to date            verify.go  is it what the exporter writes to?
package schema
