// Package clickhouse talks to ClickHouse, over its native protocol or over HTTP, and sorts what can go wrong. It sends
// blocks that are encoded already and statements that hold no data, so its errors never have to quote a value.
//
//	conn.go      what a connection can do           failover.go  several servers of one cluster as one connection
//	endpoint.go  which protocol an endpoint names   batch.go     an insert, and the settings that make it repeatable
//	native.go    the native protocol, over ch-go    http.go, body.go, newer.go  the HTTP interface
//	errors.go    an error without content           classes.go   what to do about which error code
package clickhouse
