//go:generate go tool -modfile=../../internal/tools/go.mod mdatagen metadata.yaml

// Package auditclickhouseexporter is the collector exporter audit_clickhouse: it writes audit events to ClickHouse.
//
//	config.go    the configuration          exporter.go  the parts put together: schema, encoding, insert
//	factory.go   what the collector calls   status.go    what the collector shows of the exporter's health
//
// Below internal, from the pure to the worldly: columns encodes records to blocks, clickhouse talks to a server, schema
// keeps the tables, insert writes requests.
package auditclickhouseexporter
