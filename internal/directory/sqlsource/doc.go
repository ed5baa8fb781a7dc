// Package sqlsource reads users with a query from a database, PostgreSQL or ClickHouse.
//
//	source.go    columns to fields     postgresql.go  through lib/pq     clickhouse.go  through ClickHouse's HTTP interface
package sqlsource
