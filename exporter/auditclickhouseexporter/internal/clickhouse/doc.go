// Package clickhouse talks to one ClickHouse server, over its native protocol or over HTTP, and sorts what can go wrong.
// It sends blocks that are encoded already and statements that hold no data, so its errors never have to quote a value.
//
//	conn.go      what a connection can do           errors.go   an error without content
//	endpoint.go  which protocol an endpoint names   classes.go  what to do about which error code
//	native.go    the native protocol, over ch-go    http.go     the HTTP interface
package clickhouse
